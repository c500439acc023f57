from xarray.backends.api import open_dataset as open_dataset
