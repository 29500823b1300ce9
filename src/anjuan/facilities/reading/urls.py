from django.urls import path

from anjuan.facilities.reading import views

app_name = "reading"
urlpatterns = [
    path("records/<str:urn>/", views.record, name="record"),
    path("<int:component>/<int:page>/", views.page, name="page"),
]
