from django.urls import path

from anjuan.facilities.progress import views

app_name = "progress"
urlpatterns = [
    path("steps/", views.steps, name="steps"),
    path("deadlines/", views.deadlines_board, name="deadlines"),
    path("deadlines/<str:deadline>/", views.due, name="due"),
    path("imaging/", views.imaging, name="imaging"),
    path("<str:urn>/", views.standing, name="standing"),
    path("<str:urn>/open/", views.open_record, name="open"),
    path("<str:urn>/remind/", views.remind, name="remind"),
]
