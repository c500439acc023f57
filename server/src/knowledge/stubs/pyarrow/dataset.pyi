# loopguard: complete

from typing import Any

from pyarrow._dataset import Dataset as Dataset

@blocks("filesystem", stall="tree")
def dataset(source, schema=None, format=None, **kwargs) -> Dataset: ...
@blocks("file", stall="whole-file")
def write_dataset(data, base_dir, **kwargs) -> None: ...
