"""A fonds on record: how it is numbered, and what categories it has (全宗的档号规则与类目)."""

import re

from django.db import IntegrityError

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Arrangement, Occasion, Post
from anjuan.foundation.accounts.queries import permit
from anjuan.foundation.journal import actions as journal
from anjuan.records import numbering
from anjuan.records.models import Category, Fonds, Volume


def set_numbering(*, occasion: Occasion, fonds_code: str, template: str, reason: str) -> None:
    """Number a fonds by another template from now on (变更档号规则). Codes already given stay as they are.

    Args:
        occasion: an archivist over the agency of the fonds.
        fonds_code: which fonds.
        template: the new template.
        reason: why, for the record.

    Raises:
        A-001: only an archivist over the agency of the fonds does this.
        F-001, F-002: the template is malformed or ambiguous.
        F-041 to F-043: two numbers would be equal, one would not fit, or one be read as another.
        F-044: no reason is given, or nothing would change.
        R-009: there is no such fonds.

    Standard: DA/T 13-2022, 4.
    Concurrency: the fonds is held while the numbers are looked at; a volume sealed meanwhile waits on SQLite, and on
    PostgreSQL the unique 档号 refuses what would be equal.
    """
    row = numbering.fonds_row(fonds_code)
    permit(occasion.actor, row.agency_path, Post.ARCHIVIST)
    numbering.rules_of(template)
    if not reason.strip() or len(reason) > 200 or template == row.template:
        raise Refusal("F-044", fonds=fonds_code)

    with journal.writing(occasion=occasion, act="records.set_numbering", unit=f"fonds:{fonds_code}") as line:
        Fonds.objects.select_for_update().get(code=fonds_code)
        numbering.may_number(fonds_code, template)
        Fonds.objects.filter(code=fonds_code).update(numbering_template=template)
        line.say(before=row.template, after=template, reason=reason.strip())


def add_category(
    *, occasion: Occasion, fonds_code: str, code: str, name: str, kind: Arrangement = Arrangement.BY_VOLUME
) -> None:
    """Add a category to a fonds (增设类目): kinds of archive beyond insurance among them (S1-F1).

    Raises:
        A-001: only an archivist over the agency of the fonds does this.
        F-045: the code has not two digits, or no name is given.
        F-046: the fonds has a category of that code.
        R-009: there is no such fonds.
    """
    row = numbering.fonds_row(fonds_code)
    permit(occasion.actor, row.agency_path, Post.ARCHIVIST)
    if not re.fullmatch(r"\d{2}", code) or not name.strip() or len(name) > 40:
        raise Refusal("F-045", code=code[:20])
    if any(one.code == code for one in row.categories):
        raise Refusal("F-046", fonds=fonds_code, code=code)

    try:
        with journal.writing(occasion=occasion, act="records.add_category", unit=f"fonds:{fonds_code}") as line:
            fonds = Fonds.objects.get(code=fonds_code)
            Category.objects.create(fonds=fonds, code=code, name=name.strip(), arrangement=kind)
            line.say(code=code, name=name.strip(), arrangement=kind)
    except IntegrityError:
        raise Refusal("F-046", fonds=fonds_code, code=code) from None


def arrange_category(*, occasion: Occasion, fonds_code: str, code: str, kind: Arrangement) -> None:
    """Arrange a category another way from now on (变更整理方式): volumes that stand keep theirs.

    Raises:
        A-001: only an archivist over the agency of the fonds does this.
        F-047: it still has open volumes, which would be mixed.
        R-009: there is no such fonds or category.
    """
    permit(occasion.actor, numbering.fonds_row(fonds_code).agency_path, Post.ARCHIVIST)
    category = Category.objects.filter(fonds__code=fonds_code, code=code).first()
    if category is None:
        raise Refusal("R-009", what=f"类目 category {code}")

    with journal.writing(occasion=occasion, act="records.arrange_category", unit=f"fonds:{fonds_code}") as line:
        open_volumes = Volume.objects.filter(category=category, reference_code=None).count()
        if open_volumes:
            raise Refusal("F-047", code=code, count=open_volumes)
        Category.objects.filter(pk=category.pk).update(arrangement=kind)
        line.say(code=code, before=category.arrangement, after=kind)
