"""Settings of the test suite: everything in a throw-away ANJUAN_HOME."""

import os
import tempfile

os.environ.setdefault("ANJUAN_HOME", tempfile.mkdtemp(prefix="anjuan-test-"))

from anjuan.config.settings.base import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# The queue of the embedded edition: a test that wants a chunk done runs it, so nothing happens behind its back.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
AXES_ENABLED = False
