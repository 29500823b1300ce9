"""Health in plain words (体检): what is well, what is not, and what to do about it."""

import logging
import shutil
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from anjuan.bridges.exchange import queries as exchange
from anjuan.core.refusals import Refusal, Severity
from anjuan.facilities.answers import queries as answers
from anjuan.facilities.answers import rules as answer_rules
from anjuan.facilities.copies import queries as copies
from anjuan.facilities.jobs import queries as jobs
from anjuan.facilities.jobs.rules import Trouble
from anjuan.facilities.repository import queries as repository
from anjuan.facilities.search import queries as search
from anjuan.facilities.signing import queries as signing
from anjuan.foundation.journal import queries as journal
from anjuan.foundation.ledger import queries as ledger
from anjuan.records import queries as records

log = logging.getLogger(__name__)

LOW_BYTES = 2 * 1024**3
LOW_INODES = 100_000
MOST_NAMED = 20


# What to say of a thing that cannot be looked at, and what to do.
UNREADABLE: Mapping[str, tuple[str, str]] = {
    "database": (
        "数据库打不开或不完整：请确认数据库在运行、ANJUAN_DATABASE 写对了，否则从备份恢复",
        "The database does not open or is not whole: see that it runs and that ANJUAN_DATABASE is right, "
        "else restore it from the backup",
    ),
    "space": (
        "存储目录看不了：请确认 ANJUAN_HOME 所在的磁盘已挂载、可读写",
        "The home folder cannot be looked at: see that the disk of ANJUAN_HOME is mounted and can be written",
    ),
    "journal": (
        "业务日志读不出：请先恢复数据库",
        "The journal cannot be read: mend the database first",
    ),
    "work": (
        "任务表读不出：请先恢复数据库",
        "The jobs cannot be read: mend the database first",
    ),
    "log": (
        "存证日志缺文件或读不出：请停用本系统，从备份恢复 log 目录，并请安全审计员到场",
        "The log lacks a file or cannot be read: stop the service, restore the folder log from the backup, "
        "and call the auditor",
    ),
    "keys": (
        "签章密钥读不出：请从备份恢复 keys 目录，并检查其权限",
        "The signing keys cannot be read: restore the folder keys from the backup and check its permissions",
    ),
    "store": (
        "存储库读不出：请检查 store 目录和磁盘，必要时从备份恢复",
        "The store cannot be read: check the folder store and its disk, restore from the backup if need be",
    ),
    "copies": (
        "副本台账读不出：请先恢复数据库，再开始一次校验",
        "The ledger of copies cannot be read: mend the database first, then start a sweep",
    ),
    "openings": (
        "查阅登记读不出：请从备份恢复 access.db，并请安全审计员到场；恢复之前影像不能显示",
        "The openings cannot be read: restore access.db from the backup and call the auditor; "
        "no page is shown until then",
    ),
    "archives": (
        "其他档案馆的名单 archives.toml 读不出：请检查数据目录里的这个文件",
        "The list of other archives, archives.toml, cannot be read: look at that file in the home",
    ),
    "search": (
        "检索索引损坏：anjuan serve 会自动从库中重建，也可运行 anjuan search rebuild；档案没有损失",
        "The search index is damaged: anjuan serve makes it again from the records, as does anjuan search rebuild; "
        "no record is lost",
    ),
    "answers": (
        "拟答服务的密钥文件 answers.key 读不出：请检查它在 ANJUAN_HOME 里的权限",
        "The key file answers.key cannot be read: look at its permissions in ANJUAN_HOME",
    ),
}


@dataclass(frozen=True)
class Line:
    """One line of the report."""

    topic: str
    is_well: bool
    zh: str
    en: str

    def as_json(self) -> dict[str, object]:
        """The line as an object."""
        return {"topic": self.topic, "well": self.is_well, "zh": self.zh, "en": self.en}


def examine() -> list[Line]:
    """Look at everything a small office can look at without help."""
    checks: tuple[tuple[str, Callable[[], Line]], ...] = (
        ("database", _database),
        ("space", _space),
        ("journal", _journal),
        ("work", _work),
        ("log", _log),
        ("keys", _keys),
        ("store", _store),
        ("copies", _copies),
        ("openings", _openings),
        ("search", _search),
        ("archives", _archives),
    )
    if answers.mode() not in (answer_rules.Mode.OFF, answer_rules.Mode.PASSAGES):
        checks = (*checks, ("answers", _answers))
    return [_line(topic, check) for topic, check in checks]


def _line(topic: str, check: Callable[[], Line]) -> Line:
    """One check; what cannot even be looked at is not well, and the other checks go on."""
    try:
        return check()
    except Refusal as refusal:
        return Line(topic, False, refusal.message("zh"), refusal.message("en"))
    except Exception as fault:
        # Whatever is broken, the report is what tells how to mend it. No message: a database error may quote a row.
        log.debug("%s could not be examined", topic, exc_info=True)
        zh, en = UNREADABLE[topic]
        what = f"{type(fault).__name__}"
        if isinstance(fault, OSError) and fault.strerror:
            what = f"{fault.strerror}{f': {Path(fault.filename).name}' if isinstance(fault.filename, str) else ''}"
        return Line(topic, False, f"{zh}（{what}）。", f"{en} ({what}).")


def _database() -> Line:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    held = records.count_everything()
    return Line(
        "database",
        True,
        f"数据库（{connection.vendor}）正常：{held.items} 件、{held.volumes} 卷、{held.pages} 页影像。",
        f"Database ({connection.vendor}) answers: {held.items} items, {held.volumes} volumes, {held.pages} pages.",
    )


def _space() -> Line:
    home = Path(settings.ANJUAN_HOME)
    free = shutil.disk_usage(home).free
    inodes = home.stat() and _free_inodes(home)
    well = free > LOW_BYTES and inodes > LOW_INODES
    return Line(
        "space",
        well,
        f"存储余量 {free / 1024**3:.1f} GiB，可再建 {inodes:,} 个文件{'' if well else '：空间不足，请尽快扩容'}。",
        f"{free / 1024**3:.1f} GiB and {inodes:,} files left{'' if well else ': too little, add space soon'}.",
    )


def _free_inodes(home: Path) -> int:
    import os

    found = os.statvfs(home).f_favail
    return found if found > 0 else 10**9  # file systems without inodes report none


def _journal() -> Line:
    waiting = journal.waiting()
    behind = max((lag.behind for lag in journal.lags()), default=0)
    well = waiting + behind < 1000
    return Line(
        "journal",
        well,
        f"业务日志共 {journal.head()} 条，待编号 {waiting} 条，跟随者最多落后 {behind} 条"
        f"{'' if well else '：请确认 anjuan serve 正在运行'}。",
        f"Journal: {journal.head()} entries, {waiting} unnumbered, followers at most {behind} behind"
        f"{'' if well else ': make sure anjuan serve is running'}.",
    )


def _work() -> Line:
    health = jobs.health(timezone.now())
    signs = health.signs
    if not health.troubles:
        running = "正在运行" if signs.pulse_at else "没有运行，也没有拖延的任务"
        words = "runs" if signs.pulse_at else "does not run, and nothing is late"
        return Line("work", True, f"后台程序{running}。", f"The work behind the screens {words}.")
    since = f"{timezone.localtime(signs.pulse_at):%Y-%m-%d %H:%M:%S}" if signs.pulse_at else "—"
    said = {
        Trouble.WORKER_SILENT: (
            f"后台程序没有动静（最后一次 {since}）：请重新运行 anjuan serve",
            f"the worker is silent (last sign {since}): start anjuan serve again",
        ),
        Trouble.QUEUE_STALLED: (
            f"{signs.stalled} 个任务停滞：请在任务中心点“继续”",
            f"{signs.stalled} jobs stand still: let them go on in the job centre",
        ),
        Trouble.FOLLOWERS_LATE: (
            f"跟随者落后 {signs.behind} 条：请确认 anjuan serve 正在运行",
            f"followers are {signs.behind} entries behind: make sure anjuan serve is running",
        ),
    }
    return Line(
        "work",
        False,
        "；".join(said[trouble][0] for trouble in health.troubles) + "。",
        "; ".join(said[trouble][1] for trouble in health.troubles) + ".",
    )


def _log() -> Line:
    checkpoint = ledger.latest_checkpoint()
    if checkpoint is None:
        return Line(
            "log", True, "存证日志还没有检查点（尚无业务）。", "The log has no checkpoint yet (no business so far)."
        )
    log = ledger.log()
    well = ledger.note_is_genuine(checkpoint.note) and log.root(checkpoint.size).hex() == checkpoint.root
    age = int((timezone.now() - checkpoint.published_at).total_seconds())
    return Line(
        "log",
        well,
        f"存证日志最新检查点 {checkpoint.size} 条，{age} 秒前签署，"
        f"{'与日志文件一致' if well else '与日志文件不一致：请安全审计员立即介入'}。",
        f"Newest checkpoint covers {checkpoint.size} entries, signed {age} s ago, and "
        f"{'agrees with the log files' if well else 'DOES NOT agree with the log files: call the auditor at once'}.",
    )


def _keys() -> Line:
    try:
        authority = signing.authority()
    except Refusal as refusal:
        return Line("keys", False, refusal.message("zh"), refusal.message("en"))
    days = (authority.valid_until - timezone.now()).days
    well = days > 30
    return Line(
        "keys",
        well,
        f"签章证书属于 {authority.agency_name}，还有 {days} 天到期{'' if well else '：请尽快换发'}。",
        f"The signing certificate of {authority.agency_name} holds for {days} days{'' if well else ': renew it soon'}.",
    )


def _store() -> Line:
    findings = repository.store_findings(content=False) if repository.has_store() else []
    wrong = [finding for finding in findings if finding.severity is Severity.ERROR]
    return Line(
        "store",
        not wrong,
        f"存储库结构{'符合 OCFL' if not wrong else f'有 {len(wrong)} 处错误：请运行 anjuan ocfl validate'}。",
        f"The store {'conforms to OCFL' if not wrong else f'has {len(wrong)} errors: run anjuan ocfl validate'}.",
    )


def _copies() -> Line:
    at = timezone.now()
    rows = [copies.coverage(row, at) for row in copies.places()]
    policies = copies.policies(at)
    met, lacking = sum(row.met for row in policies), sum(row.lacking for row in policies)
    late = lacking > sum(row.pending for row in policies)
    damaged = sum(row.damaged for row in rows)
    away = [row.place.name for row in rows if row.place.unreachable_since]
    expected = sum(row.expected for row in rows)
    share = 100 * sum(row.within for row in rows) // expected if expected else 100
    oldest = min((row.oldest_at for row in rows if row.oldest_at), default=None)
    since = f"{timezone.localtime(oldest):%Y-%m-%d}" if oldest else "—"
    zh = [f"{damaged} 份副本损坏：请库管员在“保全”页面修复"] if damaged else []
    en = [f"{damaged} copies are damaged: the keeper repairs them on the page Preservation"] if damaged else []
    if away:
        zh.append(f"存放地读不到：{'、'.join(away)}")
        en.append(f"places not reachable: {', '.join(away)}")
    if late and not zh:
        zh.append("有件超过时限仍缺副本：请确认 anjuan serve 正在运行，或在“保全”页面点“补齐副本”")
        en.append("records lack copies for too long: see that anjuan serve runs, or press Make missing copies")
    return Line(
        "copies",
        not zh,
        f"副本：{met + lacking} 件已立卷，{met} 件达到策略；按期校验 {share}%，最早一次 {since}"
        f"{'。' if not zh else '。' + '；'.join(zh) + '。'}",
        f"Copies: {met} of {met + lacking} sealed records meet the policy; {share} % verified in time, "
        f"the oldest {since}."
        f"{'' if not en else ' ' + '; '.join(en) + '.'}",
    )


def _openings() -> Line:
    found = journal.check_openings()
    wrong = [*found.changed, *found.missing]
    if not wrong and not found.broken:
        return Line(
            "openings",
            True,
            f"查阅登记 {found.compared} 条，与业务日志一致。",
            f"{found.compared} openings agree with the journal.",
        )
    named = "、".join(str(no) for no in wrong[:MOST_NAMED])
    return Line(
        "openings",
        False,
        f"查阅登记与业务日志不一致：{len(found.changed)} 条被改，{len(found.missing)} 条缺失（{named}），"
        f"{len(found.broken)} 组摘要被改：请安全审计员立即介入，从备份恢复 access.db。",
        f"The openings do not agree with the journal: {len(found.changed)} changed, {len(found.missing)} missing "
        f"({named.replace('、', ', ')}), {len(found.broken)} sets of digests changed: call the auditor at once and "
        "restore access.db from the backup.",
    )


def _search() -> Line:
    index = search.index()
    standing = index.standing()
    if standing is None:
        missed = journal.followed_to("search") > 0
        return Line(
            "search",
            not missed,
            "检索索引不在：anjuan serve 会自动从库中重建，也可运行 anjuan search rebuild；档案没有损失。"
            if missed
            else "检索索引尚未建立（anjuan serve 运行后自动建立）。",
            "The search index is missing: anjuan serve makes it again from the records, as does anjuan search rebuild; "
            "no record is lost."
            if missed
            else "There is no search index yet (anjuan serve makes it).",
        )
    sound = index.is_sound()
    if not sound:
        zh, en = UNREADABLE["search"]
        return Line("search", False, f"{zh}。", f"{en}.")
    held = index.count()
    under_way = standing.rebuilt_to is not None
    return Line(
        "search",
        True,
        f"检索索引：{held.items} 件、{held.units} 个著录项和有字的页，{held.waiting} 个文件待读入，"
        f"{held.unread} 个文件还有页面待识读，"
        f"{held.unreadable} 个读不出文字{'；正在重建' if under_way else ''}。",
        f"Search index: {held.items} items, {held.units} catalogue fields and pages with words, "
        f"{held.waiting} files to take in, {held.unread} with pages no machine has read yet, "
        f"{held.unreadable} without readable words"
        f"{'; being made again' if under_way else ''}.",
    )


def _archives() -> Line:
    named = exchange.sites()
    return Line(
        "archives",
        True,
        f"可以一起检索的其他档案馆 {len(named)} 家{'（anjuan archives 逐家试连）' if named else ''}。",
        f"{len(named)} other archives can be asked along{' (anjuan archives tries each)' if named else ''}.",
    )


def _answers() -> Line:
    """The service that composes answers: its address and its key. It is not asked: that would be to send something."""
    answer_rules.check_address(settings.ANJUAN_ANSWERS)
    key, path = answers.key(), answers.key_file()
    if path.is_file() and path.stat().st_mode & 0o077:
        return Line(
            "answers",
            False,
            "拟答服务的密钥文件 answers.key 别人也读得到：请改为只有本用户可读（chmod 600）。",
            "The key file answers.key can be read by others: make it its user's alone (chmod 600).",
        )
    host = urllib.parse.urlsplit(settings.ANJUAN_ANSWERS).hostname
    return Line(
        "answers",
        True,
        f"拟答服务：{host}，{'有' if key else '没有'}密钥，模型 {settings.ANJUAN_ANSWERS_MODEL or '—'}；未试连。",
        f"Service that composes answers: {host}, {'with' if key else 'without'} a key, "
        f"model {settings.ANJUAN_ANSWERS_MODEL or '—'}; it was not asked.",
    )
