"""A flat program as lines of Python: one call a line, as a person would write them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial

from graphs.live.graph import Graph
from graphs.live.program import Program, Step
from graphs.live.source import Source
from graphs.script.sources import NotPortable

TAKEN = frozenset({"combine", "run", "self", "torch"})
PILE = 8  # so many values that nobody reads again are let go in one line


@dataclass
class Lines:
    """The inside of a `forward`: its parameters, its lines, what it gives, and what they refer to."""

    parameters: dict[str, str] = field(default_factory=dict)  # input -> variable
    lines: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)  # output -> variable
    uses: set[str] = field(default_factory=set)  # of the prelude
    uses_run: bool = False


def written(program: Program, given_up: Iterable[str] = ()) -> Lines:
    """A program as lines; a composite takes the run and gives a dict.

    What a source gives is an input, named after the node and the port. The steps at the paths
    `given_up` are not done: what arrives at them is given out under such names.
    Raises: NotPortable for an input with a name that a script needs itself.
    """
    if clash := TAKEN.intersection(program.inputs):
        raise NotPortable(f"an input is called {min(clash)!r}, which a script needs itself")
    return _Writer(program, frozenset(given_up)).all()


def folded(line: str, width: int = 96) -> str:
    """A call that is too long for a line, its arguments on a line of their own.

    >>> print(folded("x = self.a(one, two)", 12))
    x = self.a(
        one, two
    )
    """
    start, end = line.find("(") + 1, line.rfind(")")
    if len(line) <= width or not 0 < start < end:
        return line
    indent = " " * (len(line) - len(line.lstrip()))
    return f"{line[:start]}\n{indent}    {line[start:end]}\n{indent}{line[end:]}"


class _Writer:
    def __init__(self, program: Program, given_up: frozenset[str]) -> None:
        self.program, self.given_up = program, given_up
        self.out = Lines()
        self.names: dict[int, str] = {}
        self.taken: set[str] = {*TAKEN, *program.inputs}
        self.waiting: list[str] = []  # variables that nobody reads again

    def all(self) -> Lines:
        for name, slot in self.program.inputs.items():
            self.out.parameters[name] = self.names[slot] = name
        read = self.read()
        for step in self.program.steps:
            if isinstance(step.block, Source):
                for port, slot in zip(step.ports or ("out",), step.outs, strict=True):
                    if slot in read:
                        name = f"{step.path.replace('.', '_')}_{port}"
                        self.out.parameters[name] = self.named(slot, name)
        self.steps(read)
        for target, slot in self.program.answers.items():
            if slot in self.names:
                self.out.answers[target] = self.names[slot]
        self.out.lines = [part for line in self.out.lines for part in folded(line).split("\n")]
        return self.out

    def read(self) -> set[int]:
        found = set(self.program.answers.values())
        for step in self.program.steps:
            found.update(step.ins, (slot for _, slot in step.named))
        return found

    def steps(self, read: set[int]) -> None:
        last: dict[int, int] = {}
        for number, step in enumerate(self.program.steps):
            last |= dict.fromkeys((*step.ins, *(slot for _, slot in step.named)), number)
        kept = set(self.program.answers.values())
        for number, step in enumerate(self.program.steps):
            if isinstance(step.block, Source):
                continue
            if step.path in self.given_up:
                kept |= set(self.give_up(step))
                continue
            self.step(step, read)
            dead = [s for s, n in last.items() if n == number and s not in kept]
            inputs = set(self.out.parameters.values())
            self.waiting += [self.names[s] for s in dead if self.names[s] not in inputs]
            if len(self.waiting) >= PILE:
                self.out.lines.append(f"del {', '.join(self.waiting)}")
                self.waiting = []

    def give_up(self, step: Step) -> Iterable[int]:
        """What arrives at a step, as outputs."""
        names = step.block.positional_ports() if step.block else ()
        arriving = dict(zip(names, step.ins, strict=False)) | dict(step.named)
        answered = set(self.out.answers.values())
        for port, slot in arriving.items():
            if self.names[slot] not in answered and slot not in self.program.answers.values():
                self.out.answers[f"{step.path.replace('.', '_')}_{port}"] = self.names[slot]
        return arriving.values()

    def step(self, step: Step, read: set[int]) -> None:
        if step.block is None:
            self.bind(step.outs[0], step.path, f"{self.combined(step)}")
            return
        arguments = [self.names[slot] for slot in step.ins]
        arguments += [f"{port}={self.names[slot]}" for port, slot in step.named]
        composite = isinstance(step.block, Graph)
        if step.run:
            self.out.uses_run = True
            run = f'run.at("{step.stream}")'
            arguments = [run, *arguments] if composite else [*arguments, f"{step.run}={run}"]
        call = f"self.{step.path}({', '.join(arguments)})"
        indent = ""
        if step.draws == "always":
            self.out.uses_run = True
            self.out.lines.append(f'with run.stream("{step.stream}"):')
            indent = "    "
        outs = [(p, s) for p, s in zip(step.ports or ("",), step.outs, strict=True) if s in read]
        if len(outs) == 1:
            port, slot = outs[0]
            part = f'["{port}"]' if composite else f".{port}" if port else ""
            self.bind(slot, step.stream, call + part, indent)
        elif outs and not composite and len(outs) == len(step.ports):
            variables = [self.named(s, f"{_short(step.stream)}_{p}") for p, s in outs]
            self.out.lines.append(f"{indent}{', '.join(variables)} = {call}")
        else:
            whole = self.fresh("found")
            self.out.lines.append(f"{indent}{whole} = {call}")
            for port, slot in outs:
                part = f'["{port}"]' if composite else f".{port}"
                self.bind(slot, f"{_short(step.stream)}_{port}", f"{whole}{part}")

    def combined(self, step: Step) -> str:
        """Several wires into one port."""
        assert isinstance(step.call, partial)
        how, names, whole = step.call.args
        values = [self.names[slot] for slot in step.ins]
        match how:
            case "sum":
                return " + ".join(values)
            case "concat":
                return f"torch.cat(({', '.join(values)},), dim=-1)"
            case "first":
                return values[0]
            case "list" if not any(whole):
                return f"[{', '.join(values)}]"
            case "dict" if not any(whole):
                pairs = zip(names, values, strict=True)
                return "{" + ", ".join(f'"{n}": {v}' for n, v in pairs) + "}"
        self.out.uses.add("combine")
        return f"combine({how!r}, {names!r}, {whole!r}, {', '.join(values)})"

    def bind(self, slot: int, path: str, value: str, indent: str = "") -> None:
        self.out.lines.append(f"{indent}{self.named(slot, _short(path))} = {value}")

    def named(self, slot: int, wish: str) -> str:
        """A variable of its own for a slot."""
        self.names[slot] = name = self.fresh(wish)
        return name

    def fresh(self, wish: str) -> str:
        """A name that no variable has yet."""
        name, number = wish, 2
        while name in self.taken:
            name, number = f"{wish}_{number}", number + 1
        self.taken.add(name)
        return name


def _short(path: str) -> str:
    """What a person would call the value of a node.

    >>> _short("creator.backbone.enter"), _short("reader.0")
    ('enter', 'reader_0')
    """
    *_, last = names = path.split(".")
    return f"{names[-2]}_{last}" if last.isdigit() and len(names) > 1 else last
