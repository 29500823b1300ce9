"""A catalogue of any size, straight into the tables, whose answers are known beforehand (检索语料).

Every second item is about the same person as the one before it. What each question must find is counted from the same
numbers that made the texts, and by nothing of the program. A sample is registered by the real deed, and its row of the
index must be the one that the fast way makes.
"""

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰红梅建国志文晓春秋雪峰海燕鹏飞宇晨佳欣浩然子轩思雨梓涵"
MATTERS = (
    "养老保险退休待遇核定表", "工伤认定申请及劳动能力鉴定结论", "失业保险金申领登记表",
    "基本医疗保险关系转移接续联系函",
    "参保人员信息变更登记", "企业职工提前退休审批（特殊工种）", "丧葬补助金和抚恤金申领", "个人账户一次性领取申请",
    "社会保险费补缴核定单", "供养亲属待遇资格认证", "灵活就业人员参保登记", "生育津贴支付审核表",
)  # fmt: skip
UNITS = (
    "红星电子厂", "第一纺织厂", "江滨机械制造有限公司", "长河运输公司", "东方百货商场",
    "光明印刷厂", "港务局", "第三中学",
)  # fmt: skip
YEARS = range(1996, 2025)
FIRST = 100_000  # serial of the first person


@dataclass(frozen=True)
class Made:
    """What one item says."""

    serial: int
    name: str
    number: str
    title: str
    acceptance_no: str
    formed: dt.date
    agency: int


def check_digit(first17: str) -> str:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(first17, weights, strict=True)) % 11]


def number(person: int) -> str:
    """A number that nobody has: region 999001, another for every person."""
    day = dt.date(1940, 1, 1) + dt.timedelta(days=person % 24_000)
    first17 = f"999001{day:%Y%m%d}{person // 24_000 % 1000:03}"
    return first17 + check_digit(first17)


def name(person: int) -> str:
    drawn = random.Random(person)
    return drawn.choice(SURNAMES) + "".join(drawn.sample(GIVEN, drawn.choice((1, 2, 2))))


def made(serial: int) -> Made:
    """One item; the same serial says the same."""
    person = serial // 2
    drawn = random.Random(serial * 7919)
    unit, matter = drawn.choice(UNITS), drawn.choice(MATTERS)
    year = drawn.choice(YEARS) if serial else 2024  # the first one is registered as well: a table must be in force
    title = f"{name(person)}同志{matter}，{unit}，{year}年度第{drawn.randrange(1, 9999)}号"
    formed = dt.date(year, drawn.randrange(1, 13), drawn.randrange(1, 29))
    return Made(serial, name(person), number(person), title, f"YL{serial:09}", formed, int(serial % 5 == 4))


def corpus(size: int) -> Iterator[Made]:
    """So many items."""
    return (made(serial) for serial in range(size))


def lay(size: int, *, at_once: int = 5_000) -> float:
    """Lay so many items into the tables of a fresh archive; seconds it took.

    One item is registered by the deed of the counter first: the others have its fonds, category, step and rule.
    """
    import time

    from django.db import connection

    from anjuan.core.terms import Post
    from anjuan.demo import office
    from anjuan.desks.intake import actions as intake
    from anjuan.desks.intake.rules import Registration
    from anjuan.foundation.accounts import occasions
    from anjuan.foundation.accounts import queries as accounts
    from anjuan.foundation.accounts.models import Agency
    from anjuan.records.models import Involvement, Item, Subject
    from anjuan.records.rules import Person

    handler = next(who for who in office.STAFF if who.post is Post.HANDLER)
    actor = accounts.actor_for(handler.staff_code, on=occasions.today())
    first = made(0)
    real = intake.register(
        occasion=occasions.now(actor),
        agency_code="BH",
        registration=Registration(
            "SAMPLE", "PERSON_REGISTRATION", first.title, first.formed, 2, (Person(first.name, first.number),), None
        ),
    )
    pattern = Item.objects.get(urn=real.urn)
    person_pk = Subject.objects.get(id_number=first.number).pk
    agencies = [Agency.objects.get(code="BH"), Agency.objects.exclude(code="BH").order_by("pk").first()]
    own = {field.name: getattr(pattern, field.name) for field in Item._meta.concrete_fields}
    for gone in ("id", "urn", "acceptance_no", "title", "formed_date", "year", "agency"):
        del own[gone]
    began = time.perf_counter()
    item_pk = pattern.pk
    for batch in _batched(size, at_once):
        _pour(
            Subject(id_number="", kind="INSURED_PERSON"),
            ("id", "urn", "name", "id_number"),
            [
                (person_pk + one.serial // 2, f"urn:bench:person:{one.serial // 2}", one.name, one.number)
                for one in batch
                if one.serial % 2 == 0 and one.serial
            ],
        )
        _pour(
            Item(**own, agency=agencies[0]),
            ("id", "urn", "acceptance_no", "title", "formed_date", "year", "agency_id"),
            [
                (
                    item_pk + 1 + one.serial,
                    f"urn:bench:item:{one.serial}",
                    one.acceptance_no,
                    one.title,
                    one.formed,
                    one.formed.year,
                    agencies[one.agency].pk,
                )
                for one in batch
            ],
        )
        _pour(
            Involvement(ordinal=1),
            ("item_id", "subject_id"),
            [(item_pk + 1 + one.serial, person_pk + one.serial // 2) for one in batch],
        )
    with connection.cursor() as rows:
        rows.execute("ANALYZE" if connection.vendor == "postgresql" else "SELECT 1")  # as the engine does by itself
    took = time.perf_counter() - began
    _agree(pattern.pk, item_pk + 1)
    return took


def _pour(pattern: Any, varying: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Rows of one table like a pattern but for some columns, without an object for each."""
    from django.db import connection, transaction

    fields = [field for field in pattern._meta.concrete_fields if field.attname in varying or not field.primary_key]
    same = {field: field.get_db_prep_save(getattr(pattern, field.attname), connection) for field in fields}
    place = {name: number for number, name in enumerate(varying)}
    dated = {field for field in fields if field.get_internal_type() == "DateField"}
    table, names = pattern._meta.db_table, ", ".join(f'"{field.column}"' for field in fields)

    def cells(row: Sequence[Any]) -> list[Any]:
        found = [row[place[field.attname]] if field.attname in place else same[field] for field in fields]
        return [
            field.get_db_prep_save(cell, connection) if field in dated and field.attname in place else cell
            for field, cell in zip(fields, found, strict=True)
        ]

    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as stream:
                for row in rows:
                    stream.write_row(cells(row))
        else:
            marks = ", ".join(["?"] * len(fields))
            connection.connection.executemany(
                f"INSERT INTO {table} ({names}) VALUES ({marks})",
                [cells(row) for row in rows],
            )


def _batched(size: int, at_once: int) -> Iterator[list[Made]]:
    for start in range(0, size, at_once):
        yield [made(serial) for serial in range(start, min(start + at_once, size))]


def _agree(real: int, fast: int) -> None:
    """The row that the deed made and the one that was laid down say the same to the index, but for their codes."""
    from anjuan.facilities.search.actions.keeping import described

    one, other = described([real, fast])
    assert one.labels == other.labels, (one.labels, other.labels)
    assert {k: v for k, v in one.fields.items() if k != 3} == {k: v for k, v in other.fields.items() if k != 3}
    assert [mark for mark in one.marks if mark[0] != "CODE"] == [mark for mark in other.marks if mark[0] != "CODE"]
    assert one.numbers == other.numbers
