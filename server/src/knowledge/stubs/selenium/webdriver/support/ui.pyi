# loopguard: complete

from selenium.webdriver.support.wait import WebDriverWait as WebDriverWait
