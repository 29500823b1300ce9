"""The root of all addresses. Composition by URL: each room brings its own."""

from django.urls import include, path

from anjuan.config import panels
from anjuan.config.api import api

panels.hang()

urlpatterns = [
    path("api/v1/", api.urls),
    path("pages/", include("anjuan.facilities.formats.urls")),
    path("view/", include("anjuan.facilities.viewer.urls")),
    path("iiif/", include("anjuan.facilities.viewer.iiif_urls")),
    path("stacks/", include("anjuan.facilities.stacks.urls")),
    path("elsewhere/", include("anjuan.bridges.exchange.urls")),
    path("ask/", include("anjuan.facilities.answers.urls")),
    path("", include("anjuan.facilities.search.urls")),
    path("", include("anjuan.desks.certificates.urls")),
    path("", include("anjuan.foundation.web.urls")),
    path("intake/", include("anjuan.desks.intake.urls")),
    path("submit/", include("anjuan.desks.intake.public_urls")),
    path("review/", include("anjuan.desks.review.urls")),
    path("", include("anjuan.facilities.evidence.urls")),
    path("workload/", include("anjuan.facilities.workload.urls")),
    path("progress/", include("anjuan.facilities.progress.urls")),
    path("assurance/", include("anjuan.facilities.assurance.urls")),
    path("corrections/", include("anjuan.facilities.corrections.urls")),
    path("condition/", include("anjuan.facilities.condition.urls")),
    path("reading/", include("anjuan.facilities.reading.urls")),
    path("lives/", include("anjuan.facilities.lives.urls")),
    path("copies/", include("anjuan.facilities.copies.urls")),
    path("restricted/", include("anjuan.facilities.secrecy.urls")),
    path("quarantine/", include("anjuan.facilities.screening.urls")),
    path("jobs/", include("anjuan.facilities.jobs.urls")),
    path("notices/", include("anjuan.facilities.notices.urls")),
    path("account/", include("anjuan.foundation.accounts.urls")),
    path("filing/", include("anjuan.desks.filing.urls")),
    path("inspection/", include("anjuan.desks.inspection.urls")),
    path("transfer/", include("anjuan.desks.transfer.urls")),
    path("rulebook/", include("anjuan.desks.rulebook.urls")),
    path("holdings/", include("anjuan.desks.holdings.urls")),
    path("linked/", include("anjuan.desks.linkage.urls")),
    path("workshop/", include("anjuan.desks.workshop.urls")),
    path("training/", include("anjuan.desks.training.urls")),
]

handler400 = "anjuan.foundation.web.views.bad_request"
handler403 = "anjuan.foundation.web.views.forbidden"
handler404 = "anjuan.foundation.web.views.not_found"
handler500 = "anjuan.foundation.web.views.server_error"
