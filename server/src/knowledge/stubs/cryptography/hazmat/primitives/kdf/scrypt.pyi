# loopguard: complete

class Scrypt:
    @blocks("cpu", gil="released")
    def derive(self, key_material) -> bytes: ...
    @blocks("cpu", gil="released")
    def verify(self, key_material, expected_key) -> None: ...
