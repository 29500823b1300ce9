from django.urls import path

from anjuan.desks.intake.views import conditions, counter

app_name = "intake"
urlpatterns = [
    path("", counter.counter, name="counter"),
    path("register/", counter.choose_step, name="choose_step"),
    path("register/<str:step>/", counter.register, name="register"),
    path("page/<int:component>/replace/", counter.replace_page, name="replace_page"),
    path("page/<int:component>/withdraw/", counter.withdraw_page, name="withdraw_page"),
    path("<str:urn>/", counter.item, name="item"),
    path("<str:urn>/capture/", counter.capture, name="capture"),
    path("<str:urn>/paper-pages/", counter.correct_page_count, name="correct_page_count"),
    path("<str:urn>/conditions/", conditions.answer_conditions, name="answer_conditions"),
    path("<str:urn>/submit/", counter.submit, name="submit"),
    path("<str:urn>/close/", counter.close, name="close"),
]
