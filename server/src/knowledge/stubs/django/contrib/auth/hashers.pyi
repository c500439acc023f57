# loopguard: complete
#
# Made to be slow. PBKDF2, the usual one, is OpenSSL's and lets go of the GIL.

@blocks("cpu", gil="released")
def make_password(password, salt=None, hasher="default"): ...
@blocks("cpu", gil="released")
@twin("django.contrib.auth.hashers.acheck_password")
def check_password(password, encoded, setter=None, preferred="default"): ...
async def acheck_password(password, encoded, setter=None, preferred="default"): ...
