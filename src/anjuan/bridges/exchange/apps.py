from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "anjuan.bridges.exchange"
    label = "exchange"
    verbose_name = "联合检索"
    default_auto_field = "django.db.models.BigAutoField"
