"""Roles: what a block is in a task, which ports that gives it, and what is wired to what by role.

A role is declared by the block, never guessed from its name. `suggest` is an offer: the edits that
would wire a node to what is already there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphs.spec.catalogue import Catalogue, PortType
from graphs.spec.document import Document, GraphSpec, NodeSpec, Pin, Wire, node_at
from graphs.spec.edits import Connect, Many
from graphs.spec.problems import EditError, near


@dataclass(frozen=True)
class Role:
    """The ports that a role must have (`inputs`, `outputs`), and may have."""

    meaning: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    optional: tuple[str, ...] = ()


ROLES: Mapping[str, Role] = {
    "backbone": Role("one prediction step", ("latent", "timestep"), ("pred",), ("condition",)),
    "solver": Role(
        "one step of the discretisation; owns the noise schedule",
        ("latent", "timestep", "pred"),
        ("next_latent", "next_timestep"),
    ),
    "codec": Role("encode and decode", (), (), ("image", "latent")),
    "conditioner": Role("encode a raw condition", ("input",), ("embedding",), ("pooled", "mask")),
    "tokenizer": Role("text to ids and back", ("text",), ("token_ids", "attention_mask")),
    "adapter": Role("add an outside signal", ("condition",), ("adapted",), ("hidden",)),
    "guidance": Role(
        "combine predictions", ("pred_cond", "pred_uncond"), ("pred_guided",), ("scale",)
    ),
    "language_model": Role(
        "predict the next token", ("token_ids",), ("logits",), ("attention_mask",)
    ),
    "embedder": Role("place or time as a vector", (), ()),
    "pooler": Role("many vectors as one", (), ()),
    "projection": Role("from one width to another", (), ()),
}

# Output of a role -> input of another, in the order in which a free input is offered a source.
WIRING: tuple[tuple[str, str], ...] = (
    ("tokenizer.token_ids", "conditioner.input"),
    ("tokenizer.token_ids", "language_model.token_ids"),
    ("tokenizer.attention_mask", "language_model.attention_mask"),
    ("adapter.adapted", "backbone.condition"),
    ("conditioner.embedding", "backbone.condition"),
    ("conditioner.embedding", "adapter.condition"),
    ("backbone.pred", "guidance.pred_cond"),
    ("guidance.pred_guided", "solver.pred"),
    ("backbone.pred", "solver.pred"),
    ("solver.next_latent", "backbone.latent"),
    ("solver.next_timestep", "backbone.timestep"),
    ("codec.latent", "solver.latent"),
    ("solver.next_latent", "codec.latent"),
)


def role_of(node: NodeSpec, catalogue: Catalogue) -> str:
    """The declared role of a node: of its body, or of its block type."""
    if node.body is not None and node.body.role:
        return node.body.role
    kind = catalogue.find(node.type)
    return kind.role if kind else ""


def unlike_role(role: str, inputs: Mapping[str, PortType], outputs: Mapping[str, PortType]) -> str:
    """Why these ports are not those of the role, "" when they are."""
    known = ROLES.get(role)
    if known is None:
        return ""
    lacking = [f"input {n!r}" for n in known.inputs if n not in inputs]
    lacking += [f"output {n!r}" for n in known.outputs if n not in outputs]
    return f"a {role} needs {', '.join(lacking)}" if lacking else ""


def suggest(document: Document, name: str, catalogue: Catalogue, at: str = "") -> Many | None:
    """One edit that wires a node by role to the nodes beside it; None when there is nothing to wire.

    Only free inputs are offered a wire, never a second one; cycles are offered, for a repeat to run.
    Raises: EditError when there is no such node.
    """
    holder = node_at(document.root, at) if at else None
    body = (holder.body if holder else document.root) or GraphSpec()
    if name not in body.nodes:
        raise EditError(f"there is no node {name!r}{near(name, body.nodes)}")
    wires = list(dict.fromkeys(_wires(body, name, catalogue)))
    if not wires:
        return None
    edits = tuple(Connect(wire=wire, at=at) for wire in wires)
    return Many(edits=edits, text=f"Wire {name} by role")


def _wires(body: GraphSpec, name: str, catalogue: Catalogue) -> Iterator[Wire]:
    taken = {w.target for w in body.wires} | {pin for pins in body.inputs.values() for pin in pins}
    roles = {n: role_of(node, catalogue) for n, node in body.nodes.items()}
    for source, target in WIRING:
        source_role, _, out = source.partition(".")
        target_role, _, into = target.partition(".")
        for a, b in ((a, b) for a in roles for b in roles if name in (a, b) and a != b):
            if (roles[a], roles[b]) != (source_role, target_role):
                continue
            pin = Pin(b, into)
            if (
                pin not in taken
                and _has(body.nodes[a], out, catalogue, "out")
                and _has(body.nodes[b], into, catalogue, "in")
            ):
                taken.add(pin)
                yield Wire(Pin(a, out), pin)


def _has(node: NodeSpec, port: str, catalogue: Catalogue, side: str) -> bool:
    if node.body is not None:
        return port in (node.body.outputs if side == "out" else node.body.inputs)
    kind = catalogue.find(node.type)
    return (
        bool(kind) and port in (kind.outputs if side == "out" else kind.inputs) if kind else False
    )
