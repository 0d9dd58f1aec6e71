"""The order in which the nodes of a body run, and where its wires form cycles.

The only module that imports networkx, and only once there is a cycle to be found: it is slow to
import. The order is our own loop over a heap: it is asked for after every edit and takes half the time
of building a DiGraph first. Wires to nodes that do not exist are
passed over; `check` reports them.
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, NamedTuple

from graphs.spec.document import GraphSpec, Wire
from graphs.spec.problems import DocumentError, Problem
from graphs.spec.sentence import Sentence

if TYPE_CHECKING:
    import networkx as nx


def order(body: GraphSpec) -> list[str]:
    """The names so that every node comes after those that feed it; among free ones by name.

    In a body that loops the nodes of a cycle stand together, in the order in which one turn runs
    them, and wires that feed back do not count.
    Raises: DocumentError when wires form a cycle that nothing runs, or that has no start.

    >>> from graphs.spec.document import NodeSpec
    >>> order(GraphSpec(nodes={"a": NodeSpec(), "b": NodeSpec()}, wires=["b.out -> a.x"]))
    ['b', 'a']
    """
    if body.loops is not None:
        return [name for turn in running(body) for name in turn.names]
    found = _order(body)
    if len(found) < len(body.nodes):
        loop = cycle(body)
        raise DocumentError(
            [
                Problem(
                    "", "cycle", Sentence("{names} is a cycle", names=" -> ".join([*loop, loop[0]]))
                )
            ]
        )
    return found


class Turn(NamedTuple):
    """Nodes that run one after the other, `loops` times; `feedback` are the wires to the next turn."""

    names: tuple[str, ...]
    loops: int = 1
    feedback: frozenset[Wire] = frozenset()


def running(body: GraphSpec) -> list[Turn]:
    """What runs in order: single nodes once, the nodes of a cycle together and repeatedly.

    A wire inside a cycle feeds back when its port has a source outside the cycle too: the first turn
    takes that, the others what the turn before gave. The rest of the wires say the order in a turn.
    Raises: DocumentError for a cycle that has no such port: it could not start.
    """
    if body.loops is None:
        return [Turn((name,)) for name in order(body)]
    started = {pin for pins in body.inputs.values() for pin in pins}
    turns = []
    for members in components(body):
        inside = set(members)
        within = [w for w in body.wires if w.source.node in inside and w.target.node in inside]
        if not within:
            turns.append(Turn(tuple(members)))
            continue
        outside = {w.target for w in body.wires if w.source.node not in inside} | started
        back = frozenset(w for w in within if w.target in outside)
        rest = [w for w in within if w not in back]
        part = GraphSpec.model_construct(
            nodes={n: body.nodes[n] for n in members}, wires=tuple(rest), loops=None
        )
        names = _order(part)
        if len(names) < len(members):
            loop = cycle(part)
            text = Sentence(
                "{names} has no start; feed one of its ports from outside too",
                names=" -> ".join([*loop, loop[0]]),
            )
            raise DocumentError([Problem("", "cycle", text)])
        turns.append(Turn(tuple(names), body.loops, back))
    return turns


def components(body: GraphSpec) -> list[list[str]]:
    """The strongly connected components in running order, each sorted by name.

    A component of one node is that node (even when it feeds itself); a larger one is a cycle.
    """
    found = _order(body)
    if len(found) == len(body.nodes):
        return [[name] for name in found]
    import networkx as nx

    members = {
        min(names): sorted(names) for names in nx.strongly_connected_components(_graph(body))
    }
    first = {name: least for least, names in members.items() for name in names}
    pairs = ((first[a], first[b]) for a, b in _pairs(body))
    return [members[least] for least in _sorted(members, (p for p in pairs if p[0] != p[1]))]


def cycle(body: GraphSpec) -> list[str]:
    """The names along one cycle, from its first by name, or [] when there is none."""
    if len(_order(body)) == len(body.nodes):
        return []
    import networkx as nx

    loop = [source for source, _ in nx.find_cycle(_graph(body))]
    first = loop.index(min(loop))
    return loop[first:] + loop[:first]


def ancestors(body: GraphSpec, names: Iterable[str]) -> set[str]:
    """The nodes that feed these, directly or through others, without the given ones themselves."""
    return _reach(((target, source) for source, target in _pairs(body)), names)


def descendants(body: GraphSpec, names: Iterable[str]) -> set[str]:
    """The nodes that these feed, directly or through others, without the given ones themselves."""
    return _reach(_pairs(body), names)


def _pairs(body: GraphSpec) -> list[tuple[str, str]]:
    """Which node feeds which, once for each wire between nodes that exist."""
    nodes = body.nodes
    return [(a, b) for (a, _), (b, _) in body.wires if a in nodes and b in nodes]


def _reach(pairs: Iterable[tuple[str, str]], names: Iterable[str]) -> set[str]:
    onwards: dict[str, list[str]] = {}
    for a, b in pairs:
        onwards.setdefault(a, []).append(b)
    start = set(names)
    found, waiting = set(start), list(start)
    while waiting:
        for other in onwards.get(waiting.pop(), ()):
            if other not in found:
                found.add(other)
                waiting.append(other)
    return found - start


def _order(body: GraphSpec) -> list[str]:
    """The names in order; nodes on a cycle and behind one are missing."""
    return _sorted(body.nodes, _pairs(body))


def _sorted(names: Iterable[str], pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Kahn's algorithm, taking the least of the free names."""
    feeds: dict[str, list[str]] = {}
    waits = dict.fromkeys(names, 0)
    for source, target in pairs:
        feeds.setdefault(source, []).append(target)
        waits[target] += 1
    free = [name for name, count in waits.items() if not count]
    heapify(free)
    found: list[str] = []
    while free:
        name = heappop(free)
        found.append(name)
        for fed in feeds.get(name, ()):
            waits[fed] -= 1
            if not waits[fed]:
                heappush(free, fed)
    return found


def _graph(body: GraphSpec) -> nx.DiGraph:
    """Nodes and edges in the order of their names, so that what is found in it is too."""
    import networkx as nx

    graph = nx.DiGraph()
    graph.add_nodes_from(sorted(body.nodes))
    graph.add_edges_from(sorted(set(_pairs(body))))
    return graph
