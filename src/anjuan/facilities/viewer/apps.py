from django.apps import AppConfig


class ViewerConfig(AppConfig):
    name = "anjuan.facilities.viewer"
    label = "viewer"
    verbose_name = "阅览"
    default_auto_field = "django.db.models.BigAutoField"
