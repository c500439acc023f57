# loopguard: complete
#
# About 0.2 s with 12 rounds, the usual number.

@blocks("cpu", gil="released")
def hashpw(password, salt) -> bytes: ...
@blocks("cpu", gil="released")
def checkpw(password, hashed_password) -> bool: ...
@blocks("cpu", gil="released")
def kdf(password, salt, desired_key_bytes, rounds, ignore_few_rounds=False) -> bytes: ...
