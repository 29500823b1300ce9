from django.urls import path

from anjuan.desks.inspection import views

app_name = "inspection"
urlpatterns = [
    path("self-check/", views.self_checks, name="self_checks"),
    path("self-check/<str:urn>/", views.self_check, name="self_check"),
    path("self-check/<str:urn>/sign/", views.sign, name="sign"),
    path("self-check/<str:urn>/return/", views.return_self_check, name="return_self_check"),
    path("pre-acceptance/", views.pre_acceptances, name="pre_acceptances"),
    path("pre-acceptance/<str:urn>/", views.pre_acceptance, name="pre_acceptance"),
    path("pre-acceptance/<str:urn>/accept/", views.accept, name="accept"),
    path("pre-acceptance/<str:urn>/return/", views.return_pre_acceptance, name="return_pre_acceptance"),
    path("recheck/", views.rechecks, name="rechecks"),
    path("recheck/draw/", views.draw, name="draw"),
    path("recheck/<str:draw_no>/", views.recheck, name="recheck"),
    path("recheck/<str:draw_no>/pass/", views.pass_recheck, name="pass"),
]
