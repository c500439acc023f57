# loopguard: complete

from openpyxl.reader.excel import load_workbook as load_workbook
from openpyxl.workbook.workbook import Workbook as Workbook
