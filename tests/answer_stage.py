"""A small office to put sentences to: records with a few typed pages, and what was asked of them."""

import datetime as dt
from pathlib import Path

from django.conf import settings

from anjuan.core.terms import Post
from anjuan.desks.intake import actions as intake
from anjuan.records.rules import Employer, Person
from tests import builders
from tests.cast import Cast
from tests.desk.test_search_words import caught_up

WANG, LI, MAI = (builders.person(1, "王伟"), builders.person(2, "李强"), builders.person(3, "买买提·艾力"))
FACTORY = Employer(name="江滨市第一纺织厂", credit_code=builders.credit_code(1))

# Acceptance number: step, person, unit, day, pages.
RECORDS: dict[str, tuple[str, Person, Employer | None, str, tuple[str, ...]]] = {
    "TX-1": (
        "PENSION_RETIREMENT",
        WANG,
        FACTORY,
        "2019-06-20",
        (
            f"企业职工退休审批表\n姓名：王伟　身份证号 {WANG.id_number}\n1985年3月参加工作，工龄三十四年。",
            "退休待遇核定依据：视同缴费年限十年，基本养老金每月 3456 元，自2019年7月起发放。",
        ),
    ),
    "TX-2": (
        "PENSION_RETIREMENT",
        LI,
        FACTORY,
        "2021-03-02",
        ("企业职工退休审批表 姓名：李强", "养老待遇核定：缴费年限二十八年，养老金每月 4100 元。"),
    ),
    "GS-1": ("WORK_INJURY_RECOGNITION", LI, FACTORY, "2020-09-01", ("工伤认定决定书\n李强于车间受伤，认定为工伤。",)),
    "GS-2": ("WORK_INJURY_RECOGNITION", WANG, FACTORY, "2018-02-01", ("工伤认定决定书\n王伟 不予认定。",)),
    "SY-1": ("UNEMPLOYMENT_BENEFIT", LI, None, "2016-05-10", ("失业保险金申领登记表", "核定期限十二个月。")),
    "ZY-1": ("PENSION_TRANSFER_IN", MAI, None, "2022-01-15", ("基本养老保险关系转移接续申请表",)),
    "CB-1": ("PERSON_REGISTRATION", MAI, None, "2015-04-01", ("参保人员登记表",)),
}


def recorded(cast: Cast, *numbers: str) -> dict[str, str]:
    """These records (all where none is named), registered, captured and indexed: URNs by acceptance number."""
    urns = {}
    for number in numbers or tuple(RECORDS):
        step, person, employer, day, pages = RECORDS[number]
        urn = builders.register(
            cast, number, persons=(person,), step=step, formed=dt.date.fromisoformat(day), employer=employer
        )
        uploads = [typed(f"{number}-{place}", text) for place, text in enumerate(pages, 1)]
        intake.capture(occasion=cast.occasion(Post.HANDLER), urn=urn, uploads=uploads)
        urns[number] = urn
    caught_up()
    return urns


def typed(name: str, text: str) -> intake.Upload:
    """A page as text."""
    path = Path(settings.ANJUAN_HOME) / f"{name}.txt"
    path.write_text(text, encoding="utf-8")
    return intake.Upload(path, path.name, "OTHER" if name.endswith("2") else "MAIN_FORM")
