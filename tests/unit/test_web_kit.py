"""The web kit without a database: assets, words, masking, components."""

import datetime as dt
import hashlib
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st
from tools import messages

from anjuan.core import terms
from anjuan.core.refusals import Obstacle, catalogue
from anjuan.core.terms import Route, State
from anjuan.foundation.web import labels, rules, shapes, views
from anjuan.foundation.web.rules import Progress, Stage, Unit

WEB = Path(views.__file__).parent
SOURCE = WEB.parent.parent
VENDOR = WEB / "static" / "web" / "vendor"
CODE = sorted(catalogue())[0]


def draw(source: str, **context: Any) -> str:
    with translation.override("zh-hans"):
        return Template(source).render(Context(context))


# Assets -----------------------------------------------------------------------------------------------------------


def test_every_vendored_file_is_the_one_in_the_manifest() -> None:
    manifest = tomllib.loads((VENDOR / "MANIFEST.toml").read_text(encoding="utf-8"))
    listed = {"MANIFEST.toml"}
    for asset in manifest["asset"]:
        assert asset["name"] and asset["version"] and asset["licence"] and asset["source"]
        assert (VENDOR / asset["licence_file"]).stat().st_size > 300
        listed.add(asset["licence_file"])
        for file in asset["file"]:
            content = (VENDOR / file["path"]).read_bytes()
            assert hashlib.sha256(content).hexdigest() == file["sha256"], file["path"]
            listed.add(file["path"])

    found = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()}
    assert found == {name for name in listed if not name.startswith("..")}


def test_the_accessibility_engine_is_the_one_named_beside_it() -> None:
    fixtures = Path(__file__).parent.parent / "fixtures"
    digest = hashlib.sha256((fixtures / "axe.min.js").read_bytes()).hexdigest()
    assert digest in (fixtures / "README.md").read_text(encoding="utf-8")


def _templates() -> list[Path]:
    return sorted(SOURCE.rglob("templates/**/*.html"))


def test_no_page_style_or_script_of_ours_names_an_outside_address() -> None:
    ours = [*_templates(), *(path for path in SOURCE.rglob("static/**/*.*") if VENDOR not in path.parents)]
    assert len(ours) > 30
    for file in ours:
        if file.suffix in {".html", ".css", ".js", ".svg"}:
            # Names of vocabularies, which nothing fetches.
            content = re.sub(r"http://(?:www\.w3\.org|iiif\.io/api)/[\w/.]+", "", file.read_text(encoding="utf-8"))
            assert not re.search(r"""https?://|["'(]//\w""", content), file


def test_vendored_files_fetch_nothing_from_outside() -> None:
    css = (VENDOR / "tabler/tabler.min.css").read_text(encoding="utf-8")
    assert not re.search(r"url\(\s*[\"']?(https?:)?//|@import", css)
    htmx = (VENDOR / "htmx/htmx.min.js").read_text(encoding="utf-8")
    assert not re.search(r"https?://", htmx)
    # OpenSeadragon names formats by address and has one default server for maps, a source that we never use.
    viewer = (VENDOR / "openseadragon/openseadragon.min.js").read_text(encoding="utf-8")
    assert set(re.findall(r"https?://([\w.]+)", viewer)) <= {
        "iiif.io",
        "library.stanford.edu",
        "openseadragon.github.io",
        "schemas.microsoft.com",
        "tile.openstreetmap.org",
        "www.w3.org",
    }
    assert "sourceMappingURL" not in css + viewer


def test_templates_hold_no_script_of_their_own() -> None:
    for file in _templates():
        content = file.read_text(encoding="utf-8")
        assert not re.search(r"<script(?![^>]*\bsrc=)", content), file
        assert not re.search(r"\son[a-z]+=|javascript:", content), file


def _icons() -> set[str]:
    return set(re.findall(r'<symbol id="([\w-]+)"', (WEB / "static/web/icons.svg").read_text(encoding="utf-8")))


def test_every_icon_that_is_drawn_stands_in_the_sprite() -> None:
    assert len(_icons()) >= 45
    drawn = {name for _tone, name in labels.STATE_LOOKS.values()}
    for file in _templates():
        drawn |= set(re.findall(r'\{% icon "([\w-]+)"', file.read_text(encoding="utf-8")))
    assert drawn - _icons() == set()


def test_every_template_of_the_kit_compiles() -> None:
    from django.template.loader import get_template

    names = [path.relative_to(WEB / "templates").as_posix() for path in (WEB / "templates").rglob("*.html")]
    assert len(names) > 25
    for name in names:
        get_template(name)


# Words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize(
    "kind",
    [
        terms.State,
        terms.Post,
        terms.Duty,
        terms.Verb,
        terms.Custody,
        terms.InsuranceLine,
        terms.SubjectKind,
        terms.RestraintKind,
        terms.Route,
        terms.UnitKind,
        terms.AgencyProfile,
        terms.AgencyKind,
        Stage,
        Progress,
    ],
)
def test_every_member_of_the_vocabulary_has_its_word(kind: Any, language: str) -> None:
    with translation.override(language):
        for member in kind:
            word = labels.label(member)
            assert word
            assert bool(re.search("[一-鿿]", word)) == (language == "zh-hans")


def test_every_state_has_a_look_and_a_stage() -> None:
    assert set(labels.STATE_LOOKS) == set(State) == set(rules.STAGE_OF)


def test_the_catalogue_of_the_kit_is_complete() -> None:
    assert [line for line in messages.complaints() if line.startswith("foundation/web:")] == []


# Masking, breaking, waiting ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("110101199003071234", "110101********1234"),
        (" 11010119900307 123X", "110101********123X"),
        ("91110000600037341L", "911100********341L"),
        ("13800001234", "138******34"),
        ("1234", "****"),
        ("", ""),
    ],
)
def test_identity_numbers_are_masked(value: str, shown: str) -> None:
    assert rules.masked_id(value) == shown


@given(st.text("0123456789Xx", min_size=1, max_size=24))
def test_a_mask_keeps_the_length_and_hides_at_least_two(value: str) -> None:
    masked = rules.masked_id(value)

    assert len(masked) == len(value)
    assert masked.count("*") >= min(2, len(value))


@pytest.mark.parametrize(
    ("value", "shown"), [("张三", "张*"), ("王小明", "王**"), ("欧阳建国", "欧***"), ("李", "李"), ("", "")]
)
def test_names_are_masked(value: str, shown: str) -> None:
    assert rules.masked_name(value) == shown


@given(st.text(max_size=40))
def test_a_broken_code_is_the_same_code(code: str) -> None:
    assert "".join(rules.pieces(code)) == code


def test_a_reference_code_breaks_after_its_separators() -> None:
    assert rules.pieces("J001-ZY·SB·03·2026·D100-0412") == ["J001-", "ZY·", "SB·", "03·", "2026·", "D100-", "0412"]


@pytest.mark.parametrize(
    ("seconds", "count", "unit"),
    [
        (-5, 0, Unit.MOMENT),
        (59, 0, Unit.MOMENT),
        (60, 1, Unit.MINUTE),
        (3599, 59, Unit.MINUTE),
        (7200, 2, Unit.HOUR),
        (86_399, 23, Unit.HOUR),
        (3 * 86_400 + 5, 3, Unit.DAY),
    ],
)
def test_a_wait_is_told_in_its_largest_unit(seconds: int, count: int, unit: Unit) -> None:
    now = dt.datetime(2026, 11, 21, 4, tzinfo=dt.UTC)

    assert rules.waited(now - dt.timedelta(seconds=seconds), now) == rules.Wait(count, unit)


def test_a_returned_volume_stands_where_it_goes_again() -> None:
    way = dict(rules.stages(Route.TARGET, State.RETURNED))

    assert way[Stage.APPLY] is Progress.PAST
    assert way[Stage.PRE_ACCEPT] is Progress.RETURNED
    assert way[Stage.WITNESS] is Progress.AHEAD
    assert set(dict(rules.stages(Route.TARGET, State.HELD)).values()) == {Progress.PAST}


def test_bars_show_the_small_and_hide_the_absent() -> None:
    assert rules.shares([0, 1, 1000]) == [0, 2, 100]
    assert rules.shares([]) == [] and rules.shares([0]) == [0]


def test_a_page_ledger_closes_only_when_all_are_counted_and_equal() -> None:
    assert rules.agrees([146, 146, 146])
    assert not rules.agrees([146, 145, 146])
    assert not rules.agrees([None, None, None])


# Components -------------------------------------------------------------------------------------------------------


def test_a_code_breaks_and_can_be_copied() -> None:
    drawn = draw("{% code value %}", value="J001-ZY·SB")

    assert "J001-<wbr>ZY·<wbr>SB" in drawn
    assert 'data-copy="J001-ZY·SB"' in drawn and 'aria-label="复制 J001-ZY·SB"' in drawn
    assert "data-copy" not in draw("{% code value copy=False %}", value="J001")


def test_what_people_typed_is_escaped() -> None:
    evil = "<script>x</script>\"'"
    for source in ("{% code v %}", "{% tag v %}", "{{ v|mask_id }}", '{% masked v kind="name" %}', "{% icon v %}"):
        assert "<script>" not in draw(source, v=evil), source


def test_a_state_is_a_colour_an_icon_and_a_word() -> None:
    drawn = draw("{% state_tag state %}", state="RETURNED")

    assert 'class="mark-tag bad"' in drawn and "#tool" in drawn and "整改中" in drawn


def test_a_masked_number_leads_to_the_page_that_shows_it() -> None:
    drawn = draw('{% masked "110101199003071234" url="/why/" %}')

    assert "110101********1234" in drawn and "19900307" not in drawn and 'href="/why/"' in drawn


def test_times_are_told_on_the_agency_clock() -> None:
    at = dt.datetime(2026, 11, 21, 17, 30, tzinfo=dt.UTC)

    assert ">2026-11-22 01:30</time>" in draw("{{ at|local }}", at=at)
    assert ">2026-11-22</time>" in draw("{{ at|day }}", at=at)
    assert ">2026-11-21</time>" in draw("{{ at|day }}", at=at.date())
    assert "已等 3 天" in draw("{{ at|ago }}", at=timezone.now() - dt.timedelta(days=3, minutes=1))
    assert ">5 小时</time>" in draw("{{ at|waited }}", at=timezone.now() - dt.timedelta(hours=5, minutes=1))
    assert draw("{{ at|ago }}{{ at|local }}{{ at|due }}", at=None) == "———"


@pytest.mark.parametrize(
    ("left", "words", "tone"),
    [(-2, "超期 2 天", "bad"), (0, "今天到期", "bad"), (3, "还有 3 天", "wait"), (9, "还有 9 天", "")],
)
def test_a_due_date_says_how_long_is_left(left: int, words: str, tone: str) -> None:
    drawn = draw("{{ date|due }}", date=timezone.localdate() + dt.timedelta(days=left))

    assert words in drawn and f'class="mark-tag {tone}"' in drawn


def test_what_is_missing_is_said_line_by_line_with_the_place_to_mend_it() -> None:
    missing = [shapes.Missing(Obstacle(CODE), "/mend/"), Obstacle(CODE)]
    drawn = draw("{% obstacles missing %}", missing=missing)

    assert "还缺 2 项" in drawn and drawn.count("<li>") == 2 and drawn.count('href="/mend/"') == 1 and CODE in drawn
    assert draw("{% obstacles missing %}", missing=[]).strip() == ""


def test_a_blocked_deed_is_disabled_and_points_to_what_is_missing() -> None:
    blocked = draw('{% deed "通过" "/do/" key="A" blocked=missing %}', missing=[Obstacle(CODE)])
    free = draw('{% deed "通过" "/do/" key="A" confirm="真的？" %}', csrf_token="abc")

    assert 'disabled aria-describedby="missing"' in blocked
    assert (
        "disabled" not in free and 'value="abc"' in free and 'data-key="A"' in free and 'data-confirm="真的？"' in free
    )
    assert 'method="post"' in free


def test_an_empty_table_says_why_and_what_next() -> None:
    empty = shapes.Table("卷内文件", [shapes.Column("件号")], [], "还没有卷内文件", "/add/", "去组卷")
    drawn = draw("{% table table %}", table=empty)

    assert "<table" not in drawn and "还没有卷内文件" in drawn and 'href="/add/"' in drawn


def test_a_table_has_a_caption_headers_and_labelled_cells() -> None:
    full = shapes.Table(
        "卷内文件",
        [shapes.Column("档号", "code"), shapes.Column("环节", "state"), shapes.Column("页数", "number")],
        [shapes.Row([shapes.Cell("J001-1", "/x/"), shapes.Cell(State.HELD), shapes.Cell(1204)])],
        "空",
    )
    drawn = draw("{% table table %}", table=full)

    assert "<caption" in drawn and drawn.count('<th scope="col"') == 3 and 'data-label="页数"' in drawn
    assert "1,204" in drawn and "在库保管" in drawn and 'href="/x/"' in drawn


def test_a_pager_keeps_the_filter() -> None:
    request = RequestFactory().get("/list/", {"q": "张 三", "page": "2"})
    drawn = draw("{% pager page %}", page=Paginator(range(50), 10).page(2), request=request)

    assert "q=%E5%BC%A0+%E4%B8%89&amp;page=3" in drawn and "page=1" in drawn and "共 50 条" in drawn


def test_facts_ledger_stages_progress_and_tiles_speak() -> None:
    drawn = draw(
        "{% facts facts %}{% ledger counts %}{% stages route state %}{% progress work %}{% tiles tiles %}",
        facts=[shapes.Fact("身份证号", "4518", was="4581", tone="bad")],
        counts=[shapes.Count("纸质", 146), shapes.Count("影像", 145)],
        route=Route.TARGET,
        state=State.FILING,
        work=shapes.Work("导入", 30, 120, 15.0, dt.timedelta(seconds=301), 2, "/failed/"),
        tiles=[shapes.Tile("待审核", 12, "/queue/")],
    )

    assert "<s>4581</s>" in drawn and 'aria-label="不一致"' in drawn
    assert "页数不符" in drawn
    assert drawn.count('aria-current="step"') == 1
    assert 'max="120" value="30"' in drawn and "约剩 6 分钟" in drawn and 'href="/failed/"' in drawn
    assert 'href="/queue/"' in drawn
