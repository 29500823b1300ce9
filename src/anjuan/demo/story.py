"""The people and papers of the sample folder (样例档案的人与事): all invented, in a region code nobody has.

Amounts are integers of fen (分) and add up, so that what a page says can be checked.
"""

import datetime as dt
from dataclasses import dataclass

from anjuan.core.identifiers import PRACTICE_REGION, credit_check_character, id_check_digit

AGENCY = "演示市社会保险经办中心海港分中心"
OFFICE_SEAL = "海港分中心经办专用章"
AVERAGE_WAGE_FEN = 698_400  # the monthly wage that the year's benefits are reckoned from


def practice_credit_code(serial: str) -> str:
    """A unified social credit code of the practice region: both check characters are right (GB 32100, GB 11714)."""
    total = sum(int(digit) * weight for digit, weight in zip(serial, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    check = {10: "X", 11: "0"}.get(11 - total % 11, str(11 - total % 11))
    first17 = f"91{PRACTICE_REGION}{serial}{check}"
    return first17 + credit_check_character(first17)


def basic_pension_fen(wage_fen: int, index_permille: int, months: int) -> int:
    """基础养老金 by month: the mean of the average wage and of one's own, one hundredth of it for each year."""
    return wage_fen * (1000 + index_permille) * months // (2 * 1000 * 100 * 12)


@dataclass(frozen=True)
class Employer:
    """An invented employer."""

    name: str
    credit_code: str
    unit_no: str


@dataclass(frozen=True)
class Person:
    """An invented insured person.

    Attributes:
        months: months of contribution counted at retirement.
        index_permille: average contribution index, in thousandths.
        account_fen: savings in the personal account.
        divisor: 计发月数 of the retirement age.
    """

    name: str
    sex: str
    birth: dt.date
    serial: str
    personal_no: str
    address: str
    started: dt.date
    retired: dt.date
    months: int
    index_permille: int
    account_fen: int
    divisor: int

    @property
    def id_number(self) -> str:
        """The ID number, its check digit right (GB 11643)."""
        first17 = f"{PRACTICE_REGION}{self.birth:%Y%m%d}{self.serial}"
        return first17 + id_check_digit(first17)

    @property
    def basic_fen(self) -> int:
        """基础养老金 by month."""
        return basic_pension_fen(AVERAGE_WAGE_FEN, self.index_permille, self.months)

    @property
    def account_pension_fen(self) -> int:
        """个人账户养老金 by month."""
        return self.account_fen // self.divisor

    @property
    def pension_fen(self) -> int:
        """What is paid by month."""
        return self.basic_fen + self.account_pension_fen


EMPLOYER = Employer("演示市北海机械制造有限公司", practice_credit_code("73921046"), "D030117")
WANG = Person(
    "王秀英", "女", dt.date(1970, 3, 12), "002", "9900020317", "演示市海港区和平路17号3单元402室",
    dt.date(1990, 7, 1), dt.date(2025, 4, 30), 418, 812, 12_684_055, 170,
)  # fmt: skip
ZHAO = Person(
    "赵建国", "男", dt.date(1965, 2, 20), "011", "9900010844", "演示市海港区建设大街88号5栋301室",
    dt.date(1984, 12, 1), dt.date(2025, 3, 31), 484, 936, 15_942_310, 139,
)  # fmt: skip


def _colleague(name: str, sex: str, birth: dt.date, serial: str, personal_no: str, index_permille: int) -> Person:
    """Somebody on the payroll who is far from a pension."""
    return Person(
        name, sex, birth, serial, personal_no, "", dt.date(birth.year + 22, 7, 1), dt.date(birth.year + 60, 1, 1),
        0, index_permille, 0, 139,
    )  # fmt: skip


COLLEAGUES = (
    _colleague("陈丽华", "女", dt.date(1982, 6, 5), "124", "9900033102", 705),
    _colleague("刘志强", "男", dt.date(1979, 11, 23), "057", "9900028816", 880),
    _colleague("欧阳明", "男", dt.date(1990, 1, 9), "239", "9900041270", 764),
    _colleague("孙晓燕", "女", dt.date(1986, 9, 30), "168", "9900037725", 690),
)
LISTED = (WANG, ZHAO, *COLLEAGUES)


@dataclass(frozen=True)
class Paper:
    """One file of the sample folder, as its catalogue row describes it."""

    file: str
    form: str
    acceptance_no: str
    step: str
    material: str
    persons: tuple[Person, ...]
    formed: dt.date
    title: str
    pages: int
    page_no: int


def _papers() -> tuple[Paper, ...]:
    pension, roll, entry = "PENSION_RETIREMENT", "CONTRIBUTION_DECLARATION", "PERSON_REGISTRATION"
    a, b, c, d, e = (f"SL202500{number:04d}" for number in (121, 98, 45, 12, 13))
    wang, zhao, april, march = (WANG,), (ZHAO,), dt.date(2025, 4, 15), dt.date(2025, 3, 18)
    main = "企业职工基本养老保险退休待遇核定表"
    january, february = dt.date(2025, 1, 20), dt.date(2025, 2, 12)
    return (
        Paper("001.jpg", "pension", a, pension, "MAIN_FORM", wang, april, f"王秀英{main}", 1, 1),
        Paper("002.jpg", "pension_more", a, pension, "MAIN_FORM", wang, april, f"王秀英{main}（续）", 1, 2),
        Paper("003.jpg", "id_card", a, pension, "ID_CARD", wang, april, "王秀英身份证复印件", 1, 3),
        Paper("004.jpg", "work_history", a, pension, "WORK_HISTORY", wang, april, "王秀英工作年限证明", 1, 4),
        Paper("005.pdf", "pension_pdf", b, pension, "MAIN_FORM", zhao, march, f"赵建国{main}", 2, 1),
        Paper("006.jpg", "id_card", b, pension, "ID_CARD", zhao, march, "赵建国身份证复印件", 1, 3),
        Paper("007.jpg", "work_history", b, pension, "WORK_HISTORY", zhao, march, "赵建国工作年限证明", 1, 4),
        Paper("008.jpg", "declaration", c, roll, "MAIN_FORM", LISTED, january, "2025年1月社会保险费缴费申报表", 1, 1),
        Paper("009.jpg", "person_list", c, roll, "PERSON_LIST", LISTED, january, "2025年1月缴费申报职工名册", 1, 2),
        Paper("010.jpg", "registration", d, entry, "MAIN_FORM", wang, february, "王秀英参保人员登记表", 1, 1),
        Paper("011.jpg", "id_card", d, entry, "ID_CARD", wang, february, "王秀英身份证复印件", 1, 2),
        Paper("012.jpg", "registration", e, entry, "MAIN_FORM", zhao, february, "赵建国参保人员登记表", 1, 1),
        Paper("013.jpg", "id_card", e, entry, "ID_CARD", zhao, february, "赵建国身份证复印件", 1, 2),
    )


PAPERS = _papers()
HEADERS = (
    "文件名", "受理号", "业务环节", "材料", "单位", "统一社会信用代码", "姓名", "身份证号", "形成日期", "题名",
    "纸质页数",
)  # fmt: skip


def catalogue_rows() -> list[tuple[str, ...]]:
    """The catalogue of the sample folder (目录): one row per file, under ``HEADERS``."""
    return [
        (
            paper.file, paper.acceptance_no, paper.step, paper.material, EMPLOYER.name, EMPLOYER.credit_code,
            "；".join(person.name for person in paper.persons), "；".join(person.id_number for person in paper.persons),
            f"{paper.formed:%Y-%m-%d}", paper.title, str(paper.pages),
        )
        for paper in PAPERS
    ]  # fmt: skip
