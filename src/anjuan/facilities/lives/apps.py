from django.apps import AppConfig


class LivesConfig(AppConfig):
    name = "anjuan.facilities.lives"
    label = "lives"
    verbose_name = "一人一档"
    default_auto_field = "django.db.models.BigAutoField"
