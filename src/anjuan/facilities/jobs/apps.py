from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "anjuan.facilities.jobs"
    label = "jobs"
    verbose_name = "任务"
    default_auto_field = "django.db.models.BigAutoField"
