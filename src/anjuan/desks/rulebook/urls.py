from django.urls import path

from anjuan.desks.rulebook.views import blanks, duties, fonds, steps, table

app_name = "rulebook"
urlpatterns = [
    path("", table.home, name="home"),
    path("blanks/", blanks.listing, name="blanks"),
    path("blanks/<str:code>.pdf", blanks.blank, name="blank"),
    path("compare/", table.compared, name="compared"),
    path("versions/<str:code>/", table.version, name="version"),
    path("versions/<str:code>/sheet/", table.version_sheet, name="version_sheet"),
    path("versions/<str:code>/consent/", table.record_consent, name="record_consent"),
    path("drafts/", table.open_draft, name="open_draft"),
    path("drafts/<str:code>/", table.draft, name="draft"),
    path("drafts/<str:code>/revise/", table.revise_draft, name="revise_draft"),
    path("drafts/<str:code>/drop/", table.drop_draft, name="drop_draft"),
    path("drafts/<str:code>/rehearsal/", table.rehearsal, name="rehearsal"),
    path("drafts/<str:code>/adopt/", table.adopt, name="adopt"),
    path("duties/", duties.matrix, name="duties"),
    path("steps/", steps.listing, name="steps"),
    path("steps/sheet/", steps.sheet, name="step_sheet"),
    path("steps/upload/", steps.upload, name="upload_steps"),
    path("steps/shipped/", steps.add_shipped, name="add_shipped"),
    path("steps/<str:code>/", steps.step, name="step"),
    path("steps/<str:code>/edit/", steps.edit, name="edit_step"),
    path("steps/<str:code>/restore/<int:edition>/", steps.restore, name="restore_step"),
    path("fonds/", fonds.listing, name="fonds"),
    path("fonds/open/", fonds.open_fonds, name="open_fonds"),
    path("fonds/<str:code>/", fonds.one, name="one_fonds"),
    path("fonds/<str:code>/numbering/", fonds.set_numbering, name="set_numbering"),
    path("fonds/<str:code>/categories/", fonds.add_category, name="add_category"),
    path("fonds/<str:code>/categories/<str:category>/", fonds.arrange_category, name="arrange_category"),
]
