"""What an audit says (审计结论): one difference, its place and meaning, in both languages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Say = Callable[[str, int, int], None]

# What a difference means, in both languages; the particulars follow it.
MEANING: Mapping[str, tuple[str, str]] = {
    "ENTRY_MISSING": ("日志条目在数据库中缺失", "an entry of the log is not in the database"),
    "ENTRY_CHANGED": ("日志条目与存证日志不一致", "an entry is not as it stands in the log"),
    "ENTRY_ADDED": ("条目的编号不在存证日志之后依次相接", "an entry has a number that does not follow the log's"),
    "VALUE_CHANGED": ("字段值或其盐值与承诺不符", "a value or its salt does not fit what was committed to"),
    "VALUE_MISSING": ("字段值缺失，且无依法删除的记录", "a value is gone and no lawful erasure is on record"),
    "VALUE_ADDED": ("有条目从未承诺过的字段值", "a value stands there that no entry committed to"),
    "MEMBER_CHANGED": ("批量业务的成员与条目不符", "the members of a batch act do not give its root"),
    "DIGEST_CHANGED": ("行摘要与条目不符", "the digests of the rows that a deed wrote do not give its root"),
    "ROW_CHANGED": ("行与最近一次业务写入的不一致", "a row is not as the last deed wrote it"),
    "ROW_MISSING": ("行缺失", "a row is gone"),
    "ROW_ADDED": ("行不是任何业务写入的", "a row was written by no deed"),
    "ROW_ERASED": (
        "行的摘要盐值已删除，无法核对",
        "a row cannot be compared: its salt was taken away",
    ),
    "ROW_TOUCHED": ("行曾在业务之外被写入", "a row was written outside any deed"),
    "SHAPE_GONE": (
        "行写入后表结构已变，部分列无法核对",
        "columns have gone since the row was written",
    ),
    "UNWATCHED": ("表的写入监视被拆除", "the triggers that watch a table are not as they should be"),
    "CHECKPOINT_CHANGED": ("检查点与存证日志不一致", "a checkpoint is not what the log gives"),
    "CHECKPOINT_MISSING": (
        "存证日志留存的检查点不在数据库中",
        "a checkpoint of the log is not in the database",
    ),
    "LOG_SHORT": ("存证日志比它说过的短", "the log is shorter than it has been"),
    "LOG_DAMAGED": ("存证日志缺文件或读不出", "a file of the log is missing or cannot be read"),
    "FILES_CHANGED": ("文件登记与存储库不一致", "what the rows say of an object's files is not what the store has"),
    "COPY_CHANGED": ("磁盘上的业务日志副本与存证日志不一致", "the journal on disk is not what the log committed to"),
    "COPY_LACKS": ("磁盘上的业务日志副本缺少重建所需的内容", "the journal on disk lacks what a rebuild needs"),
    "COPY_SHORT": ("磁盘上的业务日志副本落后", "the journal on disk ends before the log"),
}


@dataclass(frozen=True)
class Difference:
    """One difference (差异).

    Attributes:
        code: which kind, a key of `MEANING`.
        place: which row or entry, such as ``records_item:17`` or ``entry 204``.
        columns: what differs in it, as far as it can be told.
    """

    code: str
    place: str
    columns: tuple[str, ...] = ()

    def words(self, language: str) -> str:
        """One line for people."""
        named = f"（{'、'.join(self.columns)}）" if language == "zh" else f" ({', '.join(self.columns)})"
        return f"{self.place}  {MEANING[self.code][language != 'zh']}{named if self.columns else ''}"

    def as_json(self) -> dict[str, object]:
        """For programs."""
        zh, en = MEANING[self.code]
        return {"code": self.code, "place": self.place, "columns": list(self.columns), "zh": zh, "en": en}
