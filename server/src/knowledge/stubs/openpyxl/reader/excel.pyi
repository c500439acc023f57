# loopguard: complete

from openpyxl.workbook.workbook import Workbook

@blocks("file")
def load_workbook(filename, read_only=False, keep_vba=False, data_only=False, keep_links=True) -> Workbook: ...
