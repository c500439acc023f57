from textual._on import on as on
from textual._work_decorator import work as work
