# loopguard: complete

@blocks("cpu", gil="released")
def generate_private_key(public_exponent, key_size, backend=None): ...
