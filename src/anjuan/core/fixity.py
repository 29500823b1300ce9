"""Fixity (固定性): which digests we keep, and what it means that two agree.

SHA-512 is the content digest of the preservation store; SHA-256 and SM3 (GB/T 32905) stand beside it, so that the
failure of one family still leaves another (decision 10). Hashing itself is I/O and happens at the edges.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass

CONTENT_ALGORITHM = "sha512"
FIXITY_ALGORITHMS = ("sha256", "sm3")
ALGORITHMS = (CONTENT_ALGORITHM, *FIXITY_ALGORITHMS)
HEX_LENGTH = {"sha512": 128, "sha256": 64, "sm3": 64}


@dataclass(frozen=True)
class Digests:
    """The digests of one byte stream, taken in one read.

    Attributes:
        sha512: lower-case hex, 128 digits.
        sha256: lower-case hex, 64 digits.
        sm3: lower-case hex, 64 digits.
        size_bytes: length of the stream in bytes.
    """

    sha512: str
    sha256: str
    sm3: str
    size_bytes: int

    def __post_init__(self) -> None:
        for algorithm in ALGORITHMS:
            value = getattr(self, algorithm)
            if len(value) != HEX_LENGTH[algorithm] or value.strip("0123456789abcdef"):
                raise ValueError(f"not a lower-case hex {algorithm} digest")
        if self.size_bytes < 0:
            raise ValueError("a size is never negative")

    def by_algorithm(self) -> Mapping[str, str]:
        """Digests keyed by algorithm name."""
        return {algorithm: str(getattr(self, algorithm)) for algorithm in ALGORITHMS}


def agrees(expected: Digests, actual: Digests) -> bool:
    """Whether two sets of digests describe the same bytes: every digest and the size must agree."""
    return expected.size_bytes == actual.size_bytes and all(
        hmac.compare_digest(str(getattr(expected, algorithm)), str(getattr(actual, algorithm)))
        for algorithm in ALGORITHMS
    )
