from quart.scaffold import Scaffold

class Blueprint(Scaffold):
    def __init__(self, name, import_name, **kwargs): ...
