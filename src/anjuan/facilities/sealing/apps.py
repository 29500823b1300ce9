from django.apps import AppConfig


class SealingConfig(AppConfig):
    name = "anjuan.facilities.sealing"
    label = "sealing"
    verbose_name = "封存"
    default_auto_field = "django.db.models.BigAutoField"
