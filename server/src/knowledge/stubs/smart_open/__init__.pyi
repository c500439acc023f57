from smart_open.smart_open_lib import open as open
