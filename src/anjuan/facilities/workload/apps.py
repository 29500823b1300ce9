from django.apps import AppConfig


class WorkloadConfig(AppConfig):
    name = "anjuan.facilities.workload"
    label = "workload"
    verbose_name = "工作台账"
    default_auto_field = "django.db.models.BigAutoField"
