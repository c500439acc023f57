from typing import Any

@blocks("cpu", stall="large-input", gil="held")
def pagerank(G, alpha=0.85, **kwargs) -> Any: ...
