from django.apps import AppConfig


class ProgressConfig(AppConfig):
    name = "anjuan.facilities.progress"
    label = "progress"
    verbose_name = "进展"
    default_auto_field = "django.db.models.BigAutoField"
