from django.urls import path

from anjuan.facilities.formats import views

app_name = "formats"
urlpatterns = [
    path("<int:component>/<int:page>/thumb.jpg", views.thumb, name="thumb"),
    path("<int:component>/<int:page>/view.jpg", views.view, name="view"),
    path("<int:component>/<int:page>/page.dzi", views.tiles, name="tiles"),
    path("<int:component>/<int:page>/page_files/<int:level>/<str:tile>", views.tile, name="tile"),
    path("<int:component>/original", views.original, name="original"),
]
