import datetime as dt
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.core.terms import InsuranceLine
from anjuan.desks.rulebook import forms, panels, queries, rules
from anjuan.desks.rulebook.views import answers
from anjuan.foundation.accounts import occasions
from anjuan.foundation.schedule import actions as schedule_actions
from anjuan.foundation.schedule import queries as schedule
from anjuan.foundation.schedule.rules import MaterialRow, StepRow, check_step
from anjuan.foundation.web.middleware import refusal_words

SPARE_LINES = 2
NEW = "NEW"
BLANK = StepRow(NEW, "", "", "", "", InsuranceLine.ALL, 30, False, "", ())
SPARE = MaterialRow("", "", "", False, False, True, False, (), "")


@login_required
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    return _listing(request)


@login_required
@require_safe
def sheet(request: HttpRequest) -> HttpResponse:
    queries.permit_rulebook(occasions.actor_of(request))
    return answers.sheet(rules.step_sheets(queries.newest_steps()), "业务环节", request.GET.get("as", "xlsx"))


@login_required
@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """A sheet is looked at first; what it would change is shown, then it is applied as one act."""
    queries.permit_rulebook(occasions.actor_of(request))
    try:
        carried = forms.carried(request.POST, request.FILES)
        after, errors = forms.steps_after(carried.content)
        if errors or "apply" not in request.POST:
            known = {step.code: step for step in queries.newest_steps()}
            coming = [
                panels.step_changes(known.get(step.code), step)
                for step in after
                if step.code not in known or not step.same_as(known[step.code])
            ]
            more: dict[str, Any] = {
                "errors": errors,
                "carried": "" if errors else carried.text,
                "coming": coming,
                "looked": True,
            }
            return _listing(request, status=422 if errors else 200, **more)
        schedule_actions.revise_steps(occasion=occasions.of(request), steps=after, since_date=_since(request))
    except Refusal as refusal:
        return _listing(request, refusal)
    return redirect(reverse("rulebook:steps") + "?done=steps")


@login_required
@require_safe
def step(request: HttpRequest, code: str) -> HttpResponse:
    queries.permit_rulebook(occasions.actor_of(request))
    editions = schedule.editions_of(code)
    now = occasions.now(occasions.actor_of(request)).at
    held = next((row for row in editions if row.since_at <= now), editions[-1])
    try:
        rule = schedule.rule_for(held, occasions.today())
    except Refusal:
        rule = None
    context = {
        "step": held,
        "line": panels.step_line(held),
        "rule": rule,
        "editions": [
            (row, panels.step_changes(editions[place + 1] if place + 1 < len(editions) else None, row))
            for place, row in enumerate(editions)
        ],
        "newest": editions[0],
        "may_write": answers.may_write(request),
        "done": panels.done_words(request.GET.get("done", "")),
    }
    return render(request, "rulebook/step.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """The step's form; its preview says what would change before anything does."""
    queries.permit_rulebook(occasions.actor_of(request))
    before = schedule.editions_of(code)[0] if code != NEW else None
    typed, refusal, changes = before or BLANK, None, None
    if request.method == "POST":
        own = request.POST.get("code", "").strip().upper() if before is None else code
        typed = forms.step_of(request.POST, before or StepRow(**{**vars(BLANK), "code": own}))
        try:
            check_step(typed)
            if "apply" in request.POST:
                schedule_actions.revise_steps(occasion=occasions.of(request), steps=[typed], since_date=_since(request))
                return redirect(reverse("rulebook:step", kwargs={"code": typed.code}) + "?done=steps")
            changes = panels.step_changes(before, typed)
        except Refusal as said:
            refusal = said
    context = {
        "step": typed,
        "is_new": before is None,
        "code": code,
        "changes": changes,
        "materials": [*typed.materials, *[SPARE] * SPARE_LINES],
        "rules": rules,
        "choices": {
            "lines": rules.LINES.items(),
            "risks": rules.RISKS.items(),
            "accounting": rules.ACCOUNTING.items(),
            "confidences": rules.CONFIDENCES.items(),
            "seals": rules.SEALS.items(),
        },
        "since": request.POST.get("since_date", ""),
        "refusal": refusal_words(refusal) if refusal else None,
    }
    return render(request, "rulebook/edit.html", context, status=refusal.entry.status if refusal else 200)


@login_required
@require_POST
def restore(request: HttpRequest, code: str, edition: int) -> HttpResponse:
    schedule_actions.restore_step(occasion=occasions.of(request), code=code, edition=edition)
    return redirect(reverse("rulebook:step", kwargs={"code": code}) + "?done=restored")


@login_required
@require_POST
def add_shipped(request: HttpRequest) -> HttpResponse:
    """Steps of the starter set that this archive does not have yet."""
    occasion = occasions.of(request)
    schedule_actions.permit(occasion)
    known = {step.code for step in queries.newest_steps()}
    lacking = [facts for facts in schedule_actions.shipped_steps() if facts["code"] not in known]
    if lacking:
        schedule_actions.enter_steps(occasion=occasion, steps=lacking)
    return redirect(reverse("rulebook:steps") + "?done=steps")


def _since(request: HttpRequest) -> dt.date | None:
    typed = request.POST.get("since_date", "").strip()
    return forms.date_of(typed, "起始日期 since") if typed else None


def _listing(request: HttpRequest, refusal: Refusal | None = None, status: int = 200, **more: Any) -> HttpResponse:
    queries.permit_rulebook(occasions.actor_of(request))
    names = schedule.category_names()
    newest = queries.newest_steps()
    groups: dict[str, list[panels.StepLine]] = {}
    for row in newest:
        groups.setdefault(row.category_code, []).append(panels.step_line(row))
    shipped = {facts["code"] for facts in schedule_actions.shipped_steps()}
    context = {
        "groups": [(code, names.get(code, code), lines) for code, lines in groups.items()],
        "count": len(newest),
        "unconfirmed": sum(row.confidence.value == "UNCONFIRMED" for row in newest),
        "lacking": len(shipped - {row.code for row in newest}),
        "may_write": answers.may_write(request),
        "done": panels.done_words(request.GET.get("done", "")),
        "refusal": refusal_words(refusal) if refusal else None,
        **more,
    }
    return render(request, "rulebook/steps.html", context, status=refusal.entry.status if refusal else status)
