from django.urls import path

from anjuan.facilities.viewer.views import pages

app_name = "viewer"
urlpatterns = [
    path("print/<int:component>/<int:page>/", pages.print_page, name="print"),
    path("marks/<int:component>/<int:page>/", pages.marks, name="marks"),
    path("<str:urn>/", pages.view, name="view"),
    path("<str:urn>/pages.json", pages.pages, name="pages"),
]
