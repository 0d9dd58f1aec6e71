"""Graph: the live composite. A Block made of Blocks, so that every level runs the same way.

An ordinary torch Module: state-dict keys are node paths ("reader.head.map.weight"), and .to(),
.train(), hooks, torch.compile and torch.export work at every level unchanged. Control flow is a
subclass that runs its body differently.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from graphs.live.block import Block, Ports
from graphs.live.context import Run
from graphs.live.program import Compiler, Program
from graphs.spec.document import GraphSpec, Pin
from graphs.spec.problems import near
from graphs.spec.topology import order


@dataclass(frozen=True)
class Body:
    """What a composite is made of: the document and one live block per node."""

    spec: GraphSpec
    blocks: Mapping[str, Block]


class Graph(Block):
    """Run the nodes in order, passing values along the wires.

    Shapes: those of the exposed ports.
    """

    straight: ClassVar[bool] = True  # the body runs once, so an outer graph may inline it
    control: ClassVar[str] = "graph"

    def __init__(self, body: Body) -> None:
        """Everything that running needs is worked out once, so that it touches no pydantic."""
        super().__init__()
        self.spec = body.spec
        self.order = order(body.spec)
        for name in body.spec.nodes:  # document order, which fixes the order of parameters
            self.add_module(name, body.blocks[name])
        self._ports = self._exposed()
        self._programs: dict[tuple[Any, ...], Program] = {}

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
        for name in self.spec.nodes:
            block, here = self.child(name), f"{path}.{name}" if path else name
            yield here, block
            if isinstance(block, Graph):
                yield from block.blocks(here)

    def program(
        self,
        targets: Iterable[str] | None = None,
        given: Iterable[str] = (),
        opaque: Callable[[str], bool] = lambda _: False,
    ) -> Program:
        """A flat plan of calls that computes `targets`: exposed outputs or any "path.port" inside.

        Raises: KeyError when a target cannot be computed from the inputs that are given.
        """
        wanted = list(self.spec.outputs) if targets is None else list(targets)
        return Compiler(self, given, opaque).program(wanted)

    def forward(self, *, run: Run | None = None, **given: Any) -> dict[str, Any]:
        """Run the body once: {input name: value} -> {output name: value}."""
        key = tuple(given)
        program = self._programs.get(key)
        if program is None:
            self._refuse(given)
            program = self._programs[key] = self.program(given=given)
        return program(given, run)

    def forget_programs(self) -> None:
        """Drop compiled plans, here and inside, after a block was replaced."""
        for module in self.modules():
            if isinstance(module, Graph):
                module._programs.clear()

    def _refuse(self, given: Mapping[str, Any]) -> None:
        inputs = self._ports[0]
        for name in given:
            if name not in inputs:
                raise TypeError(
                    f"there is no input {name!r}{near(name, inputs)}; there are {', '.join(inputs)}"
                )
        missing = [name for name, port in inputs.items() if port.required and name not in given]
        if missing:
            raise TypeError(
                f"missing input {', '.join(missing)}; given {', '.join(given) or 'nothing'}"
            )

    def _exposed(self) -> Ports:
        def port(pin: Pin, side: int) -> Any:
            return self.child(pin.node).ports()[side][pin.port]

        inputs, outputs = map(dict, self.signature_ports())
        for outer, pins in self.spec.inputs.items():
            found = [port(pin, 0) for pin in pins]
            needed = any(p.required for p in found)
            inputs[outer] = found[0].model_copy(update={"name": outer, "required": needed})
        for outer, pin in self.spec.outputs.items():
            outputs[outer] = port(pin, 1).model_copy(update={"name": outer})
        return inputs, outputs

    @classmethod
    def signature_ports(cls) -> Ports:
        """Ports that the kind of composite adds to those of its body."""
        return {}, {}
