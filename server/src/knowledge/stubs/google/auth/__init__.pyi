# loopguard: complete

from google.auth._default import default as default
from google.auth._default import load_credentials_from_file as load_credentials_from_file
