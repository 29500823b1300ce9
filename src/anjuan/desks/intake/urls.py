from django.urls import path

from anjuan.desks.intake.views import counter, phone, strip

app_name = "intake"
urlpatterns = [
    path("", counter.counter, name="counter"),
    path("register/", counter.choose_step, name="choose_step"),
    path("register/<str:step>/", counter.register, name="register"),
    path("register/<str:step>/draft/", counter.draft, name="draft"),
    path("page/<int:component>/replace/", counter.replace_page, name="replace_page"),
    path("page/<int:component>/withdraw/", counter.withdraw_page, name="withdraw_page"),
    path("page/<int:component>/turn/", strip.turn, name="turn"),
    path("phone/<str:token>/", phone.phone, name="phone"),
    path("phone/<str:token>/capture/", phone.phone_capture, name="phone_capture"),
    path("<str:urn>/", counter.item, name="item"),
    path("<str:urn>/order/", strip.order, name="order"),
    path("<str:urn>/reuse/<int:component>/", strip.take_over, name="reuse"),
    path("<str:urn>/phone/", phone.pair, name="pair"),
    path("<str:urn>/phone/end/", phone.unpair, name="unpair"),
    path("<str:urn>/phone/watch/", phone.watch, name="watch"),
    path("<str:urn>/capture/", counter.capture, name="capture"),
    path("<str:urn>/paper-pages/", counter.correct_page_count, name="correct_page_count"),
    path("<str:urn>/submit/", counter.submit, name="submit"),
    path("<str:urn>/close/", counter.close, name="close"),
]
