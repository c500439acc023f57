# loopguard: complete
#
# Tries again at once, but where it is told to wait.

@blocks("sleep", when="decorated", unless="not given(wait_fixed) and not given(wait_exponential_multiplier)")
def retry(*dargs, wait_fixed=..., wait_exponential_multiplier=..., **dkw) -> Decorates["now"]: ...
