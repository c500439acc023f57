from polars.dataframe.frame import DataFrame

@blocks("file")
def read_ipc(source, **kwargs) -> DataFrame: ...
