from qrcode.main import make as make
