"""Judgement in transfer: what the witness must have looked at, and whether the count is right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from anjuan.core import sampling
from anjuan.core.refusals import Refusal

LOOKED_AT = ("paper", "images", "contents")  # 实物、影像、卷内目录


@dataclass(frozen=True)
class Counted:
    """What the receiving clerk counted of one volume: pages of paper."""

    reference: str
    pages: int


def sample(urns: Sequence[str], seed: str) -> tuple[str, ...]:
    """The volumes the supervisor looks at: 5 %, at least three, by the seed's order (S3-N3)."""
    size = sampling.sample_size(len(urns), sampling.WITNESS_PERCENT, sampling.WITNESS_AT_LEAST)
    return sampling.draw(urns, size, seed)


def check_witnessed(drawn: Sequence[str], looks: Mapping[str, Mapping[str, bool]]) -> None:
    """Whether each drawn volume was looked at on paper, on the images and in its contents list (监交 5%).

    Args:
        drawn: references of the drawn volumes.
        looks: by reference, which of the three was found right.

    Raises:
        T-003: a drawn volume was not looked at, or something in it was not right.
    """
    for reference in drawn:
        for what in LOOKED_AT:
            if looks.get(reference, {}).get(what) is not True:
                raise Refusal("T-003", reference=reference, what=what)


def check_count(expected: Mapping[str, int], counted: Sequence[Counted]) -> None:
    """Whether what arrived is what was handed over: the same volumes, each with its pages (清点).

    Raises:
        T-004: a volume is missing, unknown or counted twice.
        T-005: the pages of a volume differ.
    """
    references = [volume.reference for volume in counted]
    missing = sorted(set(expected) - set(references))
    unknown = sorted(set(references) - set(expected))
    doubled = sorted({reference for reference in references if references.count(reference) > 1})
    if missing or unknown or doubled:
        raise Refusal(
            "T-004",
            missing=", ".join(missing) or "—",
            unknown=", ".join(unknown) or "—",
            doubled=", ".join(doubled) or "—",
        )
    for volume in counted:
        if volume.pages != expected[volume.reference]:
            raise Refusal(
                "T-005", reference=volume.reference, expected=expected[volume.reference], counted=volume.pages
            )
