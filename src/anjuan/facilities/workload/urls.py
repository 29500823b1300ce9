from django.urls import path

from anjuan.facilities.workload import views

app_name = "workload"
urlpatterns = [
    path("", views.ledger, name="ledger"),
    path("ledger.csv", views.sheet, name="sheet"),
    path("helpers/<int:pk>/explain/", views.explain, name="explain"),
]
