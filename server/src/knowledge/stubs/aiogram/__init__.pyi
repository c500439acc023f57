from aiogram.dispatcher.dispatcher import Dispatcher as Dispatcher
