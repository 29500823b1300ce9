from django.apps import AppConfig


class TransferConfig(AppConfig):
    name = "anjuan.desks.transfer"
    label = "transfer"
    verbose_name = "移交"
    default_auto_field = "django.db.models.BigAutoField"
