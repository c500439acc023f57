from nicegui.elements.button import Button as button
from nicegui.elements.timer import Timer as timer
from nicegui.page import page as page
