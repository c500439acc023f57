from polars.dataframe.frame import DataFrame

@blocks("database")
def read_database(query, connection, **kwargs) -> DataFrame: ...
