"""The addresses of the whole, with an API of these rooms alone: their routers are tested before and after composing."""

from django.urls import path
from ninja import NinjaAPI

from anjuan.config.urls import handler400, handler403, handler404, handler500  # noqa: F401
from anjuan.config.urls import urlpatterns as whole
from anjuan.desks.intake.api import router as intake
from anjuan.desks.review.api import router as review
from anjuan.facilities.corrections.api import router as corrections
from anjuan.foundation.accounts.api import router as session

api = NinjaAPI(urls_namespace="rooms", docs_url=None)
for router in (intake, review, corrections, session):
    api.add_router("", router)

urlpatterns = [path("api/rooms/", api.urls), *whole]
