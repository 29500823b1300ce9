from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "anjuan.foundation.journal"
    label = "journal"
    verbose_name = "业务日志"
    default_auto_field = "django.db.models.BigAutoField"
