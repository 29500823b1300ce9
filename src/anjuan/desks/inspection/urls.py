from django.urls import path

from anjuan.desks.inspection.views import judging, paper, printed

app_name = "inspection"
urlpatterns = [
    path("self-check/", judging.self_checks, name="self_checks"),
    path("self-check/<str:urn>/", judging.self_check, name="self_check"),
    path("self-check/<str:urn>/sheet.pdf", printed.self_check_sheet, name="self_check_sheet"),
    path("self-check/<str:urn>/sign/", judging.sign, name="sign"),
    path("self-check/<str:urn>/return/", judging.return_self_check, name="return_self_check"),
    path("pre-acceptance/", judging.pre_acceptances, name="pre_acceptances"),
    path("pre-acceptance/<str:urn>/", judging.pre_acceptance, name="pre_acceptance"),
    path("pre-acceptance/<str:urn>/accept/", judging.accept, name="accept"),
    path("pre-acceptance/<str:urn>/return/", judging.return_pre_acceptance, name="return_pre_acceptance"),
    path("spot/", paper.spots, name="spots"),
    path("spot/draw/", paper.draw_spot, name="draw_spot"),
    path("spot/<str:draw_no>/", paper.spot, name="spot"),
    path("spot/<str:draw_no>/pass/", paper.pass_spot, name="pass_spot"),
    path("acceptance/", paper.acceptances, name="acceptances"),
    path("paper/<str:urn>/", paper.paper, name="paper"),
    path("paper/<str:urn>/check/", paper.check, name="check_paper"),
    path("paper/<str:urn>/accept/", paper.accept, name="accept_paper"),
    path("paper/<str:urn>/return/", paper.return_paper, name="return_paper"),
    path("recheck/", judging.rechecks, name="rechecks"),
    path("recheck/draw/", judging.draw, name="draw"),
    path("recheck/<str:draw_no>/", judging.recheck, name="recheck"),
    path("recheck/<str:draw_no>/return/<str:urn>/", judging.return_recheck, name="return_recheck"),
    path("recheck/<str:draw_no>/pass/", judging.pass_recheck, name="pass"),
]
