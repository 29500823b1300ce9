from django.apps import AppConfig


class ReadingConfig(AppConfig):
    name = "anjuan.facilities.reading"
    label = "reading"
    verbose_name = "识读"
    default_auto_field = "django.db.models.BigAutoField"
