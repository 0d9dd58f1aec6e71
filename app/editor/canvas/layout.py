"""Places for nodes where nobody gave any: columns in the order of running, few crossings, short wires.

Source: Sugiyama, Tagawa and Toda (1981), the layered way: ranks, order within each by the middle of
its neighbours, then heights that keep the order and bring each node level with what it is wired to
(isotonic regression, which is exact for this and a few lines).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from app.editor.canvas.camera import Point, Rect, between
from app.editor.canvas.curves import pieces, sampled
from graphs.spec.document import GraphSpec, Wire
from graphs.spec.topology import components

ACROSS, DOWN, APART = 88.0, 44.0, 72.0
BETWEEN, TURN = 104.0, 36.0  # between two rows of a long graph, and past their ends
SHAPE, MOST_BROKEN = 1.9, 3  # how much wider than tall, and how many wires may join two rows
LONG = 8  # columns from which a graph may be broken into rows
CLEAR = 12.0  # what a wire keeps from a card that it passes
SWEEPS = 12

Size = tuple[float, float]


@dataclass
class _Layers:
    """Nodes and the places where long wires pass, in columns; `links` are one column apart."""

    columns: list[list[str]]
    links: list[tuple[str, str, float, float]] = field(default_factory=list)
    sizes: dict[str, Size] = field(default_factory=dict)
    before: dict[str, list[tuple[str, float]]] = field(default_factory=dict)
    after: dict[str, list[tuple[str, float]]] = field(default_factory=dict)

    def link(self, a: str, b: str, out: float, into: float) -> None:
        """`out` and `into` are how far down each node the wire ends."""
        self.after.setdefault(a, []).append((b, into - out))
        self.before.setdefault(b, []).append((a, out - into))


Heights = Mapping[tuple[str, str, str], float]  # node, "in" or "out", port -> how far down it is
Routes = dict[Wire, tuple[Point, ...]]


@dataclass(frozen=True)
class Arranged:
    """Where nodes go, and through which points long wires are led around the cards in their way."""

    places: dict[str, Point]
    routes: Routes


def arranged(body: GraphSpec, sizes: Mapping[str, Size], ports: Heights | None = None) -> Arranged:
    """A place for every node of the body, the same for the same body."""
    ports = ports or {}
    top = 0.0
    places: dict[str, Point] = {}
    routes: Routes = {}
    for names in _islands(body):
        found = _island(body, names, sizes, ports)
        low = min(p.y for p in found.places.values())
        down = top - low
        for name, place in found.places.items():
            places[name] = Point(round(place.x), round(place.y + down))
        for wire, points in found.routes.items():
            routes[wire] = tuple(Point(round(p.x), round(p.y + down)) for p in points)
        top = max(places[n].y + sizes[n][1] for n in found.places) + APART
    return Arranged(places, routes)


def _islands(body: GraphSpec) -> list[list[str]]:
    """The parts that no wire joins, the largest first; single nodes share one part."""
    leader = {name: name for name in body.nodes}

    def find(name: str) -> str:
        while leader[name] != name:
            leader[name] = name = leader[leader[name]]
        return name

    for source, target in body.wires:
        if source.node in leader and target.node in leader:
            a, b = sorted((find(source.node), find(target.node)))
            leader[b] = a
    parts: dict[str, list[str]] = {}
    for name in sorted(body.nodes):
        parts.setdefault(find(name), []).append(name)
    joined = sorted((p for p in parts.values() if len(p) > 1), key=lambda p: (-len(p), p))
    alone = [p[0] for p in parts.values() if len(p) == 1]
    return [*joined, alone] if alone else joined


def _island(
    body: GraphSpec, names: Sequence[str], sizes: Mapping[str, Size], ports: Heights
) -> Arranged:
    inside = set(names)
    pairs: dict[tuple[str, str], tuple[float, float]] = {}
    wires: list[tuple[Wire, float, float]] = []
    for wire in body.wires:
        source, target = wire
        if source.node in inside and target.node in inside and source.node != target.node:
            out = ports.get((source.node, "out", source.port), sizes[source.node][1] / 2)
            into = ports.get((target.node, "in", target.port), sizes[target.node][1] / 2)
            pairs.setdefault((source.node, target.node), (out, into))
            wires.append((wire, out, into))
    if not pairs:
        return Arranged(_in_rows(names, sizes), {})
    rank = _ranks(body, names, set(pairs))
    layers = _layered(names, rank, pairs, sizes)
    for sweep in range(SWEEPS):
        _reorder(layers, down=sweep % 2 == 0)
    heights = _heights(layers)
    bands = _bands(layers, rank, heights)
    columns = _columns(layers, bands)
    down = _shifts(layers, heights, bands)
    tops = {name: y + down[rank[name]] for name, y in heights.items() if name in rank}
    places = {name: Point(columns[rank[name]][0], tops[name]) for name in names}
    routes: Routes = {}
    cards = [Rect(*places[n], *sizes[n]).grown(CLEAR) for n in names]
    for wire, out, into in wires:
        a, b = wire.source.node, wire.target.node
        start = Point(places[a].x + sizes[a][0], places[a].y + out)
        end = Point(places[b].x, places[b].y + into)
        if down[rank[a]] != down[rank[b]] and rank[a] < rank[b]:
            turned = sum(down[rank[w.source.node]] == down[rank[a]] for w in routes)
            routes[wire] = _back(columns, bands, rank[a], down, heights, layers, turned)
            continue
        around = tuple(
            Point(p.x, p.y + down[rank[a]]) for p in _around(a, b, rank, heights, columns)
        )
        if around and _hits(start, end, (), cards) > _hits(start, end, around, cards):
            routes[wire] = around
    return Arranged(places, routes)


def _bands(layers: _Layers, rank: Mapping[str, int], heights: Mapping[str, float]) -> list[range]:
    """The columns of each row of a long graph; one row where it is not long, or cannot be broken.

    It is broken only between columns that few wires join and no long wire passes.
    """
    count = len(layers.columns)
    wide = sum(_widest(layers, column) + ACROSS for column in range(count))
    tall = _tallest(layers, heights, range(count))
    wanted = round((wide / (tall + APART) / SHAPE) ** 0.5) if count >= LONG else 1
    crossing = [0] * count  # wires from the column before
    for a, targets in layers.after.items():
        for b, _ in targets:
            plain = a in rank and b in rank
            column = rank[b] if b in rank else int(b.rpartition("@")[2])
            crossing[column] += 1 if plain else MOST_BROKEN + 1
    ends = [0]
    for row in range(1, wanted):
        ideal = round(row * count / wanted)
        near = range(max(ends[-1] + 2, ideal - 2), min(count - 1, ideal + 3))
        fit = [c for c in near if crossing[c] <= MOST_BROKEN]
        if not fit:
            return [range(count)]
        ends.append(min(fit, key=lambda c: (crossing[c], abs(c - ideal))))
    return [range(a, b) for a, b in pairwise([*ends, count])]


def _widest(layers: _Layers, column: int) -> float:
    return max((layers.sizes[n][0] for n in layers.columns[column]), default=0.0)


def _tallest(layers: _Layers, heights: Mapping[str, float], columns: range) -> float:
    low, high = _span(layers, heights, columns)
    return high - low


def _span(layers: _Layers, heights: Mapping[str, float], columns: range) -> tuple[float, float]:
    names = [name for column in columns for name in layers.columns[column]]
    low = min(heights[n] for n in names)
    return low, max(heights[n] + layers.sizes[n][1] for n in names)


def _columns(layers: _Layers, bands: Sequence[range]) -> list[tuple[float, float]]:
    """Where each column begins and how wide it is."""
    found = []
    for band in bands:
        x = 0.0
        for column in band:
            wide = _widest(layers, column)
            found.append((x, wide))
            x += wide + ACROSS
    return found


def _shifts(layers: _Layers, heights: Mapping[str, float], bands: Sequence[range]) -> list[float]:
    """How far down each column goes so that the rows lie below each other."""
    found, top = [], 0.0
    for band in bands:
        low, high = _span(layers, heights, band)
        found += [top - low] * len(band)
        top += high - low + BETWEEN
    return found


def _back(
    columns: Sequence[tuple[float, float]],
    bands: Sequence[range],
    source: int,
    down: Sequence[float],
    heights: Mapping[str, float],
    layers: _Layers,
    number: int,
) -> tuple[Point, ...]:
    """The way from the end of a row to the beginning of the next, between the two."""
    row = next(i for i, band in enumerate(bands) if source in band)
    _, low = _span(layers, heights, bands[row])
    last = columns[bands[row][-1]]
    y = low + down[source] + BETWEEN / 2 + 8.0 * number
    return Point(last[0] + last[1] + TURN, y), Point(-TURN, y)


def _around(
    a: str,
    b: str,
    rank: Mapping[str, int],
    heights: Mapping[str, float],
    columns: Sequence[tuple[float, float]],
) -> tuple[Point, ...]:
    """The way of a long wire past the columns between its ends."""
    points = []
    for column in range(rank[a] + 1, rank[b]):
        left, wide = columns[column]
        y = heights[_passing(a, b, column)]
        points += [Point(left - CLEAR, y), Point(left + wide + CLEAR, y)]
    level = [p.y for p in points]
    return tuple(
        p
        for i, p in enumerate(points)
        if not 0 < i < len(points) - 1 or {level[i - 1], level[i + 1]} != {p.y}
    )


def _hits(start: Point, end: Point, via: tuple[Point, ...], cards: Sequence[Rect]) -> int:
    """Through how many cards a wire would run, its own two not counted."""
    points = sampled(pieces(start, end, via))
    box = between(start, end).grown(400)
    return sum(
        1
        for card in cards
        if card.meets(box)
        and not card.holds(*start)
        and not card.holds(*end)
        and any(card.holds(float(x), float(y)) for x, y in points)
    )


def _passing(a: str, b: str, column: int) -> str:
    """The name of the place where a long wire passes a column; no node is called so."""
    return f"{a}>{b}@{column}"


def _in_rows(names: Sequence[str], sizes: Mapping[str, Size]) -> dict[str, Point]:
    """Nodes without wires, side by side in a block that is wider than tall."""
    per_row = max(1, round((len(names) * 1.5) ** 0.5))
    places, x, y, tallest = {}, 0.0, 0.0, 0.0
    for n, name in enumerate(names):
        if n and n % per_row == 0:
            x, y, tallest = 0.0, y + tallest + DOWN, 0.0
        places[name] = Point(x, y)
        x += sizes[name][0] + DOWN
        tallest = max(tallest, sizes[name][1])
    return places


def _ranks(body: GraphSpec, names: Sequence[str], pairs: set[tuple[str, str]]) -> dict[str, int]:
    """The column of each node: after all that feed it, and as near as can be to what it feeds."""
    order = [n for part in components(body) for n in part]
    at = {name: i for i, name in enumerate(order)}
    forward = sorted(p for p in pairs if at[p[0]] < at[p[1]])  # wires back do not count
    feeds: dict[str, list[str]] = {}
    fed: dict[str, list[str]] = {}
    for a, b in forward:
        feeds.setdefault(a, []).append(b)
        fed.setdefault(b, []).append(a)
    rank: dict[str, int] = {}
    inside = set(names)
    for name in (n for n in order if n in inside):
        rank[name] = max((rank[a] + 1 for a in fed.get(name, ())), default=0)
    for name in (n for n in reversed(order) if n in inside):
        if feeds.get(name) and len(feeds[name]) >= len(fed.get(name, ())):
            rank[name] = min(rank[b] for b in feeds[name]) - 1
    least = min(rank.values())
    return {name: r - least for name, r in rank.items()}


def _layered(
    names: Sequence[str],
    rank: Mapping[str, int],
    pairs: Mapping[tuple[str, str], tuple[float, float]],
    sizes: Mapping[str, Size],
) -> _Layers:
    layers = _Layers([[] for _ in range(max(rank.values()) + 1)])
    for name in names:
        layers.columns[rank[name]].append(name)
        layers.sizes[name] = sizes[name]
    for (a, b), (out, into) in sorted(pairs.items()):
        if rank[a] > rank[b]:
            a, b, out, into = b, a, into, out
        last, height = a, out
        for column in range(rank[a] + 1, rank[b]):
            passing = _passing(a, b, column)
            layers.columns[column].append(passing)
            layers.sizes[passing] = (0.0, 0.0)
            layers.link(last, passing, height, 0.0)
            last, height = passing, 0.0
        if rank[a] != rank[b]:
            layers.link(last, b, height, into)
    return layers


def _reorder(layers: _Layers, down: bool) -> None:
    """Sort each column by the middle of what its nodes are wired to in the column before."""
    columns = layers.columns if down else layers.columns[::-1]
    beside = layers.before if down else layers.after
    for past, column in pairwise(columns):
        place = {name: float(i) for i, name in enumerate(past)}
        wanted = {}
        for i, name in enumerate(column):
            found = [place[other] for other, _ in beside.get(name, ()) if other in place]
            wanted[name] = sum(found) / len(found) if found else i * len(past) / len(column)
        column.sort(key=lambda name: wanted[name])


def _heights(layers: _Layers) -> dict[str, float]:
    """The top of each node, level with its neighbours as far as the order allows."""
    top = {}
    for column in layers.columns:
        y = 0.0
        for name in column:
            top[name] = y
            y += layers.sizes[name][1] + DOWN
    columns = layers.columns
    for sweep in range(SWEEPS):
        beside = [layers.before, layers.after][sweep % 2]
        for column in columns if sweep % 2 == 0 else columns[::-1]:
            wanted, weights = [], []
            for name in column:
                found = sorted(top[o] + shift for o, shift in beside.get(name, ()))
                wanted.append(_median(found) if found else top[name])
                weights.append(len(found) + (4.0 if not layers.sizes[name][1] else 0.05))
            room = [layers.sizes[name][1] + DOWN for name in column]
            top |= dict(zip(column, _spread(wanted, weights, room), strict=True))
    return top


def _median(values: Sequence[float]) -> float:
    half = len(values) // 2
    return values[half] if len(values) % 2 else (values[half - 1] + values[half]) / 2


def _spread(
    wanted: Sequence[float], weights: Sequence[float], room: Sequence[float]
) -> list[float]:
    """The places nearest to the wanted ones that leave each its room and keep the order.

    Source: pool adjacent violators, after taking the room before each away.
    """
    blocks: list[tuple[float, float, int]] = []  # mean, weight, how many
    before = 0.0
    for want, weight, space in zip(wanted, weights, room, strict=True):
        mean, heavy, count = want - before, weight, 1
        while blocks and blocks[-1][0] > mean:
            last, other, n = blocks.pop()
            mean = (mean * heavy + last * other) / (heavy + other)
            heavy, count = heavy + other, count + n
        blocks.append((mean, heavy, count))
        before += space
    found, before = [], 0.0
    flat = [mean for mean, _, count in blocks for _ in range(count)]
    for mean, space in zip(flat, room, strict=True):
        found.append(mean + before)
        before += space
    return found
