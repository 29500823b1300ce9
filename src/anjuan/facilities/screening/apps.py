from django.apps import AppConfig


class ScreeningConfig(AppConfig):
    name = "anjuan.facilities.screening"
    label = "screening"
    verbose_name = "查毒·隔离"
    default_auto_field = "django.db.models.BigAutoField"
