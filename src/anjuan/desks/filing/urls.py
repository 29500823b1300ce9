from django.urls import path

from anjuan.desks.filing import views
from anjuan.desks.filing.views import batches, forwardings, numbers

app_name = "filing"
urlpatterns = [
    path("", views.pool, name="pool"),
    path("open/", views.open_volume, name="open"),
    path("faults/<int:pk>/answer/", views.answer, name="answer"),
    path("accept/", batches.accept, name="accept"),
    path("move/", batches.move, name="move"),
    path("seal/", batches.seal_many, name="seal_many"),
    path("print/", batches.print_many, name="print_many"),
    path("prints/<str:uid>.pdf", batches.printed_run, name="print_run"),
    path("numbers/", numbers.numbers, name="numbers"),
    path("numbers/void/", numbers.void, name="void"),
    path("numbers/renumber/", numbers.renumber, name="renumber"),
    path("numbers/<int:year>/<str:category>.pdf", numbers.volume_list, name="volume_list"),
    path("cells/<str:room>.pdf", numbers.cell_labels, name="cell_labels"),
    path("forwardings/", forwardings.forwardings, name="forwardings"),
    path("forwardings/prepare/", forwardings.prepare, name="prepare"),
    path("forwardings/<str:notice_no>/send/", forwardings.send, name="send"),
    path("forwardings/<str:notice_no>/receipt/", forwardings.receipt, name="receipt"),
    path("forwardings/<str:notice_no>/cancel/", forwardings.cancel, name="cancel"),
    path("forwardings/<str:notice_no>.pdf", forwardings.notice, name="notice"),
    path("<str:urn>/", views.volume, name="volume"),
    path("<str:urn>/undo/", views.undo, name="undo"),
    path("<str:urn>/take-in/", batches.take_in, name="take_in"),
    path("<str:urn>/insert/", views.insert, name="insert"),
    path("<str:urn>/note/", views.annotate, name="annotate"),
    path("<str:urn>/supplement/", views.supplement, name="supplement"),
    path("<str:urn>/labels.pdf", views.labels_sheet, name="labels"),
    path("<str:urn>/contents/<int:issue_no>.pdf", views.issue, name="issue"),
    path("<str:urn>/preview/<str:form>.png", views.preview, name="preview"),
    path("<str:urn>/order/", views.arrange, name="arrange"),
    path("<str:urn>/add/", views.add, name="add"),
    path("<str:urn>/release/", views.release, name="release"),
    path("<str:urn>/seal/", views.seal, name="seal"),
    path("<str:urn>/resubmit/", views.resubmit, name="resubmit"),
    path("<str:urn>/<str:form>.pdf", views.printed, name="print"),
]
