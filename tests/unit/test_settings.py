"""What the environment makes of the settings."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ASK = """
import json
from anjuan.config.settings import base
print(json.dumps([base.SESSION_COOKIE_SECURE, base.CSRF_COOKIE_SECURE, base.CSRF_TRUSTED_ORIGINS]))
"""


@pytest.mark.parametrize(
    ("address", "secure", "trusted"),
    [
        ("https://archive.example.cn/", True, ["https://archive.example.cn"]),
        ("http://127.0.0.1:8000", False, []),
    ],
)
def test_cookies_travel_over_tls_only_where_the_public_address_is_https(
    tmp_path: Path, address: str, secure: bool, trusted: list[str]
) -> None:
    surroundings = os.environ | {"ANJUAN_HOME": str(tmp_path), "ANJUAN_PUBLIC_URL": address}

    told = subprocess.run([sys.executable, "-c", ASK], env=surroundings, capture_output=True, text=True, check=True)

    assert json.loads(told.stdout) == [secure, secure, trusted]
