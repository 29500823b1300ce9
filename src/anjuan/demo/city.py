"""Loading the practice city (演示城市): every record goes its way by the same deeds as on the screens.

Each deed is done by the account whose post it is, at the city's own time. Two loads write the same journal.
"""

import datetime as dt
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Post, State
from anjuan.demo import agencies, closed, lives, office, people, plan, press
from anjuan.demo.clock import SEED, Clock
from anjuan.demo.painting import paint_case, sheet
from anjuan.demo.papers import FORM_FOLDER
from anjuan.demo.plan import Case, Group
from anjuan.demo.walks import Walks
from anjuan.desks.certificates import actions as certificates
from anjuan.desks.certificates.rules import Relation
from anjuan.desks.intake import actions as intake
from anjuan.desks.intake.actions import batches
from anjuan.desks.intake.rules import Registration
from anjuan.facilities.business import actions as business
from anjuan.facilities.business.rules import StatedCompletion
from anjuan.facilities.reading.actions import templates
from anjuan.facilities.reading.queries import templates as drawn_templates
from anjuan.facilities.search import queries as search
from anjuan.facilities.signing import actions as signing
from anjuan.foundation.accounts import actions as accounts
from anjuan.foundation.accounts import queries as account_queries
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.journal import followers as segments
from anjuan.foundation.ledger import actions as ledger
from anjuan.foundation.ledger.backends import notekey
from anjuan.foundation.schedule import queries as schedule
from anjuan.records.rules import Employer, Person

BUSINESS_SYSTEM = "演示业务系统"
SPRING, AUTUMN = dt.date(2026, 4, 1), dt.date(2026, 10, 30)  # when the year's work begins, and the city's present
DRAWN_FORM, FORM_SINCE = ("PERSON_REGISTRATION", "MAIN_FORM"), dt.date(2024, 1, 1)
AT_ONCE = 60  # cases of one delivery


@dataclass
class City:
    """A loading under way.

    Attributes:
        keys: folder where keys lie.
        say: told what is being done, one line a step.
        clock: the city's time.
        urns: what became of each case, by its number.
    """

    keys: Path
    say: Callable[[str], None] = lambda _: None
    clock: Clock = field(default_factory=lambda: Clock(dt.datetime(2025, 2, 10, 0, 30, tzinfo=dt.UTC)))
    urns: dict[str, str] = field(default_factory=dict)
    certificate_no: str = ""

    def load(self) -> None:
        """Load the whole city on an empty archive."""
        self.citizens = people.citizens()
        self.cases = plan.cases(self.citizens)
        self.names = {}
        # Painting is done beside the deeds, by a process of its own; what it paints depends on nothing but the case.
        with (
            tempfile.TemporaryDirectory(prefix="anjuan-city-") as folder,
            ProcessPoolExecutor(max_workers=2, mp_context=get_context("spawn")) as painters,
        ):
            self.folder, self.painters = Path(folder), painters
            self._step("机构与人员 offices and people", self._found)
            self.names = dict(account_queries.agency_names())
            self.steps = {row.code: row for row in schedule.steps()}
            self.painted = {
                case.serial: self._paint(case) for group in (*plan.TARGET, *plan.OTHERS) for case in self.cases[group]
            }
            self.walks = Walks(self.clock, self._rescan, self._scan)
            self._step("旧档立卷 paper first: filed", self._file_legacy)
            self.clock.go_to(SPRING)
            self._step("业务数据 business facts", self._business)
            self._step("单套制 single set", self._single_set)
            self._step("件、个人与单位档案 items and dossiers", lambda: self._groups(plan.OTHERS, dt.date(2026, 6, 1)))
            self._step("旧档移交 paper first: handed over", self._hand_over_legacy)
            self._step("边办边扫 scan while handling", lambda: self._groups(plan.TARGET, AUTUMN))
            self._step("一人一档 lives", lambda: f"{lives.enter(self.clock.by, BUSINESS_SYSTEM)} 件")
            self._step("出证 certificate", self._certify)
            self._step("受控材料 restricted records", lambda: f"{closed.enter(self.clock.by)} 件")
            ledger.catch_up(at=self.clock.at)
            while journal.follow(segments.FOLLOWER, at=self.clock.at):
                pass

    def _step(self, name: str, deed: Callable[[], str]) -> None:
        started = time.perf_counter()
        detail = deed()
        self.say(f"{name:<36}{time.perf_counter() - started:6.1f} s  {detail}")

    # Founding --------------------------------------------------------------------------------------------------

    def _found(self) -> str:
        notekey.load(self.keys, seed=SEED)
        office.found(occasion=self.clock.of, seed=SEED)
        agencies.found(lambda: self.clock.of(accounts.FOUNDER))
        self._draw_form()
        return f"{len(agencies.AGENCIES) + 2} 机构 {len(agencies.EVERYBODY)} 人"

    def _draw_form(self) -> None:
        """One form is drawn: the registration of persons, as it comes from the city's press."""
        step, material = DRAWN_FORM
        content = (FORM_FOLDER / "registration-template.json").read_bytes()
        pk = templates.take_template(
            occasion=self.clock.by(office.RULE_KEEPER), step_code=step, material_code=material, name="", content=content
        )
        drawn = drawn_templates.template(pk, self.clock.at.date())
        templates.adopt_edition(
            occasion=self.clock.by(office.RULE_KEEPER),
            template=pk,
            edition=1,
            seen_at=drawn.editions[0].changed_at,
            since_date=FORM_SINCE,
        )

    def _business(self) -> str:
        stated = list(people.facts(self.citizens, SPRING))
        for first in range(0, len(stated), 1000):
            business.take_facts(
                occasion=self.clock.by("yw01"), source=BUSINESS_SYSTEM, stated=stated[first : first + 1000]
            )
        return f"{len(stated)} 条"

    # Taking in -------------------------------------------------------------------------------------------------

    def _paint(self, case: Case) -> "Future[list[tuple[str, str]]]":
        return self.painters.submit(paint_case, case, self.names[case.group.agency], str(self.folder))

    def _registration(self, case: Case) -> Registration:
        step = self.steps[case.group.step]
        named = case.persons[0].name if len(case.persons) == 1 else (case.firm.name if case.firm else "")
        return Registration(
            acceptance_no=case.acceptance_no,
            step_code=case.group.step,
            title=f"{named}{step.name}材料",
            formed_date=case.formed,
            paper_pages=case.pages,
            # An audit concerns the employer; its persons stand in the evidence only.
            persons=tuple(
                Person(one.name, one.id_number) for one in case.persons if step.concerns_many or len(case.persons) == 1
            ),
            employer=Employer(case.firm.name, case.firm.credit_code) if case.firm else None,
            route=case.group.route,
        )

    def _take_in(self, cases: Sequence[Case], *, submit: bool) -> list[str]:
        """Send cases as a station would; some of each delivery stay on the counter when they are not to go on."""
        group = cases[0].group
        clerk = agencies.who(group.agency, Post.HANDLER, nth=len(self.urns) // 50)
        for first in range(0, len(cases), AT_ONCE):
            some = cases[first : first + AT_ONCE]
            files = {case.serial: self._files(case) for case in some}
            scanned = [case for case in some if files[case.serial]]
            for case in some:
                if case not in scanned:  # typed at the counter, its paper still beside the scanner
                    receipt = intake.register(
                        occasion=self.clock.by(clerk), agency_code=group.agency, registration=self._registration(case)
                    )
                    self.urns[case.acceptance_no] = receipt.urn
            sent = [
                batches.Case(group.agency, self._registration(case), files[case.serial], submit) for case in scanned
            ]
            answers = batches.take_in(occasion=self.clock.by(clerk), cases=sent)
            for case, answer in zip(scanned, answers, strict=True):
                if isinstance(answer, Refusal):
                    raise answer
                self.urns[case.acceptance_no] = answer.urn
        return [self.urns[case.acceptance_no] for case in cases]

    def _files(self, case: Case) -> tuple[intake.Upload, ...]:
        if case.group.turn == "unscanned" and case.serial % 3:
            return ()
        return tuple(
            intake.Upload(Path(path), f"{case.acceptance_no}-{place}{Path(path).suffix}", material)
            for place, (material, path) in enumerate(self.painted[case.serial].result(), 1)
        )

    def _rescan(self, component_pk: int, reference: str) -> intake.Upload:
        """A better scan of a page, for whoever mends a fault."""
        case = next(case for listed in self.cases.values() for case in listed if case.acceptance_no == reference)
        path = self.folder / f"again-{component_pk}.jpg"
        paper = sheet(case, "MAIN_FORM", 1, self.names[case.group.agency])
        path.write_bytes(press.scan(paper, seed=case.serial * 100 + 99))
        return intake.Upload(path, path.name, "MAIN_FORM")

    def _scan(self, reference: str) -> intake.Upload:
        """The page of a paper-first case, as the workshop scans it."""
        case = next(case for group in plan.LEGACY for case in self.cases[group] if case.acceptance_no == reference)
        path = self.folder / f"scan-{case.serial}.jpg"
        paper = sheet(case, "MAIN_FORM", 1, self.names[case.group.agency])
        path.write_bytes(press.scan(paper, seed=case.serial * 100))
        return intake.Upload(path, path.name, "MAIN_FORM")

    # The routes ------------------------------------------------------------------------------------------------

    def _groups(self, groups: Sequence[Group], until: dt.date) -> str:
        """Let these groups walk one after another, spread over the days until then."""
        taken = 0
        since = self.clock.at.date()
        for place, group in enumerate(groups, 1):
            self.clock.go_to(since + (until - since) * place // len(groups))
            cases = self.cases[group]
            taken += len(cases)
            urns = self._take_in(cases, submit=group.stop is not State.COLLECTING or group.turn == "returned")
            if group.turn == "returned":
                self.walks.return_to_counter(group.agency, urns)
            elif group.turn == "resubmitted":
                self.walks.return_to_counter(group.agency, urns[:2], mend=True)
            self.walks.from_review(group, urns)
        return f"{taken} 件"

    def _file_legacy(self) -> str:
        """The old stock is filed first: it then lies at the centres for its year."""
        return self._legacy(young=False)

    def _legacy(self, *, young: bool) -> str:
        count = 0
        for group in plan.LEGACY:
            if (group.turn == "young") is not young:
                continue
            count += len(self.cases[group])
            urns = []
            for case in self.cases[group]:
                clerk = agencies.who(group.agency, Post.HANDLER)
                receipt = intake.register(
                    occasion=self.clock.by(clerk), agency_code=group.agency, registration=self._registration(case)
                )
                intake.submit(occasion=self.clock.by(clerk), urn=receipt.urn)
                self.urns[case.acceptance_no] = receipt.urn
                urns.append(receipt.urn)
            self.walks.file_legacy(group, urns)
        return f"{count} 件"

    def _hand_over_legacy(self) -> str:
        said = self._legacy(young=True)
        for group in plan.LEGACY:
            if group.turn != "young":
                self.walks.hand_over_legacy(group, [self.urns[case.acceptance_no] for case in self.cases[group]])
        return said

    def _single_set(self) -> str:
        """The business system completes cases, delivers its signed forms, and they are filed without paper."""
        stated = []
        for group in plan.SINGLE:
            for case in self.cases[group]:
                if group.turn == "open":
                    continue
                at = self.clock.at
                stated.append(
                    StatedCompletion(
                        agency_code=group.agency,
                        serial=case.acceptance_no,
                        step_code=group.step,
                        handled_by="演示经办",
                        reviewed_by="演示复核",
                        declared_pages=case.pages + (group.turn == "short"),
                        completed_at=at - dt.timedelta(days=1),
                        as_of=at,
                    )
                )
        business.take_completions(occasion=self.clock.by("yw01"), source=BUSINESS_SYSTEM, stated=stated)
        count = 0
        for group in plan.SINGLE:
            cases = self.cases[group]
            for case in cases:
                path = self.folder / f"{case.serial}.pdf"
                pdf = press.pdf([sheet(case, "MAIN_FORM", 1, self.names[group.agency])], seed=case.serial)
                path.write_bytes(
                    signing.sign_pdf(
                        pdf=pdf, at=self.clock.at, reason="业务办结", location="演示市", name=BUSINESS_SYSTEM
                    )
                )
                self.painted[case.serial] = _done([("MAIN_FORM", str(path))])
            urns = self._take_in(cases, submit=False)
            count += len(urns)
            if group.stop is not State.COLLECTING:
                for urn in urns:
                    intake.close(occasion=self.clock.by(agencies.who(group.agency, Post.HANDLER)), urn=urn)
                self.walks.from_pool(group, urns)
        return f"{count} 件"

    # Use -------------------------------------------------------------------------------------------------------

    def _certify(self) -> str:
        desk = agencies.who("SJ", Post.READING_DESK)
        actor = self.clock.actor(desk)
        for citizen in self.citizens:
            found = search.find(actor, citizen.id_number)
            held = [item.urn for person in found.persons for item in person.items if item.state is State.HELD]
            if held:
                break
        else:
            raise Refusal("E-005")
        asked = certificates.request(
            occasion=self.clock.by(desk),
            subject_urn=found.persons[0].subject.urn,
            item_urns=held,
            reader=certificates.Reader(
                name=citizen.name, id_number=citizen.id_number, relation=Relation.SELF, purpose="演示：办理退休手续"
            ),
        )
        certificates.issue(occasion=self.clock.by(desk), certificate_no=asked.certificate_no)
        self.certificate_no = asked.certificate_no
        return asked.certificate_no


def _done(result: list[tuple[str, str]]) -> "Future[list[tuple[str, str]]]":
    future: Future[list[tuple[str, str]]] = Future()
    future.set_result(result)
    return future
