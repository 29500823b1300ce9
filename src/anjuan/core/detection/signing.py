"""What detectors say of the signatures of files: L07 of those that nobody sees, S12 of seals."""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Verdict

_WORSE = (Outcome.PASS, Outcome.UNSURE, Outcome.FAIL)
_SCORES = {Outcome.PASS: 0.0, Outcome.UNSURE: 0.5, Outcome.FAIL: 1.0}


def verdicts(volume: VolumeFacts, *, seals: bool) -> Iterator[Verdict]:
    """One verdict for each file that carries such signatures: the worst of them, and all that are not good named.

    Args:
        volume: its facts.
        seals: of seals shown on pages; otherwise of what nobody sees.
    """
    for item in volume.items:
        for file in item.files:
            found = [one for one in file.signatures if one.is_seal is seals]
            if not found:
                continue
            outcome = max((one.outcome for one in found), key=_WORSE.index)
            named = [one for one in found if one.outcome is not Outcome.PASS]
            yield Verdict(
                outcome,
                _SCORES[outcome],
                item.urn,
                file.pk,
                zh=f"{file.original_name}：" + "。".join(one.said(chinese=True) for one in named) if named else "",
                en=f"{file.original_name}: " + ". ".join(one.said(chinese=False) for one in named) if named else "",
            )
