"""``anjuan search``: ask as a person may, make the index again, hold it against the records."""

import argparse
import json
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from anjuan.config import exchanging

REBUILD_STEP_SECONDS = 5.0


def add_to(
    commands: Any, boot: Callable[[], None], refusals_spoken: Callable[[], AbstractContextManager[None]]
) -> None:
    """Add the verbs to the command line."""
    search = commands.add_parser("search", help="ask for records, or make the index of words again")
    verbs = search.add_subparsers(required=True, metavar="VERB")

    find = verbs.add_parser("find", help="ask as one person may; the password is read from standard input")
    find.add_argument("question", help="as it is typed into the search box (docs/reference/search.md)")
    find.add_argument("--staff", required=True, metavar="CODE", help="who asks: nothing beyond these rights is shown")
    find.add_argument("--order", default="NEWEST", choices=("NEWEST", "OLDEST", "FORMED", "FORMED_FIRST"))
    find.add_argument("--after", default="", help="the page after: what the page before ended with")
    find.add_argument("--json", action="store_true", help="one JSON object, as the API gives it")

    def run(options: argparse.Namespace) -> int:
        boot()
        with refusals_spoken():
            return _find(options)

    find.set_defaults(run=run)
    ask = verbs.add_parser("ask", help="ask in a sentence; the password is read from standard input")
    ask.add_argument("sentence", help="as it would be put to a colleague")
    ask.add_argument("--staff", required=True, metavar="CODE", help="who asks: nothing beyond these rights is shown")
    ask.add_argument("--purpose", help="have an answer composed, for this; it stands in the journal")
    ask.add_argument("--json", action="store_true", help="one JSON object, as the API gives it")

    def run_ask(options: argparse.Namespace) -> int:
        boot()
        with refusals_spoken():
            return _ask(options)

    ask.set_defaults(run=run_ask)
    life = verbs.add_parser("life", help="the life line of a person or unit; the password is read from standard input")
    life.add_argument("question", help="ID number, credit code, whole name, or the URN of a life line")
    life.add_argument("--staff", required=True, metavar="CODE", help="who looks: it is put down, as on the page")
    life.add_argument("--json", action="store_true", help="one JSON object, as the API gives it")

    def run_life(options: argparse.Namespace) -> int:
        boot()
        with refusals_spoken():
            return _life(options)

    life.set_defaults(run=run_life)
    exchanging.add_question_to(verbs, boot, refusals_spoken)
    rebuild = verbs.add_parser(
        "rebuild", help="make it again from the records; one that was cut off goes on where it stood"
    )

    def run_rebuild(options: argparse.Namespace) -> int:
        boot()
        return _rebuild()

    rebuild.set_defaults(run=run_rebuild)
    reconcile = verbs.add_parser(
        "reconcile",
        help="hold the index against the records and put right what differs; one that was cut off goes on",
    )
    reconcile.add_argument(
        "--anew", action="store_true", help="take every record and page in again, while questions go on being answered"
    )

    def run_reconcile(options: argparse.Namespace) -> int:
        boot()
        with refusals_spoken():
            return _reconcile(is_anew=options.anew)

    reconcile.set_defaults(run=run_reconcile)


def _find(options: argparse.Namespace) -> int:
    """Print what is found. Exit code 0 if there is anything, 1 if not.

    Raises: A-001, X-001 to X-009 see `search.queries.find`; A-004, A-008 not that person.
    """
    from anjuan.config import keys
    from anjuan.facilities.search import api, queries
    from anjuan.facilities.search.rules import Order

    actor = keys.occasion_of(options.staff, terminal="anjuan search").actor
    result = queries.find(actor, options.question, order=Order(options.order), after=options.after)
    if options.json:
        told = api.FoundOut.model_validate(api.told(actor, result)).model_dump(mode="json")
        _say(json.dumps(told, ensure_ascii=False))
        return 0 if result.total else 1
    _say(
        f"{result.total} 件 records  {result.recognised}{'' if result.is_index_whole else '  索引正在建立 being made'}"
    )
    for hit in result.persons:
        _say(f"{hit.subject.name}  {hit.subject.masked_id}")
        for item in hit.items:
            _say(f"    {item.reference}  {item.title}")
    for volume in result.volumes:
        _say(f"{volume.reference_code}  {volume.title}")
    for item in result.items:
        _say(f"{item.reference}  {item.title}")
        for reason in result.hits[item.urn].reasons if item.urn in result.hits else ():
            where = f"第 {reason.page} 页" if reason.page else reason.field or reason.kind
            _say(f"    {where}: {''.join(f'[{text}]' if is_marked else text for text, is_marked in reason.pieces)}")
    if result.following:
        _say(f"--after {result.following}")
    return 0 if result.total else 1


def _ask(options: argparse.Namespace) -> int:
    """Print passages for a sentence, and what a service composed from them. Exit code 0 if there are any, 1 if not.

    Raises: X-107 it is off here; A-001, R-010, X-001, X-101, X-102, X-105 see `answers.actions.ask`; A-004, A-008 not
    that person.
    """
    from anjuan.config import keys
    from anjuan.core.refusals import Refusal
    from anjuan.facilities.answers import actions, api, queries
    from anjuan.foundation.accounts import occasions

    if not queries.is_on():
        raise Refusal("X-107")
    occasion = keys.occasion_of(options.staff, terminal="anjuan search")
    composed = None
    if options.purpose is not None:
        composed = actions.ask(occasion=occasion, sentence=options.sentence, purpose=options.purpose)
        answered = composed.answered
    else:
        answered = queries.look_up(occasion.actor, options.sentence, today=occasions.today())
    code = 0 if answered.passages else 1
    if options.json:
        told = api.AnswerOut.model_validate(api.told(answered, composed)).model_dump(mode="json")
        _say(json.dumps(told, ensure_ascii=False))
        return code
    _say(f"按此检索 asked as  {answered.asked}")
    if answered.sentence.left_out:
        _say(f"略去 left out  {' '.join(answered.sentence.left_out)}")
    if answered.given_up:
        _say(f"放弃 given up  {' '.join(part.said for part in answered.given_up)}")
    for passage in answered.passages:
        where = f"第 {passage.page} 页 page {passage.page}" if passage.page else "著录 catalogue"
        _say(f"[{passage.number}] {passage.item.reference}  {where}  {passage.item.title}")
        _say(f"    {''.join(f'[{text}]' if is_marked else text for text, is_marked in passage.pieces)}")
    if composed is None:
        return code
    _say("机器拟答，待核实，不得用于出证 / written by a machine, not confirmed, not for certificates")
    for statement in composed.statements:
        _say(f"  {statement.text}")
        for source in statement.sources:
            _say(f"    [{source.passage}] “{source.quote}”")
    if composed.trouble:
        _say(f"{composed.trouble.code}  {composed.trouble.message('zh')}  {composed.trouble.message('en')}")
    if composed.dropped:
        _say(f"略去没有依据的 {composed.dropped} 句 / {composed.dropped} without evidence left out")
    return code


def _life(options: argparse.Namespace) -> int:
    """Print a life line.

    Raises: A-001, R-009, J-003 see `lives.actions.open_life`; L-114 nobody, or several; A-004, A-008 not that person.
    """
    from anjuan.config import keys
    from anjuan.facilities.lives import actions, api, queries
    from anjuan.facilities.lives.queries.life import somebody

    occasion = keys.occasion_of(options.staff, terminal="anjuan search")
    asked = options.question
    urn = asked if queries.parting(asked) else somebody(occasion.actor, asked)
    life = actions.open_life(occasion=occasion, urn=urn)
    if options.json:
        _say(json.dumps(api.LifeOut.model_validate(api.told(life)).model_dump(mode="json"), ensure_ascii=False))
        return 0
    _say(f"{life.name}  {'、'.join(subject.masked_id for subject in life.subjects)}  {life.urn}")
    for row in life.names:
        _say(f"    曾用名、现用名 other name  {row.name}")
    for months in life.months:
        gaps = "；".join(f"{gap.first} – {gap.last}（{gap.count}）" for gap in months.gaps)
        _say(f"    {months.line}  缴费 paid {months.paid_count}  断保 gaps {gaps or '—'}")
    if life.stated_from:
        _say(f"    业务系统数据最早到 stated from {life.stated_from}")
    for phase in queries.phases():
        if phase.code in life.phases and phase.kind == life.kind:
            _say(f"{phase.zh} {phase.en}{'' if life.phases[phase.code] else '  无记录 no record'}")
            for item in life.phases[phase.code]:
                _say(f"    {item.formed_date}  {item.agency_code}  {item.reference}  {item.title}")
    for item in life.phases.get("OTHER", ()):
        _say(f"    {item.formed_date}  {item.agency_code}  {item.reference}  {item.title}")
    for doubt in life.doubts:
        _say(f"存疑 doubtful  {doubt.subject.name}  {doubt.subject.masked_id}")
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _rebuild() -> int:
    from django.utils import timezone

    from anjuan.facilities.search import actions, queries
    from anjuan.records.queries import walks

    began = time.monotonic()
    more = actions.tend(seconds=REBUILD_STEP_SECONDS, begin_anew=True, at=timezone.now())
    first = queries.index().standing()
    while more:
        held, standing = queries.index().count(), queries.index().standing()
        last = walks.newest_item()
        line = f"{held.items} 件，还有 {held.waiting} 个文件待读 / {held.waiting} files to read"
        if standing is not None and standing.rebuilt_to and first is not None and first.rebuilt_to:
            share = (standing.rebuilt_to - first.rebuilt_to) / max(last - first.rebuilt_to, 1)
            if 0 < share < 1:
                left = (time.monotonic() - began) / share * (1 - share)
                percent = standing.rebuilt_to * 100 // max(last, 1)
                line += f"；{percent} %，约 {left / 60:.1f} 分钟 / about {left / 60:.1f} min"
        _say(line)
        more = actions.tend(seconds=REBUILD_STEP_SECONDS)
    held = queries.index().count()
    _say(f"检索索引已建成：{held.items} 件、{held.units} 个著录项和有字的页 / the index is whole")
    return 0


def _reconcile(*, is_anew: bool) -> int:
    """Hold the index against the records. Exit code 0 if they agreed, 1 if something had to be put right.

    Raises: X-010 the index is being made.
    """
    from django.utils import timezone

    from anjuan.config import followers
    from anjuan.core.terms import Actor
    from anjuan.facilities.search import actions
    from anjuan.facilities.search.queries import kept
    from anjuan.foundation.accounts import occasions

    while followers.run_once():  # what was not followed yet is no fault
        pass
    check = kept.unfinished_check()
    if check is None or check.is_anew != is_anew:
        uid = actions.open_check(occasion=occasions.now(Actor("SYSTEM", "SYSTEM", "", "")), is_anew=is_anew)
        check = kept.check_by_uid(uid)
    if check is None:
        return 1
    began, first, said = time.monotonic(), check.done, time.monotonic()
    for place in range(check.done, check.total):
        actions.check_window(uid=check.uid, place=place, at=timezone.now())
        if time.monotonic() - said >= REBUILD_STEP_SECONDS:
            said = time.monotonic()
            left = (said - began) / (place + 1 - first) * (check.total - place - 1)
            _say(f"{place + 1}/{check.total}，约 {left / 60:.1f} 分钟 / about {left / 60:.1f} min")
    found = kept.check_by_uid(check.uid) or check
    _say(
        f"核对完毕：缺 {found.missing}、旧 {found.stale}、多 {found.surplus} 件，页面 {found.pages} 个文件，"
        f"散词 {found.strays}；都已修复 / missing {found.missing}, stale {found.stale}, surplus {found.surplus}, "
        f"files {found.pages}, strays {found.strays}; all put right"
    )
    return 1 if found.faults else 0
