from django.urls import path

from anjuan.facilities.reading import views

app_name = "reading"
urlpatterns = [
    path("records/<str:urn>/", views.record, name="record"),
    path("records/<str:urn>/searchable.pdf", views.searchable, name="searchable"),
    path("records/<str:urn>/searchable-<int:part>.pdf", views.searchable, name="searchable_part"),
    path("<int:component>/<int:page>/", views.page, name="page"),
]
