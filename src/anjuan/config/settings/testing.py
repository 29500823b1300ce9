"""Settings of the test suite: everything in a throw-away ANJUAN_HOME."""

import os
import tempfile

os.environ.setdefault("ANJUAN_HOME", tempfile.mkdtemp(prefix="anjuan-test-"))

from anjuan.config.settings.base import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
AXES_ENABLED = False
