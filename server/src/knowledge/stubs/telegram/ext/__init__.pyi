from telegram.ext._application import Application as Application
