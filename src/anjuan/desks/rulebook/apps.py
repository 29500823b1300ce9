from django.apps import AppConfig


class RulebookConfig(AppConfig):
    name = "anjuan.desks.rulebook"
    label = "rulebook"
    verbose_name = "归档规则"
    default_auto_field = "django.db.models.BigAutoField"
