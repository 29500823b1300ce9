"""The command ``anjuan``: serve, demo, journey, doctor, search, archives, trust, ocfl validate.

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

from anjuan.config import agent, exchanging, searching

HERE = "127.0.0.1"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command."""
    parser = _parser()
    options = parser.parse_args(arguments)
    os.umask(0o077)  # whatever is made holds personal data: it is its user's alone
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
    serve.add_argument("--host", default=HERE)
    serve.add_argument("--port", type=int, default=8000)
    serve.add_argument(
        "--lan", action="store_true", help="answer on the office network over HTTPS, with a certificate of its own"
    )
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
    tamper = demo_verbs.add_parser("tamper", help="alter one sealed page of the practice store, to watch it found")
    tamper.add_argument("--kind", choices=("byte", "missing", "inventory"), default="byte")
    tamper.set_defaults(run=_demo_tamper)

    agent.arguments_of(commands.add_parser("agent", help="bring a scanner's folder to the archive, network or not"))
    doctor = commands.add_parser("doctor", help="health in plain words")
    doctor.add_argument("--json", action="store_true")
    doctor.set_defaults(run=_doctor)

    calibrate = commands.add_parser("calibrate", help="what people's verdicts say of the detectors' thresholds")
    calibrate.add_argument("codes", nargs="*", metavar="CODE", help="of a detector, as I08; default: all judged")
    calibrate.set_defaults(run=_calibrate)
    trust = commands.add_parser("trust", help="print the trust file that strangers give to anjuan-verify")
    trust.set_defaults(run=_trust)

    keys = commands.add_parser("keys", help="generations of keys: signing, time-stamping, log")
    key_verbs = keys.add_subparsers(required=True, metavar="VERB")
    key_verbs.add_parser("list", help="all generations, what signs now, what was revoked").set_defaults(
        run=_keys, verb="list"
    )
    for verb, help_text in (
        ("rotate", "begin the next generation, on record; the old signatures stay valid"),
        ("revoke", "revoke an earlier generation, on record"),
    ):
        change = key_verbs.add_parser(verb, help=help_text)
        change.add_argument("kind", choices=["signer", "timestamp", "log"])
        change.add_argument("--staff", required=True, metavar="CODE", help="the security officer who does it")
        if verb == "revoke":
            change.add_argument("--generation", required=True, type=int)
            change.add_argument("--reason", required=True)
        change.set_defaults(run=_keys, verb=verb)

    catalogue = commands.add_parser("catalogue", help="an agency's catalogue as a folder that finds without a server")
    catalogue_verbs = catalogue.add_subparsers(required=True, metavar="VERB")
    export = catalogue_verbs.add_parser("export", help="write it; asks for the person's password, on record")
    export.add_argument("folder", type=Path, metavar="FOLDER", help="a folder that does not exist yet")
    export.add_argument("--agency", required=True, metavar="CODE", help="whose holdings, with those below it")
    export.add_argument("--staff", required=True, metavar="CODE", help="the archivist or keeper who takes it along")
    export.set_defaults(run=_catalogue_export)
    check = catalogue_verbs.add_parser("verify", help="whether such a folder is as it was made; exit 0 it is, 1 not")
    check.add_argument("folder", type=Path, metavar="FOLDER")
    check.set_defaults(run=_catalogue_verify)

    ocfl = commands.add_parser("ocfl", help="the preservation store")
    verbs = ocfl.add_subparsers(required=True, metavar="VERB")
    validate = verbs.add_parser("validate", help="judge an OCFL object or storage root; exit 0 conforms, 1 does not")
    validate.add_argument("path", metavar="PATH", help="a folder, or a root in a bucket: s3://bucket/prefix/store?…")
    validate.add_argument("--json", action="store_true")
    validate.set_defaults(run=_ocfl_validate)

    store = commands.add_parser("store", help="the preservation store: locks of sealed objects")
    store_verbs = store.add_subparsers(required=True, metavar="VERB")
    renew = store_verbs.add_parser(
        "renew-locks", help="lock sealed objects in a bucket until their retention ends; run it once a year"
    )
    renew.set_defaults(run=_renew_locks)

    card = commands.add_parser("recovery-card", help="print the page that leads back to the archive (恢复卡)")
    card.add_argument("path", type=Path, metavar="OUT.pdf")
    card.set_defaults(run=_recovery_card)

    searching.add_to(commands, _boot, _refusals_spoken)
    exchanging.add_to(commands, _boot, _refusals_spoken)

    audit = commands.add_parser("audit", help="hold database, journal, log and store against one another")
    audit.add_argument("--json", action="store_true", help="one JSON object a line")
    audit.add_argument(
        "--adopt", action="store_true", help="first take in rows that an earlier version wrote; on record, once"
    )
    audit.set_defaults(run=_audit)

    remake = commands.add_parser("rebuild", help="make an empty database whole from store, journal and log")
    remake.set_defaults(run=_rebuild)

    password = commands.add_parser("password", help="give a person a new password, read from standard input")
    password.add_argument("staff_code")
    password.set_defaults(run=_password)

    work = commands.add_parser("work", help="the worker alone (started by serve)")
    work.set_defaults(run=_work)
    return parser


def _boot() -> None:
    """Start Django and bring the database to this version."""
    import django
    from django.conf import settings

    settings.ANJUAN_HOME.mkdir(parents=True, exist_ok=True)
    django.setup()
    if os.environ.keys() & {"ANJUAN_CRASH_AFTER", "ANJUAN_CRASH_COUNT"}:
        from anjuan.config import crash

        with _refusals_spoken():
            crash.install()
    from anjuan.config import migrating
    from anjuan.foundation.journal import kept

    migrating.migrate()
    kept.watch_over()


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
    from anjuan.config import lan

    door = lan.open_door(options.host, options.port, os.environ) if options.lan else None
    address = f"https://{door.names[0]}:{options.port}" if door else f"http://{options.host}:{options.port}"
    os.environ.setdefault("ANJUAN_PUBLIC_URL", address)  # before the settings are read: certificates print it
    _boot()
    from django.conf import settings
    from granian import Granian
    from granian.constants import Interfaces, SSLProtocols

    from anjuan.config import proving
    from anjuan.demo import office
    from anjuan.facilities.repository import actions as repository

    with _refusals_spoken():
        proving.must_not_be_lost()
    repository.recover()
    if settings.PRACTICE:
        office.found()
    worker = subprocess.Popen([sys.executable, "-m", "anjuan", "work"], env=os.environ.copy())
    print(f"案卷 Anjuan  {address}", flush=True)
    if door:
        print(f"信任本机证书 trust this server: {address}/lan/", flush=True)
        print(f"根证书指纹 root fingerprint (SHA-256): {lan.fingerprint(door.root)}", flush=True)
    if settings.PRACTICE:
        _print_accounts()
    try:
        Granian(
            "anjuan.config.wsgi:application",
            address=lan.EVERYWHERE if door and options.host == HERE else options.host,
            port=options.port,
            interface=Interfaces.WSGI,
            workers=settings.ANJUAN_WEB_PROCESSES,
            blocking_threads=8,
            log_enabled=False,
            ssl_cert=door.certificate if door else None,
            ssl_key=door.key if door else None,
            ssl_protocol_min=SSLProtocols.tls12,  # phones of ten years ago know no newer
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
    from anjuan.config import proving
    from anjuan.demo.journey import SAMPLE, Journey

    def say(text: str) -> None:
        print(text, file=sys.stderr if options.json else sys.stdout, flush=True)

    with _refusals_spoken():
        proving.must_not_be_lost()
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


def _demo_tamper(options: argparse.Namespace) -> int:
    with _refusals_spoken():
        _boot()
        from anjuan.demo import tamper

        done = tamper.tamper(kind=options.kind)
    print(f"已改动 altered: {done.reference}  {done.urn}\n{done.path}")
    print("下一次固定性检查会发现它：库管员打开“保全”，点“开始校验”。")
    print("The next sweep finds it: the keeper opens Preservation and presses Verify everything now.")
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
    from anjuan.config import recovery_card

    with _refusals_spoken():
        print(recovery_card.trust_text(), end="")
    return 0


def _recovery_card(options: argparse.Namespace) -> int:
    _boot()
    from django.utils import timezone

    from anjuan.config import recovery_card

    with _refusals_spoken():
        options.path.write_bytes(recovery_card.draw(timezone.now()))
    print(f"恢复卡 recovery card: {options.path}")
    return 0


def _renew_locks(options: argparse.Namespace) -> int:
    _boot()
    from django.utils import timezone

    from anjuan.facilities.repository import actions as repository

    report = repository.renew_locks(at=timezone.now())
    if not report.can_lock:
        print("存储库没有对象锁定，由规则和权限保护 / the store has no object lock; rules and permissions keep it")
        return 0
    print(f"已锁定 {report.locked} 件 / {report.locked} objects locked")
    for urn in report.damaged:
        print(f"读不到 cannot be read: {urn}")
    return 1 if report.damaged else 0


def _keys(options: argparse.Namespace) -> int:
    _boot()
    from anjuan.config import keys

    with _refusals_spoken():
        if options.verb == "rotate":
            print(keys.rotate(options.kind, options.staff))
        elif options.verb == "revoke":
            print(keys.revoke(options.kind, options.staff, options.generation, options.reason))
        else:
            print("\n".join(keys.listing()))
    return 0


def _calibrate(options: argparse.Namespace) -> int:
    _boot()
    from anjuan.config import calibrating

    with _refusals_spoken():
        return calibrating.run(options)


def _catalogue_export(options: argparse.Namespace) -> int:
    _boot()
    from anjuan.config import catalogues

    with _refusals_spoken():
        print(catalogues.export(options.agency, options.staff, options.folder))
    return 0


def _catalogue_verify(options: argparse.Namespace) -> int:
    _boot()
    from anjuan.config import catalogues

    with _refusals_spoken():
        is_whole, said = catalogues.verify(options.folder)
    print("\n".join(said))
    print("未见改动 as it was made" if is_whole else "不可信 not to be believed")
    return 0 if is_whole else 1


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


def _audit(options: argparse.Namespace) -> int:
    _boot()
    from anjuan.config import proving

    if options.adopt:
        print(f"旧行入志 {proving.adopt()} 行 / rows taken into the journal", file=sys.stderr)
    found = 0
    for difference in proving.audit(_progress):
        found += 1
        if options.json:
            print(json.dumps(difference.as_json(), ensure_ascii=False), flush=True)
        else:
            print(f"{difference.words('zh')}\n    {difference.words('en')}", flush=True)
    if not options.json:
        print(f"有 {found} 处不一致 / {found} differences" if found else "一致：未见改动 / all agrees")
    return 1 if found else 0


def _rebuild(options: argparse.Namespace) -> int:
    _boot()
    from django.conf import settings

    from anjuan.config import proving

    try:
        with _refusals_spoken():
            found = proving.rebuild(_progress)
    except OSError as fault:
        print(f"存证日志或存储库读不出 log or store cannot be read: {fault}", file=sys.stderr)
        return 1
    rows = sum(found.rows.values())
    print(f"已重建：日志 {found.entries} 条，{rows} 行 / rebuilt: {found.entries} entries, {rows} rows")
    if found.unconfirmed:
        print(f"其中 {len(found.unconfirmed)} 条尚无存证 / {len(found.unconfirmed)} of them the log has not confirmed")
    for position in found.bare:
        print(f"第 {position} 条只有存证，内容已失 / entry {position} is known to the log alone, its values are lost")
    for place in found.lost:
        print(f"未能恢复到最新 not as it stood last: {place}")
    if settings.PRACTICE:
        print(f"演示账号 {proving.open_practice_accounts()} 个，密码照旧 / practice accounts have their password again")
    else:
        print("口令不在日志里：请用 anjuan password 工号 重设 / passwords are not in the journal: set them anew")
    print("检索索引和通知由 anjuan serve 重新生成 / anjuan serve makes the search index and the notices again")
    return 1 if found.bare or found.lost else 0


def _password(options: argparse.Namespace) -> int:
    _boot()
    import getpass

    from anjuan.config import proving

    word = getpass.getpass("口令 password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    with _refusals_spoken():
        proving.set_password(options.staff_code, word)
    return 0


def _progress(what: str, done: int, total: int) -> None:
    """Where people look on, a line that rewrites itself."""
    if sys.stderr.isatty():
        print(f"\r{what} {done}{f'/{total}' if total else ''}\x1b[K", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
