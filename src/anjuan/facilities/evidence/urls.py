from django.urls import path, register_converter

from anjuan.facilities.evidence import views

register_converter(views.Day, "day")

app_name = "evidence"
urlpatterns = [
    path("evidence/", views.log, name="log"),
    path("evidence/take-root/", views.take_root, name="take_root"),
    path("evidence/proof.json", views.proof_file, name="proof_file"),
    path("evidence/<day:day>/<int:no>/sheet.pdf", views.day_sheet, name="day_sheet"),
    path("evidence/<day:day>/<int:no>/checkpoint.txt", views.day_note, name="day_note"),
    path("evidence/<day:day>/<int:no>/stamp.tsr", views.day_stamp, name="day_stamp"),
    path("evidence/of/<str:urn>/", views.record, name="record"),
    path("evidence/of/<str:urn>/<int:position>.json", views.line_proof, name="line_proof"),
    path("log/<path:path>", views.published, name="published"),
]
