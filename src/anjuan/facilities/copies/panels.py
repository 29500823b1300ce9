"""The page of copies, the panel on a record's page, the door in the rail and the alarms."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from anjuan.core.terms import ADMINISTRATORS, Actor, Post
from anjuan.facilities.copies import queries, rules
from anjuan.facilities.copies.queries import Coverage, Forecast, IncidentRow, PlaceRow, PolicyRow
from anjuan.facilities.copies.rules import Being, DamageKind, Lack, Medium, Outcome, Verdict
from anjuan.facilities.jobs import queries as jobs
from anjuan.foundation.accounts import queries as accounts
from anjuan.foundation.web.panels import Panel, RailEntry, address
from anjuan.foundation.web.shapes import Alarm, Tile, Tone, Work

MEDIA: Mapping[Medium, Promise] = {
    Medium.DISK: gettext_lazy("disk"),
    Medium.OBJECT_STORE: gettext_lazy("object store"),
    Medium.TAPE: gettext_lazy("tape"),
    Medium.OPTICAL: gettext_lazy("optical disc"),
    Medium.OFFLINE_DISK: gettext_lazy("removable disk"),
}
BEINGS: Mapping[Being, Promise] = {
    Being.ONLINE: gettext_lazy("online"),
    Being.OFFLINE: gettext_lazy("offline"),
    Being.FAR: gettext_lazy("far away"),
    Being.OTHER_KIND: gettext_lazy("another medium"),
}
DAMAGES: Mapping[DamageKind, Promise] = {
    DamageKind.MISSING: gettext_lazy("file missing"),
    DamageKind.UNREADABLE: gettext_lazy("unreadable"),
    DamageKind.WRONG_BYTES: gettext_lazy("bytes changed"),
    DamageKind.WRONG_INVENTORY: gettext_lazy("inventory changed"),
    DamageKind.STRAY: gettext_lazy("should not be there"),
}
OUTCOMES: Mapping[Outcome, tuple[Tone, str, Promise]] = {
    Outcome.UNCHECKED: ("wait", "hourglass", gettext_lazy("not verified yet")),
    Outcome.GOOD: ("good", "circle-check", gettext_lazy("verified")),
    Outcome.DAMAGED: ("bad", "alert-triangle", gettext_lazy("damaged")),
    Outcome.UNREACHABLE: ("bad", "circle-x", gettext_lazy("place not reachable")),
}
_GIB = 1024**3
_FAR_OFF_MONTHS = 240


def size_words(size_bytes: float | None) -> str:
    """Bytes as people say them."""
    if size_bytes is None:
        return "—"
    for unit, scale in (("TiB", 1024**4), ("GiB", _GIB), ("MiB", 1024**2), ("KiB", 1024)):
        if size_bytes >= scale:
            return f"{size_bytes / scale:,.1f} {unit}"
    return f"{size_bytes:,.0f} B"


def months_words(months: float | None) -> str:
    """How long the room lasts."""
    if months is None:
        return _("cannot be said")
    if months > _FAR_OFF_MONTHS:
        return _("more than 20 years")
    whole = int(months)
    return ngettext("about %(n)s month", "about %(n)s months", whole) % {"n": whole}


def lack_words(verdict: Verdict) -> str:
    """What is missing, in one line."""
    said = {
        Lack.COPIES: lambda n: ngettext("%(n)s verified copy", "%(n)s verified copies", n) % {"n": n},
        Lack.MEDIA: lambda n: ngettext("%(n)s other medium", "%(n)s other media", n) % {"n": n},
        Lack.FAR: lambda n: ngettext("%(n)s far copy", "%(n)s far copies", n) % {"n": n},
    }
    return _("missing: %(what)s") % {"what": "、".join(said[lack](n) for lack, n in verdict.lacks.items())}


def policy_words(policy: rules.Policy) -> str:
    """A policy in one line."""
    return _("%(copies)s copies · %(media)s kinds of medium · %(far)s far away") % {
        "copies": policy.copies,
        "media": policy.media,
        "far": policy.far,
    }


# Places ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bar:
    """One bar of the age histogram, in the picture's own units."""

    x: int
    y: int
    height: int
    count: int
    words: str
    tone: str


@dataclass(frozen=True)
class PlaceView:
    """A place as it is drawn."""

    row: PlaceRow
    coverage: Coverage
    medium: str
    kinds: Sequence[str]
    held: str
    free: str
    inodes: int | None
    months: str
    is_short: bool
    bars: Sequence[Bar]

    @property
    def ages_words(self) -> str:
        """The histogram read aloud."""
        return "；".join(f"{bar.words}: {bar.count}" for bar in self.bars)

    @property
    def is_well(self) -> bool:
        """Whether nothing is wrong there."""
        return not (self.coverage.damaged or self.row.unreachable_since or self.is_short)


BAR_HEIGHT, BAR_STEP = 44, 26


def _bars(found: Coverage) -> list[Bar]:
    top = max((age.count for age in found.ages), default=0) or 1
    drawn = []
    for number, age in enumerate(found.ages):
        words = _("within %(n)s days") % {"n": age.up_to_days} if age.up_to_days else _("longer ago or never")
        height = round(BAR_HEIGHT * age.count / top) if age.count else 0
        height = max(2, height) if age.count else 0
        late = not age.up_to_days or age.up_to_days > found.place.interval_days
        drawn.append(Bar(number * BAR_STEP, BAR_HEIGHT - height, height, age.count, words, "late" if late else "fresh"))
    return drawn


def _place(row: PlaceRow, main: Medium, told: Forecast, at: dt.datetime) -> PlaceView:
    found = queries.coverage(row, at)
    left = told.months_left.get(row.code)
    return PlaceView(
        row=row,
        coverage=found,
        medium=str(MEDIA[row.medium]),
        kinds=[str(BEINGS[being]) for being in Being if being in row.beings(main)],
        held=size_words(found.size_bytes),
        free=size_words(told.rooms[row.code].free_bytes),
        inodes=told.rooms[row.code].free_inodes,
        months=months_words(left),
        is_short=left is not None and left < settings.ANJUAN_CAPACITY_MONTHS,
        bars=_bars(found),
    )


# Growth ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Growth:
    """The curve of what is stored, and where it leads, in the picture's own units (存储增长)."""

    line: str
    ahead: str
    limit_y: int | None
    limit_words: str
    first: str
    now: str
    last: str
    now_x: int
    stored: str
    pace: str


GROWTH_WIDTH, GROWTH_HEIGHT, AHEAD_MONTHS = 640, 150, 12


def _growth(told: Forecast, today: dt.date) -> Growth | None:
    if not told.months:
        return None
    start, this = told.months[0].first_day, today.replace(day=1)
    past = max(1, (this.year - start.year) * 12 + this.month - start.month)
    by_month = {month.first_day: month.size_bytes for month in told.months}
    total, points = 0, [(0, 0)]
    for number in range(past + 1):
        total += by_month.get(rules.months_before(start, -number), 0)
        points.append((number + 1, total))
    span = past + 1 + AHEAD_MONTHS
    end = total + told.bytes_a_month * AHEAD_MONTHS
    frees = [room.free_bytes for room in told.rooms.values() if room.free_bytes is not None]
    limit = total + min(frees) if frees else None
    shown = limit is not None and limit <= end * 3
    top = max(end, limit or 0) if shown else end
    top = top * 1.08 or 1

    def place(month: float, size: float) -> tuple[int, int]:
        return round(GROWTH_WIDTH * month / span), round(GROWTH_HEIGHT * (1 - size / top))

    drawn = [place(month, size) for month, size in points]
    return Growth(
        line=" ".join(f"{x},{y}" for x, y in drawn),
        ahead=f"{drawn[-1][0]},{drawn[-1][1]} " + "{},{}".format(*place(span, end)),
        limit_y=place(0, limit)[1] if shown and limit is not None else None,
        limit_words=size_words(limit) if limit is not None else "",
        first=f"{start:%Y-%m}",
        now=f"{this:%Y-%m}",
        last=f"{rules.months_before(this, -AHEAD_MONTHS):%Y-%m}",
        now_x=drawn[-1][0],
        stored=size_words(total),
        pace=size_words(told.bytes_a_month),
    )


# Incidents ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class IncidentView:
    """One damaged file as it is drawn."""

    row: IncidentRow
    what: str
    url: str
    by: str
    found_by: str


def incident_view(row: IncidentRow, names: Mapping[str, str]) -> IncidentView:
    """One damaged file in words."""
    return IncidentView(
        row=row,
        what=str(DAMAGES[row.kind]),
        url=reverse("copies:incident", kwargs={"pk": row.pk}),
        by=_who(row.repaired_by, names),
        found_by=_who(row.found_by, names),
    )


def _who(staff_code: str, names: Mapping[str, str]) -> str:
    return _("the sweep") if staff_code == "WORKER" else names.get(staff_code, staff_code)


def incident_views(rows: Sequence[IncidentRow]) -> list[IncidentView]:
    """Damaged files in words."""
    names = accounts.staff_names({code for row in rows for code in (row.found_by, row.repaired_by)})
    return [incident_view(row, names) for row in rows]


def record_url(actor: Actor, urn: str) -> str:
    """The record's page, for those who may see records."""
    return address("search:item", urn=urn) if actor.posts - ADMINISTRATORS else ""


@dataclass(frozen=True)
class DamagedCopy:
    """The open incidents of one copy, and the button that repairs it."""

    reference: str
    url: str
    place: PlaceRow
    urn: str
    files: Sequence[IncidentView]


# The page -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PolicyView:
    """A fonds's policy as it is drawn."""

    row: PolicyRow
    words: str
    url: str
    tone: Tone


@dataclass(frozen=True)
class Running:
    """A sweep or replication under way."""

    work: Work
    url: str


def running(actor: Actor) -> list[Running]:
    """Sweeps and replications that are not finished."""
    found = []
    for kind in ("REPLICATE", "FIXITY_SWEEP"):
        row = jobs.latest_of(kind, unfinished=True)
        if row is None:
            continue
        known = jobs.kinds()[kind]
        title = known.zh if (get_language() or "zh").startswith("zh") else known.en
        url = address("jobs:one", uid=row.uid) if queries.may_act(actor) else ""
        done = row.done + row.failed
        found.append(
            Running(
                Work(title, done, max(row.total, done), row.per_minute, row.time_left, row.failed, f"{url}#failed"), url
            )
        )
    return found


def overview_page(actor: Actor, at: dt.datetime) -> dict[str, Any]:
    """Everything the page of copies shows."""
    rows = queries.places_for(actor)
    main = next((row.medium for row in queries.places() if row.is_primary), Medium.DISK)
    today = timezone.localdate(at)
    told = queries.forecast([row for row in rows if row.is_attached], today)
    told_rooms = {row.code: queries.room_of(row) for row in rows if not row.is_attached}
    told = Forecast(
        told.months, told.bytes_a_month, told.objects_a_month, {**told.rooms, **told_rooms}, told.months_left
    )
    places = [_place(row, main, told, at) for row in rows]
    is_copying = jobs.latest_of("REPLICATE", unfinished=True) is not None
    policies = [
        PolicyView(
            row,
            policy_words(row.policy),
            reverse("copies:lacking", kwargs={"fonds": row.fonds_code}),
            "good" if not row.lacking else "wait" if row.lacking == row.pending or is_copying else "bad",
        )
        for row in queries.policies(at)
    ]
    kinds = frozenset(being for row in rows for being in row.beings(main))
    groups = [
        DamagedCopy(
            files[0].reference, record_url(actor, files[0].urn), files[0].place, files[0].urn, incident_views(files)
        )
        for files in queries.open_groups(actor)
    ]
    return {
        "tiles": _tiles(places, policies, groups),
        "places": places,
        "policies": policies,
        "kinds": [(BEINGS[being], being in kinds) for being in Being],
        "damaged": groups,
        "closed": incident_views(queries.incidents_for(actor, is_open=False, limit=20)),
        "running": running(actor),
        "growth": _growth(told, today),
        "may_act": queries.may_act(actor),
        "may_administer": actor.holds(Post.SYSTEM_ADMIN),
        "formats": queries.formats_held(actor),
        "fixity_days": settings.ANJUAN_FIXITY_DAYS,
        "offline_days": settings.ANJUAN_FIXITY_OFFLINE_DAYS,
        "capacity_months": settings.ANJUAN_CAPACITY_MONTHS,
        "media": [(medium.value, MEDIA[medium]) for medium in Medium],
        "size_words": size_words,
    }


def _tiles(places: Sequence[PlaceView], policies: Sequence[PolicyView], groups: Sequence[DamagedCopy]) -> list[Tile]:
    met, lacking = sum(view.row.met for view in policies), sum(view.row.lacking for view in policies)
    late = any(view.tone == "bad" for view in policies)
    objects = sum(view.coverage.expected for view in places)
    within = sum(view.coverage.within for view in places)
    share = 100 * within // objects if objects else 100
    complete = bool(places) and all(view.coverage.oldest_at for view in places if view.coverage.expected)
    oldest = min((view.coverage.oldest_at for view in places if view.coverage.oldest_at), default=None)
    files = sum(len(group.files) for group in groups)
    return [
        Tile(
            _("Archived"),
            f"{met:,} / {met + lacking:,}",
            "#policies",
            _("sealed records whose copies meet the policy"),
            "bad" if late else "",
            "archive",
        ),
        Tile(
            _("Verified in time"),
            f"{share} %",
            "#places",
            _("of all copies"),
            "bad" if share < 100 and not complete else "",
            "shield-check",
        ),
        Tile(
            _("Oldest verification"),
            f"{timezone.localtime(oldest):%Y-%m-%d}" if oldest and complete else _("some never"),
            "#places",
            "",
            "",
            "history",
        ),
        Tile(
            _("Damaged files"), files, "#damaged" if files else "#closed", "", "bad" if files else "", "alert-triangle"
        ),
    ]


@dataclass(frozen=True)
class LackView:
    """A record that is not archived."""

    reference: str
    url: str
    changed_at: dt.datetime
    counted: str
    words: str


def lacking_page(actor: Actor, fonds_code: str, at: dt.datetime) -> dict[str, Any]:
    """The records of a fonds that do not meet its policy."""
    names = {row.code: row.name for row in queries.places()}
    return {
        "fonds": fonds_code,
        "rows": [
            LackView(
                row.reference,
                record_url(actor, row.urn),
                row.changed_at,
                "、".join(names[code] for code in row.verdict.counted) or _("none"),
                lack_words(row.verdict),
            )
            for row in queries.lacking(actor, fonds_code, at)
        ],
        "policy": next((policy_words(row.policy) for row in queries.policies(at) if row.fonds_code == fonds_code), ""),
    }


def item_panel(actor: Actor, urn: str, at: dt.datetime) -> dict[str, Any]:
    """The copies of one record."""
    found = queries.item_copies(actor, urn, at)
    return {
        "copies": found,
        "lines": [(copy, OUTCOMES[copy.outcome]) for copy in found.copies],
        "lacks": "" if found.verdict.is_met else lack_words(found.verdict),
        "policy": policy_words(found.policy),
    }


def _alarms(actor: Actor) -> Sequence[Alarm]:
    """Damage, a place that is not there, and little room: to those who run the store."""
    if not queries.may_act(actor):
        return []
    found = []
    for files in queries.open_groups(actor, limit=20)[:3]:
        first = files[0]
        found.append(
            Alarm(
                _("Damaged copy: %(reference)s") % {"reference": first.reference},
                _("%(place)s, file %(file)s: %(what)s.")
                % {"place": first.place.name, "file": first.path, "what": DAMAGES[first.kind]},
                f"{reverse('copies:overview')}#damaged",
                _("See and repair"),
            )
        )
    for row in queries.places_for(actor):
        if row.unreachable_since is not None:
            found.append(
                Alarm(
                    _("Place not reachable: %(place)s") % {"place": row.name},
                    _("Its copies cannot be read since %(time)s.")
                    % {"time": f"{timezone.localtime(row.unreachable_since):%Y-%m-%d %H:%M}"},
                    f"{reverse('copies:overview')}#places",
                    _("See"),
                )
            )
        if row.months_left is not None and row.months_left < settings.ANJUAN_CAPACITY_MONTHS:
            found.append(
                Alarm(
                    _("Little room: %(place)s") % {"place": row.name},
                    _("At the present growth it lasts %(months)s.") % {"months": months_words(row.months_left)},
                    f"{reverse('copies:overview')}#growth",
                    _("See the growth"),
                )
            )
    return found


RAIL = (
    RailEntry(
        gettext_lazy("Preservation"),
        "copies:overview",
        "shield-check",
        frozenset(queries.READERS),
        order=70,
        count=queries.count_open,
        hot=lambda actor: 1,  # whatever is counted here is pressing
    ),
)
PANELS = (Panel(slot="item.aside", title=gettext_lazy("Copies"), url_name="copies:item"),)
ALARMS = (_alarms,)
