# loopguard: complete

@blocks("input")
@needs("main-thread")
def askfloat(title, prompt, *, initialvalue=..., minvalue=..., maxvalue=..., parent=...): ...
@blocks("input")
@needs("main-thread")
def askinteger(title, prompt, *, initialvalue=..., minvalue=..., maxvalue=..., parent=...): ...
@blocks("input")
@needs("main-thread")
def askstring(title, prompt, *, initialvalue=..., show=..., parent=...): ...
