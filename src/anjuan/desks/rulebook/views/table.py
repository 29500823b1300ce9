from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.desks.rulebook import actions, forms, panels, queries, rules
from anjuan.desks.rulebook.views import answers
from anjuan.foundation.accounts import occasions
from anjuan.foundation.schedule import actions as schedule_actions
from anjuan.foundation.schedule import queries as schedule
from anjuan.foundation.schedule.rules import RuleFacts, compare, in_order
from anjuan.foundation.web.middleware import refusal_words


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return _home(request)


@login_required
@require_safe
def version(request: HttpRequest, code: str) -> HttpResponse:
    return _version(request, code)


@login_required
@require_safe
def compared(request: HttpRequest) -> HttpResponse:
    """Two versions, or a version and a draft, side by side."""
    queries.permit_rulebook(occasions.actor_of(request))
    known = [*schedule.drafts(), *schedule.version_rows()]
    codes = [row.code for row in known]
    first, second = request.GET.get("from", ""), request.GET.get("to", "")
    changes = compare(_facts(first), _facts(second)) if first in codes and second in codes else ()
    context = {
        "known": known,
        "first": first,
        "second": second,
        "lines": panels.change_lines(changes),
        "counts": panels.counts(changes),
        "same": sum(one.change.value == "SAME" for one in changes),
    }
    return render(request, "rulebook/compared.html", context)


@login_required
@require_safe
def version_sheet(request: HttpRequest, code: str) -> HttpResponse:
    queries.permit_rulebook(occasions.actor_of(request))
    return answers.sheet([rules.rule_sheet(_facts(code))], f"期限表-{code}", request.GET.get("as", "xlsx"))


@login_required
@require_POST
def record_consent(request: HttpRequest, code: str) -> HttpResponse:
    try:
        schedule_actions.record_consent(
            occasion=occasions.of(request),
            code=code,
            consent_of=request.POST.get("consent_of", ""),
            consent_date=forms.date_of(request.POST.get("consent_date", ""), "同意日期 consent date"),
        )
    except Refusal as refusal:
        return _version(request, code, refusal)
    return _to("rulebook:version", code, "consent")


@login_required
@require_POST
def open_draft(request: HttpRequest) -> HttpResponse:
    try:
        heading = forms.heading(request.POST)
        schedule_actions.open_draft(
            occasion=occasions.of(request), heading=heading, based_on=request.POST.get("based_on", "")
        )
    except Refusal as refusal:
        return _home(request, refusal)
    return _to("rulebook:draft", heading.code, "drafted")


@login_required
@require_safe
def draft(request: HttpRequest, code: str) -> HttpResponse:
    return _draft(request, code)


@login_required
@require_POST
def revise_draft(request: HttpRequest, code: str) -> HttpResponse:
    """The heading, one row, or a whole sheet: whichever form was sent."""
    queries.permit_rulebook(occasions.actor_of(request))
    kept, rows = schedule.draft_of(code)
    more: dict[str, Any] = {}
    try:
        seen_at = forms.moment_of(request.POST.get("seen_at", ""), code)
        heading = forms.heading(request.POST, code) if request.POST.get("part") == "heading" else _heading(kept)
        if request.POST.get("part") == "row":
            row = forms.rule_row(request.POST)
            rows = tuple(one for one in rows if one.key != row.key and _named(one) != request.POST.get("was", ""))
            rows = rows if "remove" in request.POST else (*rows, row)
        if request.POST.get("part") == "sheet":
            carried = forms.carried(request.POST, request.FILES)
            after, errors = forms.rules_after(carried.content, rows)
            if errors or "apply" not in request.POST:
                more = {"errors": errors, "carried": "" if errors else carried.text, "coming": _changes(rows, after)}
                return _draft(request, code, status=422 if errors else 200, **more)
            rows = after
        schedule_actions.revise_draft(occasion=occasions.of(request), heading=heading, rows=rows, seen_at=seen_at)
    except Refusal as refusal:
        return _draft(request, code, refusal)
    return _to("rulebook:draft", code, "revised")


@login_required
@require_POST
def drop_draft(request: HttpRequest, code: str) -> HttpResponse:
    schedule_actions.drop_draft(occasion=occasions.of(request), code=code)
    return redirect(reverse("rulebook:home") + "?done=dropped")


@login_required
@require_safe
def rehearsal(request: HttpRequest, code: str) -> HttpResponse:
    queries.permit_rulebook(occasions.actor_of(request))
    kept, rows = schedule.draft_of(code)
    found = queries.rehearse(code, kept.effective_date, rows)
    effects = found.effects if request.GET.get("all") else found.retermed
    page = Paginator(effects, queries.LISTED).get_page(request.GET.get("page"))
    context = {
        "draft": kept,
        "found": found,
        "page": page,
        "lines": panels.effect_lines(list(page.object_list)),
        "all": bool(request.GET.get("all")),
    }
    return render(request, "rulebook/rehearsal.html", context)


@login_required
@require_POST
def adopt(request: HttpRequest, code: str) -> HttpResponse:
    try:
        seen_at = forms.moment_of(request.POST.get("seen_at", ""), code)
        actions.adopt(occasion=occasions.of(request), code=code, seen_at=seen_at)
    except Refusal as refusal:
        return _draft(request, code, refusal)
    return _to("rulebook:version", code, "adopted")


def _home(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    queries.permit_rulebook(occasions.actor_of(request))
    today = occasions.today()
    versions = schedule.version_rows()
    context = {
        "versions": versions,
        "in_force": next((row.code for row in versions if row.effective_date <= today), ""),
        "drafts": schedule.drafts(),
        "may_write": answers.may_write(request),
        "head": forms.heading_texts(request.POST),
        "steps": len([step for step in schedule.steps() if not step.is_retired]),
        "done": panels.done_words(request.GET.get("done", "")),
        "refusal": refusal_words(refusal) if refusal else None,
    }
    return render(request, "rulebook/home.html", context, status=refusal.entry.status if refusal else 200)


def _version(request: HttpRequest, code: str, refusal: Refusal | None = None) -> HttpResponse:
    queries.permit_rulebook(occasions.actor_of(request))
    row = schedule.version_of(code)
    facts = schedule.facts_of(code)
    context = {
        "version": row,
        "blocks": panels.blocks(facts),
        "unconfirmed": sum(not fact.is_confirmed for fact in facts),
        "rows": len(facts),
        "others": [one for one in schedule.version_rows() if one.code != code],
        "may_write": answers.may_write(request),
        "done": panels.done_words(request.GET.get("done", "")),
        "refusal": refusal_words(refusal) if refusal else None,
    }
    return render(request, "rulebook/version.html", context, status=refusal.entry.status if refusal else 200)


def _draft(
    request: HttpRequest, code: str, refusal: Refusal | None = None, status: int = 200, **more: Any
) -> HttpResponse:
    queries.permit_rulebook(occasions.actor_of(request))
    row, facts = schedule.draft_of(code)
    changes = compare(schedule.facts_of(row.based_on), facts) if row.based_on else ()
    wanted = request.GET.get("row", "")
    context = {
        "draft": row,
        "seen_at": row.changed_at.isoformat() if row.changed_at else "",
        "blocks": panels.blocks(facts, code),
        "rows": len(facts),
        "unconfirmed": sum(not fact.is_confirmed for fact in facts),
        "lines": panels.change_lines(changes),
        "counts": panels.counts(changes),
        "found": queries.rehearse(code, row.effective_date, facts),
        "editing": next((fact for fact in facts if _named(fact) == wanted), None),
        "adding": wanted == "new",
        "head": forms.heading_texts(row),
        "consent_required": answers.consent_required(),
        "may_write": answers.may_write(request),
        "done": panels.done_words(request.GET.get("done", "")),
        "refusal": refusal_words(refusal) if refusal else None,
        **more,
    }
    return render(request, "rulebook/draft.html", context, status=refusal.entry.status if refusal else status)


def _facts(code: str) -> tuple[RuleFacts, ...]:
    if any(row.code == code for row in schedule.drafts()):
        return schedule.draft_of(code)[1]
    schedule.version_of(code)
    return schedule.facts_of(code)


def _changes(before: tuple[RuleFacts, ...], after: tuple[RuleFacts, ...]) -> list[panels.ChangeLine]:
    return panels.change_lines(compare(before, in_order(after)))


def _named(row: RuleFacts) -> str:
    return f"{row.category_code}.{row.item_no}"


def _heading(row: schedule.VersionRow) -> schedule_actions.Heading:
    return schedule_actions.Heading(
        row.code, row.title, row.effective_date, row.approval_document, row.consent_of, row.consent_date
    )


def _to(name: str, code: str, done: str) -> HttpResponse:
    return redirect(reverse(name, kwargs={"code": code}) + f"?done={done}")
