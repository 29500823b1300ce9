"""The recovery card (恢复卡): one printed page for whoever must bring the archive back without those who ran it.

It says where store and log lie, how they are laid out, by which digests the trust file and the keys are known again,
and what to run. It holds no secret.
"""

import base64
import datetime as dt
import hashlib
import json
import re

from django.conf import settings
from django.utils import timezone

from anjuan.core.ocfl import layout
from anjuan.facilities.printing import queries as printing
from anjuan.facilities.printing.rules import FormName
from anjuan.facilities.repository import queries as repository
from anjuan.facilities.signing import queries as signing
from anjuan.foundation.ledger import queries as ledger

STEPS_ZH = [
    "不需要本系统也能读：存储库里最内层的每个文件夹是一件档案，inventory.json 是清单；先读其中的 READ-ME-FIRST.txt。",
    "存储库若是 s3:// 地址，用任何 S3 工具把 store/ 整个取下来，内容不变。",
    "核对信任文件：sha256sum trust.json，应与本卡所印一致。",
    "核验存储库：anjuan-verify --store 文件夹；逐字节核对：anjuan ocfl validate 文件夹。",
    "核验日志：anjuan-verify --log 日志目录 --trust trust.json。",
    "重建：装好本系统，把 store、log、keys 放回 ANJUAN_HOME（或设 ANJUAN_STORE），"
    "运行 anjuan rebuild，再运行 anjuan audit。",
    "已销毁的件不恢复：凭据在存储库 extensions/anjuan-tombstones/。",
]
STEPS_EN = [
    "No program is needed to read it: each innermost folder of the store is one item, inventory.json its list; "
    "begin with READ-ME-FIRST.txt in the store.",
    "If the store is an s3:// address, fetch all below store/ with any S3 tool; the contents are the same.",
    "Check the trust file: sha256sum trust.json must give the digest printed here.",
    "Verify the store: anjuan-verify --store FOLDER; every byte: anjuan ocfl validate FOLDER.",
    "Verify the log: anjuan-verify --log FOLDER --trust trust.json.",
    "Rebuild: install the program, put store, log and keys back into ANJUAN_HOME (or set ANJUAN_STORE), run "
    "anjuan rebuild, then anjuan audit.",
    "What was destroyed stays so: see extensions/anjuan-tombstones/ in the store.",
]
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", re.DOTALL)


def trust_text() -> str:
    """The trust file as ``anjuan trust`` prints it, to the last newline: the card gives its digest."""
    return json.dumps(signing.trust_file(ledger.vkey()), ensure_ascii=False, indent=1) + "\n"


def facts(at: dt.datetime) -> dict[str, object]:
    """What stands on the card.

    Raises: K-001 no keys yet.
    """
    trust, ours = trust_text(), signing.authority()
    found = _PEM.search(ours.root_pem)
    root = base64.b64decode("".join(found[1].split())) if found else b""
    count = repository.count_objects()
    return {
        "agency_name": ours.agency_name,
        "date": f"{timezone.localtime(at):%Y-%m-%d}",
        "store": repository.place(),
        "log": getattr(settings, "ANJUAN_LOG", "") or str(settings.ANJUAN_HOME / "log"),
        "layout": f"OCFL {layout.SPECIFICATION}, {layout.LAYOUT_EXTENSION} ({layout.TUPLES} × {layout.TUPLE_SIZE})",
        "objects": f"{count}",
        "keys": str(signing.keys_folder()),
        "trust_sha256": hashlib.sha256(trust.encode()).hexdigest(),
        "root_sha256": hashlib.sha256(root).hexdigest(),
        "log_key": ledger.vkey(),
        "steps_zh": "\n".join(STEPS_ZH),
        "steps_en": "\n".join(STEPS_EN),
    }


def draw(at: dt.datetime) -> bytes:
    """The card as PDF; its QR symbol says store, trust file and log key.

    Raises: K-001 no keys yet; P-001 a place has a name that the font cannot draw.
    """
    return printing.print_form(form=FormName.RECOVERY, facts=facts(at), at=at, practice=bool(settings.PRACTICE))
