from nltk.downloader import download as download
from nltk.tokenize import sent_tokenize as sent_tokenize
from nltk.tokenize import word_tokenize as word_tokenize
