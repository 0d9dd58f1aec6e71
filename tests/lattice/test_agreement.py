"""The pool of tensors does what one Python object a flow does, forward and backward."""

import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from torch import Tensor

from graphs.live.graph import Graph
from tests.lattice import reference
from tests.lattice.boxes import box, embedding, world


def compare(graph: Graph, x: Tensor, tolerance: float) -> reference.Outcome:
    """Output, every gradient and every count agree; what the reference found."""
    lattice = box(graph)
    given_x, other_x = x.clone().requires_grad_(), x.clone().requires_grad_()
    ours, theirs = graph(x=given_x), reference.run(lattice, other_x)
    expected = torch.stack(theirs.out)
    torch.testing.assert_close(ours["out"], expected, rtol=tolerance, atol=tolerance)
    parameters = dict(graph.named_parameters())
    mine, plain = (
        torch.autograd.grad(out.sin().sum(), [at, *parameters.values()], allow_unused=True)
        for out, at in ((ours["out"], given_x), (expected, other_x))
    )
    for name, a, b in zip(["x", *parameters], mine, plain, strict=True):
        zero = torch.zeros_like(x if name == "x" else parameters[name])
        torch.testing.assert_close(
            zero if a is None else a,
            zero if b is None else b,
            rtol=tolerance,
            atol=tolerance,
            msg=lambda text, name=name: f"gradient of {name}: {text}",
        )
    for name in ("spawned", "died", "refused"):
        counts = torch.tensor(getattr(theirs, name), dtype=torch.float32)
        torch.testing.assert_close(ours[name], counts.mean(), msg=name)
    share = theirs.arrived / max(theirs.collected, 1)
    assert ours["arrived"].item() == pytest.approx(share)
    return theirs


sizes = st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(1, 5))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    size=sizes,
    cell_dim=st.integers(1, 3),
    children=st.integers(0, 3),
    spare=st.integers(0, 9),
    batch=st.integers(1, 3),
    steps=st.sampled_from([None, None, 1, 3]),
    energy_threshold=st.sampled_from([0.0, 0.3, 0.8]),
    spawn_threshold=st.sampled_from([0.0, 0.8]),
    segment=st.sampled_from([0, 1, 2]),
    advance=st.sampled_from([1.2, 2.0]),
    seed=st.integers(0, 1000),
)
def test_agrees_with_the_reference_on_random_lattices(size, batch, spare, seed, **config):
    assume(size[0] * size[1] * batch <= 24)
    graph = world(size, seed, 0.4, budget=size[0] * size[1] + spare, **config).double()
    compare(graph, embedding(batch, seed).double(), 1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_agrees_in_single_precision_with_much_spawning_and_death(seed: int) -> None:
    graph = world((3, 3, 5), seed, 0.4, budget=14, energy_threshold=0.6, advance=1.5, children=3)
    found = compare(graph, embedding(2, seed), 1e-5)
    assert sum(found.spawned) > 5
    assert sum(found.died) > 0


def test_the_random_lattices_hold_every_kind_of_event() -> None:
    graph = world(
        (4, 3, 5), 3, 0.4, budget=16, energy_threshold=0.5, children=3, spawn_threshold=0.0
    )
    found = compare(graph.double(), embedding(2, 3).double(), 1e-9)
    assert min(sum(found.spawned), sum(found.died), sum(found.refused)) > 0


def test_the_carrier_is_a_gru_of_torch() -> None:
    carrier = box(world(layers=3)).child("carrier")
    torch_gru = torch.nn.GRU(7, 8, 3)
    with torch.no_grad():
        for layer, cell in enumerate(carrier.cells):
            for ours, theirs in (("input_map", "ih"), ("state_map", "hh")):
                for kind in ("weight", "bias"):
                    value = getattr(getattr(cell, ours), kind)
                    getattr(torch_gru, f"{kind}_{theirs}_l{layer}").copy_(value)
    x, energy, hidden = torch.randn(5, 6), torch.randn(5, 1), torch.randn(5, 3, 8)
    ours = carrier(x=x, energy=energy, position=torch.zeros(5, 3), hidden=hidden).hidden
    _, theirs = torch_gru(torch.cat([x, energy], -1)[None], hidden.transpose(0, 1).contiguous())
    torch.testing.assert_close(ours, theirs.transpose(0, 1))
