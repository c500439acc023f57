from sympy.solvers.solvers import solve as solve
