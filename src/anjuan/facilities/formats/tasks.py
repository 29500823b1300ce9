"""Drawing derivatives in the background (后台生成浏览件)."""

from pathlib import Path

from django_tasks import task

from anjuan.facilities.formats import actions

PAGES_AT_ONCE = 25  # a task is a chunk of 1 to 10 seconds (decision 22)


@task()
def render_pages(urn: str, sha512: str, first_page: int = 1) -> int:
    """Draw the pages of one file of an object, 25 at a time; what is drawn already is left as it is.

    Args:
        urn: identifier of the object.
        sha512: digest of the file.
        first_page: where to go on, from 1.

    Returns:
        Number of the last page drawn.
    """
    with actions.open_content(urn, sha512) as stream:
        path = Path(stream.name)
        count = actions.page_count(path)
        last = min(count, first_page + PAGES_AT_ONCE - 1)
        for page in range(first_page, last + 1):
            actions.ensure_derivatives(sha512, path, page)
    if last < count:
        render_pages.enqueue(urn, sha512, last + 1)
    return last
