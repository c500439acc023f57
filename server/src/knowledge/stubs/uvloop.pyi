# loopguard: complete

@blocks("nested-loop")
@twin("await", remedy="await-nested-run")
def run(main: Runs["loop"], *, loop_factory=..., debug=None): ...
