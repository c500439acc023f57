from easyocr.easyocr import Reader as Reader
