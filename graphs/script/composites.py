"""The modules of a script: the tree of blocks, and a class for each composite that runs its own way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from graphs.live.block import Block
from graphs.live.control import Each, Repeat, Residual
from graphs.live.graph import Graph
from graphs.live.program import Program
from graphs.script import prelude
from graphs.script.bodies import Lines, written
from graphs.script.parts import Given, Parts
from graphs.script.sources import NotPortable, Sources
from graphs.script.values import construction, literal
from graphs.spec.document import NodeSpec, join

INDENT = "    "
STANDS_FOR = {"repeat": "Repeat", "choose": "Choose", "each": "Each", "residual": "Residual"}


@dataclass
class Tree:
    """Writes the modules that `parts` names. `spec` finds what a document says of a node."""

    sources: Sources
    parts: Parts
    homes: Mapping[int, str]
    spec: Callable[[str], NodeSpec]
    classes: dict[str, str] = field(default_factory=dict)  # text without the name -> name
    texts: dict[str, str] = field(default_factory=dict)  # name -> text
    faults: list[tuple[str, str]] = field(default_factory=list)

    def children(self, graph: Graph, path: str) -> dict[str, str]:
        """An expression for each node that is needed and made here."""
        found = {}
        for name in sorted(graph.spec.nodes):
            block, here = graph.child(name), join(path, name)
            if self.homes[id(block)] == here and (made := self.made(block, here)):
                found[name] = made
        return found

    def made(self, block: Block, path: str) -> str:
        """The expression that makes a block; "" when the script does not need it."""
        if not isinstance(block, Graph):
            return self.leaf(block, path) if id(block) in self.parts.leaves else ""
        if id(block) in self.parts.programs:
            return f"{self.composite(block, path)}()"
        inside = self.children(block, path)
        if not inside:
            return ""
        self.sources.add(prelude.Nodes)
        lines = "".join(f"{n}={text},\n" for n, text in inside.items())
        return f"Nodes(\n{indented(lines)})"

    def leaf(self, block: Block, path: str) -> str:
        """A block's own class and its settings; what is in the way is remembered."""
        try:
            name = self.sources.add(type(block))
            return construction(name, type(block), self.spec(path).config)
        except NotPortable as error:
            self.faults.append((path, str(error)))
            return ""

    def composite(self, graph: Graph, path: str) -> str:
        """The name of the class of a composite; two that are alike share one."""
        kind = self.sources.add(getattr(prelude, STANDS_FOR[graph.control]))
        text = f"({kind}):\n" + indented(
            f'"""{_about(graph)}"""\n\n'
            + self.settings(graph)
            + "\n"
            + constructor(self.children(graph, path))
            + self.bodies(graph)
        )
        if text not in self.classes:
            name = self.name(path)
            self.classes[text] = name
            self.texts[name] = f"class {name}{text}"
        return self.classes[text]

    def settings(self, graph: Graph) -> str:
        """What a composite is told of itself."""
        match graph:
            case Repeat():
                inputs = literal(tuple(graph.spec.inputs))
                return f"times = {graph.times}\ninputs = {inputs}\n"
            case Each():
                (given, _), *_ = self.parts.programs[id(graph)]
                over = given if graph.over is None else [n for n in graph.over if n in given]
                return f"over = {literal(tuple(over))}\n"
            case Residual():
                return f"scale = {graph.scale!r}\n"
        return f"branches = {literal(tuple(sorted(graph.spec.nodes)))}\n"

    def bodies(self, graph: Graph) -> str:
        """A method for each way in which the body runs."""
        text = ""
        by_branch: dict[str, dict[Given, Program]] = {}
        for (given, branch), program in self.parts.programs[id(graph)].items():
            by_branch.setdefault(branch, {})[given] = program
        for branch, programs in by_branch.items():
            name = f"as_{branch}" if branch else "body"
            outer = {f"{branch}.{p.port}": o for o, p in graph.spec.outputs.items()}
            for given, program in programs.items():
                own = name if len(programs) == 1 else "_".join((name, "given", *given))
                text += "\n" + self.body(own, given, program, outer if branch else {})
            if len(programs) > 1:
                self.sources.imports.add(("typing", "Any", "Any"))
                text += (
                    f"\ndef {name}(self, run: Run, **given: Any) -> dict:\n"
                    f'    """Which inputs there are decides how it runs."""\n'
                    f'    way = "_".join(("{name}", "given", *sorted(given)))\n'
                    f"    return getattr(self, way)(run, **given)\n"
                )
        return text

    def body(self, name: str, given: Given, program: Program, outer: Mapping[str, str]) -> str:
        """One method that runs a body once."""
        lines = written(program)
        self.take(lines)
        names = "".join(f", {n}" for n in given)
        extra = [n for n in lines.parameters if n not in given]
        if extra:
            self.faults.append((name, f"a source inside it ({extra[0]}) cannot become an input"))
        answers = {outer.get(n, n): v for n, v in lines.answers.items()}
        return f"def {name}(self, run: Run{names}) -> dict:\n" + indented(
            "".join(f"{line}\n" for line in lines.lines) + f"return {table(answers)}\n"
        )

    def take(self, lines: Lines) -> None:
        """Bring along what lines refer to."""
        from graphs.live.compiler import combine

        if "combine" in lines.uses:
            self.sources.add(combine)
        if any("torch." in line for line in lines.lines):
            self.sources.imports.add(("torch", "", "torch"))

    def name(self, path: str) -> str:
        """A class name for the composite at a path: its own, with those around it if need be."""
        names = path.split(".")
        for depth in range(1, len(names) + 1):
            wish = camel("_".join(names[-depth:]))
            if wish not in self.texts and wish not in self.sources.homes:
                return wish
        return next(
            wish
            for number in range(2, len(self.texts) + 3)
            if (wish := f"{camel('_'.join(names))}{number}") not in self.texts
        )


def constructor(children: Mapping[str, str]) -> str:
    """An `__init__` that makes these children."""
    made = "".join(f"self.{name} = {text}\n" for name, text in children.items())
    return "def __init__(self) -> None:\n" + indented(f"super().__init__()\n{made}")


def table(answers: Mapping[str, str]) -> str:
    """A dict of variables."""
    return "{" + ", ".join(f'"{name}": {value}' for name, value in answers.items()) + "}"


def indented(text: str) -> str:
    """The lines one step further in."""
    return "".join(f"{INDENT}{line}" if line.strip() else line for line in text.splitlines(True))


def camel(name: str) -> str:
    """A class name.

    >>> camel("digits-world"), camel("with_label"), camel("3 things")
    ('DigitsWorld', 'WithLabel', 'World3Things')
    """
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in name).split()
    made = "".join(word[0].upper() + word[1:] for word in words) or "World"
    return made if made[0].isalpha() else f"World{made}"


def _about(graph: Graph) -> str:
    takes = ", ".join(graph.ports()[0]) or "nothing"
    return f"Takes {takes}; gives {', '.join(graph.ports()[1]) or 'nothing'}."
