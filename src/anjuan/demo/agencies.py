"""The offices of the practice city (演示城市的机构): an archive house, three centres, a small county and its town."""

from collections.abc import Callable

from anjuan.core.terms import AgencyKind, AgencyProfile, Arrangement, Classification, Occasion, Post
from anjuan.demo import office
from anjuan.demo.office import Colleague
from anjuan.foundation.accounts import actions as accounts
from anjuan.foundation.accounts import queries
from anjuan.foundation.schedule import queries as schedule
from anjuan.records import actions as records

# code, name, kind, profile, above
AGENCIES = (
    ("HX", "河西分中心（演示）", AgencyKind.CENTRE, AgencyProfile.FULL, "SJ"),
    ("NK", "南口分中心（演示）", AgencyKind.CENTRE, AgencyProfile.FULL, "SJ"),
    ("YX", "云山县社会保险经办中心（演示）", AgencyKind.COUNTY, AgencyProfile.SMALL, "SJ"),
    ("LQ", "柳桥镇便民服务中心（演示）", AgencyKind.TOWN, AgencyProfile.SMALL, "YX"),
)
_CENTRE_POSTS = (Post.HANDLER, Post.REVIEWER, Post.FILER, Post.CHECKER, Post.ARCHIVIST, Post.SUPERVISOR, Post.HANDLER)
STAFF: tuple[Colleague, ...] = (
    Colleague("bh07", "高翔", "BH", Post.HANDLER),
    Colleague("bh08", "白露", "BH", Post.ASSISTANT),
    *(
        Colleague(f"hx{place:02}", name, "HX", post)
        for place, (name, post) in enumerate(
            zip(("马骏", "胡兰", "郭涛", "何静", "罗敏", "梁伟", "宋佳"), _CENTRE_POSTS, strict=True), 1
        )
    ),
    *(
        Colleague(f"nk{place:02}", name, "NK", post)
        for place, (name, post) in enumerate(
            zip(("谢芳", "唐明", "韩雪", "冯刚", "于洋", "董梅", "萧然"), _CENTRE_POSTS, strict=True), 1
        )
    ),
    Colleague("yx01", "程林", "YX", Post.HANDLER),
    Colleague("yx02", "曹颖", "YX", Post.FILER),
    Colleague("yx03", "袁野", "YX", Post.CHECKER),
    Colleague("yx04", "邓超然", "YX", Post.ARCHIVIST),
    Colleague("yx05", "许峰", "YX", Post.SUPERVISOR),
    Colleague("lq01", "傅春", "LQ", Post.HANDLER),
    Colleague("lq02", "沈秋", "LQ", Post.FILER),
    # What small offices borrow from above (decision 4): their reviewer sits in the archive house.
    Colleague("sj07", "曾毅", "SJ", Post.REVIEWER),
    Colleague("sj08", "彭澎", "SJ", Post.ACCEPTOR),
    Colleague("sj09", "吕雯", "SJ", Post.RECHECKER),
    Colleague("sj10", "苏航", "SJ", Post.PROCESSOR),
    Colleague("sj11", "卢静", "SJ", Post.PROCESSOR),
)
EVERYBODY = (*office.STAFF, *STAFF)


def who(agency_code: str, post: Post, *, nth: int = 0) -> str:
    """The staff code of the colleague who holds a post at an agency, or of the one above who lends it."""
    above = {"LQ": "YX", "YX": "SJ", "BH": "SJ", "HX": "SJ", "NK": "SJ"}
    here: str | None = agency_code
    while here:
        found = [one.staff_code for one in EVERYBODY if one.agency_code == here and one.post is post]
        if found:
            return found[nth % len(found)]
        here = above.get(here)
    raise LookupError(f"nobody is {post} for {agency_code}")


def found(founding: Callable[[], Occasion]) -> None:
    """Found the offices beside the first centre, with their people and their own fonds."""
    known = queries.agency_names()
    for code, name, kind, profile, above in AGENCIES:
        if code not in known:
            accounts.found_agency(
                occasion=founding(), code=code, name=name, kind=kind, profile=profile, parent_code=above
            )
    office.enrol(STAFF, founding)
    categories = schedule.category_names()
    # One centre keeps person and employer dossiers, the county files by item; each is a fonds of its own.
    records.open_fonds(
        occasion=founding(),
        code="J002",
        name="河西分中心社会保险业务档案（演示）",
        agency_code="HX",
        categories=categories,
        classification=Classification.YEAR_STEP,
        arranged={"01": Arrangement.EMPLOYER_DOSSIER, "03": Arrangement.PERSON_DOSSIER},
    )
    records.open_fonds(
        occasion=founding(),
        code="X001",
        name="云山县社会保险业务档案（演示）",
        agency_code="YX",
        categories=categories,
        arranged=dict.fromkeys(categories, Arrangement.BY_ITEM),
    )
