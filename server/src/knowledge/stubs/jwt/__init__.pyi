# Signing and checking takes a tenth of a millisecond at most.

from jwt.jwks_client import PyJWKClient as PyJWKClient
