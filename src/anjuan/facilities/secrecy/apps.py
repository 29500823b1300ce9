from django.apps import AppConfig


class SecrecyConfig(AppConfig):
    name = "anjuan.facilities.secrecy"
    label = "secrecy"
    verbose_name = "密级与查阅授权"
    default_auto_field = "django.db.models.BigAutoField"
