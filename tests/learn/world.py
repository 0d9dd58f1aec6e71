"""Small worlds to train on, made from text: nodes, wires and a plan."""

import itertools
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn

import nodes as library
from graphs.live.build import build
from graphs.live.graph import Graph
from graphs.live.registry import Registry
from graphs.live.weights import base_tensors
from graphs.spec.document import GraphSpec, NodeSpec
from graphs.spec.plan import Data, Loss, Optimiser, Plan, Rule
from tests.learn import toys

W = 4


@cache
def registry() -> Registry:
    return Registry({"core": library, "toy": toys})


def leaf(name: str, **config: Any) -> NodeSpec:
    return NodeSpec(type=name if "/" in name else f"core/{name}", config=config)


def linear(d_in: int = W, d_out: int = W) -> NodeSpec:
    return leaf("Linear", d_in=d_in, d_out=d_out)


def graph(
    nodes: Mapping[str, NodeSpec],
    wires: Sequence[str] = (),
    inputs: Mapping[str, Any] | None = None,
    outputs: Mapping[str, str] | None = None,
) -> GraphSpec:
    return GraphSpec(nodes=nodes, wires=wires, inputs=inputs or {}, outputs=outputs or {})


def chain(parts: Mapping[str, NodeSpec]) -> GraphSpec:
    """Nodes in a row, from the exposed input x to the exposed output out."""
    names = list(parts)
    wires = [f"{a}.out -> {b}.x" for a, b in itertools.pairwise(names)]
    return graph(parts, wires, {"x": f"{names[0]}.x"}, {"out": f"{names[-1]}.out"})


def nested(parts: Mapping[str, NodeSpec]) -> NodeSpec:
    return NodeSpec(type="graph", body=chain(parts))


def model(parts: Mapping[str, NodeSpec], count: int = 40, seed: int = 0) -> Graph:
    """Random rows through `parts` to a mean squared error "loss.out"; every part leads to it."""
    names = list(parts)
    wires = [f"{a}.out -> {b}.x" for a, b in zip(["data", *names], names, strict=False)]
    spec = graph(
        {
            "data": leaf("RandomTensor", shape=[W], count=count),
            "wanted": leaf("RandomTensor", shape=[W], count=count),
            "loss": leaf("MSELoss"),
            **parts,
        },
        [*wires, f"{names[-1]}.out -> loss.x", "wanted.out -> loss.target"],
        outputs={"out": f"{names[-1]}.out"},
    )
    return build(spec, registry(), seed=seed)


def plan(*rules: Rule, **fields: Any) -> Plan:
    chosen: dict[str, Any] = {
        "rules": rules or (Rule(),),
        "losses": (Loss(port="loss.out"),),
        "optimiser": Optimiser(lr=0.05),
        "data": Data(batch=8),
        "steps": 10,
        **fields,
    }
    return Plan(**chosen)


def contents(module: nn.Module) -> dict[str, Tensor]:
    """Copies of all base parameters and buffers by name."""
    return {name: tensor.clone() for name, tensor in base_tensors(module).items()}


def changed(before: Mapping[str, Tensor], after: Mapping[str, Tensor]) -> set[str]:
    assert before.keys() == after.keys()
    return {name for name in before if not torch.equal(before[name], after[name])}


def same(before: Mapping[str, Tensor], after: Mapping[str, Tensor]) -> bool:
    return not changed(before, after)
