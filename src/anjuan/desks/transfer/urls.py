from django.urls import path

from anjuan.desks.transfer import views

app_name = "transfer"
urlpatterns = [
    path("", views.board, name="board"),
    path("apply/", views.apply, name="apply"),
    path("<str:batch_no>/", views.batch, name="batch"),
    path("<str:batch_no>/draw/", views.draw, name="draw"),
    path("<str:batch_no>/witness/", views.witness, name="witness"),
    path("<str:batch_no>/return/<str:urn>/", views.refuse, name="refuse"),
    path("<str:batch_no>/dispatch/", views.dispatch, name="dispatch"),
    path("<str:batch_no>/receive/", views.receive, name="receive"),
    path("<str:batch_no>/register.pdf", views.register, name="register"),
    path("<str:batch_no>/witness.pdf", views.witness_record, name="witness_record"),
]
