from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    name = "anjuan.desks.certificates"
    label = "certificates"
    verbose_name = "出证"
    default_auto_field = "django.db.models.BigAutoField"
