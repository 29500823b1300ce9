"""Arrangement kinds (整理方式): what a volume's items share, how they are numbered, when a dossier closes.

A volume (案卷) is what moves after filing; its kind says what it is on the shelf: a bound volume, a box of single
items, one person's dossier, one employer's. The kinds are data (``schemes/arrangements.toml``), read here.

Standard: Order No. 3 (2009) article 7 and GB/T 31599-2015 (by volume); DA/T 22-2015 (by item); decision 2.
"""

import enum
import functools
import importlib.resources
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

from anjuan.core import refcode
from anjuan.core.refcode import Template
from anjuan.core.terms import Arrangement, Classification, InsuranceLine

# How a 档号 names an insurance line where the fonds's template asks for it; a setting of ours, unconfirmed.
LINE_CODES: Mapping[InsuranceLine, str] = {
    InsuranceLine.PENSION: "YL",
    InsuranceLine.MEDICAL: "YB",
    InsuranceLine.UNEMPLOYMENT: "SY",
    InsuranceLine.WORK_INJURY: "GS",
    InsuranceLine.MATERNITY: "SU",
    InsuranceLine.ALL: "ZH",
}


class Facet(enum.StrEnum):
    """What items of one volume may have to share."""

    AGENCY = "AGENCY"
    YEAR = "YEAR"
    CATEGORY = "CATEGORY"
    LINE = "LINE"
    TERM = "TERM"
    ROUTE = "ROUTE"
    PERSON = "PERSON"
    EMPLOYER = "EMPLOYER"


@dataclass(frozen=True)
class DossierClass:
    """A class within a dossier (档案内类目): which categories of business lie there; one without any takes the rest."""

    code: str
    zh: str
    en: str
    categories: frozenset[str]


@dataclass(frozen=True)
class Kind:
    """One arrangement kind.

    Attributes:
        shares: what all items of a volume share; everything else may mix.
        volume: the numbers of a volume's code; empty for those of the fonds's template.
        item: the numbers of an item's code.
        runs_through_the_year: whether item numbers go on from volume to volume.
        closes: whether the volume takes loose material for years and is sealed when its subject's affairs end; its
            retention clock starts at the closing.
        classes: the classes within, in order; none where items lie by order alone.
        clause: what it rests on.
        is_confirmed: whether a standard settles it; otherwise it is a setting of ours.
    """

    code: Arrangement
    shares: frozenset[Facet]
    volume: str
    item: str
    runs_through_the_year: bool
    closes: bool
    clause: str
    is_confirmed: bool
    classes: tuple[DossierClass, ...] = ()

    def class_of(self, category_code: str) -> tuple[int, DossierClass | None]:
        """The place and the class within the dossier of papers of a category; 0 and none where there are no classes."""
        for place, one in enumerate(self.classes):
            if category_code in one.categories or not one.categories:
                return place, one
        return len(self.classes), None


@functools.cache
def kinds() -> Mapping[Arrangement, Kind]:
    """All kinds by code. Constant data of the package."""
    page = importlib.resources.files("anjuan.core").joinpath("schemes/arrangements.toml")
    return {
        Arrangement(code): Kind(
            code=Arrangement(code),
            shares=frozenset(Facet(facet) for facet in row["shares"]),
            volume=row.get("volume", ""),
            item=row.get("item", ""),
            runs_through_the_year=row.get("serial", "") == "YEAR",
            closes=row.get("closes", False),
            clause=row["clause"],
            is_confirmed=row["confirmed"],
            classes=tuple(
                DossierClass(one["code"], one["zh"], one["en"], frozenset(one["categories"]))
                for one in row.get("classes", ())
            ),
        )
        for code, row in tomllib.loads(page.read_text(encoding="utf-8")).items()
    }


def shared(kind: Kind, classification: Classification) -> frozenset[Facet]:
    """What the items of one volume share in a fonds: the order of classification says whether lines stay apart.

    Standard: STD-3 (年度—业务环节 or 年度—险种—业务环节, no mixing).
    """
    if classification is Classification.YEAR_STEP:
        return kind.shares - {Facet.LINE}
    return kind.shares


def templates(kind: Kind, fonds_template: str) -> tuple[Template, Template]:
    """The numbering of a kind in a fonds (编号规则): that of its volumes, and that of its items.

    Args:
        kind: the arrangement kind.
        fonds_template: the fonds's own template.

    Raises:
        F-001, F-002: a template is malformed or ambiguous.
    """
    if not kind.volume:
        rule = refcode.template(fonds_template)
        return rule, rule
    head = fonds_template[: min(place for place in map(fonds_template.find, ("{volume", "{item")) if place >= 0)]
    return refcode.template(head + kind.volume), refcode.template(head + kind.item)
