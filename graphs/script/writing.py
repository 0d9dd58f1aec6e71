"""From a live graph to the text of a script and the tensors that it loads."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from torch import Tensor

from graphs.learn.lowrank import Adapted, Delta
from graphs.live.block import Block
from graphs.live.context import Run
from graphs.live.graph import Body, Graph
from graphs.live.program import Program, Step
from graphs.live.weights import WRAPPED, base_tensors
from graphs.script import prelude
from graphs.script.bodies import Lines, written
from graphs.script.composites import Tree, camel, constructor, indented, table
from graphs.script.frame import TAKEN, framed
from graphs.script.parts import KINDS, Parts, homes
from graphs.script.rewrite import Rewriting
from graphs.script.sources import NotPortable, Sources
from graphs.spec.document import GraphSpec, NodeSpec, Pin, join

WATCHING = ("viewer", "writer")


@dataclass(frozen=True)
class Script:
    """A script: its text, its tensors, and what in it is not as in the graph.

    `inputs` and `outputs` are its own; `notes` say which sources became inputs and which viewers
    and writers were left out.
    """

    text: str
    tensors: Mapping[str, Tensor]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    notes: tuple[str, ...]


def script(
    root: Graph,
    title: str = "",
    *,
    node: str = "",
    targets: Iterable[str] | None = None,
    weights: str = "weights.safetensors",
) -> Script:
    """The graph, or the part of it at `node`, as a script that loads `weights` from beside it.

    `targets` are exposed outputs or "path.port" inside; all exposed outputs when not given.
    Raises: NotPortable naming every node that is in the way; KeyError for what does not exist.
    """
    return _Writer(root, node).script(title, targets, weights)


class _Writer:
    def __init__(self, root: Graph, node: str) -> None:
        self.root, self.place = root, node
        self.graph = _alone(root, node)
        straight = type(root.at(node)) not in KINDS and isinstance(root.at(node), Graph)
        self.base = node if straight else node.rpartition(".")[0]
        self.sources = Sources(Rewriting({Run: prelude.Run}), homes=dict(TAKEN))
        found, self.others = homes(self.graph)
        self.parts = Parts()
        self.tree = Tree(self.sources, self.parts, found, self.spec)

    def spec(self, path: str) -> NodeSpec:
        """What the document says of a node of this script."""
        return _said(self.root.spec, join(self.base, path))

    def script(self, title: str, targets: Iterable[str] | None, weights: str) -> Script:
        known = self.graph.ports()[0]
        wanted = list(self.graph.spec.outputs if targets is None else targets)
        if not wanted:
            raise NotPortable("it has no outputs\n  → expose one, or name a target: node.port")
        program = self.graph.program(wanted, known)
        given_up = self.watching(program)
        self.parts.gather(program, given_up=given_up)
        lines = written(program, given_up)
        self.tree.take(lines)
        children = self.tree.children(self.graph, "")
        if faults := {**dict(self.parts.faults), **dict(self.tree.faults)}:
            told = "\n".join(f"  {join(self.base, p)}: {why}" for p, why in sorted(faults.items()))
            raise NotPortable(
                f"a script with only torch cannot hold these nodes\n{told}\n"
                "  → write a part without them: name other targets, or one node"
            )
        body = self.module(children, lines, program)
        name = self.named(title)
        own = f"class {name}{body}"
        inputs = tuple(lines.parameters)
        notes = [f"input {n} was given by a source" for n in inputs if n not in known]
        notes += [f"{path} shows or writes; what it was given is an output" for path in given_up]
        text = framed(name, title, self.sources, [*self.tree.texts.values(), own], lines, weights)
        return Script(text, self.tensors(), inputs, tuple(lines.answers), tuple(notes))

    def watching(self, program: Program) -> list[str]:
        """The viewers and writers that a script cannot hold, where nothing needs what they give."""
        found = []
        for step in program.steps:
            block, later = step.block, set(step.outs)
            if block is None or block.role not in WATCHING:
                continue
            try:
                self.sources.add(type(block))
                portable = not block.effects
            except NotPortable:
                portable = False
            read = any(later & {*s.ins, *(n for _, n in s.named)} for s in program.steps)
            if not portable and not read:
                found.append(step.path)
        return found

    def named(self, title: str) -> str:
        wish = camel(title or self.place or "world")
        taken = {*self.sources.homes, *self.tree.texts}
        return wish if wish not in taken else f"{wish}World"

    def module(self, children: Mapping[str, str], lines: Lines, program: Program) -> str:
        """The class of the whole, from behind its name on."""
        text = constructor(children)
        alike = sorted((o, h) for o, h in self.others.items() if self.reached(o, h))
        made = "".join(f"self.{other} = self.{home}\n" for other, home in alike)
        made += "".join(self.adapters())
        body = "".join(f"{line}\n" for line in lines.lines) + f"return {table(lines.answers)}\n"
        names = self.parameters(lines, program)
        if lines.uses_run:
            self.sources.add(prelude.Run)
            names += ["run: Run | None = None"]
            at = f'.at("{self.base}")' if self.base else ""
            device = "device=str(next(self.parameters()).device)" if self.parts.weighs() else ""
            fresh = f"run or Run({device})"
            whole = f"({fresh}){at}" if at else fresh
            body = f"run = {whole}\n{body}"
        elif self.tree.texts:
            self.sources.add(prelude.Run)
        heading = f"def forward({', '.join(['self', *names])}) -> dict:\n"
        return "(nn.Module):\n" + indented(
            f'"""Takes {", ".join(lines.parameters) or "nothing"}; '
            f'gives {", ".join(lines.answers)}."""\n\n'
            f"{text}{indented(made)}\n{heading}{indented(body)}"
        )

    def parameters(self, lines: Lines, program: Program) -> list[str]:
        """The inputs; those that every block may do without have None as default, and come last."""
        known = self.graph.ports()[0]
        free = {n for n in lines.parameters if n in known and not known[n].required}
        for step in program.steps:
            read = {*step.ins, *(slot for _, slot in step.named)}
            for name in list(free):
                if program.inputs[name] in read and not _none_will_do(step, program.inputs[name]):
                    free.discard(name)
        names = [n for n in lines.parameters if n not in free]
        return names + [f"{n}=None" for n in lines.parameters if n in free]

    def reached(self, other: str, home: str) -> bool:
        """Whether another place of a block has to be made: its own block, not one inside."""
        outer = other.rpartition(".")[0]
        block = self.graph.at(other)
        needed = self.tree.made(block, home) if not isinstance(block, Graph) else block
        inside = outer in self.others
        return bool(needed) and not inside and self.holds(block)

    def holds(self, block: Block) -> bool:
        """Whether the script needs anything of a block."""
        if isinstance(block, Graph):
            used = id(block) in self.parts.programs
            return used or any(self.holds(block.child(n)) for n in block.spec.nodes)
        return id(block) in self.parts.leaves

    def adapters(self) -> Iterable[str]:
        """A line for each layer with active variants."""
        for path, module in self.graph.named_modules():
            if WRAPPED not in module._modules or not self.keeps(path):
                continue
            if not isinstance(module, Adapted):
                raise NotPortable(
                    f"{path} has a variant that is not LoRA\n"
                    "  → fold it into the weights first: worldloom variants merge"
                )
            if not module.active:
                continue
            self.sources.add(prelude.adapt)
            variants = ", ".join(
                f'"{name}": {_facts(weight, module.adapters[name])}'
                for name, weight in module.active
            )
            yield f'adapt(self, "{path}", {{{variants}}})\n'

    def keeps(self, path: str) -> bool:
        """Whether a module or tensor belongs to a block that the script makes."""
        names = path.split(".")
        block: Block = self.graph
        for depth, name in enumerate(names):
            if not isinstance(block, Graph):
                return id(block) in self.parts.leaves
            if name not in block.spec.nodes:
                return False
            block = block.child(name)
            if depth == len(names) - 1:
                break
        return id(block) in self.parts.leaves

    def tensors(self) -> dict[str, Tensor]:
        """The weights under the names that the script's modules have."""
        wrapped = {
            p: m for p, m in self.graph.named_modules() if isinstance(m, Adapted) and m.active
        }
        found = {}
        for name, tensor in base_tensors(self.graph).items():
            if self.keeps(name):
                layer, _, own = name.rpartition(".")
                found[f"{layer}.{WRAPPED}.{own}" if layer in wrapped else name] = tensor
        for path, module in wrapped.items():
            if self.keeps(path):
                for name, _ in module.active:
                    for own, parameter in module.adapters[name].named_parameters():
                        found[f"{path}.adapters.{name}.{own}"] = parameter.detach()
        return {name: tensor.cpu().contiguous() for name, tensor in found.items()}


def _said(root: GraphSpec, path: str) -> NodeSpec:
    """The node at a path, through nodes that share another one's block."""
    body = root
    for name in path.split("."):
        node = body.nodes[name]
        if node.tied_to:
            node = _said(root, node.tied_to)
        body = node.body or GraphSpec()
    return node


def _facts(weight: float, delta: object) -> str:
    assert isinstance(delta, Delta)
    return repr((float(weight), delta.rank, float(delta.alpha), delta.root_scale, delta.dropout))


def _none_will_do(step: Step, slot: int) -> bool:
    """Whether a block takes None for what was not wired."""
    if step.block is None or isinstance(step.block, Graph):
        return False
    names = step.block.positional_ports()
    ports = {name for name, at in zip(names, step.ins, strict=False) if at == slot}
    ports |= {name for name, at in step.named if at == slot}
    known = inspect.signature(type(step.block).forward).parameters
    return all(known[port].default is None for port in ports)


def _alone(root: Graph, node: str) -> Graph:
    """The graph at a node; around a block that is none, or runs its body its own way, a plain one."""
    block = root.at(node)
    if isinstance(block, Graph) and type(block) not in KINDS:
        return block
    inputs, outputs = block.ports()
    outer, _, name = node.rpartition(".")
    holder = root.at(outer)
    assert isinstance(holder, Graph)
    spec = GraphSpec(
        nodes={name: holder.spec.nodes[name]},
        inputs={port: (Pin(name, port),) for port in inputs},
        outputs={port: Pin(name, port) for port in outputs},
    )
    return Graph(Body(spec, {name: block}))
