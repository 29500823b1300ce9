"""The API (接口): everything a screen does, typed, composed from each room's ``api.py``.

OpenAPI 3.1 at /api/v1/openapi.json. Log in with POST /api/v1/session and send the token as
``Authorization: Bearer …``. Refusals are problem details (RFC 9457) with the refusal's code, clause and next step.
"""

from django.http import HttpRequest, HttpResponse
from django.http.request import RawPostDataException
from ninja import NinjaAPI
from ninja.errors import ValidationError

from anjuan.bridges.exchange.api import router as exchange
from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor
from anjuan.desks.certificates.api import router as certificates
from anjuan.desks.filing.api import router as filing
from anjuan.desks.holdings.api import router as holdings
from anjuan.desks.inspection.api import router as inspection
from anjuan.desks.inspection.api.campaigns import router as campaigns
from anjuan.desks.inspection.api.probes import router as probes
from anjuan.desks.intake.api import router as intake
from anjuan.desks.intake.api.attaching import router as attaching
from anjuan.desks.intake.api.business import router as gaps
from anjuan.desks.intake.api.catalogue import router as catalogue
from anjuan.desks.intake.api.declarations import router as declarations
from anjuan.desks.intake.api.likeness import router as likeness
from anjuan.desks.intake.api.piles import router as piles
from anjuan.desks.intake.api.sendings import router as sendings
from anjuan.desks.intake.api.strip import router as strip
from anjuan.desks.linkage.api import router as linkage
from anjuan.desks.review.api import router as review
from anjuan.desks.rulebook.api import router as rulebook
from anjuan.desks.rulebook.api.categories import router as categories
from anjuan.desks.rulebook.api.templates import router as form_templates
from anjuan.desks.training.api import router as training
from anjuan.desks.transfer.api import router as transfer
from anjuan.desks.transfer.api.house import router as house
from anjuan.desks.workshop.api import router as workshop
from anjuan.facilities.answers.api import router as answers
from anjuan.facilities.assurance.api import router as assurance
from anjuan.facilities.business.api import router as business
from anjuan.facilities.condition.api import router as condition
from anjuan.facilities.copies.api import router as copies
from anjuan.facilities.corrections.api import router as corrections
from anjuan.facilities.evidence.api import router as evidence
from anjuan.facilities.formats.api import router as pages
from anjuan.facilities.jobs.api import router as jobs
from anjuan.facilities.lives.api import router as lives
from anjuan.facilities.notices.api import router as notices
from anjuan.facilities.progress.api import router as progress
from anjuan.facilities.reading.api import router as reading
from anjuan.facilities.screening.api import router as screening
from anjuan.facilities.search.api import router as search
from anjuan.facilities.secrecy.api import router as secrecy
from anjuan.facilities.stacks.api import router as stacks
from anjuan.facilities.viewer.api import router as viewer
from anjuan.facilities.workload.api import router as workload
from anjuan.foundation.accounts import occasions
from anjuan.foundation.accounts.api import router as session
from anjuan.foundation.web.middleware import refused


def _bearer(request: HttpRequest) -> Actor:
    """Who acts; raises A-007 (401) when nobody does."""
    return occasions.actor_of(request)


api = NinjaAPI(title="案卷 Anjuan", version="1", auth=_bearer, docs_url=None, urls_namespace="api")


@api.exception_handler(ValidationError)
def _malformed(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """A body that has not the form of the request is refused like everything else: code, reason, next step."""
    wrong = {".".join(str(part) for part in fault["loc"][1:]): fault["msg"] for fault in error.errors}
    return refused(request, Refusal("A-010", fields="; ".join(f"{where}: {why}" for where, why in wrong.items())[:400]))


@api.exception_handler(RawPostDataException)
def _no_json(request: HttpRequest, error: RawPostDataException) -> HttpResponse:
    """A form where JSON is asked for: its stream is spent before the shape is read."""
    return refused(request, Refusal("A-010", fields="body: application/json"))


api.add_router("", session)
api.add_router("", intake)
api.add_router("", strip)
api.add_router("", likeness)
api.add_router("", piles)
api.add_router("", catalogue)
api.add_router("", gaps)
api.add_router("", attaching)
api.add_router("", sendings)
api.add_router("", declarations)
api.add_router("", review)
api.add_router("", business)
api.add_router("", linkage)
api.add_router("", holdings)
api.add_router("", copies)
api.add_router("", condition)
api.add_router("", reading)
api.add_router("", training)
api.add_router("", assurance)
api.add_router("", corrections)
api.add_router("", evidence)
api.add_router("", pages)
api.add_router("", viewer)
api.add_router("", jobs)
api.add_router("", notices)
api.add_router("", progress)
api.add_router("", workload)
api.add_router("", screening)
api.add_router("", secrecy)
api.add_router("", search)
api.add_router("", answers)
api.add_router("", lives)
api.add_router("/exchange", exchange)
api.add_router("", stacks)
api.add_router("", certificates)
api.add_router("/filing", filing)
api.add_router("/inspection", inspection)
api.add_router("/inspection", campaigns)
api.add_router("/inspection", probes)
api.add_router("", categories)
api.add_router("/rulebook", rulebook)
api.add_router("/rulebook", form_templates)
api.add_router("/transfer", transfer)
api.add_router("/transfer", house)
api.add_router("/workshop", workshop)
