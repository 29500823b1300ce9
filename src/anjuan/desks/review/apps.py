from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "anjuan.desks.review"
    label = "review"
    verbose_name = "审核"
    default_auto_field = "django.db.models.BigAutoField"
