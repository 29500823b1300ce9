from django.apps import AppConfig


class ScheduleConfig(AppConfig):
    name = "anjuan.foundation.schedule"
    label = "schedule"
    verbose_name = "归档范围和保管期限表"
    default_auto_field = "django.db.models.BigAutoField"
