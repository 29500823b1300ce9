"""Sampling (抽样): a plan and a seed in, a draw out.

The seed is fixed by what nobody chooses alone and is kept with the draw, so that anyone can recompute it and nobody
can re-draw. 监交 draws 5 % of a batch, rounded up, at least three volumes; 复核 draws 10 to 30 % (S3-N2, S3-N3);
抽查预验收 draws as its setting says (S3-W4).
"""

import hashlib
import math
from collections.abc import Sequence

WITNESS_PERCENT = 5
WITNESS_AT_LEAST = 3
RECHECK_PERCENT = 10
RECHECK_AT_LEAST = 1
SPOT_PERCENT = 10  # 抽查预验收: the text names no ratio; a setting of ours, unconfirmed
SPOT_AT_LEAST = 3


def sample_size(lot: int, percent: int, at_least: int) -> int:
    """How many of a lot to draw: the percentage rounded up, not fewer than ``at_least``, not more than there are."""
    return min(lot, max(at_least, math.ceil(lot * percent / 100)))


def seed_of(*parts: str) -> str:
    """A seed as lower-case hex SHA-256 over parts that nobody chooses alone; each part is length-prefixed."""
    digest = hashlib.sha256()
    for part in parts:
        spelled = part.encode("utf-8")
        digest.update(len(spelled).to_bytes(4, "big"))
        digest.update(spelled)
    return digest.hexdigest()


def draw(units: Sequence[str], size: int, seed: str) -> tuple[str, ...]:
    """Draw units without replacement (抽取): those with the smallest SHA-256(seed ‖ unit), in that order.

    The order of the input has no influence, so anyone who holds the seed and the list gets the same draw.

    Args:
        units: distinct names.
        size: how many to draw.
        seed: hex seed from `seed_of`.
    """
    if len(set(units)) != len(units):
        raise ValueError("units must be distinct")
    ranked = sorted(units, key=lambda unit: (hashlib.sha256(f"{seed}\n{unit}".encode()).digest(), unit))
    return tuple(ranked[:size])
