from django.apps import AppConfig


class WorkshopConfig(AppConfig):
    name = "anjuan.desks.workshop"
    label = "workshop"
    verbose_name = "数字化加工"
    default_auto_field = "django.db.models.BigAutoField"
