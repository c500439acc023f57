# Works in Rust, in threads of its own, without the GIL.

from polars.dataframe.frame import DataFrame as DataFrame
from polars.io.csv.functions import read_csv as read_csv
from polars.io.csv.functions import scan_csv as scan_csv
from polars.io.database.functions import read_database as read_database
from polars.io.ipc.functions import read_ipc as read_ipc
from polars.io.json.read import read_json as read_json
from polars.io.ndjson import read_ndjson as read_ndjson
from polars.io.parquet.functions import read_parquet as read_parquet
from polars.io.parquet.functions import scan_parquet as scan_parquet
from polars.io.spreadsheet.functions import read_excel as read_excel
from polars.lazyframe.frame import LazyFrame as LazyFrame
