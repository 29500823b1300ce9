from django.apps import AppConfig


class ConditionConfig(AppConfig):
    name = "anjuan.facilities.condition"
    label = "condition"
    verbose_name = "实体状况"
    default_auto_field = "django.db.models.BigAutoField"
