from django.urls import path

from anjuan.facilities.search import views
from anjuan.facilities.search.views import exports, questions, standing

app_name = "search"
urlpatterns = [
    path("find/", views.find, name="find"),
    path("find/saved/", questions.saved, name="saved"),
    path("find/saved/keep/", questions.save, name="save"),
    path("find/saved/<str:uid>/open/", questions.open_saved, name="open_saved"),
    path("find/saved/<str:uid>/rename/", questions.rename, name="rename"),
    path("find/saved/<str:uid>/drop/", questions.drop, name="drop"),
    path("find/saved/<str:uid>/restore/", questions.restore, name="restore"),
    path("find/take-out/", exports.take_out, name="take_out"),
    path("find/exports/", exports.exports, name="exports"),
    path("find/exports/register/", exports.register, name="register"),
    path("find/exports/<str:uid>/file/", exports.export_file, name="export_file"),
    path("find/exports/<str:uid>/stop/", exports.stop, name="stop_export"),
    path("find/index/", standing.standing, name="standing"),
    path("find/index/reconcile/", standing.reconcile, name="reconcile"),
    path("records/", views.listing, name="listing"),
    path("item/<str:urn>/", views.item, name="item"),
    path("volume/<str:urn>/", views.volume, name="volume"),
    path("openings/<str:urn>/", views.openings, name="openings"),
    path("reveal/<str:subject>/", views.reveal, name="reveal"),
]
