from django.apps import AppConfig


class CorrectionsConfig(AppConfig):
    name = "anjuan.facilities.corrections"
    label = "corrections"
    verbose_name = "整改"
    default_auto_field = "django.db.models.BigAutoField"
