"""What counts as having looked at a page: opening it, and nothing less."""

from anjuan.core.terms import Post
from anjuan.records.models import Look
from tests import builders
from tests.cast import Cast


def test_asking_for_the_headers_of_a_page_is_no_look(cast: Cast) -> None:
    urn = builders.submitted(cast)
    component = builders.components_of(urn)[0].pk
    client = cast.client(Post.REVIEWER)

    for address in (f"/pages/{component}/1/view.jpg", f"/pages/{component}/1/page.dzi"):
        assert client.head(address).status_code == 200, address
    assert not Look.objects.exists()

    assert client.get(f"/pages/{component}/1/view.jpg").status_code == 200
    assert Look.objects.filter(component_id=component, page_no=1).count() == 1
