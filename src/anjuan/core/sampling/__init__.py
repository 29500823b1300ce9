"""Sampling (抽样): a plan and a seed in, a draw out.

The seed is fixed by what nobody chooses alone and is kept with the draw, so that anyone can recompute it and nobody
can re-draw. 监交 draws 5 % of a batch, rounded up, at least three volumes, from every stratum its share (S3-N3); 复核
draws 10 to 30 % in proportion to the problem rate (S3-N2, S3-N5); 抽查预验收 draws by the standard's plan and the
agency's problem rate (S3-W4, S3-N5): ``plans``, ``switching`` and ``risk`` stand beside.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence

WITNESS_PERCENT = 5
WITNESS_AT_LEAST = 3
RECHECK_PERCENT = 10
RECHECK_MOST_PERCENT = 30
RECHECK_AT_LEAST = 1
SPOT_AT_LEAST = 3  # of spot checks that were drawn before there were plans


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


def shares(strata: Mapping[str, int], size: int) -> Mapping[str, int]:
    """How many to draw from each stratum (分层), by largest remainder: the shares add up to ``size``.

    Of equal remainders the larger stratum comes first, then the name: nobody chooses.

    Args:
        strata: units by stratum.
        size: how many to draw in all; at most as many as there are.
    """
    total = sum(strata.values())
    wanted = min(size, total)
    if not total:
        return dict.fromkeys(strata, 0)
    found = {name: count * wanted // total for name, count in strata.items()}
    left = sorted(strata, key=lambda name: (-(strata[name] * wanted % total), -strata[name], name))
    for name in left[: wanted - sum(found.values())]:
        found[name] += 1
    return found


def draw_stratified(units: Mapping[str, str], size: int, seed: str) -> tuple[str, ...]:
    """Draw from each stratum its share, by the seed's order (分层抽取).

    Args:
        units: the stratum of each unit.
        size: how many to draw in all.
        seed: hex seed from `seed_of`.
    """
    strata: dict[str, list[str]] = {}
    for unit, stratum in units.items():
        strata.setdefault(stratum, []).append(unit)
    share = shares({name: len(members) for name, members in strata.items()}, size)
    drawn = {unit for name, members in strata.items() for unit in draw(members, share[name], seed)}
    return draw(sorted(drawn), len(drawn), seed)
