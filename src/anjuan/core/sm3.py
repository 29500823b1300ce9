"""SM3 of what lies in memory (国密杂凑): the second family beside SHA-256, so that the fall of one leaves the other.

Standard: GB/T 32905-2016; ISO/IEC 10118-3.
"""

import hashlib

from cryptography.hazmat.primitives import hashes


def sm3(octets: bytes) -> bytes:
    """The 32 bytes of the digest (杂凑值)."""
    return _digest(octets)


def _by_openssl(octets: bytes) -> bytes:
    return hashlib.new("sm3", octets).digest()


def _by_cryptography(octets: bytes) -> bytes:
    taker = hashes.Hash(hashes.SM3())
    taker.update(octets)
    return taker.finalize()


# OpenSSL as Python was built with may lack SM3; the library's own always has it.
_digest = _by_openssl if "sm3" in hashlib.algorithms_available else _by_cryptography
