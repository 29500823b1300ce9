from django.apps import AppConfig


class FormatsConfig(AppConfig):
    name = "anjuan.facilities.formats"
    label = "formats"
    verbose_name = "格式"
    default_auto_field = "django.db.models.BigAutoField"
