from django.urls import path

from anjuan.desks.linkage import views

app_name = "linkage"
urlpatterns = [
    path("<str:token>/", views.view, name="view"),
    path("<str:token>/<int:component>/<int:page>.jpg", views.page_image, name="page"),
]
