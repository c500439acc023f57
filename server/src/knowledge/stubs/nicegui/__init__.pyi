from nicegui import run as run
from nicegui import ui as ui
