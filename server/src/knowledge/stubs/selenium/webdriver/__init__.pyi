# loopguard: complete

# Making one starts the driver and the browser.

from selenium.webdriver.remote.webdriver import WebDriver

class Chrome(WebDriver):
    @blocks("process")
    @twin("playwright.async_api.async_playwright", differs="another library: Playwright's pages are awaited")
    def __init__(self, *args, **kwargs): ...
class Firefox(WebDriver):
    @blocks("process")
    @twin("playwright.async_api.async_playwright", differs="another library: Playwright's pages are awaited")
    def __init__(self, *args, **kwargs): ...
class Edge(WebDriver):
    @blocks("process")
    @twin("playwright.async_api.async_playwright", differs="another library: Playwright's pages are awaited")
    def __init__(self, *args, **kwargs): ...
class Remote(WebDriver):
    @blocks("http")
    def __init__(self, *args, **kwargs): ...
