from django.urls import path

from anjuan.facilities.viewer.views import images, manifests

app_name = "iiif"
urlpatterns = [
    path("presentation/3/<str:urn>/manifest", manifests.manifest, name="manifest"),
    path("presentation/3/<str:urn>/collection", manifests.collection, name="collection"),
    path("3/<str:name>", images.base, name="base"),
    path("3/<str:name>/info.json", images.described, name="described"),
    path("3/<str:name>/<path:asked>", images.image, name="image"),
]
