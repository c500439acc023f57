from textual.widget import Widget

class Screen(Widget):
    def __init__(self, name=None, id=None, classes=None): ...
