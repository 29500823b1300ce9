from django.apps import AppConfig


class HoldingsConfig(AppConfig):
    name = "anjuan.desks.holdings"
    label = "holdings"
    verbose_name = "馆藏总目录"
    default_auto_field = "django.db.models.BigAutoField"
