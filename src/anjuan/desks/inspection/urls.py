from django.urls import path

from anjuan.desks.inspection.views import judging, paper, plans, printed, rechecks

app_name = "inspection"
urlpatterns = [
    path("self-check/", judging.self_checks, name="self_checks"),
    path("self-check/<str:urn>/", judging.self_check, name="self_check"),
    path("self-check/<str:urn>/sheet.pdf", printed.self_check_sheet, name="self_check_sheet"),
    path("self-check/<str:urn>/sign/", judging.sign, name="sign"),
    path("self-check/<str:urn>/return/", judging.return_self_check, name="return_self_check"),
    path("self-check/<str:urn>/finding/<str:place>/", judging.answer_self_check, name="answer_self_check"),
    path("volumes/<str:urn>/acceptance.pdf", printed.acceptance_record, name="acceptance_record"),
    path("volumes/<str:urn>/recheck.pdf", printed.recheck_record, name="recheck_record"),
    path("quality/<str:agency>/<str:paper>.pdf", printed.agency_paper, name="agency_paper"),
    path("pre-acceptance/", judging.pre_acceptances, name="pre_acceptances"),
    path("pre-acceptance/<str:urn>/", judging.pre_acceptance, name="pre_acceptance"),
    path("pre-acceptance/<str:urn>/accept/", judging.accept, name="accept"),
    path("pre-acceptance/<str:urn>/return/", judging.return_pre_acceptance, name="return_pre_acceptance"),
    path("pre-acceptance/<str:urn>/finding/<str:place>/", judging.answer_pre_acceptance, name="answer_pre_acceptance"),
    path("spot/", paper.spots, name="spots"),
    path("spot/freeze/", paper.freeze, name="freeze"),
    path("spot/<str:draw_no>/", paper.spot, name="spot"),
    path("spot/<str:draw_no>/draw/", paper.draw_spot, name="draw_spot"),
    path("spot/<str:draw_no>/pass/", paper.pass_spot, name="pass_spot"),
    path("acceptance/", paper.acceptances, name="acceptances"),
    path("paper/<str:urn>/", paper.paper, name="paper"),
    path("paper/<str:urn>/check/", paper.check, name="check_paper"),
    path("paper/<str:urn>/accept/", paper.accept, name="accept_paper"),
    path("paper/<str:urn>/return/", paper.return_paper, name="return_paper"),
    path("plans/", plans.plans, name="plans"),
    path("plans/order/", plans.order, name="order"),
    path("acceptors/", plans.acceptors, name="acceptors"),
    path("recheck/", rechecks.rechecks, name="rechecks"),
    path("recheck/draw/", rechecks.draw, name="draw"),
    path("recheck/<str:draw_no>/", rechecks.recheck, name="recheck"),
    path("recheck/<str:draw_no>/return/<str:urn>/", rechecks.return_recheck, name="return_recheck"),
    path("recheck/<str:draw_no>/pass/", rechecks.pass_recheck, name="pass"),
]
