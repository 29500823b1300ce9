"""What stands on the papers of the practice city (纸上的内容): which blank a paper is, and what is entered in it.

Entries are drawn from the acceptance number, so the papers of one case agree with one another.
"""

import datetime as dt
import functools
import random
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from anjuan.demo import people
from anjuan.demo.paint import day_words, years_words, yuan
from anjuan.demo.people import Citizen, Firm

LINES_A_PAGE = 22
HOSPITAL = "演示市第二人民医院"
PRACTICE = "演示样张 · 人员与事项均为虚构"
FORM_FOLDER = Path(__file__).resolve().parent / "forms"
_HANDLERS = ("周敏", "林晓", "唐静", "吴海波")
_REVIEWERS = ("郑卫东", "陈静", "何立新")


@dataclass(frozen=True)
class Paper:
    """One page of paper as the city's loader asks for it (一页材料).

    Attributes:
        page_no: page of the item; a MAIN_FORM past page 1 is its continuation sheet.
        faults: of NO_SEAL, BLURRED, SKEWED, BLANK, WRONG_PERSON, NO_PAGE_STAMP.
    """

    step_code: str
    material_code: str
    persons: tuple[Citizen, ...]
    employer: Firm | None
    formed: dt.date
    acceptance_no: str
    agency_name: str
    title: str
    page_no: int = 1
    pages: int = 1
    faults: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Cell:
    """One pair of a form: what is printed, which entry belongs beside it, and its share of the row."""

    label: str
    entry: str
    share: int


@dataclass(frozen=True)
class Column:
    """One column of a list."""

    heading: str
    entry: str
    width: float


@dataclass(frozen=True)
class Blank:
    """A blank form (空白表样).

    Attributes:
        rows: pairs; a row of one cell without an entry is a heading.
        lists_persons: the columns have a line for each person, not for each of ``_lines``.
        hand: of ten cases, how many are filled in by pen.
    """

    key: str
    kind: str
    title: str
    no: str
    line: str
    rows: tuple[tuple[Cell, ...], ...]
    columns: tuple[Column, ...]
    lists_persons: bool
    text: tuple[str, ...]
    after: tuple[str, ...]
    signer: str
    signs: str
    foot: tuple[str, ...]
    hand: int


@functools.cache
def blanks() -> Mapping[str, Blank]:
    """Every blank, by ``STEP.MATERIAL``."""
    told = tomllib.loads((FORM_FOLDER / "blanks.toml").read_text(encoding="utf-8"))
    return {
        key: Blank(
            key=key,
            kind=one.get("kind", "form"),
            title=one["title"],
            no=one.get("no", ""),
            line=one.get("line", ""),
            rows=tuple(_row(row) for row in one.get("rows", ())),
            columns=tuple(_column(column) for column in one.get("columns", one.get("table", ()))),
            lists_persons="columns" in one,
            text=tuple(one.get("text", ())),
            after=tuple(one.get("after", ())),
            signer=one.get("signer", ""),
            signs=one.get("signs", "name"),
            foot=tuple(one["foot"]),
            hand=one.get("hand", 0),
        )
        for step, materials in told.items()
        for key, one in ((f"{step}.{material}", told[step][material]) for material in materials)
    }


def _row(words: str) -> tuple[Cell, ...]:
    if words.startswith("="):
        return (Cell(words[1:].strip(), "", 1),)
    cells = (cell.strip().partition(":") for cell in words.split("|"))
    return tuple(Cell(label, entry.partition("*")[0], int(entry.partition("*")[2] or 1)) for label, _, entry in cells)


def _column(words: str) -> Column:
    heading, entry, width = words.split(":")
    return Column(heading, entry, float(width))


def blank_of(paper: Paper) -> Blank:
    """The blank that a paper is; one that no blank is drawn for is one of three kinds of other material."""
    others = ("OTHER", "OTHER_B", "OTHER_C")
    material = paper.material_code
    if material == "MAIN_FORM" and paper.page_no > 1:
        material = "MAIN_FORM_2"
    found = blanks().get(f"{paper.step_code}.{material}") or blanks().get(f"ANY.{material}")
    if found is None or found.key == "ANY.OTHER":
        found = blanks()[f"ANY.{_dice(paper, 'other').choice(others)}"]
    return found


def holder(paper: Paper) -> Citizen | None:
    """Whom the page is about: somebody else where the wrong person's page was put in (张冠李戴)."""
    if "WRONG_PERSON" not in paper.faults:
        return paper.persons[0] if paper.persons else None
    names = {person.name for person in paper.persons}
    others = [one for one in people.citizens(120) if one.name not in names and one.started < paper.formed]
    return _dice(paper, "wrong").choice(others)


def is_by_hand(paper: Paper, blank: Blank) -> bool:
    """Whether the form was filled in by pen."""
    return _dice(paper, "hand").randrange(10) < blank.hand


def _dice(paper: Paper, purpose: str) -> random.Random:
    return random.Random(f"{paper.acceptance_no} {purpose}")  # noqa: S311 -- paint, not keys


def entries(paper: Paper) -> dict[str, str]:
    """Every entry that a blank may ask for (填写内容)."""
    person = holder(paper)
    firm = paper.employer or (person.employer if person else people.firms()[0])
    dice = _dice(paper, "case")
    formed = paper.formed
    known = {
        "title": paper.title, "acceptance_no": paper.acceptance_no, "agency": paper.agency_name,
        "formed": day_words(formed), "formed_short": f"{formed:%Y-%m-%d}",
        "period": f"{formed.year}年{formed.month}月", "handler": dice.choice(_HANDLERS),
        "reviewer": dice.choice(_REVIEWERS), "hospital": HOSPITAL, "none": "0.00", "none_years": "0年0个月",
        "tick": "√ 参保", "registrar": "演示市市场监督管理局（虚构）",
        "employer": firm.name, "credit_code": firm.credit_code, "unit_no": firm.unit_no, "unit_address": firm.address,
        "founded": day_words(firm.founded), "unit_place": firm.address[3:], "by_bank": "银行代扣",
        "holder": person.name if person else firm.name,
        "holder_number": person.id_number if person else firm.credit_code,
    }  # fmt: skip
    return known | _circumstances(dice, formed) | _sums(paper) | (_of_person(person, formed, dice) if person else {})


def _of_person(person: Citizen, formed: dt.date, dice: random.Random) -> dict[str, str]:
    retired = person.retired or formed
    wage = min(people.average_wage_fen(formed.year) * 3, _wage_fen(person, formed))
    paid_from = retired + dt.timedelta(days=1)
    old = people.pension_fen_in(person, formed.year - 1)
    raised = 3000 + old * 2 // 100
    months = min(24, max(3, person.months // 12 * 2))
    return {
        "name": person.name, "sex": person.sex, "birth": f"{person.birth:%Y-%m-%d}", "id_number": person.id_number,
        "personal_no": person.personal_no, "address": person.address, "district": person.address[:6],
        "age": f"{formed.year - person.birth.year}岁", "nation": "维吾尔" if "·" in person.name else "汉",
        "started_month": f"{person.started:%Y-%m}", "started_words": f"{person.started.year}年{person.started.month}月",
        "since": f"{person.started:%Y-%m}", "retired_month": f"{retired:%Y-%m}", "retired_as": "正常退休",
        "years": years_words(person.months), "index": f"{person.index_permille / 1000:.4f}",
        "account": yuan(person.account_fen), "base": yuan(people.average_wage_fen(retired.year)),
        "divisor": str(person.divisor), "basic": yuan(person.basic_fen),
        "account_pension": yuan(person.account_pension_fen), "pension": yuan(person.pension_fen),
        "paid_from": f"{paid_from.year}年{paid_from.month}月", "wage": yuan(wage), "own": yuan(wage * 8 // 100),
        "old_pension": yuan(old), "raise_fixed": "30.00", "raise_ratio": yuan(old * 2 // 100), "raise": yuan(raised),
        "new_pension": yuan(old + raised), "raise_from": f"{formed.year}年1月",
        "raise_months": str(formed.month), "raise_arrears": yuan(raised * formed.month),
        "jobless_month": yuan(175_000), "jobless_months": f"{months}个月",
        "kind_of_person": "退休" if person.retired and person.retired <= formed else "在职",
        "leave_daily": yuan(wage // 30), "leave_pay": yuan(wage // 30 * 158),
        "maternity_total": yuan(wage // 30 * 158 + 120_000 + 350_000),
        "spouse": dice.choice([one for one in people.citizens(120) if one.sex != person.sex]).name,
    }  # fmt: skip


def _wage_fen(person: Citizen, formed: dt.date) -> int:
    return people.average_wage_fen(formed.year) * person.index_permille // 1000 // 100 * 100


def _sums(paper: Paper) -> dict[str, str]:
    """What a declaration adds up to."""
    base = sum(_wage_fen(person, paper.formed) for person in paper.persons)
    unit, own = base * 16 // 100, base * 8 // 100
    jobless_unit, jobless_own, injury = base * 7 // 1000, base * 3 // 1000, base * 4 // 1000
    return {
        "count": f"{len(paper.persons)}人", "total_base": yuan(base),
        "pension_unit": yuan(unit), "pension_own": yuan(own), "pension_due": yuan(unit + own),
        "jobless_unit": yuan(jobless_unit), "jobless_own": yuan(jobless_own),
        "jobless_due": yuan(jobless_unit + jobless_own), "injury_unit": yuan(injury),
        "due": yuan(unit + own + jobless_unit + jobless_own + injury),
    }  # fmt: skip


def _circumstances(dice: random.Random, formed: dt.date) -> dict[str, str]:
    """What happened, as the case tells it: the same on all its papers."""
    drawn = {entry: dice.choice(options) for entry, options in _cases().items()}
    before = formed - dt.timedelta(days=dice.randint(20, 50))
    fee, own, floor = dice.randint(50_000, 240_000), dice.randint(1_000, 9_000), 20_000
    lawful = fee - own - floor
    people_short, base_short = dice.randint(3, 19), dice.randint(20, 190) * 10_000
    return drawn | {
        "phone": f"0000-{dice.randint(2_000_000, 8_999_999)}", "visit_no": f"演{dice.randint(10**7, 10**8 - 1)}",
        "staff": f"{dice.randint(18, 460)}人", "tickets": "3张",
        "dismissed": f"{before:%Y-%m-%d}", "dismissed_words": day_words(before),
        "dismissed_month": f"{before.year}年{before.month}月",
        "injured": day_words(before), "injured_short": f"{before:%Y-%m-%d}",
        "child_birth": f"{before:%Y-%m-%d} {dice.randint(0, 23):02d}时", "child_birth_short": f"{before:%Y-%m-%d}",
        "child_issued": f"{before + dt.timedelta(days=5):%Y-%m-%d}",
        "discharged": f"{before + dt.timedelta(days=4):%Y-%m-%d}",
        "weight": f"{dice.randint(280, 380) * 10}克", "length": f"{dice.randint(47, 53)}厘米",
        "fee": yuan(fee), "fee_self": yuan(own), "fee_floor": yuan(floor), "fee_lawful": yuan(lawful),
        "fee_fund": yuan(lawful * 7 // 10), "fee_words": capital_words(lawful * 7 // 10),
        "audit_period": f"{formed.year - 2}年1月至{formed.year - 1}年12月", "audit_sample": f"{people_short * 4}人",
        "audit_people": f"{people_short}人", "audit_base": yuan(base_short * people_short),
        "audit_due": yuan(base_short * people_short * 24 // 100),
    }  # fmt: skip


@functools.cache
def _cases() -> dict[str, list[str]]:
    return tomllib.loads((FORM_FOLDER / "cases.toml").read_text(encoding="utf-8"))


def capital_words(fen: int) -> str:
    """An amount in the capital figures that vouchers want (大写金额)."""
    digits, units = "零壹贰叁肆伍陆柒捌玖", ("", "拾", "佰", "仟", "万", "拾", "佰", "仟", "亿")
    whole, said = str(fen // 100), ""
    for place, digit in enumerate(whole):
        unit = units[len(whole) - 1 - place]
        if digit != "0":
            said += digits[int(digit)] + unit
        elif unit == "万":
            said = said.rstrip("零") + "万零"
        elif not said.endswith("零"):
            said += "零"
    said = said.rstrip("零") + "元"
    jiao, cent = fen // 10 % 10, fen % 10
    said += digits[jiao] + "角" if jiao else ("零" if cent else "")
    return said + (digits[cent] + "分" if cent else "整")


def lines(paper: Paper, blank: Blank) -> list[dict[str, str]]:
    """The lines of a paper's list: of persons, those of this page when they need several (一表多人)."""
    if not blank.lists_persons:
        return _lines(paper, blank) if blank.columns else []
    listed = paper.persons
    sheets = max(1, -(-len(listed) // LINES_A_PAGE))
    first = (paper.page_no - 1) % sheets * LINES_A_PAGE
    found = []
    for number, person in enumerate(listed[first : first + LINES_A_PAGE], first + 1):
        dice = random.Random(person.id_number)  # noqa: S311 -- paint, not keys
        wage = _wage_fen(person, paper.formed)
        short = dice.choice((0, 0, 50_000, 120_000))
        found.append(
            {
                "no": str(number),
                "name": person.name,
                "id_number": person.id_number,
                "personal_no": person.personal_no,
                "wage": yuan(wage),
                "own": yuan(wage * 8 // 100),
                "reported": yuan(wage - short),
                "short": yuan(short),
                "sign": person.name,
            }
        )
    return found


def _lines(paper: Paper, blank: Blank) -> list[dict[str, str]]:
    person = holder(paper)
    words = entries(paper)
    formed = paper.formed
    if blank.key == "PENSION_RETIREMENT.WORK_HISTORY" and person:
        change = dt.date((person.started.year + formed.year) // 2, 6, 30)
        first = {"from": f"{person.started:%Y.%m}", "until": f"{change:%Y.%m}"}
        second = {"from": f"{change.year}.07", "until": f"{formed:%Y.%m}", "unit": words["employer"]}
        return [
            first | {"unit": "演示市海港机械厂", "job": "工人", "witness": "高峰"},
            second | {"job": "班组长", "witness": "何平"},
            {"unit": "（以下空白）"},
        ]
    if blank.key == "PENSION_RETIREMENT.MAIN_FORM_2" and person:
        return [
            {"no": "1", "item": "基础养老金", "how": "（计发基数+指数化工资）÷2×年限×1%", "amount": words["basic"]},
            {"no": "2", "item": "个人账户养老金", "how": "个人账户储存额÷计发月数", "amount": words["account_pension"]},
            {"no": "3", "item": "过渡性养老金", "how": "无视同缴费年限，不计发", "amount": "0.00"},
            {"no": "合计", "item": "月养老金", "how": "", "amount": words["pension"]},
        ]
    if blank.key == "ANY.OTHER_C":
        names = ("申请表", "身份证复印件", "证明材料", "银行账户信息")
        return [
            {"no": str(n), "paper_name": name, "copies": "1", "original": "复印件" if n == 2 else "原件", "note": ""}
            for n, name in enumerate(names, 1)
        ]
    stages = (
        ("受理", "材料齐全，予以受理"),
        ("审核", "经审核，情况属实"),
        ("复核", "同意"),
        ("办结", "已办结，通知申请人"),
    )
    return [
        {
            "no": str(n),
            "stage": stage,
            "opinion": opinion,
            "when": f"{formed + dt.timedelta(days=n - 1):%Y.%m.%d}",
            "who": words["handler" if n % 2 else "reviewer"],
        }
        for n, (stage, opinion) in enumerate(stages, 1)
    ]
