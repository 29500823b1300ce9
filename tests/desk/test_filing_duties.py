"""Who files, checks, applies and mends at the centre, what is refused before a seal, and the handover register.

Each test walks one line of the acceptance list through screen, rule and refusal.
"""

import html
import json
from collections.abc import Callable
from typing import Any

import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse

from anjuan.core.terms import Post, State
from anjuan.desks.filing import actions as filing
from anjuan.desks.inspection import actions as inspection
from anjuan.desks.inspection import queries as inspection_queries
from anjuan.desks.inspection.models import SelfCheck
from anjuan.desks.transfer import actions as transfer
from anjuan.desks.transfer import queries as transfer_queries
from anjuan.facilities.corrections import queries as corrections
from anjuan.records import models
from anjuan.records import queries as records
from tests import builders
from tests.builders import ANSWERS, fault, on_paper, person, refused, reviewed
from tests.cast import Cast

SIGNED = {f"answer_{code}": answer for code, answer in ANSWERS.items()}


def text_of(answer: Any) -> str:
    return html.unescape(answer.content.decode()).replace("<wbr>", "")


def words_of(pdf: bytes) -> str:
    pages = (page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))
    return "".join("".join(pages).split()).replace("\u200b", "")


def self_check(urn: str, verb: str = "self_check") -> str:
    return reverse(f"inspection:{verb}", kwargs={"urn": urn})


# The check before the transfer -----------------------------------------------------------------------------------


@pytest.mark.acceptance("S0-W4")
def test_a_volume_is_checked_by_somebody_else_than_its_filer_line_by_line_before_any_transfer(cast: Cast) -> None:
    walk = builders.sealed(cast)
    cast.promote("bh03", Post.CHECKER, "BH")  # who filed it holds the checking post as well
    own, colleague, archivist = cast.client(Post.FILER), cast.client(Post.CHECKER), cast.client(Post.ARCHIVIST)

    shown = text_of(colleague.get(self_check(walk.volume_urn)))
    assert all(check.zh in shown and check.clause in shown for check in inspection_queries.checklist())
    early = archivist.post(reverse("transfer:apply"), {"volume": [walk.volume_urn]})
    assert early.status_code == 409 and "L-002" in text_of(early)
    by_himself = own.post(self_check(walk.volume_urn, "sign"), SIGNED)
    assert by_himself.status_code == 403 and "L-005" in text_of(by_himself)
    with_a_gap = colleague.post(self_check(walk.volume_urn, "sign"), {**SIGNED, "answer_DATES": ""})
    assert with_a_gap.status_code == 422 and "Q-001" in text_of(with_a_gap)
    assert not SelfCheck.objects.exists() and builders.states(walk.volume_urn) == {State.FILED}

    assert colleague.post(self_check(walk.volume_urn, "sign"), SIGNED).status_code == 302

    kept = SelfCheck.objects.get(volume_urn=walk.volume_urn)
    assert kept.signed_by == cast.actor(Post.CHECKER).staff_code and dict(kept.answers) == ANSWERS
    assert archivist.post(reverse("transfer:apply"), {"volume": [walk.volume_urn]}).status_code == 302
    assert builders.states(walk.volume_urn) == {State.APPLIED}


@pytest.mark.acceptance("S0-W4")
def test_what_the_check_finds_goes_back_and_comes_again_before_the_transfer(cast: Cast) -> None:
    walk = builders.sealed(cast)
    checker = cast.client(Post.CHECKER)

    failed = checker.post(self_check(walk.volume_urn, "sign"), {**SIGNED, "answer_SEALS": "FAIL"})
    assert failed.status_code == 422 and "Q-002" in text_of(failed)
    inspection.return_volume(
        occasion=cast.occasion(Post.CHECKER), volume_urn=walk.volume_urn, faults=[fault(walk.item_urn)]
    )
    with refused("L-001"):
        transfer.apply(occasion=cast.occasion(Post.ARCHIVIST), volume_urns=[walk.volume_urn])
    (row,) = corrections.of_units([walk.volume_urn])
    filer = cast.client(Post.FILER)
    filer.post(reverse("filing:answer", kwargs={"pk": row.pk}), {"volume": walk.volume_urn, "answer": "已补盖"})
    filer.post(reverse("filing:resubmit", kwargs={"urn": walk.volume_urn}))
    with refused("L-002"):
        transfer.apply(occasion=cast.occasion(Post.ARCHIVIST), volume_urns=[walk.volume_urn])

    assert checker.post(self_check(walk.volume_urn, "sign"), SIGNED).status_code == 302
    assert builders.states(walk.volume_urn) == {State.SELF_CHECKED}


# What a volume lacks ---------------------------------------------------------------------------------------------


@pytest.mark.acceptance("S0-C1")
@pytest.mark.parametrize(
    ("code", "words", "damage"),
    [
        (
            "I-004",
            "主表",
            lambda: models.Component.objects.filter(material_code="MAIN_FORM").update(material_code="OTHER"),
        ),
        (
            "I-003",
            "身份证",
            lambda: models.Component.objects.filter(material_code="ID_CARD").update(material_code="OTHER"),
        ),
        ("F-011", "3", lambda: models.Item.objects.update(paper_pages=3)),
    ],
)
def test_a_volume_that_lacks_a_paper_is_not_sealed_and_the_page_says_which(
    cast: Cast, code: str, words: str, damage: Callable[[], object]
) -> None:
    urn = builders.filed(cast, reviewed(cast, "SL-1"))
    filer, page = cast.client(Post.FILER), reverse("filing:volume", kwargs={"urn": urn})
    assert code not in text_of(filer.get(page))
    damage()

    shown = text_of(filer.get(page))
    answer = filer.post(reverse("filing:seal", kwargs={"urn": urn}))
    through_api = cast.program("bh03").post(f"/api/v1/filing/volumes/{urn}/seal")

    assert code in shown and words in shown
    assert answer.status_code in (409, 422) and code in text_of(answer)
    assert through_api.status_code in (409, 422) and through_api.json()["code"] == code
    with refused(code):
        filing.seal(occasion=cast.occasion(Post.FILER), volume_urn=urn)
    assert builders.states(urn) == {State.FILING} and not models.Volume.objects.exclude(volume_no=None).exists()


@pytest.mark.acceptance("S0-C1")
def test_papers_that_are_scanned_last_are_counted_and_looked_for_by_people(cast: Cast) -> None:
    (urn,) = on_paper(cast, State.IN_REVIEW, "SL-1", paper_pages=3).item_urns
    reviewer = cast.client(Post.REVIEWER)
    miscounted = reviewer.post(reverse("review:pass_item", kwargs={"urn": urn}), {"counted_pages": "2"})
    assert miscounted.status_code in (409, 422) and "V-001" in text_of(miscounted)
    assert builders.states(urn) == {State.IN_REVIEW}
    walk = on_paper(cast, State.FILED, "SL-2", persons=(person(2),))
    checker, address = cast.client(Post.CHECKER), self_check(walk.volume_urn, "sign")

    assert 'name="answer_MAIN_FORM"' in text_of(checker.get(self_check(walk.volume_urn))), "no image to count"
    unsaid = checker.post(address, {**SIGNED, "answer_MAIN_FORM": ""})
    assert unsaid.status_code == 422 and "Q-001" in text_of(unsaid)
    missing = checker.post(address, {**SIGNED, "answer_MAIN_FORM": "FAIL"})
    assert missing.status_code == 422 and "Q-002" in text_of(missing)
    lines = cast.program("bh04").get(f"/api/v1/inspection/volumes/{walk.volume_urn}").json()["checklist"]
    assert [line["auto"] for line in lines if line["code"] == "MAIN_FORM"] == [False]
    assert builders.states(walk.volume_urn) == {State.FILED}
    assert checker.post(address, SIGNED).status_code == 302
    imaged = builders.sealed(cast, "SL-3", persons=(person(3),))
    assert 'name="answer_MAIN_FORM"' not in text_of(checker.get(self_check(imaged.volume_urn))), "the machine knows"


# The part-timer of the centre ------------------------------------------------------------------------------------


@pytest.mark.acceptance("S3-W1")
def test_volumes_are_made_at_the_centre_by_its_own_filer_alone(cast: Cast, outsider: Callable[[Post], Client]) -> None:
    imaged, paper = reviewed(cast, "SL-1"), on_paper(cast, State.REVIEWED, "SL-2", persons=(person(2),)).item_urn
    others = [cast.client(post) for post in (Post.HANDLER, Post.CHECKER, Post.ARCHIVIST, Post.ACCEPTOR, Post.RECEIVER)]
    filer, stranger = cast.client(Post.FILER), outsider(Post.FILER)

    assert "SL-1" in text_of(filer.get(reverse("filing:pool")))
    assert "SL-1" not in text_of(stranger.get(reverse("filing:pool")))
    for client in others:
        assert client.get(reverse("filing:pool")).status_code == 403
        assert client.post(reverse("filing:open"), {"proposal": imaged, "item": [imaged]}).status_code == 403
    assert stranger.post(reverse("filing:open"), {"proposal": imaged, "item": [imaged]}).status_code in (403, 404)
    assert not models.Volume.objects.exists()
    assert builders.states(imaged, paper) == {State.REVIEWED}

    for urn in (imaged, paper):
        answer = filer.post(reverse("filing:open"), {"proposal": urn, "title": "登记材料", "item": [urn]})
        assert answer.status_code == 302
    for volume in models.Volume.objects.all():
        address = reverse("filing:seal", kwargs={"urn": volume.urn})
        assert stranger.post(address).status_code == 404
        assert [client.post(address).status_code for client in others] == [403] * len(others)
        assert filer.post(address).status_code == 302

    assert builders.states(imaged, paper) == {State.FILED}
    assert {row.agency.code for row in models.Volume.objects.select_related("agency")} == {"BH"}
    assert models.Volume.objects.exclude(reference_code=None).count() == 2


@pytest.mark.acceptance("S3-R3")
def test_a_part_timer_files_and_checks_others_work_and_neither_receives_nor_inspects(cast: Cast) -> None:
    who = cast.hire("bh71", Post.FILER, "BH")
    cast.promote(who, Post.CHECKER, "BH")
    part_timer = cast.client_of(who)
    theirs = builders.sealed(cast, "SL-1")
    item = reviewed(cast, "SL-2", persons=(person(2),))

    opened = part_timer.post(reverse("filing:open"), {"proposal": item, "title": "登记材料", "item": [item]})
    assert opened.status_code == 302
    own = models.Item.objects.select_related("volume").get(urn=item).volume
    assert own is not None
    assert part_timer.post(reverse("filing:seal", kwargs={"urn": own.urn})).status_code == 302
    shown = text_of(part_timer.get(self_check(theirs.volume_urn)))
    assert "纸质、影像、目录页数一致" in shown and "影像完整" in shown, "paper and electronic files both"
    assert part_timer.post(self_check(theirs.volume_urn, "sign"), SIGNED).status_code == 302
    answer = part_timer.post(self_check(own.urn, "sign"), SIGNED)
    assert answer.status_code == 403 and "L-005" in text_of(answer)
    assert builders.states(theirs.volume_urn) == {State.SELF_CHECKED} and builders.states(own.urn) == {State.FILED}

    builders.step_to(cast, State.APPLIED, theirs)
    assert [
        part_timer.get(reverse(f"inspection:{name}")).status_code
        for name in ("pre_acceptances", "acceptances", "rechecks", "spots")
    ] == [403] * 4
    urn, batch_no = theirs.volume_urn, theirs.batch_no
    assert part_timer.post(reverse("inspection:accept", kwargs={"urn": urn})).status_code == 403
    assert part_timer.post(reverse("transfer:receive", kwargs={"batch_no": batch_no})).status_code in (403, 404)
    with refused("L-003"):
        inspection.pre_accept(occasion=builders.look_through(cast, who, *theirs.item_urns), volume_urn=urn)
    builders.step_to(cast, State.PRE_ACCEPTED, theirs)
    builders.step_to(cast, State.WITNESSED, theirs)
    builders.step_to(cast, State.IN_TRANSIT, theirs)
    counted = builders.count(cast.occasion(Post.RECEIVER), batch_no)
    assert part_timer.post(reverse("transfer:receive", kwargs={"batch_no": batch_no})).status_code in (403, 404)
    with refused("R-009"):
        transfer.receive(occasion=cast.occasion_of(who), batch_no=batch_no, counted=counted)
    assert builders.states(urn) == {State.IN_TRANSIT}


@pytest.mark.acceptance("S3-R4")
def test_the_dedicated_archivist_checks_in_full_applies_and_has_corrections_made_good(cast: Cast) -> None:
    who = cast.actor(Post.ARCHIVIST).staff_code
    cast.promote(who, Post.CHECKER, "BH")
    archivist, walk = cast.client(Post.ARCHIVIST), builders.sealed(cast)

    shown = text_of(archivist.get(self_check(walk.volume_urn)))
    checks = {check.code: check for check in inspection_queries.checklist()}
    assert {"SEALS", "DATES", "PAGE_NUMBERS", "PAGES", "MAIN_FORM", "IMAGES_COMPLETE"} <= set(checks)
    assert all(check.zh in shown for check in checks.values())
    for code in (code for code, check in checks.items() if not check.auto):
        partly = archivist.post(self_check(walk.volume_urn, "sign"), {**SIGNED, f"answer_{code}": ""})
        assert partly.status_code == 422 and "Q-001" in text_of(partly), "no part of the check is left out"
    assert archivist.post(self_check(walk.volume_urn, "sign"), SIGNED).status_code == 302
    assert archivist.post(reverse("transfer:apply"), {"volume": [walk.volume_urn]}).status_code == 302
    assert SelfCheck.objects.get().signed_by == who and builders.states(walk.volume_urn) == {State.APPLIED}
    assert cast.client(Post.FILER).get(reverse("transfer:apply")).status_code == 403
    with refused("A-001"):
        transfer.apply(occasion=cast.occasion(Post.FILER), volume_urns=[walk.volume_urn])

    inspection.return_volume(
        occasion=cast.occasion(Post.ACCEPTOR), volume_urn=walk.volume_urn, faults=[fault(walk.item_urn)]
    )
    (row,) = corrections.of_units([walk.volume_urn])
    program = cast.program(who)
    answered = program.post(
        f"/api/v1/corrections/{row.pk}/answer", json.dumps({"answer": "已补盖并核对"}), content_type="application/json"
    )
    assert answered.status_code in (200, 204), answered.content
    filing.resubmit(occasion=cast.occasion(Post.FILER), volume_urn=walk.volume_urn)
    mended = archivist.post(self_check(walk.volume_urn, "sign"), SIGNED)
    assert mended.status_code == 403 and "L-005" in text_of(mended), "who mended it does not judge it"
    builders.step_to(cast, State.SELF_CHECKED, walk)
    assert archivist.post(reverse("transfer:apply"), {"volume": [walk.volume_urn]}).status_code == 302
    assert builders.states(walk.volume_urn) == {State.APPLIED}


# The register ----------------------------------------------------------------------------------------------------


@pytest.mark.acceptance("S4-F1")
def test_the_register_holds_every_volume_of_the_batch_its_totals_and_who_signed(
    cast: Cast, outsider: Callable[[Post], Client]
) -> None:
    walks = [
        builders.at_state(cast, State.SELF_CHECKED, "SL-1", persons=(person(1),)),
        builders.at_state(cast, State.SELF_CHECKED, "SL-2", "SL-3", persons=(person(2),)),
        builders.at_state(cast, State.SELF_CHECKED, "SL-4", persons=(person(4),)),
        builders.at_state(cast, State.SELF_CHECKED, "SL-5", persons=(person(5),)),
    ]
    models.Volume.objects.filter(urn=walks[2].volume_urn).update(term="Y30", title="二〇二四年登记补充材料")
    urns = [walk.volume_urn for walk in walks[:3]]
    with refused("T-001"):
        transfer.apply(occasion=cast.occasion(Post.ARCHIVIST), volume_urns=[])
    batch_no = transfer.apply(occasion=cast.occasion(Post.ARCHIVIST), volume_urns=urns).batch_no
    for walk in walks[:3]:
        walk.batch_no = batch_no
        builders.step_to(cast, State.PRE_ACCEPTED, walk)
    builders.step_to(cast, State.WITNESSED, walks[0])
    builders.step_to(cast, State.IN_TRANSIT, walks[0])
    builders.step_to(cast, State.RECEIVED, walks[0])
    address = reverse("transfer:register", kwargs={"batch_no": batch_no})

    printed = cast.client(Post.ARCHIVIST).get(address)
    found = transfer_queries.sheet(cast.actor(Post.ARCHIVIST), batch_no)
    facts = transfer_queries.register_facts(found)
    words = words_of(printed.content)

    held = [records.get_volume_for(cast.actor(Post.ARCHIVIST), urn) for urn in urns]
    assert [row.volume.urn for row in found.present] == urns
    rows: Any = facts["rows"]
    assert [
        (row["reference_code"], row["title"], row["year"], row["retention"], row["item_count"], row["page_count"])
        for row in rows
    ] == [
        (one.reference_code, one.title, str(one.year), one.term.words(), str(one.item_count), str(one.page_count))
        for one in held
    ]
    assert rows[2]["retention"] != rows[0]["retention"]
    assert (facts["volume_total"], facts["item_total"], facts["page_total"]) == ("3", "4", "8")
    for row in rows:
        assert "".join(row["reference_code"].split()) in words and "".join(row["title"].split()) in words
        assert row["retention"] in words
    assert f"合计{facts['volume_total']}卷" in words and batch_no in words
    sender, receiver = cast.actor(Post.ARCHIVIST).name, cast.actor(Post.RECEIVER).name
    assert (facts["sent_by"], facts["received_by"]) == (sender, receiver)
    assert sender in words and receiver in words and "移交人" in words and "接收人" in words
    assert walks[3].reference not in words, "what was not applied for does not stand on it"
    assert Client().get(address).status_code == 302
    assert cast.client(Post.SYSTEM_ADMIN).get(address).status_code == 404
    assert outsider(Post.ARCHIVIST).get(address).status_code == 404


@pytest.mark.acceptance("S4-F1")
def test_a_volume_that_was_sent_back_leaves_the_register(cast: Cast) -> None:
    walks = [builders.at_state(cast, State.SELF_CHECKED, f"SL-{n}", persons=(person(n),)) for n in (1, 2)]
    urns = [walk.volume_urn for walk in walks]
    batch_no = transfer.apply(occasion=cast.occasion(Post.ARCHIVIST), volume_urns=urns).batch_no
    inspection.return_volume(
        occasion=cast.occasion(Post.ACCEPTOR), volume_urn=urns[0], faults=[fault(walks[0].item_urn)]
    )

    printed = cast.client(Post.ARCHIVIST).get(reverse("transfer:register", kwargs={"batch_no": batch_no}))

    words = words_of(printed.content)
    assert walks[1].reference in words and walks[0].reference not in words and "合计1卷" in words
