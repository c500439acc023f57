# loopguard: complete

class RobotFileParser:
    @blocks("http")
    def read(self): ...
