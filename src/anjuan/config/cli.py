"""The command ``anjuan``: serve, demo, journey, doctor, search rebuild, trust, ocfl validate.

Exit codes: 0 done, 1 refused or found wrong, 2 usage.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

REBUILD_STEP_SECONDS = 5.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.home:
        os.environ["ANJUAN_HOME"] = options.home
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anjuan.config.settings.base")
    run: int = options.run(options)
    return run


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="anjuan", description="案卷 Anjuan: the records archive of social insurance")
    parser.add_argument("--home", help="folder of all state (ANJUAN_HOME); default ~/.anjuan")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="web server, worker and followers in one")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8000)
    serve.set_defaults(run=_serve)

    journey = commands.add_parser("journey", help="walk a folder of scans from the counter to a verified certificate")
    journey.add_argument("--input", type=Path, help="folder with scans and a CSV table; default: the sample shipped")
    journey.add_argument(
        "--json", action="store_true", help="print one JSON object and nothing else on standard output"
    )
    journey.add_argument(
        "--resume", action="store_true", help="go on where a journey was cut off (it always does; kept for scripts)"
    )
    journey.set_defaults(run=_journey)

    demo = commands.add_parser("demo", help="the practice city: a living office to click through")
    demo_verbs = demo.add_subparsers(required=True, metavar="VERB")
    load = demo_verbs.add_parser("load", help="load it on an empty archive; does nothing where it stands")
    load.set_defaults(run=_demo_load)
    reset = demo_verbs.add_parser("reset", help="throw the practice city away and load it anew")
    reset.set_defaults(run=_demo_reset)

    doctor = commands.add_parser("doctor", help="health in plain words")
    doctor.add_argument("--json", action="store_true")
    doctor.set_defaults(run=_doctor)

    trust = commands.add_parser("trust", help="print the trust file that strangers give to anjuan-verify")
    trust.set_defaults(run=_trust)

    ocfl = commands.add_parser("ocfl", help="the preservation store")
    verbs = ocfl.add_subparsers(required=True, metavar="VERB")
    validate = verbs.add_parser("validate", help="judge an OCFL object or storage root; exit 0 conforms, 1 does not")
    validate.add_argument("path", type=Path)
    validate.add_argument("--json", action="store_true")
    validate.set_defaults(run=_ocfl_validate)

    search = commands.add_parser("search", help="the index of words")
    search_verbs = search.add_subparsers(required=True, metavar="VERB")
    rebuild = search_verbs.add_parser(
        "rebuild", help="make it again from the records; one that was cut off goes on where it stood"
    )
    rebuild.set_defaults(run=_search_rebuild)

    work = commands.add_parser("work", help="the worker alone (started by serve)")
    work.set_defaults(run=_work)
    return parser


def _boot() -> None:
    """Start Django and bring the database to this version."""
    import django
    from django.conf import settings
    from django.core.management import call_command

    settings.ANJUAN_HOME.mkdir(parents=True, exist_ok=True)
    django.setup()
    if os.environ.keys() & {"ANJUAN_CRASH_AFTER", "ANJUAN_CRASH_COUNT"}:
        from anjuan.config import crash

        with _refusals_spoken():
            crash.install()
    call_command("migrate", verbosity=0, interactive=False)


@contextlib.contextmanager
def _refusals_spoken() -> Iterator[None]:
    from anjuan.core.refusals import Refusal

    try:
        yield
    except Refusal as refusal:
        for language in ("zh", "en"):
            print(f"{refusal.code}  {refusal.message(language)}  {refusal.remedy(language)}", file=sys.stderr)
        raise SystemExit(1) from None


def _serve(options: argparse.Namespace) -> int:
    _boot()
    from django.conf import settings
    from granian import Granian
    from granian.constants import Interfaces

    from anjuan.demo import office
    from anjuan.facilities.repository import actions as repository

    repository.recover()
    if settings.PRACTICE:
        office.found()
    address = f"http://{options.host}:{options.port}"
    os.environ.setdefault("ANJUAN_PUBLIC_URL", address)
    worker = subprocess.Popen([sys.executable, "-m", "anjuan", "work"], env=os.environ.copy())
    print(f"案卷 Anjuan  {address}", flush=True)
    if settings.PRACTICE:
        _print_accounts()
    try:
        Granian(
            "anjuan.config.wsgi:application",
            address=options.host,
            port=options.port,
            interface=Interfaces.WSGI,
            workers=1,
            blocking_threads=8,
            log_enabled=False,
            respawn_failed_workers=True,
        ).serve()
    finally:
        worker.terminate()
        try:
            worker.wait(timeout=10)
        except subprocess.TimeoutExpired:
            worker.kill()
    return 0


def _print_accounts() -> None:
    from anjuan.config import practice
    from anjuan.core.words import word
    from anjuan.demo import agencies, office

    everybody = agencies.EVERYBODY if practice.is_loaded() else office.STAFF
    print(f"演示账号 practice accounts — 密码 password: {office.password()}")
    for who in sorted(everybody, key=lambda one: one.staff_code):
        print(f"  {who.staff_code}  {who.name}  {word(who.post)} / {word(who.post, 'en')}  ({who.agency_code})")
    sys.stdout.flush()


def _work(options: argparse.Namespace) -> int:
    import django

    django.setup()
    from anjuan.config import worker

    worker.run()
    return 0


def _journey(options: argparse.Namespace) -> int:
    _boot()
    from anjuan.demo.journey import SAMPLE, Journey

    def say(text: str) -> None:
        print(text, file=sys.stderr if options.json else sys.stdout, flush=True)

    journey = Journey(folder=(options.input or SAMPLE), say=say)
    with _refusals_spoken():
        journey.walk()
    if options.json:
        print(json.dumps(journey.as_json(), ensure_ascii=False))
    else:
        print(f"\n证明 certificate  {journey.certificate}\n信任文件 trust     {journey.trust}")
        print(f"核验 verify       anjuan-verify {journey.certificate} --trust {journey.trust}\n{journey.result}")
    return 0 if journey.result == "verified" else 1


def _demo_load(options: argparse.Namespace) -> int:
    from anjuan.config import practice

    with _refusals_spoken():
        practice.load(_boot, say=lambda text: print(text, flush=True))
    return 0


def _demo_reset(options: argparse.Namespace) -> int:
    from anjuan.config import practice

    with _refusals_spoken():
        practice.reset(_boot, say=lambda text: print(text, flush=True))
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from django.db import Error

    with contextlib.suppress(Error):  # a database that does not open is what the report is for
        _boot()
    from anjuan.config import doctor

    report = doctor.examine()
    if options.json:
        print(json.dumps([line.as_json() for line in report], ensure_ascii=False))
    else:
        for line in report:
            print(f"{'好' if line.is_well else '！'}  {line.zh}\n    {line.en}")
    return 0 if all(line.is_well for line in report) else 1


def _trust(options: argparse.Namespace) -> int:
    _boot()
    from anjuan.facilities.signing import queries as signing
    from anjuan.foundation.ledger import queries as ledger

    with _refusals_spoken():
        print(json.dumps(signing.trust_file(ledger.vkey()), ensure_ascii=False, indent=1))
    return 0


def _ocfl_validate(options: argparse.Namespace) -> int:
    from anjuan.config import ocfl
    from anjuan.core.refusals import Severity

    findings = ocfl.validate(options.path)
    if options.json:
        print(
            json.dumps(
                [
                    {"code": f.code, "severity": f.severity.value, "place": f.place, "message": f.message}
                    for f in findings
                ],
                ensure_ascii=False,
            )
        )
    else:
        for finding in findings:
            print(f"{finding.code}  {finding.severity.value.lower():7}  {finding.place}: {finding.message}")
    wrong = any(finding.severity is Severity.ERROR for finding in findings)
    if not options.json:
        print("不符合 OCFL / does not conform" if wrong else "符合 OCFL / conforms")
    return 1 if wrong else 0


def _search_rebuild(options: argparse.Namespace) -> int:
    _boot()
    from anjuan.facilities.search import actions as search
    from anjuan.facilities.search import queries

    more = search.tend(seconds=REBUILD_STEP_SECONDS, begin_anew=True)
    while more:
        held = queries.index().count()
        print(f"{held.items} 件，还有 {held.waiting} 个文件待读 / {held.waiting} files to read", flush=True)
        more = search.tend(seconds=REBUILD_STEP_SECONDS)
    held = queries.index().count()
    print(f"检索索引已建成：{held.items} 件、{held.units} 个编目行和有字的页 / the index is whole")
    return 0


if __name__ == "__main__":
    sys.exit(main())
