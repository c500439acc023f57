# loopguard: complete
#
# The sync interface raises an error where a loop runs.

from playwright.sync_api._context_manager import PlaywrightContextManager
from playwright.sync_api._generated import Browser as Browser
from playwright.sync_api._generated import BrowserContext as BrowserContext
from playwright.sync_api._generated import Locator as Locator
from playwright.sync_api._generated import Page as Page
from playwright.sync_api._generated import Playwright as Playwright

def sync_playwright() -> PlaywrightContextManager: ...
