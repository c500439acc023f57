from polars.dataframe.frame import DataFrame

@blocks("file")
def read_excel(source, **kwargs) -> DataFrame: ...
