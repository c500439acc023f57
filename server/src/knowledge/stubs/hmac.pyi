# loopguard: complete

@blocks("cpu", stall="large-input", gil="released")
def digest(key, msg, digest): ...
