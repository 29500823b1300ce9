from django.urls import path

from anjuan.facilities.notices import views

app_name = "notices"
urlpatterns = [
    path("", views.mine, name="mine"),
    path("overdue/", views.overdue, name="overdue"),
    path("done/", views.done, name="done"),
    path("<int:pk>/read/", views.read, name="read"),
]
