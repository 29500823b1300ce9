from django.apps import AppConfig


class AnswersConfig(AppConfig):
    name = "anjuan.facilities.answers"
    label = "answers"
    verbose_name = "问答"
    default_auto_field = "django.db.models.BigAutoField"
