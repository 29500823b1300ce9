"""``anjuan-verify``: judge a certificate, a published log or a preservation store, off-line.

Exit status: 0 valid, 1 not valid, 2 intact but signer unknown, 64 wrong use.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import NoReturn

from anjuan_verify import VERSION
from anjuan_verify.log import FolderFiles, verify_log
from anjuan_verify.report import Report
from anjuan_verify.store import verify_store
from anjuan_verify.trust import Trust, built_in, read_trust
from anjuan_verify.verify import verify_certificate

WRONG_USE = 64
SAY_SECONDS = 2.0  # what is done sooner needs no word on the way


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(WRONG_USE, f"{self.prog}: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="anjuan-verify",
        description="离线核验查档证明、存证日志或存储库。"
        " Verify a certificate, an evidence log or a store of Anjuan, off-line.",
        epilog="0 有效 valid · 1 无效 not valid · 2 完好，签发者未知 intact, signer unknown · 64 用法错误 wrong use",
    )
    parser.add_argument("certificate", nargs="?", type=Path, metavar="CERTIFICATE.pdf", help="查档证明 certificate")
    parser.add_argument("--trust", type=Path, metavar="FILE", help="信任文件 trust file")
    parser.add_argument("--log", type=Path, metavar="DIR", help="存证日志目录 folder of a published log (tlog-tiles)")
    parser.add_argument(
        "--since", type=Path, metavar="CHECKPOINT", help="以前留存的检查点 a checkpoint kept earlier; with --log"
    )
    parser.add_argument("--store", type=Path, metavar="DIR", help="OCFL存储库或其中一个对象 an OCFL store or object")
    parser.add_argument("--json", action="store_true", help="以JSON输出 answer in JSON")
    parser.add_argument("--lang", choices=("zh", "en"), help="只用一种语言 one language only")
    parser.add_argument("--version", action="version", version=f"anjuan-verify {VERSION}")
    return parser


def _trust(parser: argparse.ArgumentParser, path: Path | None) -> Trust | None:
    if path is None:
        return built_in()
    try:
        return read_trust(path.read_text(encoding="utf-8"))
    except OSError as fault:
        parser.error(f"信任文件无法读取 the trust file cannot be read: {fault.strerror}")
    except ValueError as fault:
        parser.error(f"信任文件不正确 not a trust file: {fault}")


class _Progress:
    """A line on standard error now and then, for what takes long."""

    def __init__(self) -> None:
        self._next = time.monotonic() + SAY_SECONDS

    def entries(self, done: int, total: int) -> None:
        """So many entries of so many."""
        self._say(f"{done:,} / {total:,}")

    def octets(self, read: int) -> None:
        """So many bytes."""
        self._say(f"{read / 1e6:,.0f} MB")

    def _say(self, words: str) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + SAY_SECONDS
            print(words, file=sys.stderr, flush=True)


def _judged(asked: argparse.Namespace, trust: Trust | None, since: str | None) -> Report:
    progress = _Progress()
    if asked.log is not None:
        return verify_log(FolderFiles(asked.log), trust, since=since, say=progress.entries)
    if asked.store is not None:
        return verify_store(asked.store, say=progress.octets)
    try:
        content = asked.certificate.read_bytes()
    except OSError as fault:
        report = Report()
        report.add("FILE", False, str(fault.strerror))
        return report
    return verify_certificate(content, trust)


def _since(parser: argparse.ArgumentParser, asked: argparse.Namespace) -> str | None:
    if asked.since is None:
        return None
    if asked.log is None:
        parser.error("--since 只与 --log 同用 only with --log")
    try:
        text: str = asked.since.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        parser.error(f"检查点无法读取 the checkpoint cannot be read: {fault}")
    return text


def main(arguments: list[str] | None = None) -> int:
    """The command; gives the exit status."""
    parser = _parser()
    try:
        asked = parser.parse_args(arguments)
        if sum(what is not None for what in (asked.certificate, asked.log, asked.store)) != 1:
            parser.error("给出一份证明、一个日志目录或一个存储库 name one certificate, one log or one store")
        since = _since(parser, asked)
        trust = _trust(parser, asked.trust)
    except SystemExit as stop:
        return int(stop.code or 0)

    report = _judged(asked, trust, since)

    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")  # a console that knows no Chinese must not stop the answer
    if asked.json:
        print(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
    else:
        print("\n\n".join("\n".join(report.lines(each)) for each in ((asked.lang,) if asked.lang else ("zh", "en"))))
    return report.verdict.value


if __name__ == "__main__":
    raise SystemExit(main())
