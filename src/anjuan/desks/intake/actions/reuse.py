"""Taking a material over from an earlier record instead of asking for it again (材料复用，一件事一次办)."""

from pathlib import Path

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion
from anjuan.desks.intake import files as files_of
from anjuan.desks.intake import holding
from anjuan.desks.intake.actions import Captured
from anjuan.desks.intake.models import Reuse
from anjuan.desks.intake.queries import counter
from anjuan.facilities.formats import actions as formats
from anjuan.facilities.repository import actions as repository
from anjuan.facilities.repository import queries as stored
from anjuan.foundation.journal import actions as journal
from anjuan.records import actions as records
from anjuan.records import queries as record_queries
from anjuan.records.queries import materials


def reuse_material(*, occasion: Occasion, urn: str, component_pk: int) -> Captured:
    """Take a file over from an earlier record of the same person or employer (复用材料).

    The bytes are verified and deposited again: each record stays whole by itself. From which record and version they
    come is kept. What is on paper counts as ever: a printed copy goes into the paper file.

    Args:
        occasion: a handler of the agency, who may see the earlier record.
        urn: the item that needs the material.
        component_pk: the file of the earlier record.

    Raises:
        A-001, I-010, R-009: as for `capture`.
        B-005, B-007, B-008: the store has no such file, or its bytes changed.
        H-005: the material is not on this item's list.
        I-012: the same bytes lie here already.
        I-092: it was captured too long ago (ANJUAN_REUSE_DAYS).
        I-093: the earlier record concerns nobody whom this one concerns.

    Standard: STD-17 材料复用; S0-P9 一件事一次办.
    """
    source = record_queries.get_component_for(occasion.actor, component_pk)
    collected = holding.changeable(occasion, urn)
    given = materials.captured_at(source.pk)
    if not counter.is_valid(given, occasion.at):
        raise Refusal("I-092", name=source.original_name[:60], captured=given.date().isoformat())
    concerned = {row.pk for row in record_queries.subjects_of([source.item_urn])[source.item_urn]}
    if not concerned & {row.pk for row in collected.subjects}:
        raise Refusal("I-093", reference=collected.item.reference)
    version = stored.head(source.item_urn) or 0
    with formats.open_content(source.item_urn, source.sha512) as stream:
        path = Path(stream.name)
        file = holding.measure(
            occasion,
            collected,
            path,
            original_name=source.original_name,
            material_code=source.material_code,
            holds=False,
        )
        receipt = holding.deposit(occasion, collected, [path], [file])

    with journal.writing(occasion=occasion, act="intake.reuse_material", unit=urn) as line:
        holding.hold(line, collected)
        repository.record_deposit(receipt)
        (added,) = records.add_components(item_urn=urn, files=[file], at=occasion.at)
        Reuse.objects.create(
            component_id=added, source_id=source.pk, source_urn=source.item_urn, source_version=version
        )
        holding.flag(line, collected, [file])
        line.say(version=receipt.version, files=files_of.named([file]), source=source.item_urn, source_version=version)
    return Captured(urn, receipt.version, 1, len(file.pages))
