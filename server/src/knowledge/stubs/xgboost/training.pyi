from typing import Any

@blocks("cpu", gil="released")
def train(params, dtrain, num_boost_round=10, **kwargs) -> Any: ...
