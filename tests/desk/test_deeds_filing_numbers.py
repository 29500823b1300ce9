"""Numbers without a gap, voided ones that stay, and numbering anew; order undone one by one."""

import datetime as dt
import json
from typing import Any

import pytest

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Arrangement, Post, RestraintKind, State
from anjuan.desks.filing import actions as filing
from anjuan.desks.filing import queries
from anjuan.desks.filing.models import Rearrangement
from anjuan.facilities.numbering import actions as numbering
from anjuan.facilities.numbering import queries as numbers
from anjuan.facilities.numbering.models import Claim, Run
from anjuan.facilities.numbering.rules import spans, standing
from anjuan.facilities.repository import queries as repository
from anjuan.facilities.repository.actions import RECORD_NAME
from anjuan.facilities.sealing import actions as sealing
from anjuan.facilities.search import queries as search
from anjuan.foundation.accounts.models import Agency
from anjuan.foundation.journal import actions as journal
from anjuan.records import actions as records_actions
from anjuan.records import models
from anjuan.records import queries as records
from anjuan.records.actions import volumes
from tests import builders
from tests.builders import filed, one_line, person, refused, reviewed
from tests.cast import Cast

RUN = "J001/2024/01/BY_VOLUME/BH/*"


def seal(cast: Cast, volume: str) -> filing.Sealed:
    return filing.seal(occasion=cast.occasion(Post.FILER), volume_urn=volume)


def run(cast: Cast) -> queries.RunRow:
    return queries.run_for(cast.actor(Post.FILER), RUN)


@pytest.mark.acceptance("S4-N3", "S4-W4")
def test_a_sealing_that_died_after_its_bytes_leaves_no_gap_and_no_double(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = filed(cast, reviewed(cast, "SL-1")), filed(cast, reviewed(cast, "SL-2", persons=(person(2),)))
    with monkeypatch.context() as power:
        power.setattr(volumes, "number_volume", lambda **said: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            seal(cast, first)
    assert (Claim.objects.get().number, Claim.objects.get().unit) == (1, first)

    later = seal(cast, second).reference_code
    again = seal(cast, first).reference_code

    assert (again[-4:], later[-4:]) == ("0001", "0002")
    assert not Claim.objects.exists()
    assert run(cast).standing == standing(given=[1, 2], voided=[], reserved=[])


def test_numbers_go_on_from_what_records_bear_when_runs_were_not_kept(cast: Cast) -> None:
    builders.sealed(cast, "SL-1")
    Run.objects.all().delete()  # as after a rebuild

    assert builders.sealed(cast, "SL-2", persons=(person(2),)).reference[-4:] == "0002"


def test_boxes_at_once_take_their_item_numbers_from_one_run(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    models.Category.objects.filter(code="01").update(arrangement=Arrangement.BY_ITEM)
    first = filed(cast, reviewed(cast, "SL-1"), reviewed(cast, "SL-2", persons=(person(2),)))
    second = filed(cast, reviewed(cast, "SL-3", persons=(person(3),)))
    with monkeypatch.context() as power:
        power.setattr(sealing, "write_sealed", lambda **said: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            seal(cast, first)

    assert [code[-5:] for _, code in seal(cast, second).items] == ["00003"]
    assert [code[-5:] for _, code in seal(cast, first).items] == ["00001", "00002"]


def test_a_claim_gives_what_it_holds_already_and_keeps_to_its_floor_and_its_room(cast: Cast) -> None:
    at = cast.clock.at

    assert numbering.claim(run_key="k", unit="a", count=2, floor=4, most=9, at=at) == (5, 6)
    assert numbering.claim(run_key="k", unit="b", count=1, floor=0, most=9, at=at) == (7,)
    assert numbering.claim(run_key="k", unit="a", count=3, floor=0, most=9, at=at) == (5, 6, 8)
    assert numbering.claim(run_key="k", unit="a", count=1, floor=0, most=9, at=at) == (5,)
    with refused("F-004"):
        numbering.claim(run_key="k", unit="c", count=2, floor=0, most=9, at=at)
    numbering.settle(run_key="k", unit="a", numbers=(5,))
    assert numbering.claim(run_key="k", unit="a", count=1, floor=0, most=9, at=at) == (6,)


@pytest.mark.acceptance("S4-N3")
def test_a_number_held_for_nothing_is_voided_with_a_reason_stays_visible_and_is_never_given_again(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    builders.sealed(cast, "SL-1")
    volume = filed(cast, reviewed(cast, "SL-2", persons=(person(2),)))
    with monkeypatch.context() as power:
        power.setattr(volumes, "number_volume", lambda **said: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            seal(cast, volume)
    filer = cast.occasion(Post.FILER)
    assert run(cast).reserved == {2: volume}

    for number in (1, 3):
        with refused("F-015"):
            filing.void_number(occasion=filer, run_key=RUN, number=number, reason="误取")
    with refused("R-010"):
        filing.void_number(occasion=filer, run_key=RUN, number=2, reason=" ")
    with refused("R-009"):
        filing.void_number(occasion=filer, run_key="J009/2024/01/BY_VOLUME/BH/*", number=2, reason="误取")
    with refused("A-001"):
        filing.void_number(occasion=cast.occasion(Post.KEEPER), run_key=RUN, number=2, reason="误取")
    with one_line("filing.void_number"):
        filing.void_number(occasion=filer, run_key=RUN, number=2, reason="误取，卷已拆散")

    assert [(row.number, row.reason) for row in run(cast).voided] == [(2, "误取，卷已拆散")]
    assert seal(cast, volume).reference_code[-4:] == "0003"
    assert run(cast).standing.missing == ()
    with refused("F-015"):
        filing.void_number(occasion=filer, run_key=RUN, number=2, reason="再来")


def test_a_number_voided_while_the_bytes_are_written_is_borne_by_no_volume(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    builders.sealed(cast, "SL-1")
    volume = filed(cast, reviewed(cast, "SL-2", persons=(person(2),)))
    write = sealing.write_sealed

    def voided_meanwhile(**said: Any) -> list[sealing.Written]:
        filing.void_number(occasion=cast.occasion(Post.ARCHIVIST), run_key=RUN, number=2, reason="误取")
        return write(**said)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(sealing, "write_sealed", voided_meanwhile)
        with pytest.raises(Refusal) as caught:
            seal(cast, volume)

    assert caught.value.code == "L-001" and records.volumes_by_urn([volume])[volume].state is State.FILING
    assert seal(cast, volume).reference_code[-4:] == "0003"
    assert run(cast).standing == standing(given=[1, 3], voided=[2], reserved=[])


def test_what_is_corrected_while_the_bytes_are_written_is_not_sealed(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    volume = filed(cast, reviewed(cast, "SL-1"))
    write = sealing.write_sealed
    changes: list[dict[str, Any]] = [{"title": "改过的题名"}, {"formed_date": dt.date(2024, 2, 29)}]

    def corrected_meanwhile(**said: Any) -> list[sealing.Written]:
        models.Item.objects.filter(volume__urn=volume).update(**changes.pop())
        return write(**said)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(sealing, "write_sealed", corrected_meanwhile)
        while changes:
            with pytest.raises(Refusal) as caught:
                seal(cast, volume)
            assert caught.value.code == "L-001"

    (item,) = seal(cast, volume).items
    assert json.loads(repository.read_document(item[0], RECORD_NAME))["title"] == "改过的题名"


def test_a_number_sealed_while_its_voiding_was_judged_is_not_voided(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    builders.sealed(cast, "SL-1")
    volume = filed(cast, reviewed(cast, "SL-2", persons=(person(2),)))
    with monkeypatch.context() as power:
        power.setattr(sealing, "write_sealed", lambda **said: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            seal(cast, volume)
    stale = [run(cast)]
    seal(cast, volume)
    ask = queries.run_for
    monkeypatch.setattr(queries, "run_for", lambda *said: stale.pop() if stale else ask(*said))

    with refused("F-015"):
        filing.void_number(occasion=cast.occasion(Post.ARCHIVIST), run_key=RUN, number=2, reason="误取")
    assert not stale


def test_a_gap_that_came_from_before_is_named(cast: Cast) -> None:
    builders.sealed(cast, "SL-1")
    models.Volume.objects.filter(volume_no=1).update(volume_no=4)

    assert run(cast).standing.missing == (1, 2, 3)
    assert spans(run(cast).standing.missing) == [(1, 3)]
    filing.void_number(occasion=cast.occasion(Post.ARCHIVIST), run_key=RUN, number=2, reason="旧系统废号")
    assert run(cast).standing.missing == (1, 3)


def test_a_run_that_centres_share_is_reckoned_over_all_and_voided_by_who_covers_the_fonds(cast: Cast) -> None:
    models.Fonds.objects.update(numbering_template="{fonds}-ZY·SB·{category}·{year}-{volume:4}-{item:3}")
    builders.sealed(cast, "SL-1")
    builders.sealed(cast, "SL-2", persons=(person(2),))
    elsewhere = Agency.objects.get(code=cast.found_elsewhere())
    models.Volume.objects.filter(volume_no=1).update(agency=elsewhere)
    models.Volume.objects.filter(volume_no=2).update(volume_no=3)
    cast.hire("sj77", Post.ARCHIVIST, "SJ")
    key, filer, above = "J001/2024/01/BY_VOLUME/*/*", cast.occasion(Post.FILER), cast.occasion_of("sj77")

    assert queries.run_for(filer.actor, key).standing == standing(given=[1, 3], voided=[], reserved=[])
    with refused("A-001"):
        filing.void_number(occasion=filer, run_key=key, number=2, reason="误取")
    with refused("F-015"):
        filing.void_number(occasion=above, run_key=key, number=1, reason="误取")
    filing.void_number(occasion=above, run_key=key, number=2, reason="误取")
    assert queries.run_for(filer.actor, key).standing.is_whole


@pytest.mark.acceptance("S4-N3", "S4-W4")
def test_a_volume_is_numbered_anew_on_record_and_found_by_both_codes(cast: Cast) -> None:
    walk = builders.sealed(cast, "SL-1", "SL-2")
    first = f"{walk.reference}-001"
    archivist = cast.occasion(Post.ARCHIVIST)

    with one_line("filing.renumber"):
        anew = filing.renumber(occasion=archivist, volume_urn=walk.volume_urn, reason="类别编错，重新编号")

    assert anew.reference_code.endswith("-0002") and [code[-8:] for _, code in anew.items] == ["0002-001", "0002-002"]
    for asked in (walk.reference, anew.reference_code):
        found = search.find(archivist.actor, asked)
        assert (found.recognised, [row.urn for row in found.volumes]) == ("REFERENCE_CODE", [walk.volume_urn])
    (item,) = search.find(archivist.actor, first).items
    assert (item.urn, item.reference_code) == (walk.item_urns[0], f"{anew.reference_code}-001")
    document = json.loads(repository.read_document(walk.item_urn, RECORD_NAME))
    assert document["reference_code"] == f"{anew.reference_code}-001"
    assert set(repository.inventory_of(walk.item_urn).versions[-2].state) != set(
        repository.inventory_of(walk.item_urn).state
    )
    assert [(row.code, row.replaced_by) for row in numbers.former_codes_of([walk.volume_urn])[walk.volume_urn]] == [
        (walk.reference, anew.reference_code)
    ]
    (voided,) = run(cast).voided
    assert voided.number == 1 and voided.code == walk.reference and "类别编错" in voided.reason
    assert [issue.reference_code for issue in queries.issues_of(walk.volume_urn)] == [
        anew.reference_code,
        walk.reference,
    ]


def test_numbering_anew_is_the_archivists_for_a_reason_and_before_the_application(cast: Cast) -> None:
    walk = builders.at_state(cast, State.APPLIED, "SL-1")
    volume = filed(cast, reviewed(cast, "SL-2", persons=(person(2),)))
    held = builders.sealed(cast, "SL-3", persons=(person(3),))
    archivist = cast.occasion(Post.ARCHIVIST)

    for urn in (walk.volume_urn, volume):
        with refused("F-016"):
            filing.renumber(occasion=archivist, volume_urn=urn, reason="改")
    with refused("A-001"):
        filing.renumber(occasion=cast.occasion(Post.FILER), volume_urn=held.volume_urn, reason="改")
    with refused("R-010"):
        filing.renumber(occasion=archivist, volume_urn=held.volume_urn, reason="")
    with journal.writing(occasion=archivist, act="search.reveal", unit=held.volume_urn) as line:
        records_actions.post_restraint(line=line, urn=held.item_urn, kind=RestraintKind.HOLD, reference="案 1")
    with refused("L-006"):
        filing.renumber(occasion=archivist, volume_urn=held.volume_urn, reason="改")


def test_changes_of_the_order_are_undone_one_by_one_and_stay_on_record(cast: Cast) -> None:
    a, b, c = (reviewed(cast, f"SL-{n}", persons=(person(n),)) for n in (1, 2, 3))
    volume, filer = filed(cast, a, b, c), cast.occasion(Post.FILER)

    def order() -> list[str]:
        return [item.urn for item in records.items_of(volume)]

    filing.arrange(occasion=filer, volume_urn=volume, item_urns=[b, a, c])
    filing.arrange(occasion=filer, volume_urn=volume, item_urns=[b, a, c])  # nothing moved: nothing to undo
    filing.arrange(occasion=filer, volume_urn=volume, item_urns=[c, b, a])
    assert queries.undoable(volume, order()) == 2
    with one_line("filing.undo"):
        filing.undo(occasion=filer, volume_urn=volume)
    assert order() == [b, a, c]
    filing.undo(occasion=filer, volume_urn=volume)
    assert order() == [a, b, c]
    with refused("F-020"):
        filing.undo(occasion=filer, volume_urn=volume)
    assert Rearrangement.objects.exclude(undone_at=None).count() == 2


def test_what_came_or_went_since_ends_the_undoing_and_so_does_the_seal(cast: Cast) -> None:
    a, b, c = (reviewed(cast, f"SL-{n}", persons=(person(n),)) for n in (1, 2, 3))
    volume, filer = filed(cast, a, b), cast.occasion(Post.FILER)
    filing.arrange(occasion=filer, volume_urn=volume, item_urns=[b, a])
    filing.add_item(occasion=filer, volume_urn=volume, item_urn=c)

    with refused("F-020"):
        filing.undo(occasion=filer, volume_urn=volume)
    with refused("A-001"):
        filing.undo(occasion=cast.occasion(Post.CHECKER), volume_urn=volume)
    seal(cast, volume)
    with refused("L-001"):
        filing.undo(occasion=filer, volume_urn=volume)
