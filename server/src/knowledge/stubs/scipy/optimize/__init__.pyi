from scipy.optimize._differentialevolution import differential_evolution as differential_evolution
from scipy.optimize._linprog import linprog as linprog
from scipy.optimize._minimize import minimize as minimize
from scipy.optimize._minpack_py import curve_fit as curve_fit
