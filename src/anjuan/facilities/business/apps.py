from django.apps import AppConfig


class BusinessConfig(AppConfig):
    name = "anjuan.facilities.business"
    label = "business"
    verbose_name = "业务数据"
    default_auto_field = "django.db.models.BigAutoField"
