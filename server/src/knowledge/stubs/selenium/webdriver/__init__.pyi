# loopguard: complete

from selenium.webdriver.remote.webdriver import WebDriver

class Chrome(WebDriver):
    @blocks("process")
    def __init__(self, *args, **kwargs): ...
class Firefox(WebDriver):
    @blocks("process")
    def __init__(self, *args, **kwargs): ...
class Edge(WebDriver):
    @blocks("process")
    def __init__(self, *args, **kwargs): ...
class Remote(WebDriver):
    @blocks("http")
    def __init__(self, *args, **kwargs): ...
