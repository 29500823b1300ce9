"""Blank forms for the public (业务表格下载): no account, nothing of any person on them."""

import functools
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from anjuan.desks.rulebook import panels, rules
from anjuan.facilities.printing import queries as printing
from anjuan.facilities.printing.rules import FormName
from anjuan.foundation.schedule import queries as schedule
from anjuan.foundation.schedule.queries import StepRow


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """The forms by kind of business, with what to bring for each."""
    names = schedule.category_names()
    groups: dict[str, list[panels.StepLine]] = {}
    for step in schedule.steps():
        if rules.is_handed_in(step):
            groups.setdefault(step.category_code, []).append(panels.step_line(step))
    context = {"groups": [(code, names.get(code, code), lines) for code, lines in groups.items()]}
    return render(request, "rulebook/blanks.html", context)


@require_safe
def blank(request: HttpRequest, code: str) -> HttpResponse:
    """The blank main form of a step with its list of materials, as PDF."""
    step = schedule.step(code)
    answer = HttpResponse(_printed(step), content_type="application/pdf")
    main = next(material.name for material in step.materials if material.is_main)
    answer.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(main)}.pdf"
    answer.headers["Cache-Control"] = "public, max-age=600"
    return answer


@functools.lru_cache(maxsize=256)
def _printed(step: StepRow) -> bytes:
    """Set once an edition: whoever asks again, and however often, gets the same bytes."""
    return printing.print_form(
        form=FormName.BLANK, facts=panels.blank_facts(step), at=step.since_at, practice=settings.PRACTICE
    )
