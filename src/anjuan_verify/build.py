"""Pack the verifier into one file that any Python 3.11 runs (打包): ``python -m anjuan_verify.build OUT.pyz``."""

import argparse
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path

import anjuan.core
import anjuan_verify
from anjuan_verify.trust import BUILT_IN, read_trust

_STAMP = (1980, 1, 1, 0, 0, 0)  # the same sources give the same file
_CORE = ("canonical", "refusals", "words")
_ENTRY = "from anjuan_verify.__main__ import main\n\nraise SystemExit(main())\n"


def build(out: Path, *, trust: Path | None = None) -> None:
    """Write the program as a zipapp, with the agency's trust file in it when one is given.

    Args:
        out: where to write; replaced whole.
        trust: trust file to build in.
    """
    verifier, core = Path(anjuan_verify.__file__).parent, Path(anjuan.core.__file__).parent
    members = {f"anjuan_verify/{path.name}": path.read_bytes() for path in sorted(verifier.glob("*.py"))}
    members |= {f"anjuan/core/merkle/{path.name}": path.read_bytes() for path in sorted((core / "merkle").glob("*.py"))}
    judges = sorted((core / "ocfl" / "validate").glob("*.py"))
    members |= {f"anjuan/core/ocfl/validate/{path.name}": path.read_bytes() for path in judges}
    members |= {f"anjuan/core/{name}.py": (core / f"{name}.py").read_bytes() for name in _CORE}
    members |= {f"{package}/__init__.py": b"" for package in ("anjuan", "anjuan/core", "anjuan/core/ocfl")}
    members["__main__.py"] = _ENTRY.encode("ascii")
    if trust is not None:
        text = trust.read_text(encoding="utf-8")
        read_trust(text)
        members[f"anjuan_verify/{BUILT_IN}"] = text.encode("utf-8")

    with tempfile.TemporaryDirectory(dir=out.parent) as folder:
        draft = Path(folder) / out.name
        with draft.open("wb") as stream:
            stream.write(b"#!/usr/bin/env python3\n")
            with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
                for name, content in sorted(members.items()):
                    archive.writestr(zipfile.ZipInfo(name, _STAMP), content, zipfile.ZIP_DEFLATED)
        draft.chmod(0o755)
        shutil.move(draft, out)


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m anjuan_verify.build")
    parser.add_argument("out", type=Path)
    parser.add_argument("--trust", type=Path, help="trust file to build in")
    asked = parser.parse_args()
    build(asked.out, trust=asked.trust)
    sys.stdout.write(f"{asked.out}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
