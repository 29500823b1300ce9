"""Where things lie on a line of years (生命线图): months and records in, places of shapes out, lying or standing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from anjuan.core.lives.months import Stretch, number_of

LABELS = 104  # room for the names of lanes, lying
LANE = 46
LENGTH = 1000
YEARS_TALL = 46  # room for the years, standing
WIDTH_TALL = 360
HEAD = 26
LEAST_YEARS = 6
NEAR = 17  # marks nearer than this become one with a number in it
_STEPS = (1, 2, 5, 10, 20)


@dataclass(frozen=True)
class Spot:
    """A record on a lane: when it was formed, and where it opens."""

    month: str
    url: str
    words: str


@dataclass(frozen=True)
class Lane:
    """One insurance line: months paid, months missing, months with a benefit, records."""

    name: str
    paid: tuple[Stretch, ...] = ()
    gaps: tuple[Stretch, ...] = ()
    benefits: tuple[Stretch, ...] = ()
    spots: tuple[Spot, ...] = ()


@dataclass(frozen=True)
class Bar:
    """A rectangle of one kind (``paid``, ``gap``, ``benefit``) and what it says."""

    kind: str
    x: int
    y: int
    width: int
    height: int
    words: str


@dataclass(frozen=True)
class Mark:
    """One record, or several that lie too near to be drawn apart; ``url`` opens the record or its year in the list."""

    x: int
    y: int
    count: int
    url: str
    words: str


@dataclass(frozen=True)
class Text:
    """Words at a place."""

    x: int
    y: int
    words: str


@dataclass(frozen=True)
class Rule:
    """A thin line: a year across, or the middle of a lane."""

    x1: int
    y1: int
    x2: int
    y2: int


@dataclass(frozen=True)
class Drawing:
    """Everything one picture has, in its own units."""

    width: int
    height: int
    names: tuple[Text, ...]
    years: tuple[Text, ...]
    rules: tuple[Rule, ...]
    middles: tuple[Rule, ...]
    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]


def draw(lanes: Sequence[Lane], *, is_tall: bool = False) -> Drawing | None:
    """The picture of lanes over years; None where there is nothing to draw.

    Args:
        lanes: insurance lines in their order.
        is_tall: years go down rather than to the right: for narrow screens.
    """
    months = [number_of(each) for lane in lanes for each in _months(lane)]
    if not months:
        return None
    last = max(months) // 12 + 1
    first = min(min(months) // 12, last - LEAST_YEARS)
    years = last - first
    if is_tall:
        length = min(1400, max(220, years * 26))
        begin, per = HEAD + 14, length / (years * 12)
        across = (WIDTH_TALL - YEARS_TALL) / len(lanes)
        width, height = WIDTH_TALL, begin + length + 12
    else:
        length = LENGTH - LABELS - 24
        begin, per = LABELS, length / (years * 12)
        width, height = LENGTH, len(lanes) * LANE + HEAD + 10

    def along(number: int) -> int:
        return round(begin + (number - first * 12) * per)

    def middle(place: int) -> int:
        return round(YEARS_TALL + (place + 0.5) * across) if is_tall else round(10 + (place + 0.5) * LANE)

    def rectangle(kind: str, stretch: Stretch, place: int, thick: int, off: int) -> Bar:
        start, end = along(number_of(stretch.first)), along(number_of(stretch.last) + 1)
        long, lies = max(2, end - start), middle(place) + off - thick // 2
        words = f"{stretch.first} – {stretch.last}"
        return Bar(kind, lies, start, thick, long, words) if is_tall else Bar(kind, start, lies, long, thick, words)

    def text(number: int) -> Text:
        at = along(number * 12)
        return Text(2, at + 4, str(number)) if is_tall else Text(at, height - 8, str(number))

    step = next((each for each in _STEPS if years / each <= (40 if is_tall else 16)), _STEPS[-1])
    ticks = [year for year in range(first, last + 1) if year % step == 0]
    bars: list[Bar] = []
    marks: list[Mark] = []
    for place, lane in enumerate(lanes):
        bars += [rectangle("paid", each, place, 12, 0) for each in lane.paid]
        bars += [rectangle("gap", each, place, 22, 0) for each in lane.gaps]
        bars += [rectangle("benefit", each, place, 12, 0) for each in lane.benefits]
        marks += _marks(lane.spots, along, middle(place), is_tall=is_tall)
    until = height - 12 if is_tall else height - HEAD
    return Drawing(
        width,
        height,
        tuple(
            Text(middle(place), HEAD - 8, lane.name) if is_tall else Text(2, middle(place) + 4, lane.name)
            for place, lane in enumerate(lanes)
        ),
        tuple(text(year) for year in ticks),
        tuple(
            Rule(YEARS_TALL - 6, along(year * 12), width, along(year * 12))
            if is_tall
            else Rule(along(year * 12), 4, along(year * 12), until)
            for year in ticks
        ),
        tuple(
            Rule(middle(place), begin, middle(place), until)
            if is_tall
            else Rule(begin, middle(place), width - 24, middle(place))
            for place in range(len(lanes))
        ),
        tuple(bars),
        tuple(marks),
    )


def _months(lane: Lane) -> list[str]:
    rows = (*lane.paid, *lane.gaps, *lane.benefits)
    return [month for row in rows for month in (row.first, row.last)] + [spot.month for spot in lane.spots]


def _marks(spots: Sequence[Spot], along: Callable[[int], int], across: int, *, is_tall: bool) -> list[Mark]:
    groups: list[tuple[int, list[Spot]]] = []
    for spot in sorted(spots, key=lambda spot: spot.month):
        at = along(number_of(spot.month))
        if groups and at - groups[-1][0] < NEAR:
            groups[-1][1].append(spot)
        else:
            groups.append((at, [spot]))
    found = []
    for at, group in groups:
        x, y = (across, at) if is_tall else (at, across)
        if len(group) == 1:
            found.append(Mark(x, y, 1, group[0].url, group[0].words))
        else:
            spoken = f"{group[0].month} – {group[-1].month}"
            found.append(Mark(x, y, len(group), f"#y{group[0].month[:4]}", spoken))
    return found


@dataclass(frozen=True)
class Node:
    """A unit in the picture of its succession; ``lines`` is its name in short lines."""

    urn: str
    x: int
    y: int
    width: int
    height: int
    lines: tuple[str, ...]
    is_own: bool


@dataclass(frozen=True)
class Arrow:
    """A succession between two units, with the place of its words."""

    x1: int
    y1: int
    x2: int
    y2: int
    at_x: int
    at_y: int
    edge: str


@dataclass(frozen=True)
class Graph:
    """The picture of a succession."""

    width: int
    height: int
    nodes: tuple[Node, ...]
    arrows: tuple[Arrow, ...]


def draw_graph(
    own: Sequence[str],
    names: Sequence[tuple[str, str]],
    edges: Sequence[tuple[str, str, str]],
    *,
    is_tall: bool = False,
) -> Graph | None:
    """The picture of who came from whom; None where there is no succession.

    Args:
        own: the units of the page.
        names: unit and name of everybody in it.
        edges: key, predecessor and successor; ends without a successor are not drawn.
        is_tall: generations go down rather than to the right.
    """
    drawn = [edge for edge in edges if edge[1] and edge[2]]
    if not drawn:
        return None
    left = {urn: 0 for edge in drawn for urn in edge[1:]}
    for _ in left:  # the longest way to an end, so that no line passes over a unit; a circle would not hold this up
        for _, before, after in drawn:
            left[before] = max(left[before], left[after] + 1) if left[after] < len(left) else left[before]
    rank = {urn: max(left.values()) - steps for urn, steps in left.items()}
    columns: dict[int, list[str]] = {}
    named = dict(names)
    for urn in (urn for urn, _ in names if urn in rank):
        columns.setdefault(rank[urn], []).append(urn)
    wide, high = (150, 58) if is_tall else (190, 58)
    most = max(len(column) for column in columns.values())
    places: dict[str, tuple[int, int]] = {}
    for level, column in sorted(columns.items()):
        for place, urn in enumerate(column):
            if is_tall:
                places[urn] = (8 + place * (wide + 16), 8 + level * (high + 52))
            else:
                places[urn] = (8 + level * (wide + 110), 8 + place * (high + 18))
    across, deep = len(columns), most
    if is_tall:
        width, height = max(WIDTH_TALL, 16 + most * (wide + 16)), 16 + across * (high + 52) - 52
    else:
        width, height = max(640, 16 + across * (wide + 110) - 110), 16 + deep * (high + 18) - 18
    nodes = tuple(
        Node(urn, x, y, wide, high, _lines(named.get(urn, ""), 10 if is_tall else 13), urn in own)
        for urn, (x, y) in places.items()
    )
    arrows = []
    for key, before, after in drawn:
        if before not in places or after not in places:
            continue
        (ax, ay), (bx, by) = places[before], places[after]
        start, end = (
            ((ax + wide // 2, ay + high), (bx + wide // 2, by))
            if is_tall
            else ((ax + wide, ay + high // 2), (bx, by + high // 2))
        )
        arrows.append(Arrow(*start, *end, (start[0] + end[0]) // 2, (start[1] + end[1]) // 2 - 5, key))
    return Graph(width, height, nodes, tuple(arrows))


def _lines(name: str, size: int) -> tuple[str, ...]:
    if len(name) <= size:
        return (name,)
    second = name[size:]
    return (name[:size], second if len(second) <= size else second[: size - 1] + "…")
