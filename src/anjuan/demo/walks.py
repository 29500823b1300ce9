"""How records of the practice city walk (演示城市的流转): the deeds of each desk in order, as far as they are to go."""

from collections.abc import Callable, Sequence

from anjuan.core.terms import Closing, Occasion, Post, Route, State
from anjuan.demo import agencies
from anjuan.demo.clock import Clock
from anjuan.demo.plan import VOLUME_ITEMS, Group
from anjuan.desks.filing import actions as filing
from anjuan.desks.filing import queries as filing_queries
from anjuan.desks.inspection import actions as inspection
from anjuan.desks.inspection import queries as inspection_queries
from anjuan.desks.intake import actions as intake
from anjuan.desks.review import actions as review
from anjuan.desks.transfer import actions as transfer
from anjuan.desks.transfer import queries as transfer_queries
from anjuan.desks.transfer import rules as transfer_rules
from anjuan.desks.workshop import actions as workshop
from anjuan.desks.workshop import queries as workshop_queries
from anjuan.facilities.corrections import actions as corrections
from anjuan.facilities.corrections import queries as correction_queries
from anjuan.facilities.corrections.rules import RaisedFault
from anjuan.facilities.stacks import actions as stacks
from anjuan.facilities.stacks import queries as stack_queries
from anjuan.facilities.stacks.rules import thickness_mm
from anjuan.records import actions as record_actions
from anjuan.records import queries as records

Rescan = Callable[[int, str], intake.Upload]
Scan = Callable[[str], intake.Upload]


class Walks:
    """The city's people at work.

    Args:
        clock: the city's time.
        rescan: gives a better scan of a component, for whoever mends a fault.
        scan: gives the scan of a paper-first case, for the workshop.
    """

    def __init__(self, clock: Clock, rescan: Rescan, scan: Scan) -> None:
        self.clock = clock
        self.rescan = rescan
        self.scan = scan

    # The counter and the reviewer --------------------------------------------------------------------------------

    def return_to_counter(self, agency: str, urns: Sequence[str], *, mend: bool = False) -> None:
        """The reviewer returns items for a missing seal; where they are mended, they come back to him."""
        for urn in urns:
            component = records.components_of([urn])[urn][0]
            fault = RaisedFault("S01", urn, component.pk, 1, (0.62, 0.72, 0.24, 0.16), "右下角未见经办专用章")
            review.return_item(occasion=self._by(agency, Post.REVIEWER), urn=urn, faults=[fault])
            if mend:
                self._answer(agency, [urn])
                intake.submit(occasion=self._by(agency, Post.HANDLER), urn=urn)

    def _answer(self, agency: str, units: Sequence[str]) -> None:
        """Rescan the page that a fault points at, and answer it."""
        for row in correction_queries.of_units(list(units)):
            if not row.is_open:
                continue
            if row.component_pk:
                item = records.get_item_for(self.clock.actor(agencies.who(agency, Post.HANDLER)), row.item_urn)
                upload = self.rescan(row.component_pk, item.acceptance_no)
                intake.replace_page(
                    occasion=self._by(agency, Post.HANDLER), component_pk=row.component_pk, upload=upload
                )
            corrections.answer_fault(
                occasion=self._by(agency, Post.HANDLER), pk=row.pk, answer="已补盖经办专用章并重扫"
            )

    def from_review(self, group: Group, urns: Sequence[str]) -> None:
        """Pass the items and go on, as far as the group goes."""
        if group.stop in (State.COLLECTING, State.IN_REVIEW):
            return
        for urn in urns:
            self._look(self._who(group.agency, Post.REVIEWER), [urn])
            review.pass_item(occasion=self._by(group.agency, Post.REVIEWER), urn=urn)
        self.from_pool(group, urns)

    # Filing --------------------------------------------------------------------------------------------------------

    def from_pool(self, group: Group, urns: Sequence[str]) -> None:
        """File, check, hand over: as far as the group goes."""
        if group.stop is State.REVIEWED:
            return
        volumes = self._file(group, urns)
        if group.stop is State.FILING:
            return
        self._seal(group, volumes)
        if group.turn == "mended":
            self._return_and_mend(group.agency, volumes[0], Post.CHECKER)
        if group.stop is State.FILED:
            return
        self._self_check(group, volumes)
        if group.stop is State.SELF_CHECKED:
            return
        if group.route is Route.LEGACY:
            return
        self._hand_over(group, volumes)

    def _file(self, group: Group, urns: Sequence[str]) -> list[str]:
        """Open volumes for these items, or put them into dossiers that are open already."""
        filer = self.clock.actor(self._who(group.agency, Post.FILER))
        items = records.get_items_for(filer, urns)
        opened: dict[object, list[str]] = {}
        for candidate in filing_queries.candidates(items):
            opened.setdefault(candidate.kinship, []).append(candidate.urn)
        growing = {
            filing_queries.kinship_of(volume): volume.urn
            for volume in filing_queries.open_volumes(filer)
            if volume.subject_pk
        }
        volumes = []
        for kinship, members in opened.items():
            if kinship in growing:
                for urn in members:
                    filing.add_item(
                        occasion=self._by(group.agency, Post.FILER), volume_urn=growing[kinship], item_urn=urn
                    )
                continue
            for first in range(0, len(members), VOLUME_ITEMS):
                receipt = filing.open_volume(
                    occasion=self._by(group.agency, Post.FILER), item_urns=members[first : first + VOLUME_ITEMS]
                )
                volumes.append(receipt.urn)
        return volumes

    def _seal(self, group: Group, volumes: Sequence[str]) -> None:
        for urn in volumes:
            occasion = self._by(group.agency, Post.FILER)
            if group.turn == "closed":
                day = occasion.at.date().replace(month=1, day=15)
                filing.seal(occasion=occasion, volume_urn=urn, closing=Closing.DEATH, closed_date=day)
            else:
                filing.seal(occasion=occasion, volume_urn=urn)

    def _self_check(self, group: Group, volumes: Sequence[str]) -> None:
        answers = {check.code: "PASS" for check in inspection_queries.checklist()}
        for urn in volumes:
            inspection.sign_self_check(occasion=self._by(group.agency, Post.CHECKER), volume_urn=urn, answers=answers)

    def _return_and_mend(self, agency: str, volume: str, post: Post, *, mend: bool = True) -> None:
        """A checking post returns a volume for a missing seal on its first page; the agency mends it."""
        item = records.items_of(volume)[0]
        parts = records.components_of([item.urn])[item.urn]
        fault = (
            RaisedFault("S01", item.urn, parts[0].pk, 1, (0.62, 0.72, 0.24, 0.16), "经办专用章不清")
            if parts
            else RaisedFault("S01", item.urn, note="经办专用章不清")
        )
        inspection.return_volume(occasion=self._by(agency, post), volume_urn=volume, faults=[fault])
        if mend:
            self._answer(agency, [volume, item.urn])
            filing.resubmit(occasion=self._by(agency, Post.FILER), volume_urn=volume)

    # Handing over --------------------------------------------------------------------------------------------------

    def _hand_over(self, group: Group, volumes: list[str]) -> None:
        agency, stop = group.agency, group.stop
        archivist = self._who(agency, Post.ARCHIVIST)
        batch = transfer.apply(occasion=self.clock.by(archivist), volume_urns=volumes).batch_no
        if stop is State.APPLIED:
            return
        if stop is State.RETURNED:
            for urn in volumes:
                self._return_and_mend(agency, urn, Post.ACCEPTOR, mend=False)
            return
        for urn in volumes:
            if group.route is Route.TARGET:
                self._look(self._who(agency, Post.ACCEPTOR), [item.urn for item in records.items_of(urn)])
            inspection.pre_accept(occasion=self._by(agency, Post.ACCEPTOR), volume_urn=urn)
        if stop is State.PRE_ACCEPTED:
            return
        supervisor = self._who(agency, Post.SUPERVISOR)
        transfer.draw_sample(occasion=self.clock.by(supervisor), batch_no=batch)
        drawn = transfer_queries.sheet(self.clock.actor(supervisor), batch).drawn
        wanted = transfer_rules.looked_at(group.route)
        looks = {row.volume.reference: dict.fromkeys(wanted, True) for row in drawn}
        counted = {row.volume.reference: row.volume.page_count for row in drawn}
        transfer.witness(occasion=self.clock.by(supervisor), batch_no=batch, looks=looks, counted=counted)
        if stop is State.WITNESSED:
            return
        if group.route is Route.TARGET:
            transfer.dispatch(occasion=self.clock.by(archivist), batch_no=batch, vehicle="演A·10086")
        if stop is State.IN_TRANSIT:
            return
        self._receive(agency, batch)
        if stop is State.RECEIVED:
            return
        if stop is State.MENDING:
            for urn in volumes:
                self._return_and_mend(agency, urn, Post.RECHECKER, mend=False)
            return
        self._recheck(agency, volumes)
        self._shelve(volumes)

    def _receive(self, agency: str, batch: str) -> None:
        receiver = self._who(agency, Post.RECEIVER)
        counted = [
            transfer_rules.Counted(row.volume.reference, row.volume.page_count)
            for row in transfer_queries.sheet(self.clock.actor(receiver), batch).present
        ]
        transfer.receive(occasion=self.clock.by(receiver), batch_no=batch, counted=counted)

    def _recheck(self, agency: str, volumes: Sequence[str]) -> None:
        """Draw and pass every lot that holds one of these volumes; other lots are left for the re-checker."""
        rechecker = self._who(agency, Post.RECHECKER)
        actor = self.clock.actor(rechecker)
        for lot in inspection_queries.lots(actor):
            if not {volume.urn for volume in lot.volumes} & set(volumes):
                continue
            draw = inspection.draw_recheck(
                occasion=self.clock.by(rechecker),
                agency_code=lot.agency_code,
                acceptor_code=lot.acceptor_code,
                category_code=lot.category_code,
                on_paper=lot.on_paper,
            )
            for urn in draw.drawn:
                if lot.on_paper:
                    self._count_paper(rechecker, urn)
                else:
                    self._look(rechecker, [item.urn for item in records.items_of(urn)])
            inspection.pass_recheck(occasion=self.clock.by(rechecker), draw_no=draw.draw_no)

    def _shelve(self, volumes: Sequence[str]) -> None:
        keeper = agencies.who("SJ", Post.KEEPER)
        actor = self.clock.actor(keeper)
        for volume in records.volumes_by_urn(volumes).values():
            if volume.route is Route.SINGLE_SET or volume.state is not State.HELD:
                continue
            cell = stack_queries.suggest_cell(actor, thickness_mm(volume.page_count))
            if cell is not None:
                stacks.shelve(occasion=self.clock.by(keeper), volume_urn=volume.urn, cell_code=cell.code)

    # Paper first -----------------------------------------------------------------------------------------------------

    def file_legacy(self, group: Group, urns: Sequence[str]) -> None:
        """Review by counting, file, self-check: then the volumes lie at the centre for their time."""
        if group.stop is State.IN_REVIEW:
            return
        for urn in urns:
            reviewer = self._who(group.agency, Post.REVIEWER)
            item = records.get_item_for(self.clock.actor(reviewer), urn)
            review.pass_item(occasion=self.clock.by(reviewer), urn=urn, counted_pages=item.paper_pages)
        self.from_pool(group, urns)

    def hand_over_legacy(self, group: Group, item_urns: Sequence[str]) -> None:
        """Apply, spot check, fetch, accept on paper, re-check, workshop: as far as the group goes."""
        agency, stop = group.agency, group.stop
        if stop is State.SELF_CHECKED:
            return
        archivist, acceptor = self._who(agency, Post.ARCHIVIST), self._who(agency, Post.ACCEPTOR)
        items = records.get_items_for(self.clock.actor(archivist), item_urns)
        volumes = sorted(set(records.volume_urns_of(items).values()))
        batch = transfer.apply(occasion=self.clock.by(archivist), volume_urns=volumes).batch_no
        if stop is State.APPLIED:
            return
        if stop is State.RETURNED:
            for urn in volumes:
                self._return_and_mend(agency, urn, Post.ACCEPTOR, mend=False)
            return
        for category in sorted({volume.category_code for volume in records.volumes_by_urn(volumes).values()}):
            self._spot(agency, category, acceptor)
        if stop is State.PRE_ACCEPTED:
            return
        transfer.dispatch(occasion=self.clock.by(archivist), batch_no=batch, vehicle="演A·10010")
        if stop is State.IN_TRANSIT:
            return
        self._receive(agency, batch)
        if stop is State.RECEIVED:
            return
        if stop is State.MENDING:
            for urn in volumes:
                self._return_and_mend(agency, urn, Post.ACCEPTOR, mend=False)
            return
        for urn in volumes:
            self._count_paper(acceptor, urn)
            inspection.accept(occasion=self.clock.by(acceptor), volume_urn=urn)
        if stop is State.ACCEPTED:
            return
        self._recheck(agency, volumes)
        if stop is not State.RECHECKED:
            self._process(volumes, stop)

    def _spot(self, agency: str, category: str, acceptor: str) -> None:
        """Freeze, draw, count and pass one lot of the spot check."""
        lot = inspection.freeze_lot(occasion=self.clock.by(acceptor), agency_code=agency, category_code=category)
        draw = inspection.draw_spot(occasion=self.clock.by(acceptor), draw_no=lot.draw_no)
        for urn in draw.drawn:
            self._count_paper(acceptor, urn)
        inspection.pass_spot(occasion=self.clock.by(acceptor), draw_no=draw.draw_no)

    def _process(self, volumes: Sequence[str], stop: State) -> None:
        """The six stations of the workshop: two operators share them, since nobody checks his own scans."""
        scanner, checker = (agencies.who("SJ", Post.PROCESSOR, nth=nth) for nth in (0, 1))
        for urn in volumes:
            workshop.take_in(occasion=self.clock.by(scanner), volume_urn=urn)
            for item in records.items_of(urn):
                upload = self.scan(item.acceptance_no)
                intake.capture(occasion=self.clock.by(scanner), urn=item.urn, uploads=[upload])
            workshop.complete(occasion=self.clock.by(scanner), volume_urn=urn, station="SCAN")
            if stop is State.IN_WORKSHOP:
                continue
            self._look(checker, [item.urn for item in records.items_of(urn)])
            for station in workshop_queries.stations()[1:]:
                workshop.complete(occasion=self.clock.by(checker), volume_urn=urn, station=station.code)
            workshop.finish(occasion=self.clock.by(checker), volume_urn=urn)
        self._shelve(volumes)

    def _count_paper(self, staff_code: str, volume: str) -> None:
        counted = {item.urn: item.paper_pages for item in records.items_of(volume)}
        inspection.check_paper(
            occasion=self.clock.by(staff_code),
            volume_urn=volume,
            counted=counted,
            has_main_forms=True,
            has_seals=True,
        )

    def _look(self, staff_code: str, item_urns: Sequence[str]) -> None:
        """Note that a person opened every page; the story says so, nothing is drawn."""
        occasion = self.clock.by(staff_code)
        for rows in records.components_of(list(item_urns)).values():
            for row in rows:
                for page_no in range(1, row.page_count + 1):
                    record_actions.look(actor=occasion.actor, component_pk=row.pk, page_no=page_no, at=occasion.at)

    def _who(self, agency: str, post: Post) -> str:
        # The archive house shares its work out: one acceptor and one re-checker a centre.
        return agencies.who(agency, post, nth=1 if agency == "NK" and post in (Post.ACCEPTOR, Post.RECHECKER) else 0)

    def _by(self, agency: str, post: Post) -> Occasion:
        return self.clock.by(self._who(agency, post))
