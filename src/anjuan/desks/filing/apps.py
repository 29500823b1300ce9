from django.apps import AppConfig


class FilingConfig(AppConfig):
    name = "anjuan.desks.filing"
    label = "filing"
    verbose_name = "立卷"
    default_auto_field = "django.db.models.BigAutoField"
