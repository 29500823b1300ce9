"""L09 OFD/PDF 打不开、字体未嵌、外链: a paged file that will not look tomorrow as it does today (DA/T 70-2018, 3-x).

Traps: fonts missing under a scanned picture (its searchable text is not what is looked at) and plain hyperlinks are
left to a person; a file that nobody has looked at yet is not judged.
"""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import FileFacts, FormFacts, VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict

_MOST_NAMED = 5


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        for file in item.files:
            if file.form is not None:
                yield _of(item.urn, file, file.form)


def _of(urn: str, file: FileFacts, form: FormFacts) -> Verdict:
    failing: list[tuple[str, str]] = []
    asking: list[tuple[str, str]] = []
    if form.undrawn:
        pages = "、".join(str(page) for page in form.undrawn[:_MOST_NAMED])
        failing.append((f"第 {pages} 页打不开", f"page {pages} cannot be drawn"))
    if form.reaches:
        names = ", ".join(form.reaches[:_MOST_NAMED])
        failing.append((f"引用文件以外的内容或动作：{names}", f"it reaches outside itself: {names}"))
    if form.loose_fonts:
        names = ", ".join(form.loose_fonts[:_MOST_NAMED])
        said = (f"字体未嵌入：{names}", f"fonts are not embedded: {names}")
        (failing if form.has_loose_text else asking).append(said)
    if form.links:
        asking.append((f"含 {form.links} 处超链接", f"it holds {form.links} hyperlinks"))
    if form.is_cut:
        asking.append((f"只查验了前 {form.pages} 页", f"only the first {form.pages} pages were looked at"))
    outcome = Outcome.FAIL if failing else Outcome.UNSURE if asking else Outcome.PASS
    return Verdict(
        outcome,
        {Outcome.FAIL: 1.0, Outcome.UNSURE: 0.5}.get(outcome, 0.0),
        urn,
        file.pk,
        zh="；".join(f"{zh}" for zh, _ in (*failing, *asking)) + f"（{file.original_name}）",
        en="; ".join(en for _, en in (*failing, *asking)) + f" ({file.original_name})",
    )


DETECTOR = Detector("L09", Scope.ITEM, _judge)
