from django.apps import AppConfig


class SigningConfig(AppConfig):
    name = "anjuan.facilities.signing"
    label = "signing"
    verbose_name = "签章"
    default_auto_field = "django.db.models.BigAutoField"
