"""One record walking the whole way (全程演示): from scans in a folder to a certificate that a stranger verifies.

Every step is done by the account of the post whose step it is, through the same actions as the screens. Each step
looks at where the records stand and does only what is left, so a journey that was cut off anywhere goes on from there.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Post, State
from anjuan.core.words import word
from anjuan.demo import folder as folders
from anjuan.demo import office
from anjuan.desks.certificates import actions as certificates
from anjuan.desks.certificates import queries as certificate_queries
from anjuan.desks.certificates.rules import Relation
from anjuan.desks.filing import actions as filing
from anjuan.desks.filing import queries as filing_queries
from anjuan.desks.inspection import actions as inspection
from anjuan.desks.inspection import queries as inspection_queries
from anjuan.desks.intake import actions as intake
from anjuan.desks.intake import queries as intake_queries
from anjuan.desks.intake.rules import Registration
from anjuan.desks.review import actions as review
from anjuan.desks.review import queries as review_queries
from anjuan.desks.transfer import actions as transfer
from anjuan.desks.transfer import queries as transfer_queries
from anjuan.desks.transfer import rules as transfer_rules
from anjuan.facilities.formats import actions as formats
from anjuan.facilities.repository import actions as repository
from anjuan.facilities.repository import queries as repository_queries
from anjuan.facilities.search import queries as search
from anjuan.facilities.signing import queries as signing
from anjuan.facilities.stacks import actions as stacks
from anjuan.facilities.stacks import queries as stack_queries
from anjuan.facilities.stacks.rules import thickness_mm
from anjuan.foundation.ledger import queries as ledger
from anjuan.foundation.schedule import queries as schedule
from anjuan.records import actions as record_actions
from anjuan.records import queries as records
from anjuan.records.rows import ComponentRow, ItemRow
from anjuan.records.rules import Person

SAMPLE = Path(__file__).parent / "sample"


@dataclass(frozen=True)
class Step:
    """One step of the walk: what was done, by which post, how long it took."""

    name: str
    post: Post
    seconds: float
    detail: str


@dataclass
class Journey:
    """A walk under way."""

    folder: Path
    say: Callable[[str], None] = lambda _: None
    steps: list[Step] = field(default_factory=list)
    certificate: Path | None = None
    trust: Path | None = None
    result: str = "unfinished"
    cases: list[folders.Case] = field(default_factory=list)

    def walk(self) -> "Journey":
        """Walk the whole way.

        Raises:
            E-001 to E-004: the folder cannot be used, or this is no practice archive.
        """
        if not settings.PRACTICE:
            raise Refusal("E-004")
        office.found(say=lambda what: self.say(f"· {what}"))
        repository.recover()
        self.cases = folders.read(self.folder, schedule.steps())
        self._step("收集 intake", Post.HANDLER, self._register)
        self._step("采集影像 capture", Post.HANDLER, self._capture)
        self._step("提交审核 submit", Post.HANDLER, self._submit)
        self._step("审核 review", Post.REVIEWER, self._review)
        self._step("立卷 filing", Post.FILER, self._file)
        self._step("封卷 seal", Post.FILER, self._seal)
        self._step("自查 self-check", Post.CHECKER, self._self_check)
        self._step("移交申请 apply", Post.ARCHIVIST, self._apply)
        self._step("预验收 pre-acceptance", Post.ACCEPTOR, self._pre_accept)
        self._step("监交 witness", Post.SUPERVISOR, self._witness)
        self._step("交出 dispatch", Post.ARCHIVIST, self._dispatch)
        self._step("清点接收 receive", Post.RECEIVER, self._receive)
        self._step("复核 re-check", Post.RECHECKER, self._recheck)
        self._step("上架 shelve", Post.KEEPER, self._shelve)
        self._step("检索 find", Post.READING_DESK, self._find)
        self._step("出证 certificate", Post.READING_DESK, self._certify)
        self._step("离线核验 verify", Post.READING_DESK, self._verify)
        return self

    def as_json(self) -> dict[str, object]:
        """The walk as one object."""
        return {
            "result": self.result,
            "steps": [
                {
                    "name": step.name,
                    "post": step.post.value,
                    "post_name": word(step.post),
                    "seconds": round(step.seconds, 3),
                    "detail": step.detail,
                }
                for step in self.steps
            ],
            "seconds": round(sum(step.seconds for step in self.steps), 3),
            "certificate": str(self.certificate or ""),
            "trust": str(self.trust or ""),
        }

    def _step(self, name: str, post: Post, deed: Callable[[], str]) -> None:
        started = time.perf_counter()
        detail = deed()
        self.steps.append(Step(name, post, time.perf_counter() - started, detail))
        self.say(f"{len(self.steps):>2}  {name:<26}{word(post):<12}{self.steps[-1].seconds:6.2f} s  {detail}")

    # The steps, in order. Each returns one line on what was done.

    def _register(self) -> str:
        occasion = office.as_post(Post.HANDLER)
        fresh = 0
        for case in self.cases:
            if records.item_by_acceptance_no(occasion.actor, case.acceptance_no) is not None:
                continue
            intake.register(
                occasion=office.as_post(Post.HANDLER),
                agency_code=occasion.actor.agency_code,
                registration=Registration(
                    acceptance_no=case.acceptance_no,
                    step_code=case.step_code,
                    title=case.title,
                    formed_date=case.formed_date,
                    paper_pages=self._paper_pages(case),
                    persons=case.persons,
                    employer=case.employer,
                ),
            )
            fresh += 1
        return f"{fresh} / {len(self.cases)} 件"

    def _capture(self) -> str:
        pages = 0
        for case, item in self._items(State.COLLECTING):
            present = {
                row.sha256 for row in intake_queries.collected(office.as_post(Post.HANDLER).actor, item.urn).components
            }
            uploads = [
                intake.Upload(file.path, file.path.name, file.material)
                for file in case.files
                if repository_queries.digest_stream(file.path).sha256 not in present
            ]
            if uploads:
                pages += intake.capture(occasion=office.as_post(Post.HANDLER), urn=item.urn, uploads=uploads).pages
        return f"{pages} 页"

    def _submit(self) -> str:
        moved = [
            intake.submit(occasion=office.as_post(Post.HANDLER), urn=item.urn)
            for _, item in self._items(State.COLLECTING)
        ]
        return f"{len(moved)} 件"

    def _review(self) -> str:
        reviewer = office.as_post(Post.REVIEWER).actor
        moved = 0
        for _, item in self._items(State.IN_REVIEW):
            sheet = review_queries.sheet(reviewer, item.urn)
            self._look(Post.REVIEWER, sheet.components)
            review.pass_item(occasion=office.as_post(Post.REVIEWER), urn=item.urn)
            moved += 1
        return f"{moved} 件"

    def _file(self) -> str:
        filer = office.as_post(Post.FILER).actor
        opened = [
            filing.open_volume(occasion=office.as_post(Post.FILER), item_urns=row.proposal.urns, title=row.title)
            for row in filing_queries.proposals(filer)
        ]
        return f"{len(opened)} 卷"

    def _seal(self) -> str:
        filer = office.as_post(Post.FILER).actor
        sealed = [
            filing.seal(occasion=office.as_post(Post.FILER), volume_urn=volume.urn)
            for volume in filing_queries.open_volumes(filer)
        ]
        return "、".join(receipt.reference_code for receipt in sealed)

    def _self_check(self) -> str:
        checker = office.as_post(Post.CHECKER).actor
        answers = {check.code: "PASS" for check in inspection_queries.checklist()}
        waiting = inspection_queries.to_self_check(checker)
        for volume in waiting:
            inspection.sign_self_check(occasion=office.as_post(Post.CHECKER), volume_urn=volume.urn, answers=answers)
        return f"{len(waiting)} 卷"

    def _apply(self) -> str:
        waiting = transfer_queries.may_apply(office.as_post(Post.ARCHIVIST).actor)
        if not waiting:
            return "0 卷"
        receipt = transfer.apply(
            occasion=office.as_post(Post.ARCHIVIST), volume_urns=[volume.urn for volume in waiting]
        )
        return f"批 {receipt.batch_no} {receipt.volumes} 卷 {receipt.pages} 页"

    def _pre_accept(self) -> str:
        acceptor = office.as_post(Post.ACCEPTOR).actor
        waiting = inspection_queries.to_pre_accept(acceptor)
        for volume in waiting:
            sheet = inspection_queries.sheet(acceptor, volume.urn)
            for item_sheet in sheet.items:
                self._look(Post.ACCEPTOR, item_sheet.components)
            inspection.pre_accept(occasion=office.as_post(Post.ACCEPTOR), volume_urn=volume.urn)
        return f"{len(waiting)} 卷"

    def _witness(self) -> str:
        supervisor = office.as_post(Post.SUPERVISOR).actor
        said = []
        for batch in transfer_queries.batches(supervisor, transfer_queries.Stage.APPLIED):
            transfer.draw_sample(occasion=office.as_post(Post.SUPERVISOR), batch_no=batch.batch_no)
        for batch in transfer_queries.batches(supervisor, transfer_queries.Stage.SAMPLED):
            drawn = transfer_queries.sheet(supervisor, batch.batch_no).drawn
            looks = {row.volume.reference: dict.fromkeys(transfer_rules.LOOKED_AT, True) for row in drawn}
            counted = {row.volume.reference: row.volume.page_count for row in drawn}
            transfer.witness(
                occasion=office.as_post(Post.SUPERVISOR), batch_no=batch.batch_no, looks=looks, counted=counted
            )
            said.append(f"批 {batch.batch_no} 抽 {len(drawn)} 卷")
        return "；".join(said)

    def _dispatch(self) -> str:
        archivist = office.as_post(Post.ARCHIVIST).actor
        ready = transfer_queries.batches(archivist, transfer_queries.Stage.WITNESSED)
        for batch in ready:
            transfer.dispatch(occasion=office.as_post(Post.ARCHIVIST), batch_no=batch.batch_no)
        return f"{len(ready)} 批"

    def _receive(self) -> str:
        receiver = office.as_post(Post.RECEIVER).actor
        said = []
        for batch in transfer_queries.batches(receiver, transfer_queries.Stage.DISPATCHED):
            counted = [
                transfer_rules.Counted(row.volume.reference, row.volume.page_count)
                for row in transfer_queries.sheet(receiver, batch.batch_no).present
            ]
            receipt = transfer.receive(occasion=office.as_post(Post.RECEIVER), batch_no=batch.batch_no, counted=counted)
            said.append(f"{receipt.accession_no} {receipt.volumes} 卷 {receipt.pages} 页")
        return "；".join(said)

    def _recheck(self) -> str:
        rechecker = office.as_post(Post.RECHECKER).actor
        for lot in inspection_queries.lots(rechecker):
            inspection.draw_recheck(
                occasion=office.as_post(Post.RECHECKER),
                agency_code=lot.agency_code,
                acceptor_code=lot.acceptor_code,
                category_code=lot.category_code,
            )
        passed = 0
        for draw in inspection_queries.draws(rechecker):
            for urn in draw.drawn:
                for item_sheet in inspection_queries.sheet(rechecker, urn).items:
                    self._look(Post.RECHECKER, item_sheet.components)
            passed += len(
                inspection.pass_recheck(
                    occasion=office.as_post(Post.RECHECKER),
                    draw_no=draw.draw_no,
                )
            )
        return f"{passed} 卷"

    def _shelve(self) -> str:
        keeper = office.as_post(Post.KEEPER).actor
        placed = []
        for volume in stack_queries.to_shelve(keeper):
            cell = stack_queries.suggest_cell(keeper, thickness_mm(volume.page_count))
            if cell is None:
                return "库房已满"
            placed.append(
                stacks.shelve(
                    occasion=office.as_post(Post.KEEPER), volume_urn=volume.urn, cell_code=cell.code
                ).cell_code
            )
        return "、".join(placed)

    def _find(self) -> str:
        actor = office.as_post(Post.READING_DESK).actor
        person = self._person()
        started = time.perf_counter()
        found = search.find(actor, person.id_number)
        milliseconds = (time.perf_counter() - started) * 1000
        by_name = search.find(actor, person.name)
        if not found.total or not by_name.total:
            raise Refusal("R-009", what=person.name)
        return f"{found.total} 件，{milliseconds:.0f} 毫秒"

    def _certify(self) -> str:
        actor = office.as_post(Post.READING_DESK).actor
        person = self._person()
        hit = search.find(actor, person.id_number).persons[0]
        kept = next((row for row in certificate_queries.newest(actor) if row.subject.urn == hit.subject.urn), None)
        if kept is None:
            held = [item.urn for item in hit.items if item.state is State.HELD]
            asked = certificates.request(
                occasion=office.as_post(Post.READING_DESK),
                subject_urn=hit.subject.urn,
                item_urns=held,
                reader=certificates.Reader(
                    name=person.name, id_number=person.id_number, relation=Relation.SELF, purpose="演示：办理退休手续"
                ),
            )
            number = asked.certificate_no
        else:
            number = kept.certificate_no
        if kept is None or kept.status == "REQUESTED":
            certificates.issue(occasion=office.as_post(Post.READING_DESK), certificate_no=number)
        self.certificate = certificate_queries.pdf_path(number)
        return number

    def _verify(self) -> str:
        self.trust = Path(settings.ANJUAN_HOME) / "certificates" / "trust.json"
        self.trust.write_text(json.dumps(signing.trust_file(ledger.vkey()), ensure_ascii=False, indent=1))
        # A process of its own, as a stranger would run it: nothing of this program's state can help it.
        verdict = subprocess.run(
            [sys.executable, "-m", "anjuan_verify", str(self.certificate), "--trust", str(self.trust)],
            capture_output=True,
            text=True,
            check=False,
        )
        self.result = "verified" if verdict.returncode == 0 else "not verified"
        return self.result if verdict.returncode == 0 else (verdict.stdout or verdict.stderr).strip()[:200]

    def _look(self, post: Post, components: Iterable[ComponentRow]) -> None:
        """Open every page as the screen does: the bytes verified, the page rendered, the look noted."""
        occasion = office.as_post(post)
        for row in components:
            for page_no in range(1, row.page_count + 1):
                formats.open_page(row.item_urn, row.sha512, page_no)
                record_actions.look(actor=occasion.actor, component_pk=row.pk, page_no=page_no, at=occasion.at)

    def _person(self) -> Person:
        for case in self.cases:
            for person in case.persons:
                return person
        raise Refusal("E-005")

    def _items(self, state: State) -> list[tuple[folders.Case, ItemRow]]:
        actor = office.as_post(Post.HANDLER).actor
        found = [(case, records.item_by_acceptance_no(actor, case.acceptance_no)) for case in self.cases]
        return [(case, item) for case, item in found if item is not None and item.state is state]

    @staticmethod
    def _paper_pages(case: folders.Case) -> int:
        return sum(
            file.paper_pages if file.paper_pages is not None else len(formats.characterise(file.path).pages)
            for file in case.files
        )
