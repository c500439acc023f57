from polars.dataframe.frame import DataFrame

@blocks("file")
def read_ndjson(source, **kwargs) -> DataFrame: ...
