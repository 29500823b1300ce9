from django.apps import AppConfig


class StacksConfig(AppConfig):
    name = "anjuan.facilities.stacks"
    label = "stacks"
    verbose_name = "库房"
    default_auto_field = "django.db.models.BigAutoField"
