from django.apps import AppConfig


class CopiesConfig(AppConfig):
    name = "anjuan.facilities.copies"
    label = "copies"
    verbose_name = "副本与固定性"
    default_auto_field = "django.db.models.BigAutoField"
