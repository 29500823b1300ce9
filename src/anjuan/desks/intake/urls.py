from django.urls import path

from anjuan.desks.intake.views import business, catalogue, counter, piles

app_name = "intake"
urlpatterns = [
    path("", counter.counter, name="counter"),
    path("register/", counter.choose_step, name="choose_step"),
    path("register/<str:step>/", counter.register, name="register"),
    path("page/<int:component>/replace/", counter.replace_page, name="replace_page"),
    path("page/<int:component>/withdraw/", counter.withdraw_page, name="withdraw_page"),
    path("business/", business.business, name="business"),
    path("business/gaps/<str:gap>/", business.gaps, name="gaps"),
    path("business/conflicts/<str:uid>/", business.conflict, name="conflict"),
    path("business/conflicts/<str:uid>/settle/", business.settle, name="conflict_settle"),
    path("business/conflicts/<str:uid>/<int:place>/", business.sent_file, name="conflict_file"),
    path("catalogue/", catalogue.sheets, name="sheets"),
    path("catalogue/export/", catalogue.export, name="export"),
    path("catalogue/<str:uid>/", catalogue.sheet, name="sheet"),
    path("catalogue/<str:uid>/check/", catalogue.check, name="sheet_check"),
    path("catalogue/<str:uid>/take/", catalogue.take, name="sheet_take"),
    path("catalogue/<str:uid>/undo/", catalogue.undo, name="sheet_undo"),
    path("catalogue/<str:uid>/faults/", catalogue.faults, name="sheet_faults"),
    path("piles/", piles.piles, name="piles"),
    path("piles/separators/", piles.separators, name="separators"),
    path("piles/<str:uid>/", piles.pile, name="pile"),
    path("piles/<str:uid>/take-back/", piles.take_back, name="pile_take_back"),
    path("piles/<str:uid>/recount/", piles.recount, name="pile_recount"),
    path("piles/<str:uid>/confirm/", piles.confirm, name="pile_confirm"),
    path("piles/<str:uid>/discard/", piles.discard, name="pile_discard"),
    path("piles/<str:uid>/<int:ordinal>/mark/", piles.mark, name="pile_mark"),
    path("piles/<str:uid>/<int:ordinal>/thumb.jpg", piles.thumb, name="pile_thumb"),
    path("piles/<str:uid>/<int:ordinal>/view.jpg", piles.view, name="pile_view"),
    path("<str:urn>/", counter.item, name="item"),
    path("<str:urn>/capture/", counter.capture, name="capture"),
    path("<str:urn>/paper-pages/", counter.correct_page_count, name="correct_page_count"),
    path("<str:urn>/submit/", counter.submit, name="submit"),
    path("<str:urn>/close/", counter.close, name="close"),
]
