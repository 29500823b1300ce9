"""``anjuan-verify``: judge a certificate or a published log, off-line.

Exit status: 0 valid, 1 not valid, 2 intact but signer unknown, 64 wrong use.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import NoReturn

from anjuan_verify import VERSION
from anjuan_verify.log import folder_reader, verify_log
from anjuan_verify.report import Report
from anjuan_verify.trust import Trust, built_in, read_trust
from anjuan_verify.verify import verify_certificate

WRONG_USE = 64


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(WRONG_USE, f"{self.prog}: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="anjuan-verify",
        description="离线核验查档证明或存证日志。 Verify a certificate or an evidence log of Anjuan, off-line.",
        epilog="0 有效 valid · 1 无效 not valid · 2 完好，签发者未知 intact, signer unknown · 64 用法错误 wrong use",
    )
    parser.add_argument("certificate", nargs="?", type=Path, metavar="CERTIFICATE.pdf", help="查档证明 certificate")
    parser.add_argument("--trust", type=Path, metavar="FILE", help="信任文件 trust file")
    parser.add_argument("--log", type=Path, metavar="DIR", help="存证日志目录 folder of a published log (tlog-tiles)")
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


def _judged(asked: argparse.Namespace, trust: Trust | None) -> Report:
    if asked.log is not None:
        return verify_log(folder_reader(asked.log), trust)
    try:
        content = asked.certificate.read_bytes()
    except OSError as fault:
        report = Report()
        report.add("FILE", False, str(fault.strerror))
        return report
    return verify_certificate(content, trust)


def main(arguments: list[str] | None = None) -> int:
    """The command; gives the exit status."""
    parser = _parser()
    try:
        asked = parser.parse_args(arguments)
        if (asked.certificate is None) == (asked.log is None):
            parser.error("给出一份证明或一个日志目录 name one certificate or one log folder")
        trust = _trust(parser, asked.trust)
    except SystemExit as stop:
        return int(stop.code or 0)

    report = _judged(asked, trust)

    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")  # a console that knows no Chinese must not stop the answer
    if asked.json:
        print(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
    else:
        print("\n\n".join("\n".join(report.lines(each)) for each in ((asked.lang,) if asked.lang else ("zh", "en"))))
    return report.verdict.value


if __name__ == "__main__":
    raise SystemExit(main())
