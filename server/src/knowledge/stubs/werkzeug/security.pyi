# loopguard: complete
#
# Made to be slow; OpenSSL's code lets go of the GIL.

@blocks("cpu", gil="released")
def generate_password_hash(password, method="scrypt", salt_length=16) -> str: ...
@blocks("cpu", gil="released")
def check_password_hash(pwhash, password) -> bool: ...
