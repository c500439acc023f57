from typing import Any

@blocks("cpu", gil="held")
def newkeys(nbits, accurate=True, poolsize=1, exponent=...) -> Any: ...
