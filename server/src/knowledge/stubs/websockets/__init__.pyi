# loopguard: complete
