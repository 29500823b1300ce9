from django.urls import path

from anjuan.desks.review import views

app_name = "review"
urlpatterns = [
    path("", views.waiting, name="waiting"),
    path("<str:urn>/", views.judge, name="judge"),
    path("<str:urn>/feedback.pdf", views.feedback, name="feedback"),
    path("<str:urn>/pass/", views.pass_item, name="pass_item"),
    path("<str:urn>/return/", views.return_item, name="return_item"),
]
