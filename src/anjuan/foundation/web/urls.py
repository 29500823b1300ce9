from django.urls import path
from django.views.i18n import set_language

from anjuan.foundation.web import views

app_name = "web"
urlpatterns = [
    path("", views.desk, name="desk"),
    path("lan/", views.trust, name="trust"),
    path("lan/root.crt", views.trust_root, name="trust_root"),
    path("language/", set_language, name="set_language"),
    path("refusals/<str:code>/", views.refusal, name="refusal"),
]
