from django.urls import path

from anjuan.desks.training import views

app_name = "training"
urlpatterns = [
    path("", views.board, name="board"),
    path("plan/", views.plan, name="plan"),
    path("<str:session_no>/", views.session, name="session"),
    path("<str:session_no>/hold/", views.hold, name="hold"),
    path("<str:session_no>/cancel/", views.cancel, name="cancel"),
    path("<str:session_no>.pdf", views.record, name="record"),
]
