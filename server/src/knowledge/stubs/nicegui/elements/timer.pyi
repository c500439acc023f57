from nicegui.timer import Timer as BaseTimer

class Timer(BaseTimer):
    def __init__(self, interval, callback: Runs["loop"], **kwargs): ...
