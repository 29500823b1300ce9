from django.urls import path

from anjuan.facilities.condition import views

app_name = "condition"
urlpatterns = [
    path("", views.damages, name="damages"),
    path("records/<str:urn>/", views.record, name="record"),
    path("records/<str:urn>/note/", views.note, name="note"),
    path("<int:pk>/repair/", views.repair, name="repair"),
]
