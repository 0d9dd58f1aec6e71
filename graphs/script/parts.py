"""Which blocks a script needs, under which names, and how each composite among them is called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from graphs.live.block import Block
from graphs.live.control import Choose, Each, Repeat, Residual
from graphs.live.graph import Graph
from graphs.live.program import Program, Step
from graphs.live.source import Source
from graphs.spec.document import join

Given = tuple[str, ...]
KINDS = (Repeat, Choose, Each, Residual)


@dataclass
class Parts:
    """What the programs of a graph call.

    `leaves` are blocks by their identity as objects; `programs` those of each composite, by the
    inputs that it is given and, in a Choose, the branch.
    """

    leaves: dict[int, Block] = field(default_factory=dict)
    programs: dict[int, dict[tuple[Given, str], Program]] = field(default_factory=dict)
    faults: list[tuple[str, str]] = field(default_factory=list)  # path, what is in the way

    def gather(self, program: Program, path: str = "", given_up: Iterable[str] = ()) -> None:
        """Add everything that a program calls, at every depth."""
        for step in program.steps:
            if step.block is None or isinstance(step.block, Source) or step.path in given_up:
                continue
            if isinstance(step.block, Graph):
                self._composite(step.block, join(path, step.path), step)
            else:
                self.leaves[id(step.block)] = step.block

    def weighs(self) -> bool:
        """Whether anything in it has parameters."""
        return any(True for block in self.leaves.values() for _ in block.parameters())

    def _composite(self, graph: Graph, path: str, step: Step) -> None:
        if type(graph) not in KINDS:
            self.faults.append((path, f"{graph.control} runs its body in a way of its own"))
            return
        known = self.programs.setdefault(id(graph), {})
        for given, branch in _ways(graph, tuple(sorted(port for port, _ in step.named))):
            if (given, branch) not in known:
                pins = graph.spec.outputs
                targets = [f"{branch}.{pin.port}" for pin in pins.values()] if branch else None
                known[given, branch] = program = graph.program(targets, given)
                self.gather(program, path)


def _ways(graph: Graph, given: Given) -> Iterator[tuple[Given, str]]:
    """With what a composite runs its body when it is given this, and which branch."""
    match graph:
        case Choose():
            rest = tuple(name for name in given if name != "which")
            yield from ((rest, branch) for branch in sorted(graph.spec.nodes))
        case Repeat():
            yield given, ""
            if graph.times > 1:
                fed = set(graph.spec.outputs) & set(graph.spec.inputs)
                yield tuple(sorted({*given, *fed})), ""
        case _:
            yield given, ""


def homes(root: Graph) -> tuple[dict[int, str], dict[str, str]]:
    """Where each block is made (by its identity as an object), and for its other places the same."""
    places: dict[int, list[tuple[bool, str]]] = {}
    _places(root, "", False, places)
    found: dict[int, str] = {}
    others: dict[str, str] = {}
    for block, names in places.items():
        (_, first), *rest = sorted(names)
        found[block] = first
        others |= {name: first for _, name in rest}
    return found, others


def _places(graph: Graph, path: str, tied: bool, places: dict[int, list[tuple[bool, str]]]) -> None:
    for name, node in graph.spec.nodes.items():
        block, here = graph.child(name), join(path, name)
        places.setdefault(id(block), []).append((tied or bool(node.tied_to), here))
        if isinstance(block, Graph):
            _places(block, here, tied or bool(node.tied_to), places)
