"""B9: from a file of ten thousand nodes to a list of calls, part by part.

What a person waits for after opening a file, apart from the drawing of weights: the document is read
and checked, its order found, and a program compiled. Groups of nodes make it as deep as real ones are.
"""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from graphs.spec.check import check
from graphs.spec.document import Document, GraphSpec, NodeSpec
from graphs.spec.topology import order
from graphs.store import read_document, write_document
from tests.bench.measure import Row, Times, interleaved
from tests.bench.size import Size
from tests.bench.worlds import catalogue, chain, leaf, live, numbered, row

COUNT, GROUP = 10_000, 100


def rows(size: Size) -> Iterator[Row]:
    rounds = 3 if size.quick else 15
    for name, spec in (("a chain", _chain()), ("groups with crossing wires", _groups())):
        yield from _document(name, Document(root=spec), rounds)


def _chain() -> GraphSpec:
    return chain(numbered(COUNT, leaf("Linear", d_in=4, d_out=4)))


def _groups() -> GraphSpec:
    """A hundred groups of a hundred nodes, each a chain in which every second node is also added on."""
    body = numbered(GROUP - 1, leaf("Linear", d_in=4, d_out=4))
    names = list(body)
    inner = GraphSpec(
        nodes={**body, "sum": leaf("Add")},
        wires=[*row([*names, "sum"]), *(f"{name}.out -> sum.x" for name in names[:-1:2])],
        inputs={"x": f"{names[0]}.x"},
        outputs={"out": "sum.out"},
    )
    return chain(numbered(COUNT // GROUP, NodeSpec(type="graph", body=inner)))


def _document(name: str, document: Document, rounds: int) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "document.json")
        write_document(path, document)
        document, types = read_document(path), catalogue()
        assert not check(document, types)
        graph = live(document)
        parts: dict[str, Callable[[], object]] = {
            "read": lambda: read_document(path),
            "check": lambda: check(document, types),
            "order": lambda: [order(body) for body in _bodies(document.root)],
            "compile": lambda: graph.program(given=["x"]),
        }
        found = interleaved(list(parts.values()), rounds)
    for part, times in zip(parts, found, strict=True):
        yield Row("B9", f"{part}: {COUNT} nodes, {name}", str(times))
    total = Times(tuple(map(sum, zip(*(times.rounds for times in found), strict=True))))
    what = f"read + check + order + compile: {COUNT} nodes, {name}"
    yield Row("B9", what, str(total), limit="≤ 250 ms", met=total.median <= 0.25)


def _bodies(root: GraphSpec) -> Iterator[GraphSpec]:
    yield root
    yield from (node.body for _, node in root.walk() if node.body is not None)
