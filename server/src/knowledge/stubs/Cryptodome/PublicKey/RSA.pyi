from typing import Any

@blocks("cpu", gil="held")
def generate(bits, randfunc=None, e=65537) -> Any: ...
