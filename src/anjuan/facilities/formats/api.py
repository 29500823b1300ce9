from django.http import FileResponse, HttpRequest
from ninja import Router

from anjuan.facilities.formats import serving

router = Router(tags=["pages"])


@router.get("/components/{component}/pages/{page}", operation_id="pages_view")
def view(request: HttpRequest, component: int, page: int) -> object:
    """One page as a JPEG. Opening it counts as having looked at it, as on the screen."""
    return serving.open_view(request, component, page)


@router.get("/components/{component}/original", operation_id="pages_original")
def original(request: HttpRequest, component: int) -> FileResponse:
    """The file as it was captured, all its bytes verified."""
    return serving.open_original(request, component)
