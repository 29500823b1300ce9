"""Records at the counter and on the reviewer's desk, brought there by the actions."""

from pathlib import Path

from anjuan.core.terms import Post
from anjuan.demo import story
from anjuan.desks.intake import actions as intake
from anjuan.desks.intake.rules import Registration
from anjuan.desks.review import actions as review
from anjuan.facilities.corrections.rules import RaisedFault
from anjuan.records import actions as records
from anjuan.records import queries as seen
from anjuan.records.rules import Employer, Person
from tests.cast import Cast

SAMPLE = Path(story.__file__).parent / "sample"
WANG = Person(story.WANG.name, story.WANG.id_number)
EMPLOYER = Employer(story.EMPLOYER.name, story.EMPLOYER.credit_code)
FILES = {"MAIN_FORM": "010.jpg", "ID_CARD": "011.jpg"}


def registered(cast: Cast, acceptance_no: str = "SL-1", *, paper_pages: int = 2) -> str:
    """An item on the counter without a page. Returns its URN."""
    paper = next(paper for paper in story.PAPERS if paper.step == "PERSON_REGISTRATION")
    return intake.register(
        occasion=cast.occasion(Post.HANDLER),
        agency_code="BH",
        registration=Registration(
            acceptance_no,
            "PERSON_REGISTRATION",
            f"登记表 {acceptance_no}",
            paper.formed,
            paper_pages,
            (WANG,),
            EMPLOYER,
        ),
    ).urn


def captured(cast: Cast, acceptance_no: str = "SL-1") -> str:
    """An item with all its pages, ready to be submitted."""
    urn = registered(cast, acceptance_no)
    uploads = [intake.Upload(SAMPLE / name, name, material) for material, name in FILES.items()]
    intake.capture(occasion=cast.occasion(Post.HANDLER), urn=urn, uploads=uploads)
    return urn


def submitted(cast: Cast, acceptance_no: str = "SL-1") -> str:
    """An item that waits for review."""
    urn = captured(cast, acceptance_no)
    intake.submit(occasion=cast.occasion(Post.HANDLER), urn=urn)
    return urn


def looked_at(cast: Cast, urn: str) -> None:
    """The reviewer has opened every page."""
    occasion = cast.occasion(Post.REVIEWER)
    for component, page_no in seen.pages_of(seen.components_of([urn])[urn]):
        records.look(actor=occasion.actor, component_pk=component, page_no=page_no, at=occasion.at)


def returned(cast: Cast, acceptance_no: str = "SL-1") -> str:
    """An item that came back with a fault on its first page and one of the whole record."""
    urn = submitted(cast, acceptance_no)
    component = seen.components_of([urn])[urn][0].pk
    faults = [
        RaisedFault("S01", urn, component, 1, (0.5, 0.6, 0.2, 0.1), "请补盖经办专用章"),
        RaisedFault("V12", urn),
    ]
    review.return_item(occasion=cast.occasion(Post.REVIEWER), urn=urn, faults=faults)
    return urn
