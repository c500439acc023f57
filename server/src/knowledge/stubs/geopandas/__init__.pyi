from geopandas.io.file import _read_file as read_file
