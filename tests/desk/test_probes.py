"""Exercises on copies: prepared, answered as at acceptance, measured, deleted; and no record ever notices."""

import datetime as dt
import html
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from anjuan.config import followers
from anjuan.core import detection, sampling
from anjuan.core.assurance import Outcome
from anjuan.core.detection import injection
from anjuan.core.detection.injection import Mark
from anjuan.core.sampling import risk
from anjuan.core.terms import Post, State
from anjuan.demo.journey import SAMPLE
from anjuan.desks.inspection import actions
from anjuan.desks.inspection.models import Probe, ProbeAnswer, ProbeLook, ProbeSet
from anjuan.desks.inspection.panels import probes as shapes
from anjuan.desks.inspection.queries import probe_results, probes
from anjuan.facilities.formats import actions as formats
from anjuan.facilities.workload import rules as workload
from anjuan.foundation.journal import queries as journal
from anjuan.foundation.journal.models import Entry
from anjuan.records import queries as records
from anjuan.records.models import Look
from tests import builders
from tests.builders import at_state, one_line, refused
from tests.cast import Cast
from tests.contract.test_jobs_shipped import work_off

ITEMS = 12  # two pages each: six samples of four
OURS = {"inspection.ProbeSet", "inspection.Probe", "inspection.ProbeLook", "inspection.ProbeAnswer"}
ASIDE = OURS | {"jobs.Job"} | builders.ASIDE


@pytest.fixture
def held(cast: Cast) -> builders.Walked:
    """A held volume to copy from."""
    return at_state(cast, State.HELD, *(f"SL-{n:03}" for n in range(ITEMS)))


@pytest.fixture
def ready(cast: Cast, held: builders.Walked) -> str:
    """A prepared set of six samples."""
    set_no = actions.open_probes(occasion=cast.occasion(Post.RECHECKER), count=6)
    work_off()
    return set_no


def address(set_no: str, place: int = 0, rest: str = "") -> str:
    return f"/inspection/probes/{set_no}/" + (f"{place}/{rest}" if place else "")


def text_of(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def truth_of(set_no: str) -> dict[int, list[tuple[int, str]]]:
    rows = Probe.objects.filter(probe_set__set_no=set_no).order_by("place")
    return {row.place: [(page, code) for page, code in row.truth] for row in rows}


def open_pages(client: Client, set_no: str, place: int, *, but: int = 0) -> None:
    count = len(Probe.objects.get(probe_set__set_no=set_no, place=place).copies)
    for page in range(1, count + 1 - but):
        assert client.get(address(set_no, place, f"{page}/view.jpg"))["Content-Type"] == "image/jpeg"


def say(cast: Cast, set_no: str, place: int, marks: list[tuple[int, str]]) -> None:
    actions.answer_probe(
        occasion=cast.occasion(Post.ACCEPTOR),
        set_no=set_no,
        place=place,
        verdict="RETURN" if marks else "PASS",
        marks=[Mark(page, code) for page, code in marks],
    )


def stored() -> set[tuple[str, int]]:
    """Every file of the home but the copies and what the journal and the queue write."""
    home = Path(settings.ANJUAN_HOME)
    aside = ("probes", "journal", "log", "ledger", "access")
    return {
        (str(path.relative_to(home)), path.stat().st_size)
        for path in home.rglob("*")
        if path.is_file() and not path.relative_to(home).parts[0].startswith(aside)
    }


# Preparing -----------------------------------------------------------------------------------------------------------


def test_a_set_is_prepared_from_held_volumes_with_its_truth_and_what_detectors_say(
    cast: Cast, held: builders.Walked
) -> None:
    with one_line("inspection.open_probes"):
        set_no = actions.open_probes(occasion=cast.occasion(Post.RECHECKER), count=6)
    before = probes.sets(cast.actor(Post.ACCEPTOR))
    work_off()

    row = probes.get_set(cast.actor(Post.ACCEPTOR), set_no)
    kept = Probe.objects.filter(probe_set__set_no=set_no)
    assert not before and (row.probes, row.ready, row.mine, row.answered) == (6, 6, 6, 0)
    assert sum(not one.truth for one in kept) == 2
    for one in kept:
        files = [probes.file_of(set_no, one.place, page) for page in range(1, len(one.copies) + 1)]
        assert all(path.read_bytes().startswith(b"\xff\xd8") for path in files)
        assert {urn for urn, *_ in one.source} <= set(held.item_urns)
        assert sum(count for _, _, count in one.catalogue) == len(one.source) == 4


def test_the_same_seed_gives_the_same_samples_and_preparing_twice_changes_nothing(cast: Cast, ready: str) -> None:
    actor, seed = cast.actor(Post.RECHECKER), ProbeSet.objects.get().seed
    once, twice = probes.sources(actor, 6, seed), probes.sources(actor, 6, seed)
    first = Probe.objects.get(place=1)
    octets = probes.file_of(ready, 1, 1).read_bytes()

    actions.prepare_probe(occasion=cast.occasion(Post.RECHECKER), set_no=ready, place=1)
    shutil.rmtree(probes.folder_of(ready))
    Probe.objects.filter(pk=first.pk).update(prepared_at=None)
    actions.prepare_probe(occasion=cast.occasion(Post.RECHECKER), set_no=ready, place=1)

    assert once == twice and len(once) == 6
    plans = injection.plan_set([[page.sheet for page in source.pages] for source in once], seed)
    assert [[list(vars(copy).values()) for copy in plan.copies] for plan in plans] == [
        one.copies for one in Probe.objects.order_by("place")
    ]
    assert probes.file_of(ready, 1, 1).read_bytes() == octets


def test_who_may_have_a_set_prepared_and_of_how_many(cast: Cast, held: builders.Walked) -> None:
    for post in (Post.ACCEPTOR, Post.SUPERVISOR, Post.KEEPER):  # the supervisor is a centre's
        with refused("A-001"):
            actions.open_probes(occasion=cast.occasion(post), count=6)
    with refused("R-009"):
        actions.open_probes(occasion=cast.occasion(Post.SYSTEM_ADMIN), count=6)
    for count in (5, 61):
        with refused("Q-045"):
            actions.open_probes(occasion=cast.occasion(Post.RECHECKER), count=count)
    with refused("Q-046"):
        actions.open_probes(occasion=cast.occasion(Post.RECHECKER), count=7)
    cast.hire("sj77", Post.SUPERVISOR, "SJ")  # the archive's own
    assert actions.open_probes(occasion=cast.occasion_of("sj77"), count=6)


def test_a_doubted_page_is_copied_from_nowhere(cast: Cast, held: builders.Walked) -> None:
    octets = SAMPLE.joinpath("001.jpg").read_bytes()
    assert len(probes.sources(cast.actor(Post.RECHECKER), 10, sampling.seed_of("x"))) == 6

    for row in builders.components_of(held.item_urns[0]):
        formats.measure_pages(urn=held.item_urns[0], sha512=row.sha512, first=1, last=1, beside={})

    assert octets  # a blank of a few rectangles is doubted, a painted form is not
    left = probes.sources(cast.actor(Post.RECHECKER), 10, sampling.seed_of("x"))
    assert all(page.item_urn != held.item_urns[0] for source in left for page in source.pages)


# Answering -----------------------------------------------------------------------------------------------------------


def test_a_sample_is_answered_as_at_acceptance_and_the_next_comes(cast: Cast, ready: str) -> None:
    acceptor = cast.client(Post.ACCEPTOR)
    shown = text_of(acceptor.get(address(ready, 1)))
    place = next(place for place, truth in truth_of(ready).items() if truth)
    strip = 'data-number="001"'

    assert strip in shown and "没有发现问题" in shown and "目录页数" in shown
    open_pages(acceptor, ready, 1)
    piece = acceptor.get(address(ready, 1), headers={"HX-Request": "true"})
    assert 'data-unseen=""' in text_of(piece)
    one = {"fault": "I06", "page": "001", "note": "", "deed": "keep"}
    kept = acceptor.post(address(ready, place, "return/"), one, headers={"HX-Request": "true"})
    assert text_of(kept).count('name="kept"') == 1
    empty = acceptor.post(address(ready, place, "return/"), {"deed": "return"})
    assert empty.status_code == 422 and "Q-050" in text_of(empty)

    answer = acceptor.post(address(ready, place, "return/"), {**one, "deed": "return"})

    assert answer.status_code == 302 and "/probes/" in answer["Location"]
    said = ProbeAnswer.objects.get()
    assert (said.staff_code, said.verdict, said.marks) == ("sj01", "RETURN", [[1, "I06"]])
    again = acceptor.post(address(ready, place, "pass/"))
    assert again.status_code == 409 and "Q-049" in text_of(again)
    assert "不能" in text_of(acceptor.get(address(ready, place))) or "只能查看" in text_of(
        acceptor.get(address(ready, place))
    )


def test_a_look_is_put_down_once_and_fetching_ahead_is_none(cast: Cast, ready: str) -> None:
    acceptor = cast.client(Post.ACCEPTOR)
    before = len(journal.openings().after(0, 500))

    acceptor.get(address(ready, 1, "2/view.jpg?ahead=1"))
    acceptor.get(address(ready, 1, "2/thumb.jpg"))
    assert not ProbeLook.objects.exists()
    for _ in range(2):
        acceptor.get(address(ready, 1, "2/view.jpg"))

    row = Probe.objects.get(place=1)
    source = row.source[row.copies[1][0]]
    opening = journal.openings().after(0, 500)[-1][1]
    assert ProbeLook.objects.filter(staff_code="sj01", page_no=2).count() == 1
    assert len(journal.openings().after(0, 500)) > before  # what the page shows of a person was seen
    assert (opening.unit, opening.component, opening.purpose) == (source[0], source[1], "inspection")
    assert acceptor.get(address(ready, 1, "99/view.jpg")).status_code == 404


def test_what_cannot_be_answered(cast: Cast, ready: str) -> None:
    acceptor = cast.occasion(Post.ACCEPTOR)
    for verdict, marks in (("RETURN", []), ("PASS", [Mark(1, "I06")]), ("RETURN", [Mark(99, "I06")])):
        with refused("Q-050"):
            actions.answer_probe(occasion=acceptor, set_no=ready, place=1, verdict=verdict, marks=marks)
    with refused("Q-050"):
        actions.answer_probe(occasion=acceptor, set_no=ready, place=1, verdict="RETURN", marks=[Mark(1, "I99")])
    with refused("R-009"):
        actions.answer_probe(occasion=acceptor, set_no=ready, place=99, verdict="PASS")
    Probe.objects.filter(place=2).update(prepared_at=None)
    with refused("Q-051"):
        actions.answer_probe(occasion=acceptor, set_no=ready, place=2, verdict="PASS")
    with one_line("inspection.answer_probe"):
        say(cast, ready, 1, [])
    with refused("Q-049"):
        say(cast, ready, 1, [])
    with one_line("inspection.close_probes"):
        actions.close_probes(occasion=cast.occasion(Post.RECHECKER), set_no=ready)
    with refused("Q-048"):
        say(cast, ready, 3, [])
    with refused("Q-048"):
        actions.close_probes(occasion=cast.occasion(Post.RECHECKER), set_no=ready)


@pytest.mark.acceptance("S3-R8")
def test_nobody_answers_what_he_prepared(cast: Cast, ready: str) -> None:
    cast.promote("sj03", Post.ACCEPTOR, "SJ")  # the re-checker who prepared it
    both = cast.client_of("sj03")

    cast.hire("sj78", Post.SUPERVISOR, "SJ")
    cast.promote("sj78", Post.ACCEPTOR, "SJ")  # who prepared nothing, and sees everybody's results
    for staff_code in ("sj03", "sj78"):
        with refused("Q-047"):
            actions.answer_probe(occasion=cast.occasion_of(staff_code), set_no=ready, place=1, verdict="PASS")

    assert both.get(address(ready, 1)).status_code == 403
    assert both.get(address(ready, 1, "1/view.jpg")).status_code == 200 and not ProbeLook.objects.exists()
    assert probes.probes_of(cast.occasion_of("sj03").actor, ready) == []


# Results -------------------------------------------------------------------------------------------------------------


def answer_all(cast: Cast, set_no: str, *, miss: int, alarm: int) -> None:
    """Answer the truth but for one sample that is passed, and name a fault on a clean one."""
    acceptor = cast.client(Post.ACCEPTOR)
    for place, truth in truth_of(set_no).items():
        open_pages(acceptor, set_no, place, but=1 if place == miss else 0)
        marks = [] if place == miss else [(1, "I01")] if place == alarm else truth
        say(cast, set_no, place, marks)


@pytest.mark.acceptance("S3-R8", "S3-P7")
def test_recall_precision_pages_not_opened_and_misses_are_told_with_pictures(
    cast: Cast, held: builders.Walked, ready: str
) -> None:
    truth = truth_of(ready)
    miss = next(place for place, faults in truth.items() if faults)
    alarm = next(place for place, faults in truth.items() if not faults)
    acceptor = cast.client(Post.ACCEPTOR)
    early = text_of(acceptor.get(address(ready)))
    answer_all(cast, ready, miss=miss, alarm=alarm)

    (row,) = probe_results.people_results([ProbeSet.objects.get().pk])
    faults = sum(map(len, truth.values()))
    lost = truth[miss]
    found = faults - len(lost)
    assert (row.recall.hits, row.recall.tries) == (found, faults)
    assert (row.precision.hits, row.precision.tries) == (found, found + 1)
    assert row.recall.between == risk.wilson(found, faults)
    assert (row.unopened, row.answered) == (1, 6) and row.seconds is not None
    assert [(one.place, one.page, one.code) for one in row.misses] == [(miss, page, code) for page, code in lost]

    mine = text_of(acceptor.get(address(ready)))
    assert "我的测评结果" in mine and "我的测评结果" not in early
    page = lost[0][0] or 1
    assert address(ready, miss, f"{page}/thumb.jpg") in mine and "检测规则测评" not in mine
    moments = [cast.clock.at + dt.timedelta(seconds=one) for one in (0, 20, 50, 9_000)]
    for (component, number), at in zip(builders.pages_of(*held.item_urns)[:4], moments, strict=True):
        Look.objects.update_or_create(component_id=component, page_no=number, staff_code="sj01", defaults={"at": at})
    Look.objects.filter(staff_code="sj01").exclude(at__in=moments).delete()
    (line,) = shapes.person_lines(cast.actor(Post.RECHECKER), [row])
    assert (line.real_seconds, line.recall.of, line.error_rate) == ("25", f"{found} / {faults}", "0 %")
    everybody = text_of(cast.client(Post.RECHECKER).get("/inspection/probes/"))
    assert "王海" in everybody and "检测规则测评" in everybody and f"{found} / {faults}" in everybody


def test_detectors_are_measured_on_the_same_samples(cast: Cast, ready: str) -> None:
    rows = {row.place: row for row in Probe.objects.all()}
    clean = next(row for row in rows.values() if not row.truth)
    faulty = next(row for row in rows.values() if row.truth and row.truth[0][0])
    Probe.objects.update(said=[])
    page, code = faulty.truth[0]
    Probe.objects.filter(pk=faulty.pk).update(said=[[code, page, "FAIL"]])
    Probe.objects.filter(pk=clean.pk).update(said=[["I06", 1, "FAIL"], ["I08", 1, "UNSURE"]])

    found = {row.code: row for row in probe_results.detector_results([faulty.probe_set_id], detection.detectors())}

    alarms = 1 if code == "I06" else 0
    assert found[code].recall.hits == 1 and found[code].precision.tries == 1 + alarms
    assert found["I06"].precision.tries == 1 + alarms and found["I08"].unsure == 1
    assert all(row.recall.hits == 0 for row in found.values() if row.code != code)
    assert Outcome.UNSURE and found["I08"].precision.hits == (1 if code == "I08" else 0)


def test_who_sees_exercises_and_whose(cast: Cast, ready: str, outsider: Callable[[Post], Client]) -> None:
    pages = ("/inspection/probes/", address(ready), address(ready, 1), address(ready, 1, "1/view.jpg"))
    thumb = address(ready, 1, "1/thumb.jpg")

    assert [cast.client(Post.ACCEPTOR).get(url).status_code for url in (*pages, thumb)] == [200] * 5
    assert [cast.client(Post.RECHECKER).get(url).status_code for url in pages] == [200, 200, 403, 200]
    assert [cast.client(Post.KEEPER).get(url).status_code for url in pages] == [403, 403, 403, 403]
    assert [cast.client(Post.SUPERVISOR).get(url).status_code for url in pages] == [403, 403, 403, 403]
    assert [cast.client(Post.SYSTEM_ADMIN).get(url).status_code for url in pages] == [404, 404, 404, 404]
    assert [Client().get(url).status_code for url in pages] == [302] * 4
    stranger = outsider(Post.ACCEPTOR)  # of another centre: he may not see what the copies were made from
    assert [stranger.get(url).status_code for url in (*pages[1:], thumb)] == [404] * 4
    assert ready not in text_of(stranger.get("/inspection/probes/"))
    for verb in ("close/", "delete/"):
        assert cast.client(Post.ACCEPTOR).post(address(ready) + verb).status_code == 403
        assert cast.client(Post.SYSTEM_ADMIN).post(address(ready) + verb).status_code == 404
        assert Client().post(address(ready) + verb).status_code == 302
    assert cast.client(Post.ACCEPTOR).post("/inspection/probes/open/", {"count": "6"}).status_code == 403
    assert stranger.post(address(ready, 1, "pass/")).status_code == 404
    assert stranger.post(address(ready, 1, "return/"), {"deed": "return"}).status_code == 404
    assert ProbeSet.objects.count() == 1 and not ProbeAnswer.objects.exists()


# No record notices ---------------------------------------------------------------------------------------------------


def rest() -> dict[str, list[dict[str, Any]]]:
    """Every row that an exercise must not touch; who logged in last is not asked."""
    found = {name: rows for name, rows in builders.everything().items() if name not in ASIDE}
    for row in found["accounts.Staff"]:
        row.pop("last_login")
    return found


@pytest.mark.acceptance("S3-R8")
def test_no_record_no_store_no_search_and_no_journal_member_knows_of_an_exercise(
    cast: Cast, held: builders.Walked
) -> None:
    before, files, last = rest(), stored(), Entry.objects.count()

    set_no = actions.open_probes(occasion=cast.occasion(Post.RECHECKER), count=6)
    work_off()
    answer_all(cast, set_no, miss=1, alarm=0)
    actions.close_probes(occasion=cast.occasion(Post.RECHECKER), set_no=set_no)

    assert rest() == before and stored() == files
    lines = list(Entry.objects.order_by("id")[last:])
    ours = [line for line in lines if line.act.startswith("inspection.")]
    assert {line.unit for line in ours} == {f"probes:{set_no}"} and len(ours) == 1 + 6 + 6 + 1
    assert all(not line.members_count and not line.rows_count for line in lines)
    assert not any(workload.is_work(line.act) for line in ours)
    while followers.run_once():
        pass
    told = cast.program(cast.actor(Post.READING_DESK).staff_code).get(f"/api/v1/find?q={set_no}").json()
    assert (told["total"], told["items"], told["volumes"], told["persons"]) == (0, [], [], [])


def test_deleting_a_set_takes_rows_and_files_and_nothing_else(cast: Cast, ready: str) -> None:
    answer_all(cast, ready, miss=1, alarm=0)
    before, files = rest(), stored()
    folder = probes.folder_of(ready)
    assert folder.is_dir()

    with one_line("inspection.delete_probes"):
        actions.delete_probes(occasion=cast.occasion(Post.RECHECKER), set_no=ready)

    assert not folder.exists() and rest() == before and stored() == files
    assert not any(model.objects.exists() for model in (ProbeSet, Probe, ProbeLook, ProbeAnswer))
    with refused("R-009"):
        actions.delete_probes(occasion=cast.occasion(Post.RECHECKER), set_no=ready)
    actions.prepare_probe(occasion=cast.occasion(Post.RECHECKER), set_no=ready, place=1)  # a worker that comes late
    assert not folder.exists()


def test_what_a_crash_left_behind_goes_when_the_next_set_is_prepared(cast: Cast, ready: str) -> None:
    left = probes.folder_of("CP-LEFT")
    left.mkdir()
    left.joinpath("001-01.jpg").write_bytes(b"x")

    actions.open_probes(occasion=cast.occasion(Post.RECHECKER), count=6)

    assert not left.exists() and probes.folder_of(ready).is_dir()


def test_a_copy_is_of_its_page_and_only_the_fault_differs(cast: Cast, held: builders.Walked) -> None:
    row = builders.components_of(held.item_urn)[0]
    where = {"urn": held.item_urn, "sha512": row.sha512, "page": 1}

    plain, again = formats.copy_page(**where), formats.copy_page(**where)  # type: ignore[arg-type]
    blank = formats.copy_page(**where, fault="I17")  # type: ignore[arg-type]

    assert plain == again and plain != blank and len(blank) < len(plain)


# The fault catalogue and the API -------------------------------------------------------------------------------------


@pytest.mark.acceptance("S3-P7")
def test_the_fault_catalogue_shows_examples_causes_and_what_ones_own_agencies_have(cast: Cast) -> None:
    at_state(cast, State.APPLIED, "SL-1")
    volume = records.volumes_at(cast.actor(Post.ACCEPTOR), State.APPLIED, Post.ACCEPTOR)[0]
    item = records.items_of(volume.urn)[0].urn
    actions.return_volume(
        occasion=cast.occasion(Post.ACCEPTOR), volume_urn=volume.urn, faults=[builders.fault(item, "S05")]
    )
    filer = cast.client(Post.FILER)

    shown = text_of(filer.get("/inspection/faults/"))

    for fault in detection.faults().values():
        if fault.by_person:
            assert f'id="{fault.code}"' in shown and fault.zh in shown and fault.remedy_zh in shown
            assert fault.cause_zh in shown and fault.cause_en, fault.code
    assert shown.index('id="S05"') < shown.index('id="I01"') < shown.index('id="V01"')
    for code in injection.INJECTED:
        assert f"/inspection/faults/{code}.jpg" in shown
    picture = filer.get("/inspection/faults/I04.jpg")
    assert picture["Content-Type"] == "image/jpeg" and picture.content.startswith(b"\xff\xd8")
    assert filer.get("/inspection/faults/V01.jpg").status_code == 404
    for url in ("/inspection/faults/", "/inspection/faults/I04.jpg"):
        assert cast.client(Post.SYSTEM_ADMIN).get(url).status_code == 404
        assert Client().get(url).status_code == 302


def test_the_api_prepares_answers_tells_and_deletes(cast: Cast, held: builders.Walked) -> None:
    def call(who: Post, verb: str, path: str, body: Any = None) -> Any:
        program = cast.program(cast.actor(who).staff_code)
        return getattr(program, verb)(f"/api/v1/inspection{path}", body, content_type="application/json")

    set_no = call(Post.RECHECKER, "post", "/probe-sets", {"count": 6}).json()["set_no"]
    assert call(Post.ACCEPTOR, "post", "/probe-sets", {"count": 6}).json()["code"] == "A-001"
    work_off()
    base = f"/probe-sets/{set_no}"
    acceptor = cast.program("sj01")
    assert [row["mine"] for row in acceptor.get("/api/v1/inspection/probe-sets").json()] == [6]
    samples = acceptor.get(f"/api/v1/inspection{base}/probes").json()
    assert [one["place"] for one in samples] == [1, 2, 3, 4, 5, 6] and samples[0]["pages_by_catalogue"] == 4
    assert not {"truth", "said", "copies"} & set(samples[0])
    assert acceptor.get(f"/api/v1/inspection{base}/probes/1/pages/1")["Content-Type"] == "image/jpeg"
    assert acceptor.get(f"/api/v1/inspection{base}/results").json()["code"] == "Q-052"
    for place, truth in truth_of(set_no).items():
        faults = [{"page": page, "code": code} for page, code in truth]
        body = {"verdict": "RETURN" if faults else "PASS", "faults": faults}
        assert call(Post.ACCEPTOR, "post", f"{base}/probes/{place}", body).status_code == 204

    mine = acceptor.get(f"/api/v1/inspection{base}/results").json()
    all_ = cast.program("sj03").get(f"/api/v1/inspection{base}/results").json()

    assert mine["people"][0]["recall"]["hits"] == mine["people"][0]["recall"]["tries"] and not mine["detectors"]
    assert {one["code"] for one in all_["detectors"]} == set(injection.INJECTED)
    assert call(Post.RECHECKER, "post", f"{base}/close").status_code == 204
    assert call(Post.ACCEPTOR, "delete", base).json()["code"] == "A-001"
    assert call(Post.RECHECKER, "delete", base).status_code == 204
    assert call(Post.SYSTEM_ADMIN, "get", "/probe-sets").status_code == 404
