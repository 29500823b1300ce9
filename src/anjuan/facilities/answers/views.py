from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from anjuan.core.asking.sentences import MOST_SENTENCE, Kind, Part
from anjuan.core.refusals import Refusal
from anjuan.facilities.answers import actions, queries
from anjuan.facilities.answers.queries import Answered, Passage
from anjuan.facilities.answers.rules import Mode
from anjuan.foundation.accounts import occasions

_KINDS = {
    Kind.NUMBER: gettext_lazy("number"),
    Kind.CODE: gettext_lazy("code"),
    Kind.NAME: gettext_lazy("name on record"),
    Kind.TIME: gettext_lazy("time"),
    Kind.TERM: gettext_lazy("known term"),
    Kind.WORD: gettext_lazy("words"),
}


def ask(request: HttpRequest) -> HttpResponse:
    if not queries.is_on():
        raise Http404
    return _ask(request)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def _ask(request: HttpRequest) -> HttpResponse:
    actor = occasions.actor_of(request)
    said = request.POST if request.method == "POST" else request.GET
    typed = said.get("q", "")
    told: dict[str, object] = {
        "typed": typed,
        "most": MOST_SENTENCE,
        "purpose": said.get("purpose", "") if request.method == "POST" else "",
        "may_compose": queries.mode() is Mode.COMPOSED,
    }
    composed: actions.Composed | None = None
    refusal: Refusal | None = None
    answered: Answered | None = None
    try:
        if request.method == "POST":
            composed = actions.ask(
                occasion=occasions.of(request), sentence=typed, purpose=request.POST.get("purpose", "")
            )
    except Refusal as refused:
        refusal = refused
    try:  # what keeps an answer from being composed keeps no passage away
        answered = composed.answered if composed else queries.look_up(actor, typed, today=occasions.today())
    except Refusal as refused:
        if refused.entry.status == 403:
            raise
        refusal = refused
    status = refusal.entry.status if refusal else 200
    told |= {"refusal": refusal, "composed": composed, **(_shown(answered) if answered else {})}
    if composed:
        told["statements"] = [
            (statement.text, [_source(composed.answered, source.passage, source.quote) for source in statement.sources])
            for statement in composed.statements
        ]
    return render(request, "answers/ask.html", told, status=status)


def _shown(answered: Answered) -> dict[str, object]:
    return {
        "answered": answered,
        "parts": [_part(part) for part in answered.sentence.parts],
        "given_up": [part.said for part in answered.given_up],
        "find_url": f"{reverse('search:find')}?{urlencode({'q': answered.asked})}",
        "passages": [(passage, _place(passage, passage.marks)) for passage in answered.passages],
    }


def _part(part: Part) -> tuple[str, object, str]:
    """What was said, what it is, and what the term bank added to it."""
    return part.said, _KINDS[part.kind], "、".join(part.added)


def _place(passage: Passage, marks: tuple[str, ...]) -> str:
    """Where a passage opens: its page in the viewer with these words marked, or the record."""
    if not passage.page:
        return reverse("search:item", args=[passage.item.urn])
    asked = [("page", str(passage.page)), *(("mark", mark) for mark in marks)]
    return f"{reverse('viewer:view', args=[passage.item.urn])}?{urlencode(asked)}"


def _source(answered: Answered, number: int, quote: str) -> tuple[Passage, str, str]:
    passage = answered.passages[number - 1]
    return passage, quote, _place(passage, (quote,))
