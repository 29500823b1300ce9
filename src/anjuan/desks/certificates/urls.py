from django.urls import path

from anjuan.desks.certificates import views

app_name = "certificates"
urlpatterns = [
    path("certificates/", views.newest, name="newest"),
    path("certificates/ask/<str:subject>/", views.ask, name="ask"),
    path("certificates/ratings/", views.ratings, name="ratings"),
    path("certificates/ratings/<str:number>/follow-up/", views.follow_up, name="follow_up"),
    path("certificates/<str:number>/rate/", views.take_rating, name="take_rating"),
    path("certificates/<str:number>/", views.certificate, name="certificate"),
    path("certificates/<str:number>/issue/", views.issue, name="issue"),
    path("certificates/<str:number>/revoke/", views.revoke, name="revoke"),
    path("certificates/<str:number>.pdf", views.download, name="download"),
    path("verify/", views.verify, name="verify"),
    path("verify/trust.json", views.trust, name="trust"),
    path("verify/anjuan-verify.pyz", views.verifier, name="verifier"),
    path("verify/<str:code>/rate/", views.rate, name="rate"),
    path("verify/<str:code>/", views.verify, name="verify_code"),
    path("verify/<str:code>", views.verify),
]
