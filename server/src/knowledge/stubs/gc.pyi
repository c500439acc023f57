# loopguard: complete

@blocks("cpu", stall="large-input")
def collect(generation=2): ...
