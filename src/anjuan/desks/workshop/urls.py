from django.urls import path

from anjuan.desks.workshop import views

app_name = "workshop"
urlpatterns = [
    path("", views.board, name="board"),
    path("selection/", views.selection, name="selection"),
    path("<str:urn>/", views.order, name="order"),
    path("<str:urn>/images/", views.images, name="images"),
    path("<str:urn>/take-in/", views.take_in, name="take_in"),
    path("<str:urn>/stations/<str:station>/", views.complete, name="complete"),
    path("<str:urn>/send-back/", views.send_back, name="send_back"),
    path("<str:urn>/return/", views.return_volume, name="return"),
    path("<str:urn>/finish/", views.finish, name="finish"),
]
