from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "anjuan.foundation.ledger"
    label = "ledger"
    verbose_name = "存证日志"
    default_auto_field = "django.db.models.BigAutoField"
