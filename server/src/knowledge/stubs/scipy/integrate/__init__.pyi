from scipy.integrate._ivp.ivp import solve_ivp as solve_ivp
