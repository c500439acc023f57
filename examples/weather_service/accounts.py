"""Who may do what."""

import hashlib
import hmac

SALT = b"of the sea"
HASHES: dict[str, bytes] = {}


def is_right(name: str, password: str) -> bool:
    return hmac.compare_digest(HASHES.get(name, b""), hash_of(password))


def hash_of(password: str) -> bytes:
    # Made to be slow: that is what makes guessing expensive.
    return hashlib.scrypt(password.encode(), salt=SALT, n=2**14, r=8, p=1)


def fingerprint(name: str) -> str:
    # Fast for a name; it would be slow for a film.
    return hashlib.sha256(name.encode()).hexdigest()
