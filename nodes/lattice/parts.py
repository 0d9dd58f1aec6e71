"""How a lattice's body falls into three graphs: what enters, one step, and what leaves.

Everything that cannot work is refused here, before anything runs.
"""

from dataclasses import dataclass

from graphs.live.graph import Body
from graphs.spec.document import GraphSpec, Pin
from graphs.spec.problems import near

FACE_IN, CARRIER, FACE_OUT = "face_in", "carrier", "face_out"
NEEDED = {
    FACE_IN: ((), ("energy", "position")),
    CARRIER: (("hidden",), ("energy", "position", "hidden", "spawn", "child_energy")),
    FACE_OUT: (("energy", "position"), ()),
}
STATE = ("energy", "position")  # what wires carry into a step and out of it


@dataclass(frozen=True)
class Parts:
    """Three graphs over the body's nodes."""

    enter: GraphSpec
    step: GraphSpec
    leave: GraphSpec


def split(body: Body, size: tuple[int, int, int]) -> Parts:
    """Cut the body at its faces.

    Raises: ValueError naming the node, port or wire that is missing or too much, and parts whose size
    is not the lattice's.
    """
    _refuse_nodes(body)
    _refuse_sizes(body, size)
    spec = body.spec
    fed: dict[str, tuple[Pin, ...]] = dict.fromkeys(STATE, ())
    made: dict[str, Pin] = {}
    for wire in spec.wires:
        if wire.target.node == FACE_IN or wire.source.node == FACE_OUT:
            raise ValueError(f"wire {wire}: a lattice runs from {FACE_IN} to {FACE_OUT}")
        if wire.source.node == FACE_IN and wire.target.node == FACE_OUT:
            raise ValueError(f"wire {wire}: flows pass a step first; wire it to a node between")
        if wire.source.node == FACE_IN:
            if wire.source.port not in fed:
                raise ValueError(
                    f"wire {wire}: only {' and '.join(STATE)} change from step to step"
                )
            fed[wire.source.port] += (wire.target,)
        if wire.target.node == FACE_OUT:
            if wire.target.port not in STATE:
                raise ValueError(f"wire {wire}: the lattice itself gives {wire.target.port!r}")
            made[wire.target.port] = wire.source
    for port in STATE:
        if not fed[port] or port not in made:
            where = (
                f"{FACE_IN}.{port} to a step" if not fed[port] else f"a step to {FACE_OUT}.{port}"
            )
            raise ValueError(f"expected a wire from {where}, there is none; draw it")
    taken = {*STATE, "hidden", "age", "gate"}
    if clash := taken.intersection(spec.inputs):
        raise ValueError(f"an exposed input cannot be called {', '.join(sorted(clash))}")
    for name, pin in spec.outputs.items():
        if pin.node != FACE_OUT:
            raise ValueError(
                f"output {name!r}: only {FACE_OUT} gives outputs, {pin} changes every step"
            )
    return Parts(_enter(spec), _step(spec, fed, made), _leave(spec, body))


def _enter(spec: GraphSpec) -> GraphSpec:
    return GraphSpec(
        nodes={FACE_IN: spec.nodes[FACE_IN]},
        inputs=_inputs(spec, {FACE_IN}),
        outputs={port: Pin(FACE_IN, port) for port in STATE},
    )


def _step(spec: GraphSpec, fed: dict[str, tuple[Pin, ...]], made: dict[str, Pin]) -> GraphSpec:
    between = {name: node for name, node in spec.nodes.items() if name not in (FACE_IN, FACE_OUT)}
    hidden = Pin(CARRIER, "hidden")
    own = {port: Pin(CARRIER, port) for port in ("hidden", "spawn", "child_energy")}
    return GraphSpec(
        nodes=between,
        wires=[w for w in spec.wires if w.source.node in between and w.target.node in between],
        inputs={**_inputs(spec, set(between)), **fed, "hidden": (hidden,)},
        outputs={**made, **own},
        loops=spec.loops,
    )


def _leave(spec: GraphSpec, body: Body) -> GraphSpec:
    known = body.blocks[FACE_OUT].ports()[0]
    state = [port for port in (*STATE, "age", "gate") if port in known]
    return GraphSpec(
        nodes={FACE_OUT: spec.nodes[FACE_OUT]},
        inputs={**_inputs(spec, {FACE_OUT}), **{p: (Pin(FACE_OUT, p),) for p in state}},
        outputs=dict(spec.outputs),
    )


def _inputs(spec: GraphSpec, names: set[str]) -> dict[str, tuple[Pin, ...]]:
    """The exposed inputs that lead to these nodes."""
    found = {n: tuple(p for p in pins if p.node in names) for n, pins in spec.inputs.items()}
    return {name: pins for name, pins in found.items() if pins}


def _refuse_nodes(body: Body) -> None:
    for name, (inputs, outputs) in NEEDED.items():
        if name not in body.blocks:
            raise ValueError(
                f"expected a node {name!r}{near(name, body.blocks)}, got "
                f"{', '.join(body.blocks) or 'an empty body'}; add or rename it"
            )
        known = body.blocks[name].ports()
        for side, wanted, found in (("input", inputs, known[0]), ("output", outputs, known[1])):
            if missing := [port for port in wanted if port not in found]:
                raise ValueError(
                    f"node {name!r}: expected an {side} {missing[0]!r}, it has "
                    f"{', '.join(found) or 'none'}; put a block there with these ports: "
                    f"{', '.join(wanted)}"
                )
    if body.blocks[CARRIER].ports()[0]["hidden"].required:
        raise ValueError(f"node {CARRIER!r}: make 'hidden' optional; a flow starts without one")


def _refuse_sizes(body: Body, size: tuple[int, int, int]) -> None:
    names = ("width", "height", "depth")
    for node, block in body.blocks.items():
        theirs = getattr(block, "size", None)
        if not isinstance(theirs, tuple) or not 2 <= len(theirs) <= 3:
            continue
        for name, want, got in zip(names, size, theirs, strict=False):
            if want != got:
                raise ValueError(
                    f"node {node!r}: expected {name} {want} as the lattice has, got {got}"
                )
    widths = {
        n: d for n, b in body.blocks.items() if isinstance(d := getattr(b, "cell_dim", None), int)
    }
    if len(set(widths.values())) > 1:
        said = ", ".join(f"{node} {dim}" for node, dim in widths.items())
        raise ValueError(f"expected one cell_dim in all parts, got {said}; set them to one number")
