"""The template that comes with the practice city lies on its painted forms, and says what stands on them (S3-W14)."""

import datetime as dt
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from anjuan.core.reading.laying import lay
from anjuan.core.reading.marks import InkMark, Presence
from anjuan.core.reading.pages import lines_from
from anjuan.core.reading.templates import BoxKind, Laid, shape_from
from anjuan.demo import people, press
from anjuan.demo.city import DRAWN_FORM, City
from anjuan.demo.clock import Clock
from anjuan.facilities.reading.backends import ink, sheet
from anjuan.facilities.reading.queries import templates
from tests.cast import Cast
from tests.template_stage import drawn_file

FORMED = dt.date(2026, 5, 6)
CITIZENS = people.citizens()


def scanned(seed: int, turn: float) -> tuple[Image.Image, people.Citizen]:
    """A painted registration, laid on the scanner a little turned."""
    who = CITIZENS[seed]
    paper = press.Paper(*DRAWN_FORM, (who,), None, FORMED, f"SL{seed}", "北河分中心（演示）", "登记")
    image = Image.open(io.BytesIO(press.scan(paper, seed=seed))).convert("RGB")
    return image.rotate(turn, Image.Resampling.BICUBIC, fillcolor=(248, 248, 244)), who


def laid_on(image: Image.Image) -> Laid | None:
    pixels = np.asarray(image)

    def inks(asked: object) -> list[InkMark | None]:
        return [ink.handwriting(pixels, 200, box, printed) for box, printed in asked]  # type: ignore[attr-defined]

    lines = lines_from(sheet.read_pixels(pixels, 200)["lines"])
    aspect = image.height / image.width
    return lay(shape_from(drawn_file()), name="登记表", edition=1, lines=lines, aspect=aspect, inks=inks)


@pytest.mark.parametrize(("seed", "turn"), [(33, 0.0), (40, 2.5)])
def test_the_shipped_template_reads_the_painted_form(seed: int, turn: float) -> None:
    image, who = scanned(seed, turn)

    laid = laid_on(image)

    assert laid is not None
    values = {one.form.name: one.words.replace(" ", "") for one in laid.of(BoxKind.FIELD)}
    assert (values["PERSON"], values["ID_NUMBER"]) == (who.name, who.id_number)
    assert {one.day for one in laid.of(BoxKind.DAY)} == {FORMED}
    (handler,) = laid.of(BoxKind.SIGN, "HANDLER")
    assert handler.ink is not None and handler.ink.presence is Presence.PRESENT


def test_the_city_puts_it_into_use(cast: Cast, tmp_path: Path) -> None:
    City(keys=tmp_path, clock=Clock(cast.clock.at + dt.timedelta(hours=1)))._draw_form()

    (row,) = templates.templates(FORMED)
    assert (row.step_code, row.material_code) == DRAWN_FORM
    assert row.in_use is not None and row.in_use.shape == shape_from(drawn_file())


def test_a_wiped_signature_and_day_are_seen_as_empty() -> None:
    image, _ = scanned(33, 0.0)
    whole = laid_on(image)
    assert whole is not None
    for one in (*whole.of(BoxKind.SIGN, "HANDLER"), *whole.of(BoxKind.DAY, "ACCEPTED")):
        x, y, width, height = one.box
        left, top = round(x * image.width), round(y * image.height)
        image.paste((250, 250, 246), (left, top, left + round(width * image.width), top + round(height * image.height)))

    wiped = laid_on(image)

    assert wiped is not None
    inks = {one.form.name: one.ink.presence for one in wiped.boxes if one.ink is not None}
    assert (inks["HANDLER"], inks["ACCEPTED"], inks["DONE"]) == (Presence.ABSENT, Presence.ABSENT, Presence.PRESENT)
