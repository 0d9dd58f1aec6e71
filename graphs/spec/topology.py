"""The order in which the nodes of a body run, and where its wires form cycles.

The only module that imports networkx. The order is our own loop over a heap: it is asked for after
every edit and takes half the time of building a DiGraph first. Wires to nodes that do not exist are
passed over; `check` reports them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from heapq import heapify, heappop, heappush

import networkx as nx

from graphs.spec.document import GraphSpec
from graphs.spec.problems import DocumentError, Problem


def order(body: GraphSpec) -> list[str]:
    """The names so that every node comes after those that feed it; among free ones by name.

    Raises: DocumentError when wires form a cycle.

    >>> from graphs.spec.document import NodeSpec
    >>> order(GraphSpec(nodes={"a": NodeSpec(), "b": NodeSpec()}, wires=["b.out -> a.x"]))
    ['b', 'a']
    """
    found = _order(body)
    if len(found) < len(body.nodes):
        loop = cycle(body)
        raise DocumentError([Problem("", "cycle", f"{' -> '.join([*loop, loop[0]])} is a cycle")])
    return found


def components(body: GraphSpec) -> list[list[str]]:
    """The strongly connected components in running order, each sorted by name.

    A component of one node is that node (even when it feeds itself); a larger one is a cycle.
    """
    graph = _graph(body)
    whole = nx.condensation(graph)
    members = {number: sorted(data["members"]) for number, data in whole.nodes(data=True)}
    running = nx.lexicographical_topological_sort(whole, key=lambda number: members[number][0])
    return [members[number] for number in running]


def cycle(body: GraphSpec) -> list[str]:
    """The names along one cycle, from its first by name, or [] when there is none."""
    if len(_order(body)) == len(body.nodes):
        return []
    graph = _graph(body)
    loop = [source for source, _ in nx.find_cycle(graph)]
    first = loop.index(min(loop))
    return loop[first:] + loop[:first]


def ancestors(body: GraphSpec, names: Iterable[str]) -> set[str]:
    """The nodes that feed these, directly or through others, without the given ones themselves."""
    return _reach(body, names, lambda graph, node: graph.pred[node])


def descendants(body: GraphSpec, names: Iterable[str]) -> set[str]:
    """The nodes that these feed, directly or through others, without the given ones themselves."""
    return _reach(body, names, lambda graph, node: graph.succ[node])


def _reach(
    body: GraphSpec, names: Iterable[str], near: Callable[[nx.DiGraph, str], Iterable[str]]
) -> set[str]:
    graph = _graph(body)
    start = {name for name in names if name in graph}
    found, waiting = set(start), list(start)
    while waiting:
        for other in near(graph, waiting.pop()):
            if other not in found:
                found.add(other)
                waiting.append(other)
    return found - start


def _order(body: GraphSpec) -> list[str]:
    """Kahn's algorithm; nodes on a cycle and behind one are missing from the result."""
    feeds: dict[str, list[str]] = {}
    waits = dict.fromkeys(body.nodes, 0)
    for source, target in body.wires:
        if source.node in waits and target.node in waits:
            feeds.setdefault(source.node, []).append(target.node)
            waits[target.node] += 1
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
    graph = nx.DiGraph()
    graph.add_nodes_from(sorted(body.nodes))
    graph.add_edges_from(
        sorted(
            {
                (source.node, target.node)
                for source, target in body.wires
                if source.node in body.nodes and target.node in body.nodes
            }
        )
    )
    return graph
