from sympy.solvers import solve as solve
