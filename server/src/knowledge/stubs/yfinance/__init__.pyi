from yfinance.multi import download as download
from yfinance.ticker import Ticker as Ticker
