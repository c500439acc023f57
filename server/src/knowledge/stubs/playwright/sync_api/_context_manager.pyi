# loopguard: complete

from playwright.sync_api._generated import Playwright

class PlaywrightContextManager:
    @blocks("nested-loop")
    @twin("playwright.async_api.async_playwright", differs="`async with async_playwright()`; everything below it is awaited")
    def __enter__(self) -> Playwright: ...
    @blocks("nested-loop")
    @twin("playwright.async_api.async_playwright", differs="`await async_playwright().start()`; everything below it is awaited")
    def start(self) -> Playwright: ...
