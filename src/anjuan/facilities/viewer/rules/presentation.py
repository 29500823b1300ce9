"""A record as other programs' viewers read it (展示清单): IIIF Presentation API 3.0, as plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from anjuan.facilities.viewer.rules.images import FORMATS, PROFILE, THUMBNAIL_PX, Limits, PageId, PageSize, within

CONTEXT = "http://iiif.io/api/presentation/3/context.json"
# Nobody has judged whether these papers are works: that is what the statement says.
RIGHTS = "http://rightsstatements.org/vocab/CNE/1.0/"
Json = dict[str, object]


@dataclass(frozen=True)
class Said:
    """Words in both languages."""

    zh: str
    en: str

    def spoken(self) -> dict[str, list[str]]:
        """As a language map; once where both are the same."""
        if self.zh == self.en:
            return {"none": [self.zh]}
        return {"zh-Hans": [self.zh], "en": [self.en]}


@dataclass(frozen=True)
class ViewedPage:
    """A page of a record as it is shown.

    Attributes:
        image: what its identifier names.
        size: as it is shown, turned already.
        material: code of the material it belongs to.
        part: which part of the record it lies in: place of the item in a volume, from 0.
        name: of the file, as it came in.
    """

    image: PageId
    size: PageSize
    material: str = ""
    part: int = 0
    name: str = ""


@dataclass(frozen=True)
class Described:
    """What stands at the head of a manifest or a collection."""

    urn: str
    title: Said
    summary: Said
    facts: Sequence[tuple[Said, Said]]
    attribution: tuple[Said, Said]
    materials: Mapping[str, Said] = field(default_factory=dict)


def manifest(base: str, described: Described, pages: Sequence[ViewedPage], limits: Limits) -> Json:
    """The manifest of an item: a canvas a page, a range a material (清单).

    Args:
        base: where IIIF begins, such as ``https://example.invalid/iiif``.
        described: its head.
        pages: all pages in order.
        limits: of one image answer.

    Standard: IIIF Presentation API 3.0, 5.2.
    """
    here = f"{base}/presentation/3/{described.urn}"
    canvases = [_canvas(base, here, place, page, limits) for place, page in enumerate(pages, 1)]
    found: Json = {"@context": CONTEXT, "id": f"{here}/manifest", "type": "Manifest", **_head(described)}
    found |= {"viewingDirection": "left-to-right", "behavior": ["paged" if len(pages) > 1 else "individuals"]}
    if pages:
        found["thumbnail"] = [_thumbnail(base, pages[0])]
        found["structures"] = _ranges(here, described.materials, pages)
    found["items"] = canvases
    return found


def collection(base: str, described: Described, items: Sequence[tuple[str, Said]]) -> Json:
    """The collection of a volume: a manifest an item (集合).

    Standard: IIIF Presentation API 3.0, 5.1.
    """
    return {
        "@context": CONTEXT,
        "id": f"{base}/presentation/3/{described.urn}/collection",
        "type": "Collection",
        **_head(described),
        "items": [
            {"id": f"{base}/presentation/3/{urn}/manifest", "type": "Manifest", "label": title.spoken()}
            for urn, title in items
        ],
    }


def _head(described: Described) -> Json:
    what, who = described.attribution
    return {
        "label": described.title.spoken(),
        "summary": described.summary.spoken(),
        "metadata": [{"label": name.spoken(), "value": value.spoken()} for name, value in described.facts],
        "requiredStatement": {"label": what.spoken(), "value": who.spoken()},
        "rights": RIGHTS,
    }


def _canvas(base: str, here: str, place: int, page: ViewedPage, limits: Limits) -> Json:
    address = f"{here}/canvas/{page.image}"
    width, height = within(page.size.width, page.size.height, limits)
    service = _service(base, page)
    return {
        "id": address,
        "type": "Canvas",
        "label": {"none": [f"{place:03}"]},
        "width": page.size.width,
        "height": page.size.height,
        "thumbnail": [_thumbnail(base, page)],
        "items": [
            {
                "id": f"{address}/page",
                "type": "AnnotationPage",
                "items": [
                    {
                        "id": f"{address}/image",
                        "type": "Annotation",
                        "motivation": "painting",
                        "target": address,
                        "body": {
                            "id": f"{base}/3/{page.image}/full/max/0/default.jpg",
                            "type": "Image",
                            "format": FORMATS["jpg"],
                            "width": width,
                            "height": height,
                            "service": [service],
                        },
                    }
                ],
            }
        ],
    }


def _service(base: str, page: ViewedPage) -> Json:
    return {"id": f"{base}/3/{page.image}", "type": "ImageService3", "profile": PROFILE}


def _thumbnail(base: str, page: ViewedPage) -> Json:
    scale = min(THUMBNAIL_PX[0] / page.size.width, THUMBNAIL_PX[1] / page.size.height, 1.0)
    width, height = max(1, int(page.size.width * scale)), max(1, int(page.size.height * scale))
    return {
        "id": f"{base}/3/{page.image}/full/{width},{height}/0/default.jpg",
        "type": "Image",
        "format": FORMATS["jpg"],
        "width": width,
        "height": height,
        "service": [_service(base, page)],
    }


def _ranges(here: str, materials: Mapping[str, Said], pages: Sequence[ViewedPage]) -> list[Json]:
    """A range for each material, in the order in which its first page comes."""
    found: list[Json] = []
    for place, code in enumerate(dict.fromkeys(page.material for page in pages), 1):
        found.append(
            {
                "id": f"{here}/range/{place}",
                "type": "Range",
                "label": materials.get(code, Said(code or "—", code or "—")).spoken(),
                "items": [
                    {"id": f"{here}/canvas/{page.image}", "type": "Canvas"} for page in pages if page.material == code
                ],
            }
        )
    return found
