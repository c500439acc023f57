from dask.base import compute as compute
from dask.base import persist as persist
