"""``anjuan search elsewhere`` and ``anjuan archives``: ask other archives along, and see whether they let us in."""

import argparse
import enum
import json
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any


def add_to(
    commands: Any, boot: Callable[[], None], refusals_spoken: Callable[[], AbstractContextManager[None]]
) -> None:
    """Add the verb ``archives`` to the command line."""
    archives = commands.add_parser("archives", help="other archives that can be asked along: whether they let us in")

    def run(options: argparse.Namespace) -> int:
        boot()
        with refusals_spoken():
            return _archives()

    archives.set_defaults(run=run)


def add_question_to(
    verbs: Any, boot: Callable[[], None], refusals_spoken: Callable[[], AbstractContextManager[None]]
) -> None:
    """Add the verb ``search elsewhere`` to those of ``search``."""
    ask = verbs.add_parser("elsewhere", help="ask other archives along; the password is read from standard input")
    ask.add_argument("question", help="as it is typed into the search box (docs/reference/search.md)")
    ask.add_argument("--staff", required=True, metavar="CODE", help="who asks: it is put down, here and there")
    ask.add_argument("--purpose", required=True, help="what it is for: it is put down, here and there")
    ask.add_argument(
        "--archive", action="append", default=[], metavar="KEY", help="whom to ask; all of them where none is named"
    )
    ask.add_argument("--json", action="store_true", help="one JSON object, as the API gives it")

    def run(options: argparse.Namespace) -> int:
        boot()
        with refusals_spoken():
            return _ask(options)

    ask.set_defaults(run=run)


def _archives() -> int:
    """Print each archive and whether it lets us in. Exit code 0 if all do, 1 if not.

    Raises: X-040, X-041 there are none, or their list cannot be read.
    """
    from django.conf import settings

    from anjuan.bridges.exchange import backends, queries, rules
    from anjuan.core.refusals import Refusal

    sites = queries.sites()
    if not sites:
        raise Refusal("X-040")
    replies = backends.knock_at_all(sites, folder=Path(settings.ANJUAN_HOME))
    for reply in replies:
        well = reply.outcome is rules.ReplyOutcome.ANSWERED
        said = "账号可用 lets us in" if well else _spoken(reply.outcome)
        _say(f"{reply.site.key}  {reply.site.name}  {reply.site.address}  {said}")
    return 0 if all(reply.outcome is rules.ReplyOutcome.ANSWERED for reply in replies) else 1


def _ask(options: argparse.Namespace) -> int:
    """Print what other archives have. Exit code 0 if all have answered, 1 if some have not.

    Raises: A-001, R-010, X-001 to X-008, X-040 to X-042 see `exchange.actions.ask`; A-004, A-008 not that person.
    """
    from anjuan.bridges.exchange import actions, api, queries
    from anjuan.bridges.exchange.rules import Column
    from anjuan.config import keys

    occasion = keys.occasion_of(options.staff, terminal="anjuan search elsewhere")
    named = options.archive or [site.key for site in queries.sites_for(occasion.actor)]
    gathered = actions.ask(occasion=occasion, asked=options.question, purpose=options.purpose, sites=named)
    if options.json:
        told = api.GatheredOut.model_validate(api.told(gathered)).model_dump(mode="json")
        _say(json.dumps(told, ensure_ascii=False))
        return 1 if gathered.missing else 0
    _say(f"本馆 here  {gathered.here} 件 records")
    for reply in gathered.replies:
        found = reply.found
        count = f"{len(found.rows)}{'+' if found.is_cut else ''} 件 records" if found else _spoken(reply.outcome)
        _say(f"{reply.site.key}  {reply.site.name}  {count}  {reply.code} {reply.said}".rstrip())
        for row in found.rows if found else ():
            _say(f"    {row[Column.REFERENCE]}  {row[Column.FORMED]}  {row[Column.TITLE]}")
    return 1 if gathered.missing else 0


def _spoken(outcome: enum.Enum) -> str:
    from anjuan.core.words import word

    return f"{word(outcome)} {word(outcome, 'en')}"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
