from snappy.snappy import compress as compress
from snappy.snappy import uncompress as uncompress
