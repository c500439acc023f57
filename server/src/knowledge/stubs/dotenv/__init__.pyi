# loopguard: complete
#
# One small file, read once.

from dotenv.main import dotenv_values as dotenv_values
from dotenv.main import find_dotenv as find_dotenv
from dotenv.main import load_dotenv as load_dotenv
from dotenv.main import set_key as set_key
