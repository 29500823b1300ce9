from django.urls import path

from anjuan.desks.transfer import views
from anjuan.desks.transfer.views import house

app_name = "transfer"
urlpatterns = [
    path("", views.board, name="board"),
    path("apply/", views.apply, name="apply"),
    path("house/", house.board, name="house"),
    path("house/trips/", house.plan_trip, name="plan_trip"),
    path("house/trips/<str:trip_no>/", house.trip, name="trip"),
    path("house/trips/<str:trip_no>/cancel/", house.cancel_trip, name="cancel_trip"),
    path("house/trips/<str:trip_no>.pdf", house.trip_order, name="trip_order"),
    path("<str:batch_no>/", views.batch, name="batch"),
    path("<str:batch_no>/draw/", views.draw, name="draw"),
    path("<str:batch_no>/witness/", views.witness, name="witness"),
    path("<str:batch_no>/return/<str:urn>/", views.refuse, name="refuse"),
    path("<str:batch_no>/dispatch/", views.dispatch, name="dispatch"),
    path("<str:batch_no>/receive/", views.receive, name="receive"),
    path("<str:batch_no>/register.pdf", views.register, name="register"),
    path("<str:batch_no>/witness.pdf", views.witness_record, name="witness_record"),
]
