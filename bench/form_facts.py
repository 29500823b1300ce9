"""What is entered on labelled forms (表单事实): people, units and days that nobody has; which step asks what."""

import datetime as dt
import importlib.resources
import random
import tomllib
from dataclasses import dataclass
from functools import cache

from anjuan.core.identifiers import PRACTICE_REGION, credit_check_character, id_check_digit
from anjuan.demo.names import BRANDS, DISTRICTS, DOUBLE_SURNAMES, GIVEN, STREETS, SURNAMES, TRADES

# By step: what its main form is called here and there, and which fields it asks. The seals come from the schedule.
_STEPS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "PERSON_REGISTRATION": (
        ("社会保险参保人员登记表", "参保登记表", "职工参保登记申请表"),
        ("name", "sex", "id_number", "birth", "employer", "unit_no", "started", "address"),
    ),
    "EMPLOYER_REGISTRATION": (
        ("社会保险单位参保登记表", "参保单位登记申报表"),
        ("employer", "credit_code", "unit_no", "address", "name", "id_number", "started", "phone"),
    ),
    "CONTRIBUTION_DECLARATION": (
        ("社会保险费缴费申报表", "缴费申报核定表", "社会保险缴费基数申报表"),
        ("employer", "credit_code", "unit_no", "heads", "amount", "period", "phone"),
    ),
    "PENSION_RETIREMENT": (
        ("企业职工基本养老保险待遇核定表", "退休待遇核定表", "职工退休审批及待遇核定表"),
        ("name", "sex", "id_number", "birth", "employer", "credit_code", "started", "retired", "amount"),
    ),
    "PENSION_ADJUSTMENT": (
        ("基本养老金调整审批表", "养老待遇调整表"),
        ("name", "id_number", "employer", "birth", "retired", "amount"),
    ),
    "UNEMPLOYMENT_BENEFIT": (
        ("失业保险待遇申领表", "失业待遇申领登记表"),
        ("name", "sex", "id_number", "employer", "unit_no", "period", "amount", "phone"),
    ),
    "WORK_INJURY_RECOGNITION": (
        ("工伤认定决定书", "认定工伤决定书"),
        ("name", "sex", "id_number", "employer", "credit_code", "started"),
    ),
    "MATERNITY_BENEFIT": (
        ("生育保险待遇申领表", "生育津贴申领核定表"),
        ("name", "id_number", "birth", "employer", "credit_code", "amount", "phone"),
    ),
    "OUTPATIENT_MEDICAL": (
        ("医疗费用申报核定表", "门诊医疗费用报销申请表"),
        ("name", "sex", "id_number", "employer", "period", "amount", "phone"),
    ),
}
LABELS: dict[str, tuple[str, ...]] = {
    "name": ("姓名", "姓　　名", "参保人姓名"),
    "sex": ("性别", "性　　别"),
    "id_number": ("身份证号", "公民身份号码", "身份证号码"),
    "birth": ("出生日期", "出生年月日"),
    "employer": ("单位名称", "参保单位", "工作单位"),
    "credit_code": ("统一社会信用代码", "信用代码"),
    "unit_no": ("单位编号", "社保编号"),
    "started": ("参加工作时间", "首次参保时间"),
    "retired": ("退休时间", "退休日期"),
    "amount": ("金额（元）", "核定金额", "合计金额（元）"),
    "period": ("所属期", "费款所属期"),
    "heads": ("申报人数", "职工人数"),
    "phone": ("联系电话", "电　　话"),
    "address": ("家庭住址", "通讯地址"),
}
DATES = ("birth", "started", "retired")


@dataclass(frozen=True)
class Facts:
    """What one form says.

    Attributes:
        values: by field, as the catalogue writes it: dates ISO, money in fen, all else as it stands.
        applied: the day on which the unit applies; then come the days of handling, review and decision.
    """

    step: str
    values: dict[str, str]
    agency: str
    handler: str
    reviewer: str
    applied: dt.date
    handled: dt.date
    reviewed: dt.date
    decided: dt.date


def steps() -> tuple[str, ...]:
    """The steps whose forms are painted."""
    return tuple(_STEPS)


def titles(step: str) -> tuple[str, ...]:
    """What the main form of a step is called, by one office or another."""
    return _STEPS[step][0]


def asked(step: str) -> tuple[str, ...]:
    """The fields of a step's main form, in order."""
    return _STEPS[step][1]


@cache
def required_seals(step: str) -> tuple[str, ...]:
    """The seals that the schedule asks on the main form of a step."""
    text = importlib.resources.files("anjuan.foundation.schedule").joinpath("seed/steps.toml").read_text("utf-8")
    for row in tomllib.loads(text)["step"]:
        if row["code"] == step:
            return next(tuple(one.get("seals", ())) for one in row["materials"] if one.get("main"))
    raise KeyError(step)


def person_name(dice: random.Random) -> str:
    """A name of two to four characters."""
    given = GIVEN[dice.choice(tuple(GIVEN))][dice.choice("男女")]
    surname = dice.choice(DOUBLE_SURNAMES) if dice.random() < 0.06 else dice.choice(SURNAMES)
    first = dice.choice(given[0]) if dice.random() < 0.75 else ""
    return surname + first + dice.choice(given[1])


def employer_name(dice: random.Random) -> str:
    """A unit's full name."""
    place = dice.choice(("演示市", "演示市" + dice.choice(DISTRICTS), ""))
    return place + dice.choice(BRANDS) + dice.choice(TRADES)


def _day(dice: random.Random, first: int, last: int) -> dt.date:
    return dt.date(dice.randint(first, last), dice.randint(1, 12), dice.randint(1, 28))


def facts(dice: random.Random, step: str) -> Facts:
    """Chance facts, with right check digits."""
    birth = _day(dice, 1955, 1998)
    sex = dice.choice("男女")
    serial = dice.randrange(0, 500) * 2 + (1 if sex == "男" else 0)
    first17 = f"{PRACTICE_REGION}{birth:%Y%m%d}{serial:03d}"
    code17 = f"91{PRACTICE_REGION}" + "".join(dice.choice("0123456789ABCDEFGHJKLMNPQRTUWXY") for _ in range(9))
    applied = _day(dice, 2012, 2025)
    handled = applied + dt.timedelta(days=dice.randint(0, 6))
    reviewed = handled + dt.timedelta(days=dice.randint(0, 5))
    decided = reviewed + dt.timedelta(days=dice.randint(0, 12))
    month = dice.randint(1, 12)
    values = {
        "name": person_name(dice),
        "sex": sex,
        "id_number": first17 + id_check_digit(first17),
        "birth": birth.isoformat(),
        "employer": employer_name(dice),
        "credit_code": code17 + credit_check_character(code17),
        "unit_no": f"{dice.randrange(10**8):08d}",
        "started": _day(dice, birth.year + 17, birth.year + 24).isoformat(),
        "retired": dt.date(birth.year + 60, birth.month, birth.day).isoformat(),
        "amount": str(dice.randrange(50_000, 90_000_000)),
        "period": f"{applied.year}年{month}月",
        "heads": str(dice.randint(3, 480)),
        "phone": f"0000-{dice.randrange(10**7, 10**8)}",
        "address": f"演示市{dice.choice(DISTRICTS)}{dice.choice(STREETS)}{dice.randint(1, 299)}号",
    }
    agency = dice.choice(
        (
            "演示市社会保险经办中心",
            f"演示市{dice.choice(DISTRICTS)}社会保险事业管理中心",
            f"演示市社会保险经办中心{dice.choice(DISTRICTS)[:-1]}分中心",
            "演示市劳动和社会保障局",
        )
    )
    kept = {entry: values[entry] for entry in asked(step)}
    return Facts(step, kept, agency, person_name(dice), person_name(dice), applied, handled, reviewed, decided)


def other_value(dice: random.Random, step: str, entry: str, value: str) -> str:
    """Another value of the same field."""
    while (other := facts(dice, step).values[entry]) == value:
        pass
    return other


def day_printed(day: dt.date, style: int) -> str:
    """A day as forms print it, one of four ways."""
    return (
        f"{day.year}年{day.month}月{day.day}日",
        f"{day:%Y-%m-%d}",
        f"{day:%Y.%m.%d}",
        f"{day.year} 年 {day.month:02d} 月 {day.day:02d} 日",
    )[style]


def printed(entry: str, value: str, style: int) -> str:
    """A value as the form prints it."""
    if entry in DATES:
        return day_printed(dt.date.fromisoformat(value), style)
    if entry == "amount":
        yuan = f"{int(value) // 100:,}.{int(value) % 100:02d}"
        return (yuan, f"{yuan}元", f"¥{yuan}", yuan.replace(",", ""))[style]
    if entry == "heads":
        return f"{value}人" if style % 2 else value
    return value
