from django.apps import AppConfig


class TrainingConfig(AppConfig):
    name = "anjuan.desks.training"
    label = "training"
    verbose_name = "培训"
    default_auto_field = "django.db.models.BigAutoField"
