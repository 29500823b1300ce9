from django.apps import AppConfig


class LinkageConfig(AppConfig):
    name = "anjuan.desks.linkage"
    label = "linkage"
    verbose_name = "业务联查"
    default_auto_field = "django.db.models.BigAutoField"
