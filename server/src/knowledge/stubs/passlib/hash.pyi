# loopguard: complete
#
# Made to be slow.

class bcrypt:
    @classmethod
    @blocks("cpu")
    def hash(cls, secret, **kwds) -> str: ...
    @classmethod
    @blocks("cpu")
    def verify(cls, secret, hash, **context) -> bool: ...
class bcrypt_sha256:
    @classmethod
    @blocks("cpu")
    def hash(cls, secret, **kwds) -> str: ...
    @classmethod
    @blocks("cpu")
    def verify(cls, secret, hash, **context) -> bool: ...
class argon2:
    @classmethod
    @blocks("cpu")
    def hash(cls, secret, **kwds) -> str: ...
    @classmethod
    @blocks("cpu")
    def verify(cls, secret, hash, **context) -> bool: ...
class scrypt:
    @classmethod
    @blocks("cpu")
    def hash(cls, secret, **kwds) -> str: ...
    @classmethod
    @blocks("cpu")
    def verify(cls, secret, hash, **context) -> bool: ...
class pbkdf2_sha256:
    @classmethod
    @blocks("cpu")
    def hash(cls, secret, **kwds) -> str: ...
    @classmethod
    @blocks("cpu")
    def verify(cls, secret, hash, **context) -> bool: ...
class pbkdf2_sha512:
    @classmethod
    @blocks("cpu")
    def hash(cls, secret, **kwds) -> str: ...
    @classmethod
    @blocks("cpu")
    def verify(cls, secret, hash, **context) -> bool: ...
class sha256_crypt:
    @classmethod
    @blocks("cpu")
    def hash(cls, secret, **kwds) -> str: ...
    @classmethod
    @blocks("cpu")
    def verify(cls, secret, hash, **context) -> bool: ...
class sha512_crypt:
    @classmethod
    @blocks("cpu")
    def hash(cls, secret, **kwds) -> str: ...
    @classmethod
    @blocks("cpu")
    def verify(cls, secret, hash, **context) -> bool: ...
