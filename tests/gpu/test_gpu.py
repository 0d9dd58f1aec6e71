"""What must hold on a GPU as on a CPU. Skipped where there is none."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from graphs.learn.fit import CHECKPOINTS, fit
from graphs.learn.resume import restore
from graphs.learn.training import Training
from graphs.live.build import build
from graphs.live.graph import Graph
from graphs.spec.document import GraphSpec
from graphs.spec.plan import Loss, Optimiser, Plan, Rule
from graphs.store import latest
from nodes.lattice.presets import lattice
from tests.lattice.boxes import box, embedding, registry, world
from tests.learn.resuming import PLANS, STEPS, bits, go, training

pytestmark = [
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU"),
    pytest.mark.filterwarnings("ignore::UserWarning"),  # of the compiler, about what it cannot do
]
SIZE = (6, 5, 7)
MODES = ["default", "reduce-overhead"]


def lively(**config: Any) -> Graph:
    """Flows spawn, die and arrive at different times."""
    return world(SIZE, lively=0.2, budget=60, energy_threshold=0.3, **config)


def results(graph: Graph, x: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """Output and gradients, on the CPU."""
    graph.zero_grad()
    found = graph(x=x)
    out: Tensor = found["out"]
    (out.square().sum() + found["face"].sum()).backward()
    grads = {n: p.grad.cpu().clone() for n, p in graph.named_parameters() if p.grad is not None}
    return out.detach().cpu(), grads


def agree(
    found: tuple[Tensor, dict[str, Tensor]], expected: tuple[Tensor, dict[str, Tensor]]
) -> None:
    torch.testing.assert_close(found[0], expected[0], rtol=1e-4, atol=1e-4)
    assert found[1].keys() == expected[1].keys()
    for name, grad in expected[1].items():
        torch.testing.assert_close(
            found[1][name], grad, rtol=1e-3, atol=1e-3 * float(grad.abs().max() + 1)
        )


@pytest.mark.parametrize("what", ["everything", "light", "bfloat16"])
def test_a_training_resumes_with_the_same_bits(what: str, tmp_path: Path) -> None:
    whole = training(what, "cuda")
    expected = go(whole, STEPS)
    first = training(what, "cuda")
    fit(first, tmp_path, tensorboard=False, stop=lambda: first.state.step >= 17)
    second = training(what, "cuda")
    checkpoint = latest(tmp_path / CHECKPOINTS).checkpoint
    assert checkpoint is not None
    restore(second, checkpoint)
    done = second.state.step
    assert done >= 14
    assert go(second, STEPS) == expected[done:]
    assert bits(second) == bits(whole)
    assert PLANS[what].steps == STEPS


def test_a_lattice_is_the_same_on_both() -> None:
    graph, x = lively(), embedding(4)
    expected = results(graph, x)
    agree(results(graph.to("cuda"), x.cuda()), expected)


def test_nothing_inside_a_walk_waits_for_the_device() -> None:
    graph, x = lively(stop_early=False).to("cuda"), embedding(4).cuda()
    graph(x=x)
    torch.cuda.synchronize()
    torch.cuda.set_sync_debug_mode("error")
    try:
        graph(x=x)["out"].sum().backward()
    finally:
        torch.cuda.set_sync_debug_mode("default")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("segment", [0, 2])
def test_compiled_it_gives_the_same(mode: str, segment: int) -> None:
    graph = lively(segment=segment).to("cuda")
    expected = [results(graph, embedding(4, seed).cuda()) for seed in range(3)]
    box(graph).compile(mode=mode)
    for seed in range(3):
        agree(results(graph, embedding(4, seed).cuda()), expected[seed])
    with torch.no_grad():
        torch.testing.assert_close(
            graph(x=embedding(4, 1).cuda())["out"].cpu(), expected[1][0], rtol=1e-4, atol=1e-4
        )


def test_a_walk_whose_backward_is_to_come_is_not_overwritten() -> None:
    graph = lively().to("cuda")
    a, b = embedding(4, 1).cuda(), embedding(4, 2).cuda()
    (graph(x=a)["out"].square().sum() + graph(x=b)["out"].square().sum()).backward()
    expected = {n: p.grad.clone() for n, p in graph.named_parameters() if p.grad is not None}
    box(graph).compile(mode="reduce-overhead")
    for _ in range(2):
        graph.zero_grad()
        first, second = graph(x=a)["out"], graph(x=b)["out"]
        (first.square().sum() + second.square().sum()).backward()
        for name, p in graph.named_parameters():
            if name in expected:
                scale = float(expected[name].abs().max() + 1)
                torch.testing.assert_close(p.grad, expected[name], rtol=1e-3, atol=1e-3 * scale)


@pytest.mark.parametrize(
    ("mode", "rule", "precision"),
    [
        ("default", Rule(), "float32"),
        ("reduce-overhead", Rule(), "float32"),
        ("reduce-overhead", Rule(), "bfloat16"),
        ("reduce-overhead", Rule(mode="lora", rank=2), "bfloat16"),
    ],
)
def test_a_plan_that_compiles_learns_as_one_that_does_not(
    mode: str, rule: Rule, precision: str
) -> None:
    def losses(**fields: Any) -> Tensor:
        node = lattice(6, 5, SIZE, hidden=16, layers=2, neuron=8, features=6, budget=40)
        spec = {
            "nodes": {"lattice": node, "mse": {"type": "core/MSELoss"}},
            "wires": ["lattice.out -> mse.x"],
            "inputs": {"x": "lattice.x", "target": "mse.target"},
            "outputs": {"loss": "mse.out"},
        }
        graph = build(GraphSpec.model_validate(spec), registry())
        plan = Plan(
            rules=(rule,), losses=(Loss(port="mse.out"),), steps=12, accumulate=2,
            optimiser=Optimiser(lr=0.01), precision=precision,
            log={"arrived": "lattice.arrived"}, **fields,
        )  # fmt: skip
        made = Training(
            graph,
            plan,
            batches=lambda n: {"x": embedding(4, n), "target": torch.ones(4, 5)},
            device="cuda",
        )
        return torch.tensor(
            [[done.loss, float(done.logged["arrived"])] for done in list(made.steps())]
        )

    near = 1e-4 if precision == "float32" else 2e-2
    torch.testing.assert_close(losses(compile={"lattice": mode}), losses(), rtol=near, atol=near)
