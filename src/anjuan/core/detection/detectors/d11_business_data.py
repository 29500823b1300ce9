"""D11 业务数据与档案不一致: the business system states something else than the catalogue or the main form (反证业务).

Held together: whom the case concerns; a benefit, payment or contribution of a month; the months paid; the month of
retirement against the law. Traps: a benefit is the sum of several kinds; what the system knows may begin long after
the first contribution; 视同缴费 are no contributions; an amount on a form that no label names is nobody's.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence

from anjuan.core import identifiers, retirement
from anjuan.core.assurance import Outcome
from anjuan.core.detection.comparing import CLEAR
from anjuan.core.detection.drawn import field_boxes
from anjuan.core.detection.facts import ItemFacts, StatedValue, VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Settings, Verdict
from anjuan.core.detection.told import Told, Words, main_form
from anjuan.core.reading import amounts
from anjuan.core.reading.fields import FieldRead
from anjuan.core.reading.words import bare

_KINDS = {
    "BENEFIT": ("月基本养老金", "基本养老金", "月养老金", "养老金合计", "月待遇合计", "待遇金额", "核定金额"),
    "PAYMENT": ("支付金额", "应付金额", "实发金额"),
    "CONTRIBUTION": ("缴费金额",),
}
_SPANS = ("累计缴费年限", "缴费年限", "实际缴费年限", "累计缴费月数", "缴费月数")
_BEFORE, _AFTER = 1, 6  # months around the form's own in which its amount is looked for
_DESCRIBED = (
    ("person_name", "姓名", "name"),
    ("person_id", "身份证号", "ID number"),
    ("employer_name", "单位名称", "employer"),
    ("credit_code", "统一社会信用代码", "credit code"),
)


def _judge(volume: VolumeFacts, _settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        if item.concerns_many:
            continue
        yield from _catalogue(item)
        pages = [page for page in main_form(item) if page.is_legible]
        if pages:
            yield from _form(item, pages)


# -- the catalogue -----------------------------------------------------------------------------------------------------


def _catalogue(item: ItemFacts) -> Iterator[Verdict]:
    """Whom the case concerns: the business record against the catalogue; of several nobody knows which is meant."""
    persons = [one for one in item.subjects if one.is_person]
    units = [one for one in item.subjects if not one.is_person]
    known: dict[str, str] = {}
    if len(persons) == 1:
        known |= {"person_name": persons[0].name, "person_id": persons[0].id_number}
    if len(units) == 1:
        known |= {"employer_name": units[0].name, "credit_code": units[0].credit_code}
    compared = [entry for entry in _DESCRIBED if known.get(entry[0]) and item.stated.described.get(entry[0])]
    others = [entry for entry in compared if not _is_same(known[entry[0]], item.stated.described[entry[0]])]
    if others:
        name, zh, en = others[0]
        stated, ours = item.stated.described[name], known[name]
        if name == "person_id":
            stated, ours = identifiers.mask_id(identifiers.fold(stated)), identifiers.mask_id(ours)
        yield Verdict(
            Outcome.FAIL,
            item_urn=item.urn,
            zh=f"{zh}：业务系统为“{stated}”，著录为“{ours}”",
            en=f"{en}: the business system says {stated}, the catalogue {ours}",
        )
    elif compared:
        yield Verdict(Outcome.PASS, 0.0, item.urn)


def _is_same(one: str, other: str) -> bool:
    return bare(identifiers.full(one)) == bare(identifiers.full(other))


# -- the form ----------------------------------------------------------------------------------------------------------


def _form(item: ItemFacts, pages: Sequence[Told]) -> Iterator[Verdict]:
    """What the main form says of amounts, months and retirement: of each the first verdict that is none of a pass."""
    verdicts = [*_amounts(item, pages), *_months(item, pages), *_retired(item, pages)]
    wrong = [one for one in verdicts if one.outcome is not Outcome.PASS]
    # One place, one verdict: what is surely wrong goes before what is asked.
    wrong.sort(key=lambda one: one.outcome is not Outcome.FAIL)
    yield from wrong[:1] or verdicts[:1]


def _fields(pages: Sequence[Told], name: str) -> list[tuple[Told, FieldRead]]:
    """Fields of this name, a page at a time: those that a template draws, else those beside their labels."""
    found = []
    for page in pages:
        drawn = [FieldRead(name, one.form.label, one.words, one.at, one.sure) for one in field_boxes(page, name)]
        found += [(page, one) for one in drawn or page.said.fields if one.name == name and one.value]
    return found


def _is_called(label: str, names: Sequence[str]) -> bool:
    """Whether a label is one of these; a template's may say more (基本养老金（元/月）)."""
    return any(name in bare(label) for name in names)


def _amounts(item: ItemFacts, pages: Sequence[Told]) -> Iterator[Verdict]:
    """Amounts under a label of their kind, against that kind's values of the months around the form's own."""
    for kind, named in _KINDS.items():
        read = [
            (page, one, value)
            for page, one in _fields(pages, "AMOUNT")
            if _is_called(one.label, named) and (value := amounts.fen(one.value)) is not None
        ]
        stated = _around(item, kind)
        if not read or not stated:
            continue
        if any(value in stated for _, _, value in read):
            yield read[0][0].passes()
            continue
        page, one, value = read[0]
        nearest = min(stated, key=lambda other: (abs(other - value), other))
        words = (
            f"{one.label}：影像为{value / 100:,.2f}元，业务系统为{nearest / 100:,.2f}元",
            f"{one.label}: the image says {value / 100:,.2f}, the business system {nearest / 100:,.2f} yuan",
        )
        yield _says(page, one, words)


def _around(item: ItemFacts, kind: str) -> frozenset[int]:
    """What is stated of the months around the form's own: each value, and each month's sum."""
    first = retirement.later(item.formed_date, -_BEFORE)
    last = retirement.later(item.formed_date, _AFTER)
    by_month: dict[tuple[str, dt.date], list[int]] = defaultdict(list)
    for one in item.stated.values:
        if one.kind == kind and first <= one.month <= last:
            by_month[one.holder, one.month].append(one.fen)
    return frozenset(value for values in by_month.values() for value in (*values, sum(values)))


def _months(item: ItemFacts, pages: Sequence[Told]) -> Iterator[Verdict]:
    """Months paid, against the months for which the system has a contribution, where it reaches back far enough."""
    persons = [one.id_number for one in item.subjects if one.is_person and one.id_number]
    if len(persons) != 1:
        return
    paid = _paid(item.stated.values, persons[0])
    for page, one in _fields(pages, "MONTHS"):
        span = amounts.span_months(one.value) if _is_called(one.label, _SPANS) and "视同" not in one.label else None
        if span is None or not paid:
            continue
        claimed, is_to_the_month = span
        if min(paid) > retirement.later(item.formed_date, -claimed):
            continue  # what it says of the years before is not known
        own = item.formed_date.replace(day=1)
        counts = {sum(month < own for month in paid), sum(month <= own for month in paid)}
        if claimed in counts or (not is_to_the_month and claimed // 12 in {count // 12 for count in counts}):
            yield page.passes()
            continue
        known = max(counts)
        words = (
            f"{one.label}：影像为{claimed}个月，业务系统有缴费{known}个月",
            f"{one.label}: the image says {claimed} months, the business system has contributions of {known}",
        )
        yield _says(page, one, words)


def _paid(values: Sequence[StatedValue], holder: str) -> frozenset[dt.date]:
    """Months that are paid for: a contribution that was given back is none."""
    sums: dict[dt.date, int] = defaultdict(int)
    for one in values:
        if one.kind == "CONTRIBUTION" and one.holder == holder:
            sums[one.month] += one.fen
    return frozenset(month for month, fen in sums.items() if fen > 0)


def _retired(item: ItemFacts, pages: Sequence[Told]) -> Iterator[Verdict]:
    """The month of retirement against the law; what differs may rest on heavy work or illness: a person looks."""
    persons = [one.id_number for one in item.subjects if one.is_person and identifiers.is_valid_id(one.id_number)]
    if len(persons) != 1:
        return
    number = identifiers.citizen_id(persons[0])
    birth, is_male = identifiers.birth_date(number), int(number[16]) % 2 == 1
    for page, one in _fields(pages, "RETIRED"):
        month = amounts.month_of(one.value)
        if month is None:
            continue
        if retirement.is_lawful(birth, is_male, month):
            yield page.passes()
            continue
        due = "、".join(f"{retirement.statutory_month(birth, rung):%Y-%m}" for rung in retirement.ladders(is_male))
        words = (
            f"退休时间：影像为{month:%Y-%m}，按出生日期推算法定为{due}，请核对依据",
            f"retirement: the image says {month:%Y-%m}; by the day of birth it is {due}; look at what it rests on",
        )
        yield page.says(Outcome.UNSURE, words, score=0.5, boxes=[one.box])


def _says(page: Told, one: FieldRead, words: Words) -> Verdict:
    """A difference, left to a person where the letters are not surely what they seem."""
    outcome = Outcome.FAIL if one.sure >= CLEAR else Outcome.UNSURE
    return page.says(outcome, words, score=1.0 if outcome is Outcome.FAIL else 0.5, boxes=[one.box])


DETECTOR = Detector("D11", Scope.ITEM, _judge)
