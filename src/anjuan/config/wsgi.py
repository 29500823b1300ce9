"""The web application, for any WSGI server."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anjuan.config.settings.base")

application = get_wsgi_application()

from anjuan.config import connections  # noqa: E402 (Django stands first)

connections.watch()
