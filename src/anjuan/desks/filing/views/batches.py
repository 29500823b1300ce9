"""Many at once: proposals accepted and moved between, volumes sealed, papers printed."""

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from anjuan.core.refusals import Refusal
from anjuan.desks.filing import actions, forms, queries, rules
from anjuan.desks.filing.views.pages import numbers_page, pool_page
from anjuan.foundation.accounts import occasions


@login_required
@require_POST
def accept(request: HttpRequest) -> HttpResponse:
    """Open the chosen proposals, or all of them, as they stand now; in acts of whole proposals."""
    wanted = forms.read_accepted(request.POST)
    rows = [
        row
        for row in queries.proposals(occasions.actor_of(request))
        if row.dossier is None and (wanted is None or row.items[0].urn in wanted)
    ]
    try:
        if not rows:
            raise Refusal("F-007")
        for places in rules.in_acts([len(row.items) for row in rows]):
            chosen = [actions.Chosen(rows[place].title, rows[place].proposal.urns) for place in places]
            actions.open_volumes(occasion=occasions.of(request), chosen=chosen)
    except Refusal as refusal:
        return pool_page(request, refusal)
    return redirect(reverse("filing:pool") + "?done=accepted#open")


@login_required
@require_POST
def move(request: HttpRequest) -> HttpResponse:
    """Move the items that are not ticked in one proposal to another, or into a volume of their own."""
    form = forms.read_open(request.POST)
    try:
        row = next(
            (row for row in queries.proposals(occasions.actor_of(request)) if row.items[0].urn == form.proposal), None
        )
        unticked = [urn for urn in row.proposal.urns if urn not in form.items] if row else []
        actions.move_proposed(
            occasion=occasions.of(request), item_urns=unticked, beside_urn=request.POST.get("beside", "")
        )
    except Refusal as refusal:
        return pool_page(request, refusal, form)
    return redirect(reverse("filing:pool") + "?done=moved#pool")


@login_required
@require_POST
def take_in(request: HttpRequest, urn: str) -> HttpResponse:
    """Put the loose material of a proposal into the dossier that is open."""
    try:
        actions.add_items(
            occasion=occasions.of(request),
            volume_urn=urn,
            item_urns=[str(item) for item in request.POST.getlist("item")],
        )
    except Refusal as refusal:
        return pool_page(request, refusal)
    return redirect(reverse("filing:volume", kwargs={"urn": urn}) + "?done=taken_in#items")


@login_required
@require_POST
def seal_many(request: HttpRequest) -> HttpResponse:
    """Have the chosen open volumes sealed as a job, whose page shows how far it is."""
    try:
        uid = actions.start_sealing(
            occasion=occasions.of(request), volume_urns=[str(urn) for urn in request.POST.getlist("volume")]
        )
    except Refusal as refusal:
        return pool_page(request, refusal)
    return redirect("jobs:one", uid=uid)


@login_required
@require_POST
def print_many(request: HttpRequest) -> HttpResponse:
    """Have the papers of a whole run of numbers printed as a job."""
    key = request.POST.get("run", "")
    try:
        run = queries.run_for(occasions.actor_of(request), key)
        actions.start_printing(
            occasion=occasions.of(request),
            volume_urns=run.volume_urns,
            forms=[str(form) for form in request.POST.getlist("form")],
        )
    except Refusal as refusal:
        return numbers_page(request, refusal)
    return redirect(reverse("filing:numbers") + f"?year={key.split('/')[1]}&done=printing#prints")


@login_required
@require_safe
def printed_run(request: HttpRequest, uid: str) -> HttpResponseBase:
    """The file of a print run, for whoever had it made."""
    run = queries.get_print_for(occasions.actor_of(request), uid)
    path = queries.print_folder(run.uid) / "whole.pdf"
    if not path.exists():
        raise Refusal("F-026", title=run.title)
    answer = FileResponse(path.open("rb"), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{run.uid[:8]}.pdf"'
    answer["Cache-Control"] = "private, no-store"
    return answer
