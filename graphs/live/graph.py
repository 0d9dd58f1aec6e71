"""Graph: the live composite. A Block made of Blocks, so that every level runs the same way.

An ordinary torch Module: state-dict keys are node paths ("reader.head.map.weight"), and .to(),
.train(), hooks, torch.compile and torch.export work at every level unchanged. Control flow is a
subclass that runs its body differently: one that has a `forward` of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import torch

from graphs.live.block import Block, Ports
from graphs.live.context import Run
from graphs.live.program import Program
from graphs.live.walks import modules_in
from graphs.spec.collector import held_back
from graphs.spec.document import GraphSpec
from graphs.spec.problems import near
from graphs.spec.topology import running


@dataclass(frozen=True)
class Body:
    """What a composite is made of: the document and one live block per node."""

    spec: GraphSpec
    blocks: Mapping[str, Block]


def exposed(body: Body, composite: type[Block]) -> Ports:
    """The ports of a kind of composite with this body, under their outside names."""
    inputs, outputs = map(dict, composite.signature_ports())
    for outer, pins in body.spec.inputs.items():
        found = [body.blocks[pin.node].ports()[0][pin.port] for pin in pins]
        needed = any(port.required for port in found)
        inputs[outer] = found[0].model_copy(update={"name": outer, "required": needed})
    for outer, pin in body.spec.outputs.items():
        port = body.blocks[pin.node].ports()[1][pin.port]
        outputs[outer] = port.model_copy(update={"name": outer})
    return inputs, outputs


class Graph(Block):
    """Run the nodes in order, passing values along the wires.

    Shapes: those of the exposed ports.
    """

    straight: ClassVar[bool] = True  # the body runs once, so an outer graph may inline it
    control: ClassVar[str] = "graph"

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.straight = cls.forward is Graph.forward

    def __init__(self, body: Body) -> None:
        """Everything that running needs is worked out once, so that it touches no pydantic."""
        super().__init__()
        taken = {"self", "run", *self.signature_ports()[0]}
        if clash := taken.intersection(body.spec.inputs):
            raise ValueError(f"an exposed input cannot be called {', '.join(sorted(clash))}")
        self.spec = body.spec
        self.order = running(body.spec)
        for name in sorted(body.spec.nodes):  # as files have them: one order of parameters
            self.add_module(name, body.blocks[name])
        self._ports = exposed(body, type(self))
        self._programs: dict[tuple[Any, ...], Program] = {}
        self._inner: list[Graph] | None = None
        self.calling: dict[str, Callable[..., Any]] = {}  # see live.calling

    def compile(self, *args: Any, **options: Any) -> None:
        """Each block of the body by itself, so that streams of random numbers stay between them."""
        for name in self.spec.nodes:
            self.child(name).compile(*args, **options)

    def interpret(self) -> None:
        """Undo `compile`, also inside."""
        super().interpret()
        for name in self.spec.nodes:
            self.child(name).interpret()

    def child(self, name: str) -> Block:
        """The block of a node."""
        return self._modules[name]  # type: ignore[return-value]

    def ports(self) -> Ports:
        """The exposed ports of the body, under their outside names."""
        return self._ports

    def at(self, path: str) -> Block:
        """The block at a dotted path; "" is this graph.

        Raises: KeyError with near names when there is none.
        """
        block: Block = self
        for name in path.split(".") if path else ():
            if not isinstance(block, Graph) or name not in block.spec.nodes:
                known = block.spec.nodes if isinstance(block, Graph) else ()
                raise KeyError(f"there is no node {path!r}{near(name, known)}")
            block = block.child(name)
        return block

    def blocks(self, path: str = "") -> Iterable[tuple[str, Block]]:
        """Every block at every depth with its dotted path, parents before children.

        A shared block appears at each of its places.
        """
        for name in sorted(self.spec.nodes):
            block, here = self.child(name), f"{path}.{name}" if path else name
            yield here, block
            if isinstance(block, Graph):
                yield from block.blocks(here)

    @property
    def called(self) -> bool:
        """Whether an outer graph must call this one, and cannot just inline its body."""
        hooks = self._forward_hooks or self._forward_pre_hooks
        backward = self._backward_hooks or self._backward_pre_hooks
        return not self.straight or self.recompute or bool(hooks or backward)

    @held_back()
    def program(self, targets: Iterable[str] | None = None, given: Iterable[str] = ()) -> Program:
        """A flat plan of calls that computes `targets`: exposed outputs or any "path.port" inside.

        Raises: KeyError when a target cannot be computed from the inputs that are given.
        """
        from graphs.live.compiler import Compiler  # which needs this class

        given = list(given)
        inputs = self._ports[0]
        if unknown := [name for name in given if name not in inputs]:
            raise KeyError(_no_input(unknown[0], inputs))
        wanted = list(self.spec.outputs) if targets is None else list(targets)
        return Compiler(self, given, wanted).program()

    def forward(self, *, run: Run | None = None, **given: Any) -> dict[str, Any]:
        """Run the body once: {input name: value} -> {output name: value}."""
        if torch.compiler.is_compiling():
            self._prepare(tuple(given))
        return self.program_of(given)(given, run)

    def program_of(self, given: Iterable[str]) -> Program:
        """The program of the whole body for these inputs, kept from call to call.

        Raises: TypeError for an input that does not exist or is missing.
        """
        key = self._key(given)
        if key not in self._programs:
            self._plan(given)
        return self._programs[key]

    def _prepare(self, given: tuple[str, ...]) -> None:
        """Done while torch traces, and not traced itself."""
        if self._key(given) not in self._programs:
            self._plan(given)

    # What torch.compiler.assume_constant_result sets, without its import of the whole compiler.
    _prepare._dynamo_marked_constant = True  # type: ignore[attr-defined]

    def _plan(self, given: Iterable[str]) -> None:
        """Remember the program for these inputs."""
        self._refuse(given)
        self._programs[self._key(given)] = self.program(given=given)

    def _key(self, given: Iterable[str]) -> tuple[Any, ...]:
        """What a program depends on: which inputs there are, which inner graphs must be called."""
        if self._inner is None:
            inner = (block for _, block in self.blocks())
            self._inner = [block for block in inner if isinstance(block, Graph) and block.straight]
        return (*given, *[graph.called for graph in self._inner])

    def forget_programs(self) -> None:
        """Drop compiled plans, here and inside, after a block was replaced."""
        for module in modules_in(self):
            if isinstance(module, Graph):
                module._programs.clear()
                module._inner = None

    def _refuse(self, given: Iterable[str]) -> None:
        inputs = self._ports[0]
        for name in given:
            if name not in inputs:
                raise TypeError(_no_input(name, inputs))
        missing = [name for name, port in inputs.items() if port.required and name not in given]
        if missing:
            raise TypeError(
                f"missing input {', '.join(missing)}; given {', '.join(given) or 'nothing'}"
            )

    @classmethod
    def signature_ports(cls) -> Ports:  # type: ignore[override]
        """Ports that the kind of composite adds to those of its body."""
        return {}, {}


def _no_input(name: str, inputs: Iterable[str]) -> str:
    known = f"there are {', '.join(inputs)}" if inputs else "it takes none"
    return f"there is no input {name!r}{near(name, inputs)}; {known}"
