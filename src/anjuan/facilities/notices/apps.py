from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "anjuan.facilities.notices"
    label = "notices"
    verbose_name = "通知·待办"
    default_auto_field = "django.db.models.BigAutoField"
