from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "anjuan.desks.intake"
    label = "intake"
    verbose_name = "收集"
    default_auto_field = "django.db.models.BigAutoField"
