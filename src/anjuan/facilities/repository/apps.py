from django.apps import AppConfig


class RepositoryConfig(AppConfig):
    name = "anjuan.facilities.repository"
    label = "repository"
    verbose_name = "存储库"
    default_auto_field = "django.db.models.BigAutoField"
