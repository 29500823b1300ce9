from django.apps import AppConfig


class AssuranceConfig(AppConfig):
    name = "anjuan.facilities.assurance"
    label = "assurance"
    verbose_name = "四性检测"
    default_auto_field = "django.db.models.BigAutoField"
