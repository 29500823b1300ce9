"""The shell round every page: rail, search, who am I. Named in settings as a context processor."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from anjuan.core.terms import Actor
from anjuan.foundation.web import labels, panels
from anjuan.foundation.web.shapes import Key, KeyGroup, Words


@dataclass(frozen=True)
class Door:
    """One entry of the rail as drawn."""

    title: Words
    url: str
    icon: str
    on: bool = False
    count: int | None = None
    hot: bool = False


@dataclass(frozen=True)
class RailGroup:
    """A headed part of the rail."""

    title: str
    doors: Sequence[Door]


@dataclass(frozen=True)
class Who:
    """Who is logged in."""

    name: str
    posts: str
    agency: str


@dataclass(frozen=True)
class Shell:
    """What ``base.html`` and ``public.html`` draw round a page.

    Attributes:
        practice: every page says 演示.
        who: None on public and error pages.
        search_url: empty hides the search box.
        query: what was last typed into it.
        language: the tag for ``<html lang>``, such as ``zh-Hans``.
    """

    practice: bool
    groups: Sequence[RailGroup]
    who: Who | None
    search_url: str
    query: str
    keys: Sequence[KeyGroup]
    language: str
    languages: Sequence[tuple[str, str]]
    language_url: str
    desk_url: str
    log_in_url: str
    log_out_url: str
    account_url: str
    help_url: str
    path: str


_LANGUAGE_TAGS = {"zh-hans": "zh-Hans", "en": "en"}


def actor_of(request: HttpRequest) -> Actor | None:
    """Who acts, where the accounts middleware has said so; error pages may run before it."""
    actor = getattr(request, "actor", None)
    return actor if isinstance(actor, Actor) else None


def _who(request: HttpRequest, actor: Actor | None) -> Who | None:
    if actor is None:
        return None
    posts = dict.fromkeys(labels.label(appointment.post) for appointment in actor.appointments)
    separator = "、" if (get_language() or "").startswith("zh") else ", "
    return Who(actor.name, separator.join(posts), str(getattr(request, "agency_name", "") or ""))


def _groups(request: HttpRequest, actor: Actor | None) -> list[RailGroup]:
    desk_url = panels.address("web:desk")
    home = Door(_("My desk"), desk_url, "home", on=request.path == desk_url)
    if actor is None:
        return []
    entries = [(entry, panels.address(entry.url_name)) for entry in panels.rail_for(actor)]
    entries = [(entry, url) for entry, url in entries if url]
    # The longest address that the path begins with is where we are: /transfer/boxes/ before /transfer/.
    here = max((url for _entry, url in entries if request.path.startswith(url)), key=len, default="")
    doors: dict[str, list[Door]] = {"POSTS": [], "USE": []}
    for entry, url in entries:
        doors[entry.group].append(
            Door(
                title=entry.title,
                url=url,
                icon=entry.icon,
                on=url == here,
                count=entry.count(actor) if entry.count else None,
                hot=bool(entry.hot and entry.hot(actor)),
            )
        )
    groups = [RailGroup("", [home] if desk_url else [])]
    groups += [
        RailGroup(title, doors[group])
        for group, title in (("POSTS", _("My posts")), ("USE", _("Find and use")))
        if doors[group]
    ]
    return groups


def _keys() -> list[KeyGroup]:
    return [
        KeyGroup(
            _("Everywhere"),
            (
                Key(("Ctrl K", "/"), _("Search")),
                Key(("?",), _("This list of keys")),
                Key(("Esc",), _("Close what is open")),
            ),
        )
    ]


def judging_keys() -> KeyGroup:
    """The keys of the judge view, for its key list."""
    return KeyGroup(
        _("Judging a record"),
        (
            Key(("A",), _("Accept")),
            Key(("X",), _("Return, with the fault and the place")),
            Key(("J", "K"), _("Next page, previous page")),
            Key(("N",), _("Next doubt")),
            Key(("1–9",), _("Answer the doubt in hand")),
            Key((_("Space"),), _("Enlarge, and back")),
            Key(("+", "-"), _("Zoom in, zoom out")),
            Key(("R",), _("Turn the view")),
            Key(("D",), _("Draw a box on the page")),
        ),
    )


def build(request: HttpRequest) -> Shell:
    """The shell for one request. Never fails for want of a room: what is not built is not drawn."""
    actor = actor_of(request)
    doors = panels.doors()
    return Shell(
        practice=bool(getattr(settings, "PRACTICE", False)),
        groups=_groups(request, actor),
        who=_who(request, actor),
        search_url=panels.address(doors.search) if actor and actor.may_search else "",
        query=request.GET.get("q", ""),
        keys=_keys(),
        language=_LANGUAGE_TAGS.get(get_language() or settings.LANGUAGE_CODE, get_language() or "zh-Hans"),
        languages=settings.LANGUAGES,
        language_url=panels.address("web:set_language"),
        desk_url=panels.address("web:desk"),
        log_in_url=panels.address(doors.log_in),
        log_out_url=panels.address(doors.log_out) if actor else "",
        account_url=panels.address(doors.account) if actor else "",
        help_url=panels.address(doors.help),
        path=request.get_full_path(),
    )


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor. Built only when a template asks, so that fragments pay nothing for the rail's counts."""
    return {"shell": SimpleLazyObject(lambda: build(request))}
