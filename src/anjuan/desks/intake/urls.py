from django.urls import path

from anjuan.desks.intake import views

app_name = "intake"
urlpatterns = [
    path("", views.counter, name="counter"),
    path("register/", views.choose_step, name="choose_step"),
    path("register/<str:step>/", views.register, name="register"),
    path("page/<int:component>/replace/", views.replace_page, name="replace_page"),
    path("page/<int:component>/withdraw/", views.withdraw_page, name="withdraw_page"),
    path("<str:urn>/", views.item, name="item"),
    path("<str:urn>/capture/", views.capture, name="capture"),
    path("<str:urn>/paper-pages/", views.correct_page_count, name="correct_page_count"),
    path("<str:urn>/submit/", views.submit, name="submit"),
    path("<str:urn>/close/", views.close, name="close"),
]
