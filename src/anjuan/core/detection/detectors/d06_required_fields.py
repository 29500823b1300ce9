"""D06 必填项为空: of the catalogue; and of a form, where a template draws the field and requires it.

Traps: what was written by hand and not made out is asked about, not called empty.
"""

from collections.abc import Iterator, Sequence

from anjuan.core.assurance import Outcome
from anjuan.core.detection.drawn import missing_in, named
from anjuan.core.detection.facts import VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict
from anjuan.core.detection.told import Words
from anjuan.core.reading.templates import BoxKind, LaidBox


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        yield from missing_in(item, lambda one: one.form.kind is BoxKind.FIELD, _said)
        empty = [
            (zh, en)
            for zh, en, value in (
                ("题名", "title", item.title.strip()),
                ("业务流水号", "acceptance number", item.acceptance_no.strip()),
                ("当事人", "subject", item.subjects),
                ("业务环节", "business step", item.step_code),
                ("险种", "insurance line", item.insurance_line),
            )
            if not value
        ]
        numberless = [one for one in item.subjects if not (one.id_number if one.is_person else one.name)]
        if numberless and not empty:
            empty = [("当事人证件号码", "the subject's number")]
        yield (
            Verdict(
                Outcome.FAIL,
                item_urn=item.urn,
                zh=f"缺{'、'.join(zh for zh, _ in empty)}",
                en=f"empty: {', '.join(en for _, en in empty)}",
            )
            if empty
            else Verdict(Outcome.PASS, item_urn=item.urn)
        )


def _said(boxes: Sequence[LaidBox]) -> Words:
    zh, en = named(boxes)
    return f"表上{zh}栏为空", f"nothing stands in the form's field {en}"


DETECTOR = Detector("D06", Scope.ITEM, _judge)
