"""L10 双层文字与图像不符: the text that a PDF page carries itself is not what stands on its image (DA/T 77-2019).

Every word of the layer, as blanks and gaps part them, is looked for in what the reader read, wherever it stands there,
so that the order of lines and of cells in a row does not matter; letters that must be changed, put in or left out are
counted against all letters of the layer (字符错误率).
Traps: a page without text is not asked, nor one whose layer is a scanner's line of a few letters; a layer that is right
and covers only a part of the page goes to a person, and so does a page that was not read clearly. What was made on a
computer carries the text that it shows and passes.
"""

from collections.abc import Iterator

from anjuan.core.assurance import Outcome
from anjuan.core.detection.facts import FileFacts, ItemFacts, OwnText, PageFacts, VolumeFacts
from anjuan.core.detection.frame import Detector, Scope, Setting, Settings, Verdict
from anjuan.core.detection.told import LEGIBLE, WORDS
from anjuan.core.reading.said import PageSaid
from anjuan.core.reading.words import bare, edits_within

_OTHER = 0.5  # share of a line's letters from which it counts as another line
_MOST_BOXES = 8


def _judge(volume: VolumeFacts, settings: Settings) -> Iterator[Verdict]:
    for item in volume.items:
        for file in item.files:
            own = {text.page_no: text for text in file.form.texts} if file.form else {}
            for page in file.pages:
                text = own.get(page.page_no)
                if text is not None and page.said is not None:
                    yield from _of(item, file, page, text, page.said, settings)


def _of(
    item: ItemFacts, file: FileFacts, page: PageFacts, text: OwnText, said: PageSaid, settings: Settings
) -> Iterator[Verdict]:
    lines = [([bare(word) for word in words.split()], box) for words, box in text.lines]
    letters = sum(len(word) for words, _ in lines for word in words)
    if letters < WORDS or said.unread not in ("", "BLANK"):  # what nobody could read says nothing of the layer
        return
    read = "".join(said.text.split("\n"))
    wrong = [(sum(edits_within(read, word) for word in words), sum(map(len, words)), box) for words, box in lines]
    rate = sum(edits for edits, _, _ in wrong) / letters
    layer = "".join(word for words, _ in lines for word in words)
    shown = [line for line in said.text.split("\n") if line]
    absent = sum(edits_within(layer, line) for line in shown) / max(1, sum(len(line) for line in shown))
    boxes = tuple(box for edits, length, box in wrong if edits > _OTHER * length)[:_MOST_BOXES]
    is_clear = said.unread == "BLANK" or (said.sure >= LEGIBLE and said.letters >= WORDS)
    if rate > settings["wrong"]:
        outcome = Outcome.FAIL if is_clear else Outcome.UNSURE
        words = (
            f"文字层与图像不符，字符错误率约 {rate:.0%}",
            f"the text layer is not what the image shows, about {rate:.0%} of its letters are wrong",
        )
    elif rate > settings["asked"]:
        outcome = Outcome.UNSURE
        words = (
            f"文字层与图像有出入，字符错误率约 {rate:.0%}",
            f"the text layer differs from the image in about {rate:.0%} of its letters",
        )
    elif absent > settings["absent"]:
        outcome = Outcome.UNSURE
        words = (
            f"文字层只覆盖部分内容，图像上约 {absent:.0%} 的文字不在其中",
            f"the text layer lacks about {absent:.0%} of what the image shows",
        )
    else:
        outcome, words, boxes = Outcome.PASS, ("", ""), ()
    score = {Outcome.FAIL: 1.0, Outcome.UNSURE: 0.5}.get(outcome, 0.0)
    yield Verdict(outcome, score, item.urn, file.pk, page.page_no, boxes, *words)


DETECTOR = Detector(
    "L10",
    Scope.PAGE,
    _judge,
    (
        Setting(
            "wrong", "文字层字符错误率上限（待核实）", "Letters of the layer that may be wrong", "", 0.3, 0.05, 0.9
        ),
        Setting(
            "asked", "须人工核对的字符错误率（待核实）", "Wrong letters from which it is asked", "", 0.12, 0.01, 0.9
        ),
        Setting("absent", "图像文字不在文字层中的上限（待核实）", "Letters of the image it may lack", "", 0.5, 0.1, 1),
    ),
)
