"""Paint the sample folder (绘制样例): forms as a scanner would give them, one born-digital form, and a catalogue.

``python -m anjuan.demo.paint OUTDIR`` writes it; the same program writes the same bytes.
"""

import csv
import datetime as dt
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import typst

from anjuan.demo.brush import Sheet, pixels
from anjuan.demo.story import (
    AGENCY,
    AVERAGE_WAGE_FEN,
    EMPLOYER,
    HEADERS,
    LISTED,
    OFFICE_SEAL,
    PAPERS,
    Person,
    catalogue_rows,
)
from anjuan.facilities.printing.backends.typeset import FONT_FOLDER

Facts = Mapping[str, Any]

HANDLER, REVIEWER = "周敏", "郑卫东"
_FORM_FOLDER = Path(__file__).resolve().parent / "forms"


def yuan(fen: int) -> str:
    """Fen as yuan, as forms write it."""
    return f"{fen // 100:,}.{fen % 100:02d}"


def day_words(date: dt.date) -> str:
    """A day, as forms write it."""
    return f"{date.year}年{date.month}月{date.day}日"


def _index(person: Person) -> str:
    return f"{person.index_permille / 1000:.4f}"


def years_words(months: int) -> str:
    """Months as years and months, as forms write them."""
    return f"{months // 12}年{months % 12}个月"


def _head(sheet: Sheet, title: str, facts: Facts) -> None:
    sheet.text(105, 9, "演示样张 · 人员与事项均为虚构", 3.2, colour=(150, 60, 60), anchor="mm")
    sheet.text(105, 27, title, 6.6, anchor="mm", heavy=True)
    sheet.text(20, 39, f"经办机构：{AGENCY}", 3.5)
    sheet.text(190, 39, f"受理号：{facts['acceptance_no']}", 3.5, anchor="rm")
    sheet.page_stamp(facts["page_no"])


def _signed(sheet: Sheet, y: float, date: dt.date, *, employer: bool = True) -> None:
    """The three boxes at the foot of a form: employer, handler, agency, each with seal, hand and date."""
    width, height = 170 / 3, 56
    for number, label in enumerate(("单位意见（盖章）", "经办人意见", "经办机构意见（盖章）")):
        sheet.box(20 + width * number, y, width, height, 3)
        sheet.text(22 + width * number, y + 6, label, 3.5)
        sheet.text(22 + width * number, y + height - 6, f"　　{day_words(date)}", 3.5)
    sheet.hand(25, y + 15, "情况属实")
    sheet.hand(25 + width, y + 15, "材料齐全，同意")
    sheet.hand(25 + width * 2, y + 15, "同意")
    sheet.text(22 + width, y + 36, "经办人：", 3.5)
    sheet.hand(35 + width, y + 36, HANDLER)
    sheet.name_seal(66 + width, y + 36, HANDLER)
    sheet.text(22 + width * 2, y + 44, "复核：", 3.5)
    sheet.hand(33 + width * 2, y + 44, REVIEWER)
    if employer:
        sheet.round_seal(50, y + 32, EMPLOYER.name, "", 38)
    sheet.round_seal(165, y + 30, "演示市社会保险经办中心", "业务专用章", 40)


def _pension(sheet: Sheet, facts: Facts) -> None:
    person: Person = facts["person"]
    _head(sheet, "企业职工基本养老保险退休待遇核定表", facts)
    widths = (26, 32, 24, 30, 24, 34)
    y = sheet.table(
        20, 44, widths,
        [
            ("姓　　名", person.name, "性　　别", person.sex, "出生日期", f"{person.birth:%Y-%m-%d}"),
            ("身份证号", person.id_number, None, None, "个人编号", person.personal_no),
            ("单位名称", EMPLOYER.name, None, None, "单位编号", EMPLOYER.unit_no),
            ("参加工作", f"{person.started:%Y-%m}", "退休时间", f"{person.retired:%Y-%m}", "退休类别", "正常退休"),
            ("家庭住址", person.address, None, None, None, None),
        ],
        height=11,
    )  # fmt: skip
    sheet.text(105, y + 7, "缴　费　情　况", 4, anchor="mm", heavy=True)
    y = sheet.table(
        20, y + 12, (45, 40, 45, 40),
        [
            ("累计缴费年限", years_words(person.months), "其中视同缴费", "0年0个月"),
            ("平均缴费工资指数", _index(person), "个人账户储存额（元）", yuan(person.account_fen)),
            ("计发基数（元/月）", yuan(AVERAGE_WAGE_FEN), "计发月数", str(person.divisor)),
        ],
        height=11,
    )  # fmt: skip
    y = sheet.wrapped(
        22,
        y + 9,
        164,
        "本人申报：以上所填内容真实，与本人档案及缴费记录一致，如有不实，愿承担相应责任。（本页为演示样张）",
        3.5,
    )
    sheet.text(110, y + 4, "本人签字：", 3.8)
    sheet.hand(130, y + 4, person.name, 6)
    _signed(sheet, 205, facts["formed"])


def _pension_more(sheet: Sheet, facts: Facts) -> None:
    person: Person = facts["person"]
    _head(sheet, "退休待遇核定表（续）", facts)
    sheet.text(20, 49, f"姓名：{person.name}　　身份证号：{person.id_number}", 3.8)
    y = sheet.table(
        20, 55, (14, 58, 64, 34),
        [
            ("序号", "待遇项目", "计算方法", "月标准（元）"),
            ("1", "基础养老金", "（计发基数+指数化工资）÷2×年限×1%", yuan(person.basic_fen)),
            ("2", "个人账户养老金", "个人账户储存额÷计发月数", yuan(person.account_pension_fen)),
            ("3", "过渡性养老金", "无视同缴费年限，不计发", "0.00"),
            ("4", "地方补贴", "演示数据不含", "0.00"),
            ("合计", "月养老金", None, yuan(person.pension_fen)),
        ],
        height=12, by_hand=(3,),
    )  # fmt: skip
    paid = person.retired + dt.timedelta(days=1)
    y = sheet.wrapped(
        22, y + 11, 164,
        f"核定结论：经审核，{person.name}符合按月领取基本养老金条件，自{paid.year}年{paid.month}月起按月发放，"
        f"月养老金为人民币{yuan(person.pension_fen)}元。对核定结果有异议的，可自收到本表之日起六十日内申请复核。",
        3.8, 8,
    )  # fmt: skip
    sheet.text(20, y + 6, "发放银行：演示银行海港支行　　账号：6200 0000 0000 演示", 3.6)
    _signed(sheet, 190, facts["formed"], employer=False)


def _id_card(sheet: Sheet, facts: Facts) -> None:
    person: Person = facts["person"]
    sheet.text(105, 9, "演示样张 · 人员与事项均为虚构", 3.2, colour=(150, 60, 60), anchor="mm")
    sheet.page_stamp(facts["page_no"])
    for top in (40.0, 112.0):
        frame = [pixels(62), pixels(top), pixels(148), pixels(top + 54)]
        sheet.draw.rounded_rectangle(frame, pixels(3), fill=(232, 234, 236), outline=(120, 120, 124), width=3)
    grey = (70, 70, 74)
    lines = (
        ("姓 名", person.name), ("性 别", f"{person.sex}　　民 族　汉"),
        ("出 生", f"{person.birth.year} 年 {person.birth.month} 月 {person.birth.day} 日"),
    )  # fmt: skip
    for number, (label, value) in enumerate(lines):
        sheet.text(66, 48 + number * 7, label, 2.4, colour=(120, 120, 130))
        sheet.text(76, 48 + number * 7, value, 3.1, colour=grey)
    sheet.text(66, 69, "住 址", 2.4, colour=(120, 120, 130))
    sheet.wrapped(76, 69, 38, person.address, 2.9, 5)
    sheet.text(66, 87, "公民身份号码", 2.5, colour=(120, 120, 130))
    sheet.text(86, 87, person.id_number, 3.9, colour=grey, heavy=True)
    _portrait(sheet, person)
    sheet.text(105, 122, "演 示 证 件", 5.4, colour=grey, anchor="mm", heavy=True)
    sheet.text(105, 133, "本图不是居民身份证，号码归属地不存在", 3.2, colour=grey, anchor="mm")
    sheet.text(72, 148, "签发机关　演示市公安局（虚构）", 3, colour=grey)
    sheet.text(72, 156, "有效期限　2015.06.01-2035.06.01", 3, colour=grey)
    sheet.text(45, 190, "复印件与原件核对一致", 4.4, heavy=True)
    sheet.text(45, 204, "核对人：", 3.8)
    sheet.hand(60, 204, HANDLER, 5.5)
    sheet.name_seal(92, 204, HANDLER)
    sheet.text(45, 216, "日　期：", 3.8)
    sheet.hand(60, 216, day_words(facts["formed"]), 4.6)
    sheet.square_seal(145, 205, ("演示市社会保险经办中心", OFFICE_SEAL), 46, 17)


def _portrait(sheet: Sheet, person: Person) -> None:
    """A grey figure in place of a photograph: nobody's face."""
    left, top = pixels(119), pixels(46)
    sheet.draw.rectangle([left, top, left + pixels(24), top + pixels(32)], fill=(206, 209, 212))
    centre = left + pixels(12)
    shade = (112, 116, 120) if person.sex == "男" else (126, 122, 124)
    sheet.draw.ellipse([centre - pixels(5), top + pixels(5), centre + pixels(5), top + pixels(18)], fill=shade)
    sheet.draw.pieslice(
        [centre - pixels(10), top + pixels(19), centre + pixels(10), top + pixels(45)], 180, 360, fill=shade
    )


def _work_history(sheet: Sheet, facts: Facts) -> None:
    person: Person = facts["person"]
    _head(sheet, "工 作 年 限 证 明", facts)
    second = dt.date(2003, 6, 30)
    y = sheet.wrapped(
        22, 56, 164,
        f"　　兹证明{person.name}（身份证号：{person.id_number}）为我单位职工，工作经历如下，工作年限连续计算。",
        4.2, 9,
    )  # fmt: skip
    y = sheet.table(
        20, y + 6, (30, 30, 58, 26, 26),
        [
            ("起始年月", "终止年月", "工作单位", "岗位", "证明人"),
            (f"{person.started:%Y.%m}", f"{second:%Y.%m}", "演示市海港机械厂", "工人", "高峰"),
            (f"{dt.date(2003, 7, 1):%Y.%m}", f"{person.retired:%Y.%m}", EMPLOYER.name, "班组长", "何平"),
            ("", "", "（以下空白）", "", ""),
        ],
        height=13, by_hand=(0, 1, 3, 4),
    )  # fmt: skip
    sheet.text(22, y + 14, "累计工作年限：", 4.2)
    sheet.hand(54, y + 14, years_words(person.months), 5.6)
    sheet.wrapped(22, y + 30, 164, "　　特此证明。本证明仅用于办理退休待遇核定（演示样张）。", 4.2, 9)
    sheet.text(22, 200, "经办人：", 4)
    sheet.hand(38, 200, "冯涛", 5.6)
    sheet.text(22, 212, "联系电话：0000-0000000", 4)
    sheet.text(150, 205, EMPLOYER.name, 4.2, anchor="mm")
    sheet.text(150, 216, day_words(facts["formed"]), 4.2, anchor="mm")
    sheet.round_seal(150, 206, EMPLOYER.name, "", 40)


def _wage_fen(person: Person) -> int:
    return AVERAGE_WAGE_FEN * person.index_permille // 1000


def _declaration(sheet: Sheet, facts: Facts) -> None:
    _head(sheet, "社会保险费缴费申报表", facts)
    base = sum(_wage_fen(person) for person in LISTED)
    y = sheet.table(
        20, 44, (28, 60, 42, 40),
        [
            ("单位名称", EMPLOYER.name, "单位编号", EMPLOYER.unit_no),
            ("信用代码", EMPLOYER.credit_code, "申报所属期", "2025年1月"),
            ("申报人数", f"{len(LISTED)}人", "缴费基数合计（元）", yuan(base)),
        ],
        height=12,
    )  # fmt: skip
    rates = (("企业职工基本养老保险", 160, 80), ("失业保险", 7, 3), ("工伤保险", 4, 0))
    rows: list[tuple[str | None, ...]] = [
        ("险　种", "缴费基数", "单位费率", "单位应缴", "个人费率", "个人应缴", "合　计")
    ]
    whole = 0
    for name, unit, own in rates:
        by_unit, by_own = base * unit // 1000, base * own // 1000
        whole += by_unit + by_own
        shares = (f"{unit / 10:g}%", yuan(by_unit), f"{own / 10:g}%", yuan(by_own))
        rows.append((name, yuan(base), *shares, yuan(by_unit + by_own)))
    rows.append(("应缴费额合计（元）", None, None, None, None, None, yuan(whole)))
    y = sheet.table(20, y + 8, (40, 24, 18, 24, 18, 22, 24), rows, height=12, size=3.2)
    sheet.wrapped(
        22, y + 10, 164, "单位声明：本表所列人员与缴费基数经职工本人核对无异议，附职工名册1页。（演示样张）", 3.6
    )
    sheet.text(22, y + 26, "单位负责人：", 3.8)
    sheet.hand(44, y + 26, "曹立新", 5.6)
    sheet.text(108, y + 26, "填表人：", 3.8)
    sheet.hand(123, y + 26, "冯涛", 5.6)
    _signed(sheet, 205, facts["formed"])


def _person_list(sheet: Sheet, facts: Facts) -> None:
    _head(sheet, "缴费申报职工名册", facts)
    sheet.text(20, 49, f"单位：{EMPLOYER.name}　　所属期：2025年1月", 3.6)
    rows: list[tuple[str | None, ...]] = [("序号", "姓　名", "身份证号", "个人编号", "缴费基数（元）", "本人签字")]
    for number, person in enumerate(LISTED, 1):
        wage = yuan(_wage_fen(person))
        rows.append((str(number), person.name, person.id_number, person.personal_no, wage, person.name))
    rows.append(("合计", None, None, f"{len(LISTED)}人", yuan(sum(_wage_fen(person) for person in LISTED)), ""))
    y = sheet.table(20, 54, (13, 24, 48, 30, 30, 25), rows, height=13, size=3.5, by_hand=(5,))
    sheet.text(22, y + 12, "以上人员均为虚构（演示样张）。", 3.4)
    sheet.text(120, y + 12, "填表人：", 3.8)
    sheet.hand(135, y + 12, "冯涛", 5.6)
    sheet.round_seal(150, y + 42, EMPLOYER.name, "", 38)
    sheet.square_seal(62, y + 42, ("演示市社会保险经办中心", OFFICE_SEAL), 46, 17)
    sheet.name_seal(105, y + 42, HANDLER)


def _registration(sheet: Sheet, facts: Facts) -> None:
    person: Person = facts["person"]
    _head(sheet, "社会保险参保人员登记表", facts)
    y = sheet.table(
        20, 44, (28, 57, 28, 57),
        [
            ("姓　　名", person.name, "性　　别", person.sex),
            ("身份证号", person.id_number, "个人编号", person.personal_no),
            ("出生日期", f"{person.birth:%Y-%m-%d}", "民　　族", "汉"),
            ("参保单位", EMPLOYER.name, "单位编号", EMPLOYER.unit_no),
            ("首次参保", f"{person.started:%Y-%m}", "登记类型", "关键信息复核登记"),
            ("参保险种", "养老、失业、工伤", "用工形式", "合同制"),
            ("住　　址", person.address, None, None),
        ],
        height=13,
    )  # fmt: skip
    sheet.text(22, y + 11, "本人签字：", 4)
    sheet.hand(43, y + 11, person.name, 6)
    sheet.text(120, y + 11, "填表日期：", 4)
    sheet.hand(142, y + 11, f"{facts['formed']:%Y.%m.%d}", 5)
    sheet.wrapped(22, y + 26, 164, "说明：本表一式两份，单位、经办机构各存一份。身份证复印件附后。（演示样张）", 3.5)
    _signed(sheet, 205, facts["formed"])


FORMS: Mapping[str, Callable[[Sheet, Facts], None]] = {
    "pension": _pension,
    "pension_more": _pension_more,
    "id_card": _id_card,
    "work_history": _work_history,
    "declaration": _declaration,
    "person_list": _person_list,
    "registration": _registration,
}


def paint_page(form: str, facts: Facts, seed: int) -> bytes:
    """Paint one page as a colour scan (绘制一页): A4, 200 dpi, JPEG of at most 250 KB.

    Args:
        form: one of ``FORMS``.
        facts: ``acceptance_no``, ``page_no``, ``formed`` (a date) and, on forms about one person, ``person``.
        seed: the same seed gives the same page.
    """
    sheet = Sheet(seed)
    FORMS[form](sheet, facts)
    return sheet.scanned()


def print_pension_form(facts: Facts) -> bytes:
    """The pension form as the business system would give it (原生电子表单): a two-page PDF/A with text."""
    person: Person = facts["person"]
    paid = person.retired + dt.timedelta(days=1)
    words = {
        "acceptance_no": facts["acceptance_no"], "agency": AGENCY, "employer": EMPLOYER.name,
        "credit_code": EMPLOYER.credit_code, "unit_no": EMPLOYER.unit_no, "name": person.name, "sex": person.sex,
        "birth": f"{person.birth:%Y-%m-%d}", "id_number": person.id_number, "personal_no": person.personal_no,
        "address": person.address, "started": f"{person.started:%Y-%m}", "retired": f"{person.retired:%Y-%m}",
        "months": years_words(person.months), "index": _index(person),
        "account": yuan(person.account_fen), "base": yuan(AVERAGE_WAGE_FEN), "divisor": str(person.divisor),
        "basic": yuan(person.basic_fen), "account_pension": yuan(person.account_pension_fen),
        "pension": yuan(person.pension_fen), "paid_from": f"{paid.year}年{paid.month}月",
        "handler": HANDLER, "reviewer": REVIEWER, "formed": day_words(facts["formed"]),
    }  # fmt: skip
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONT_FOLDER)])
    compiler: Any = typst.Compiler(root=str(_FORM_FOLDER), font_paths=fonts)
    pdf: bytes = compiler.compile(
        input=str(_FORM_FOLDER / "pension.typ"),
        format="pdf",
        sys_inputs={"facts": json.dumps(words, ensure_ascii=False)},
        pdf_standards=["a-2b"],
        timestamp=dt.datetime.combine(facts["formed"], dt.time(2), dt.UTC),
    )
    return pdf


def paint_sample(folder: Path) -> list[Path]:
    """Write the whole sample folder (生成样例): pages, the born-digital form and ``catalogue.csv``."""
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for seed, paper in enumerate(PAPERS, 20250101):
        facts = {
            "acceptance_no": paper.acceptance_no, "page_no": paper.page_no, "formed": paper.formed,
            "person": paper.persons[0],
        }  # fmt: skip
        content = print_pension_form(facts) if paper.form == "pension_pdf" else paint_page(paper.form, facts, seed)
        written.append(folder / paper.file)
        written[-1].write_bytes(content)
    written.append(folder / "catalogue.csv")
    with written[-1].open("w", encoding="utf-8-sig", newline="") as stream:  # the mark lets spreadsheets read Chinese
        csv.writer(stream, lineterminator="\r\n").writerows([HEADERS, *catalogue_rows()])
    return written


def main() -> int:
    """Command line: where to write."""
    if len(sys.argv) != 2:
        sys.stderr.write("usage: python -m anjuan.demo.paint OUTDIR\n")
        return 64
    for path in paint_sample(Path(sys.argv[1])):
        sys.stdout.write(f"{path.name}\t{path.stat().st_size}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
