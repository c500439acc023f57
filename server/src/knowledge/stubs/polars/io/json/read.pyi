from polars.dataframe.frame import DataFrame

@blocks("file")
def read_json(source, **kwargs) -> DataFrame: ...
