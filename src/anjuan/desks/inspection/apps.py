from django.apps import AppConfig


class InspectionConfig(AppConfig):
    name = "anjuan.desks.inspection"
    label = "inspection"
    verbose_name = "质检"
    default_auto_field = "django.db.models.BigAutoField"
