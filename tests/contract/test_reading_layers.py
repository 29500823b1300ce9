"""What was read of pages lies in the store beside them, derived and versioned, and the master's proof is untouched."""

import json
from pathlib import Path
from typing import Any

import pytest

from anjuan.config import proving
from anjuan.core.packages import readings
from anjuan.core.packages.readings import MalformedLayer
from anjuan.core.reading.pages import VERSION
from anjuan.core.refusals import Severity
from anjuan.core.terms import Post
from anjuan.desks.certificates import evidence
from anjuan.desks.filing import actions as filing
from anjuan.facilities.assurance.queries import _package
from anjuan.facilities.jobs import queries as job_queries
from anjuan.facilities.reading import actions as reading_actions
from anjuan.facilities.reading import queries as reading
from anjuan.facilities.reading.models import PageReading
from anjuan.facilities.repository import actions as repository
from anjuan.facilities.repository import queries as store
from anjuan.facilities.repository.rules import Inline
from anjuan.facilities.sealing import actions, queries
from anjuan.facilities.sealing import tasks as sealing
from anjuan.facilities.sealing.models import AwaitedLayer, ReadingLayer
from anjuan.foundation.accounts import occasions
from anjuan.foundation.journal.models import Entry
from anjuan.records import queries as records
from anjuan.records.models import Item
from anjuan_verify import store as verifier
from tests import builders
from tests.builders import one_line, refused, sealed
from tests.cast import Cast
from tests.contract.test_audit import settle, walked
from tests.contract.test_reading import Told, keep_read, told, work_off
from tests.contract.test_rebuild import empty

__all__ = ["told", "walked"]  # the stage

LINES = [["申请表", [0.4, 0.1, 0.2, 0.03], 0.987, [166, 500, 833]], ["\U00020bb7野家", [0.1, 0.2, 0.3, 0.02], 1.0, []]]


def read_all() -> None:
    """Have every page read that waits."""
    for _ in range(2):
        keep_read()
        work_off()


def read_with(version: int) -> None:
    """As if all that was read had been read in this way."""
    for row in PageReading.objects.all():
        row.version, row.lines = version, LINES
        row.said = {"version": version, "turn": 90, "sure": 0.5, "letters": 7, "text": "申请表", "unread": ""}
        row.save()


def now_in_use(monkeypatch: pytest.MonkeyPatch, version: int) -> None:
    for module in (actions, queries, reading):
        monkeypatch.setattr(module, "VERSION", version)


def pages_of(urn: str) -> dict[str, str]:
    """What the standing version holds but for its layers."""
    return {
        file.logical_name: file.sha512
        for file in store.where(urn).files
        if readings.version_of(file.logical_name) is None
    }


def layer_in(urn: str, version: int = VERSION) -> readings.Layer:
    return readings.parse(store.read_document(urn, readings.name_of(version)))


def add(urn: str) -> bool:
    return actions.add_readings(occasion=occasions.now(sealing.WORKER), urn=urn)


def errors_in(urn: str) -> list[str]:
    """What the independent validator says of the object."""
    return [finding.code for finding in store.findings_of(urn) if finding.severity is Severity.ERROR]


def test_rows_of_layers_are_written_within_the_deed_that_seals(cast: Cast, told: Told) -> None:
    urn = builders.reviewed(cast, "SL-001")
    read_all()
    item = records.get_item_for(cast.occasion(Post.FILER).actor, urn)
    volume_urn = builders.filed(cast, urn)
    occasion = cast.occasion(Post.FILER)
    volume = records.get_volume_for(occasion.actor, volume_urn)
    written = actions.write_sealed(
        occasion=occasion, volume=volume, volume_code="D-001", items=[item], item_codes={urn: "D-001-001"}
    )
    assert not ReadingLayer.objects.exists()

    actions.record_sealed(occasion=occasion, written=written)

    row = ReadingLayer.objects.get()
    assert row.sha512 == written[0].receipt.digests[readings.name_of(VERSION)].sha512


def test_what_rows_say_stands_before_what_a_layer_says(cast: Cast, told: Told) -> None:
    walk = sealed(cast)
    read_all()
    add(walk.item_urn)
    row = PageReading.objects.order_by("pk").first()
    assert row is not None
    PageReading.objects.exclude(pk=row.pk).delete()
    PageReading.objects.filter(pk=row.pk).update(model="newer")

    taken = reading_actions.restore_read(pages=layer_in(walk.item_urn).pages)

    assert taken == len(layer_in(walk.item_urn).pages) - 1
    assert PageReading.objects.get(pk=row.pk).model == "newer"


def path_of(home: Path, urn: str, name: str) -> Path:
    lies = store.where(urn)
    return home / "store" / lies.folder / next(file.content_path for file in lies.files if file.logical_name == name)


def test_what_was_read_by_then_is_sealed_beside_the_pages_and_says_that_it_is_derived(cast: Cast, told: Told) -> None:
    urns = [builders.reviewed(cast, "SL-001")]
    read_all()
    read_with(VERSION)
    volume = builders.filed(cast, *urns)
    with one_line("filing.seal"):
        filing.seal(occasion=cast.occasion(Post.FILER), volume_urn=volume)

    (urn,) = urns
    layer, rows = layer_in(urn), records.components_of([urn])[urn]
    head = json.loads(store.read_document(urn, readings.name_of(VERSION)).split(b"\n")[0])
    assert (head["kind"], head["models"], layer.waiting) == ("derived", ["none"], 0)
    assert [(page.sha512, page.page_no) for page in layer.pages] == [(row.sha512, 1) for row in rows]
    assert [page.lines for page in layer.pages] == [LINES] * len(rows)
    assert all(page.said == PageReading.objects.get(sha512=page.sha512).said for page in layer.pages)
    row = ReadingLayer.objects.get()
    assert (row.item_urn, row.pages_read, row.pages_waiting) == (urn, len(rows), 0)
    assert not AwaitedLayer.objects.exists() and errors_in(urn) == []
    # The seal is what it was: the record, and nothing of the layer in it.
    assert "readings" not in json.loads(store.read_document(urn, "record.json"))
    assert len(pages_of(urn)) == len(rows) + 1
    assert _package(records.get_item_for(cast.occasion(Post.FILER).actor, urn), len(rows)).files == len(rows)


def test_sealing_waits_for_no_reader_and_the_layer_is_added_once_by_a_job(cast: Cast, told: Told) -> None:
    walk = sealed(cast)
    urn, before, committed = walk.item_urn, pages_of(walk.item_urn), evidence.record_digest(walk.item_urn)
    head = store.head(urn)
    assert not ReadingLayer.objects.exists() and AwaitedLayer.objects.get().item_urn == urn
    assert actions.keep_added(occasion=occasions.now(sealing.WORKER)) == "" and not add(urn)

    read_all()
    uid = actions.keep_added(occasion=occasions.now(sealing.WORKER))
    work_off()

    assert Entry.objects.filter(act="sealing.add_readings", unit=urn).count() == 1
    assert job_queries.get_for(cast.rule_keeper().actor, uid).failed == 0
    assert store.head(urn) == (head or 0) + 1 and layer_in(urn).waiting == 0
    assert pages_of(urn) == before and evidence.record_digest(urn) == committed
    assert errors_in(urn) == [] and store.object_state(urn).is_sealed  # type: ignore[union-attr]
    assert not AwaitedLayer.objects.exists()
    assert actions.keep_added(occasion=occasions.now(sealing.WORKER)) == "" and not add(urn)


def test_pages_that_are_not_read_yet_are_said_to_be_so(cast: Cast, told: Told) -> None:
    urn = builders.reviewed(cast, "SL-001", materials=("MAIN_FORM", "ID_CARD", "OTHER", "OTHER"))
    keep_read()  # main form and last page alone
    work_off()
    filing.seal(occasion=cast.occasion(Post.FILER), volume_urn=builders.filed(cast, urn))

    head = json.loads(store.read_document(urn, readings.name_of(VERSION)).split(b"\n")[0])
    assert [file["waiting"] for file in head["files"]] == [[], [1], [1], []]
    assert layer_in(urn).waiting == 2 and AwaitedLayer.objects.exists()
    standing = store.head(urn)
    keep_read()
    work_off()
    assert add(urn) and layer_in(urn).waiting == 0
    assert store.head(urn) == (standing or 0) + 1


def test_a_newer_way_of_reading_adds_a_layer_and_leaves_the_older_one(
    cast: Cast, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = sealed(cast)
    read_all()
    assert add(walk.item_urn)
    older = store.read_document(walk.item_urn, readings.name_of(VERSION))
    head = store.head(walk.item_urn)

    now_in_use(monkeypatch, VERSION + 1)
    assert actions.keep_added(occasion=occasions.now(sealing.WORKER)) == ""  # found out to be awaited, not read yet
    assert AwaitedLayer.objects.exists() and not add(walk.item_urn)
    read_with(VERSION + 1)
    assert actions.keep_added(occasion=occasions.now(sealing.WORKER))
    work_off()

    assert store.head(walk.item_urn) == (head or 0) + 1
    assert store.read_document(walk.item_urn, readings.name_of(VERSION)) == older
    assert layer_in(walk.item_urn, VERSION + 1).pages[0].lines == LINES
    assert ReadingLayer.objects.filter(item_urn=walk.item_urn).count() == 2


def test_a_volume_numbered_anew_keeps_its_layers(cast: Cast, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    walk = sealed(cast)
    read_all()
    assert add(walk.item_urn)
    layers = {name: store.read_document(walk.item_urn, name) for name in [readings.name_of(VERSION)]}

    filing.renumber(occasion=cast.occasion(Post.ARCHIVIST), volume_urn=walk.volume_urn, reason="年度有误")

    assert {name: store.read_document(walk.item_urn, name) for name in layers} == layers
    assert errors_in(walk.item_urn) == []


def test_nothing_is_added_to_what_somebody_mends(cast: Cast, told: Told) -> None:
    walk = sealed(cast)
    read_all()
    item = records.get_item_for(cast.occasion(Post.FILER).actor, walk.item_urn)
    assert queries.ready([walk.item_urn]) == {walk.item_urn: True}
    Item.objects.filter(pk=item.pk).update(state="RETURNED")

    assert queries.ready([walk.item_urn]) == {walk.item_urn: False}


def test_a_kill_between_layer_and_row_leaves_a_valid_object_and_is_done_again(
    cast: Cast, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = sealed(cast)
    read_all()
    head, entries = store.head(walk.item_urn), Entry.objects.count()

    def killed(receipt: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patched, pytest.raises(SystemExit):
        patched.setattr(repository, "record_deposit", killed)
        add(walk.item_urn)

    assert (store.head(walk.item_urn), Entry.objects.count()) == (head, entries)
    assert not ReadingLayer.objects.exists() and errors_in(walk.item_urn) == []
    assert "readings/" not in str(store.where(walk.item_urn).files)
    assert add(walk.item_urn)
    assert store.inventory_of(walk.item_urn).head == store.head(walk.item_urn) == (head or 0) + 1


def test_a_layer_whose_bytes_changed_is_not_believed_b_008(cast: Cast, told: Told, home: Path) -> None:
    walk = sealed(cast)
    read_all()
    add(walk.item_urn)
    row = ReadingLayer.objects.get()
    path = path_of(home, walk.item_urn, readings.name_of(VERSION))
    path.chmod(0o600)
    path.write_bytes(path.read_bytes().replace("申请表".encode(), "申请书".encode()))
    PageReading.objects.all().delete()

    with refused("B-008"):
        queries.verified_layer(urn=row.item_urn, version=row.version, sha512=row.sha512)
    assert actions.restore_readings() == [f"{walk.item_urn}/{readings.name_of(VERSION)}"]
    assert not PageReading.objects.exists()
    assert verifier.verify_store(home / "store").verdict.name == "INVALID"


@pytest.mark.parametrize("forged", ["master", "item", "version", "master kind"])
def test_a_layer_for_another_master_or_item_is_refused_b_012(cast: Cast, told: Told, home: Path, forged: str) -> None:
    walk = sealed(cast)
    read_all()
    add(walk.item_urn)
    octets = store.read_document(walk.item_urn, readings.name_of(VERSION))
    assert verifier.verify_store(home / "store").verdict.name == "VALID"
    changed = {
        "master": (layer_in(walk.item_urn).files[0].sha512.encode(), b"ab" * 64),
        "item": (walk.item_urn.encode(), b"urn:uuid:01890000-0000-7000-8000-000000000000"),
        "version": (b'"version":%d' % VERSION, b'"version":%d' % (VERSION + 1)),
        "master kind": (b'"kind":"derived"', b'"kind":"original"'),
    }[forged]
    receipt = repository.deposit(
        urn=walk.item_urn,
        files=[Inline(readings.name_of(VERSION), octets.replace(*changed))],
        message="forged",
        user_name="x",
        user_address="staff:x",
        at=cast.clock.at,
        expected_head=store.head(walk.item_urn),
    )
    repository.record_deposit(receipt)

    with refused("B-012"):
        queries.verified_layer(
            urn=walk.item_urn, version=VERSION, sha512=receipt.digests[readings.name_of(VERSION)].sha512
        )
    report = verifier.verify_store(home / "store")
    assert [check.code for check in report.checks if check.passed is False] == ["LAYERS"]
    assert [finding.code for finding in report.findings] == ["LAYER"]


def test_a_rebuilt_archive_has_its_readings_from_the_store(walked: Cast, told: Told) -> None:
    read_all()
    read_with(VERSION)
    urn = store.sealed_urns()[0]
    assert add(urn)
    settle(walked)
    before = list(
        PageReading.objects.order_by("sha512").values("sha512", "page_no", "version", "model", "lines", "said")
    )
    kept = list(ReadingLayer.objects.values())
    PageReading.objects.all().delete()
    AwaitedLayer.objects.all().delete()
    empty()

    found = proving.rebuild(lambda what, done, total: None)

    assert found.lost == [] and list(ReadingLayer.objects.values()) == kept
    assert before == list(
        PageReading.objects.order_by("sha512").values("sha512", "page_no", "version", "model", "lines", "said")
    )
    asked = len(told.asked)
    read_all()
    assert len(told.asked) == asked  # nothing is read anew


def test_the_audit_names_a_layer_that_the_store_does_not_hold(walked: Cast, told: Told) -> None:
    read_all()
    urn = store.sealed_urns()[0]
    add(urn)
    settle(walked)
    assert list(proving.audit(lambda what, done, total: None)) == []

    ReadingLayer.objects.update(sha512="0" * 128)

    places = {(each.code, each.place) for each in proving.audit(lambda what, done, total: None)}
    assert ("FILES_CHANGED", urn) in places


def test_many_items_that_wait_are_looked_at_by_the_same_number_of_queries(
    cast: Cast, told: Told, django_assert_max_num_queries: Any
) -> None:
    walk = sealed(cast, "SL-001", "SL-002", "SL-003")
    read_all()

    with django_assert_max_num_queries(8):
        assert all(queries.ready(walk.item_urns).values())


def test_a_layer_is_spelt_in_one_way_and_nothing_else_is_taken(cast: Cast, told: Told) -> None:
    walk = sealed(cast)
    read_all()
    (layer,) = queries.made_of(records.components_of([walk.item_urn]))[walk.item_urn]
    octets = readings.document(layer)
    assert readings.parse(octets) == readings.parse(readings.document(readings.parse(octets)))

    first = layer.files[0].sha512.encode()
    for wrong in (
        b"",
        octets[:-1],
        octets + b"\n",
        octets.replace(b":", b": ", 1),
        octets + octets.split(b"\n")[1] + b"\n",  # a page twice
        octets.replace(b'"page":1', b'"page":2', 1),
        octets.replace(first, b"zz" * 64),
        b"[" * 5000,
    ):
        with pytest.raises(MalformedLayer):
            readings.parse(wrong)
