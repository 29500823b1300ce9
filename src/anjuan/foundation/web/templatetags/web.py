"""Tags and filters of the kit; builtins in every template (see settings).

{% icon "check" %}  {% icon "alert-triangle" label=_("Warning") %}
{% state_tag volume.state %}   {% tag words tone icon %}   {% label member %}
{% code value url=... copy=False %}          {% masked value url=... words=... kind="id" %}
{{ id_number|mask_id }} {{ name|mask_name }} {{ at|ago }} {{ at|waited }} {{ at|local }} {{ at|day }} {{ date|due }}
    {{ count|number }}
{% obstacles missing %}   {% deed words url icon=... blocked=missing key="A" ... %}
{% facts list %} {% tiles list %} {% table table %} {% ledger counts %} {% stages route state %} {% progress work %}
{% pager page %} {% panels "slot" urn=... %}
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django import template
from django.core.paginator import Page
from django.templatetags.static import static
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from anjuan.core.refusals import Obstacle, Refusal
from anjuan.core.terms import Route, State
from anjuan.core.words import act_word
from anjuan.foundation.web import labels, rules
from anjuan.foundation.web import panels as board
from anjuan.foundation.web.context import actor_of, judging_keys
from anjuan.foundation.web.rules import Unit
from anjuan.foundation.web.shapes import Count, Fact, Missing, Table, Tile, Tone, Work

register = template.Library()


# Words and values ------------------------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str, label: str = "", size: int = 18) -> SafeString:
    """One symbol of the sprite. Without a label it is decoration, and silent."""
    speech: str = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="i" width="{0}" height="{0}" {1} focusable="false"><use href="{2}#{3}"></use></svg>',
        size,
        speech,
        static("web/icons.svg"),
        name,
    )


@register.simple_tag
def tag(words: str | Promise, tone: Tone = "", icon_name: str = "") -> SafeString:
    """A small mark of state: colour, word and (where given) icon."""
    return format_html(
        '<span class="mark-tag {}">{}{}</span>', tone, icon(icon_name, size=14) if icon_name else "", words
    )


@register.simple_tag
def state_tag(state: State | str) -> SafeString:
    """Where a record stands: colour, icon and word."""
    member = State(state)
    tone, name = labels.STATE_LOOKS[member]
    return tag(labels.STATES[member], tone, name)  # type: ignore[arg-type]


@register.simple_tag(name="label")
def label_tag(member: Any) -> str:
    """The word for a member of the vocabulary."""
    return labels.label(member) if member else ""


@register.filter(name="label")
def label_filter(member: Any) -> str:
    """The word for a member of the vocabulary."""
    return labels.label(member) if member else ""


@register.filter
def mask_id(value: object) -> str:
    """110101********1234."""
    return rules.masked_id(str(value or ""))


@register.filter
def mask_name(value: object) -> str:
    """张*."""
    return rules.masked_name(str(value or ""))


def _wait_words(wait: rules.Wait) -> str:
    if wait.unit is Unit.DAY:
        return ngettext("%(n)s day", "%(n)s days", wait.count) % {"n": wait.count}
    if wait.unit is Unit.HOUR:
        return ngettext("%(n)s hour", "%(n)s hours", wait.count) % {"n": wait.count}
    if wait.unit is Unit.MINUTE:
        return ngettext("%(n)s minute", "%(n)s minutes", wait.count) % {"n": wait.count}
    return _("less than a minute")


def _stamp(value: dt.datetime) -> str:
    return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"


@register.filter
def waited(value: dt.datetime | None) -> SafeString | str:
    """3 天: for a column headed *waited*."""
    if value is None:
        return "—"
    words = _wait_words(rules.waited(value, timezone.now()))
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), _stamp(value), words)


@register.filter
def ago(value: dt.datetime | None) -> SafeString | str:
    """已等 3 天."""
    if value is None:
        return "—"
    words = _("waiting %(time)s") % {"time": _wait_words(rules.waited(value, timezone.now()))}
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), _stamp(value), words)


@register.filter
def local(value: dt.datetime | None) -> SafeString | str:
    """2026-11-21 10:32, on the agency's clock."""
    if value is None:
        return "—"
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), _stamp(value))


@register.filter
def day(value: dt.date | dt.datetime | None) -> SafeString | str:
    """2026-11-21, in the agency's calendar."""
    if value is None:
        return "—"
    date = timezone.localtime(value).date() if isinstance(value, dt.datetime) else value
    return format_html('<time datetime="{0}">{0}</time>', date.isoformat())


@register.filter
def due(value: dt.date | None) -> SafeString | str:
    """今天到期, 还有 3 天, 超期 2 天: with its colour."""
    if value is None:
        return "—"
    left = rules.days_left(value, timezone.localdate())
    if left < 0:
        return tag(
            ngettext("overdue by %(n)s day", "overdue by %(n)s days", -left) % {"n": -left}, "bad", "alert-triangle"
        )
    if left == 0:
        return tag(_("due today"), "bad", "clock")
    return tag(ngettext("%(n)s day left", "%(n)s days left", left) % {"n": left}, "wait" if left <= 3 else "", "clock")


@register.filter
def number(value: object) -> object:
    """1,204; anything but an integer stays as it is."""
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else value


@register.simple_tag
def code(value: object, url: str = "", copy: bool = True) -> SafeString:
    """A 档号 or another code: monospaced, breakable at its separators, with a copy button."""
    text = str(value or "")
    if not text:
        return mark_safe("—")
    broken = format_html_join(mark_safe("<wbr>"), "{}", ((piece,) for piece in rules.pieces(text)))
    shown = (
        format_html('<a class="code" href="{}">{}</a>', url, broken)
        if url
        else format_html('<span class="code">{}</span>', broken)
    )
    if not copy:
        return shown
    return format_html(
        '<span class="code-box">{}<button type="button" class="copy" data-copy="{}" aria-label="{}" title="{}">'
        "{}</button></span>",
        shown,
        text,
        _("Copy %(code)s") % {"code": text},
        _("Copy"),
        icon("copy", size=15),
    )


@register.simple_tag
def masked(value: object, url: str = "", words: str = "", kind: str = "id") -> SafeString:
    """A masked number or name with a link that shows it: the page behind it asks for the reason, and journals it."""
    text = mask_name(value) if kind == "name" else mask_id(value)
    shown = format_html('<span class="{}">{}</span>', "" if kind == "name" else "code", text)
    if not url:
        return shown
    return format_html('{} <a class="small" href="{}">{}</a>', shown, url, words or _("Show"))


# Components ------------------------------------------------------------------------------------------------------


def _line(missing: Missing | Obstacle) -> dict[str, str]:
    if isinstance(missing, Obstacle):
        missing = Missing(missing)
    language = get_language() or "zh"
    refusal = missing.obstacle.as_refusal()
    return {
        "code": refusal.code,
        "message": refusal.message(language),
        "remedy": refusal.remedy(language),
        "url": missing.url,
    }


@register.inclusion_tag("web/parts/obstacles.html")
def obstacles(missing: Iterable[Missing | Obstacle], ident: str = "missing") -> dict[str, Any]:
    """What is missing: one line each, linked to the place where it is mended. Draws nothing for an empty list."""
    return {"lines": [_line(one) for one in missing or ()], "ident": ident}


@register.inclusion_tag("web/parts/deed.html", takes_context=True)
def deed(
    context: dict[str, Any],
    words: str,
    url: str,
    *,
    icon: str = "",
    tone: str = "primary",
    key: str = "",
    blocked: Sequence[Missing | Obstacle] = (),
    confirm: str = "",
    ident: str = "missing",
    name: str = "",
    value: str = "",
) -> dict[str, Any]:
    """A button that does something (POST with its token).

    ``tone`` is primary, quiet or grave (cannot be undone). A non-empty ``blocked`` disables it and points to the list
    drawn by ``{% obstacles blocked %}`` with the same ``ident``; ``confirm`` asks first.
    """
    return {
        "words": words,
        "url": url,
        "icon": icon,
        "tone": tone,
        "key": key,
        "blocked": len(blocked or ()),
        "confirm": confirm,
        "ident": ident,
        "name": name,
        "value": value,
        "csrf_token": context.get("csrf_token", ""),
    }


@register.inclusion_tag("web/parts/facts.html")
def facts(lines: Iterable[Fact]) -> dict[str, Any]:
    """A list of facts (term and value)."""
    return {"facts": lines}


@register.inclusion_tag("web/parts/tiles.html")
def tiles(tiles: Iterable[Tile]) -> dict[str, Any]:
    """Numbers that open the lists behind them."""
    return {"tiles": tiles}


@register.inclusion_tag("web/parts/table.html")
def table(table: Table, stack: bool = True, caption_shown: bool = False) -> dict[str, Any]:
    """A table with its empty state; on a phone its rows become cards unless ``stack`` is off."""
    return {"table": table, "stack": stack, "caption_shown": caption_shown}


@register.inclusion_tag("web/parts/ledger.html")
def ledger(counts: Sequence[Count]) -> dict[str, Any]:
    """The page ledger: paper = images = catalogue, where it does not close, or that the images come last."""
    numbers = [count.number for count in counts]
    known = [number for number in numbers if number is not None]
    return {"counts": counts, "agrees": rules.agrees(numbers), "later": known != numbers and rules.agrees(known)}


@register.inclusion_tag("web/parts/stages.html")
def stages(route: Route | str, state: State | str) -> dict[str, Any]:
    """Where the record is on its way."""
    way = [
        (labels.label(stage), labels.label(at), at.value.lower())
        for stage, at in rules.stages(Route(route), State(state))
    ]
    return {"way": way, "here": labels.label(State(state))}


@register.inclusion_tag("web/parts/progress.html")
def progress(work: Work) -> dict[str, Any]:
    """Long work: how far, how fast, how long yet, what failed."""
    minutes = -(-int(work.left.total_seconds()) // 60) if work.left is not None else None
    return {
        "work": work,
        "share": round(100 * work.done / work.total) if work.total else 0,
        "left": ngettext("about %(n)s minute left", "about %(n)s minutes left", minutes) % {"n": minutes}
        if minutes is not None
        else "",
    }


@register.inclusion_tag("web/parts/pager.html", takes_context=True)
def pager(context: dict[str, Any], page: Page[Any], parameter: str = "page") -> dict[str, Any]:
    """Previous, next and where we are; the filter in the address is kept."""
    request = context.get("request")

    def link(number: int) -> str:
        query = request.GET.copy() if request is not None else None
        if query is None:
            return f"?{parameter}={number}"
        query[parameter] = str(number)
        return f"?{query.urlencode()}"

    return {
        "page": page,
        "previous": link(page.previous_page_number()) if page.has_previous() else "",
        "next": link(page.next_page_number()) if page.has_next() else "",
        "total": page.paginator.count,
    }


@register.inclusion_tag("web/parts/panels.html", takes_context=True)
def panels(context: dict[str, Any], slot: str, **kwargs: Any) -> dict[str, Any]:
    """The fragments other rooms show here, each loaded on its own; without script each is a link."""
    request = context.get("request")
    actor = actor_of(request) if request is not None else None
    shown = (
        [(panel.title, board.address(panel.url_name, **kwargs)) for panel in board.panels_for(slot, actor)]
        if actor
        else []
    )
    return {"panels": [(title, url) for title, url in shown if url]}


@register.inclusion_tag("web/parts/ways.html", takes_context=True)
def ways(context: dict[str, Any], slot: str, asked: str = "") -> dict[str, Any]:
    """The links that other rooms hang here, each taking along what was asked."""
    request = context.get("request")
    actor = actor_of(request) if request is not None else None
    shown = board.ways_for(slot, actor) if actor else []
    return {"ways": [(way.title, way.icon, board.address(way.url_name)) for way in shown], "asked": asked}


@register.simple_tag
def judge_keys() -> Any:
    """The keys of the judge view, for the key list."""
    return judging_keys()


@register.inclusion_tag("web/_refusal.html")
def refused(refusal: Refusal) -> dict[str, Any]:
    """A refusal beside the form it belongs to: sentence, next step, code and clause."""
    language = get_language() or "zh"
    return {
        "refusal": {
            "code": refusal.code,
            "message": refusal.message(language),
            "remedy": refusal.remedy(language),
            "clause": refusal.clause,
        }
    }


@register.filter
def act(value: str) -> str:
    """What happened, in words: the act of a journal line."""
    return act_word(value, get_language() or "zh")
