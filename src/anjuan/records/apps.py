from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "anjuan.records"
    label = "records"
    verbose_name = "档案实体"
    default_auto_field = "django.db.models.BigAutoField"
