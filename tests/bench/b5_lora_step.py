"""B5: a LoRA training step, against the LoRA that people write by hand and against PEFT's.

First on a stack of transformer layers, then on recurrent layers that take one step in time, where PEFT
can reach the weights of torch's GRU by name only. All sides start from the same adapters.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from graphs.learn.lowrank import LinearDelta
from graphs.learn.training import Training
from graphs.live.graph import Graph
from graphs.spec.document import GraphSpec
from graphs.spec.plan import Loss, Optimiser, Plan, Rule
from tests.bench.measure import Row, Times, interleaved, ratio
from tests.bench.size import Size
from tests.bench.worlds import leaf, learning, live

RANK, ALPHA, LR = 8, 16.0, 1e-3
LAYERS, WIDTH, TOKENS = 4, 256, (8, 64)
CELLS, D_IN, HIDDEN, FLOWS = 3, 128, 1024, 16
Forward = Callable[[], Tensor]  # the loss of the next batch


class ByHand(nn.Module):
    """A linear layer with the two thin products that a tutorial writes."""

    def __init__(self, layer: nn.Linear, a: Tensor, b: Tensor) -> None:
        super().__init__()
        self.layer, self.scale = layer, ALPHA / RANK
        self.a, self.b = nn.Parameter(a.detach().clone()), nn.Parameter(b.detach().clone())

    def forward(self, x: Tensor) -> Tensor:
        thin = functional.linear(functional.linear(x, self.a), self.b)
        return self.layer(x) + thin * self.scale


def rows(size: Size) -> Iterator[Row]:
    rounds = 8 if size.quick else 60
    yield from _transformer(rounds)
    yield from _recurrent(rounds)


def _transformer(rounds: int) -> Iterator[Row]:
    parts = {
        f"layer{n}": leaf("TransformerEncoderLayer", width=WIDTH, heads=8) for n in range(LAYERS)
    }
    spec = learning(parts)
    data = {"x": torch.randn(*TOKENS, WIDTH), "target": torch.randn(*TOKENS, WIDTH)}

    def layers_of(graph: Graph) -> nn.ModuleList:
        return nn.ModuleList(graph.child(name) for name in parts)

    def forward(layers: nn.ModuleList) -> Forward:
        def loss() -> Tensor:
            x = data["x"]
            for layer in layers:
                x = layer(x)
            return functional.mse_loss(x, data["target"])

        return loss

    ours, walk = _training(spec, data, rounds)
    hand = _adapted_by_hand(layers_of(live(spec)), layers_of(ours))
    peft = _adapted_by_peft(layers_of(live(spec)), layers_of(ours))
    yield from _compared(
        f"LoRA step, {LAYERS} transformer layers of {WIDTH}, {TOKENS[0]}×{TOKENS[1]} tokens",
        [lambda: next(walk).loss, _loop(hand, forward(hand)), _loop(peft, forward(peft))],
        rounds,
        ("≤ 1.05×", 1.05),
        ("≤ 1.05×", 1.05),
    )


def _recurrent(rounds: int) -> Iterator[Row]:
    names = [f"cell{n}" for n in range(CELLS)]
    widths = [D_IN, *[HIDDEN] * (CELLS - 1)]
    cells = {n: leaf("GRUCell", d_in=w, hidden=HIDDEN) for n, w in zip(names, widths, strict=True)}
    states = {f"state{n}": f"cell{n}.state" for n in range(CELLS)}
    spec = learning(cells, states)
    start = torch.randn(CELLS, FLOWS, HIDDEN)
    data = {
        "x": torch.randn(FLOWS, D_IN),
        "target": torch.randn(FLOWS, HIDDEN),
        **{f"state{n}": start[n] for n in range(CELLS)},
    }

    def cells_of(graph: Graph) -> nn.ModuleList:
        return nn.ModuleList(graph.child(name) for name in names)

    def by_hand() -> Tensor:
        x = data["x"]
        for cell, state in zip(hand, start, strict=True):
            x = cell(x, state)
        return functional.mse_loss(x, data["target"])

    def by_peft() -> Tensor:
        out, _ = torch_gru.gru(data["x"][None], start)
        return functional.mse_loss(out[0], data["target"])

    ours, walk = _training(spec, data, rounds)
    hand = _adapted_by_hand(cells_of(live(spec)), cells_of(ours))
    torch_gru = _torch_gru(cells_of(live(spec)), cells_of(ours))
    yield from _compared(
        f"LoRA step, GRU at T=1, {HIDDEN}×{CELLS}, {FLOWS} flows",
        [lambda: next(walk).loss, _loop(hand, by_hand), _loop(torch_gru, by_peft)],
        rounds,
        ("≤ 1.05×", 1.05),
        ("≤ 0.5×", 0.5),
    )


def _compared(
    what: str,
    sides: Sequence[Callable[[], float]],
    rounds: int,
    hand_bar: tuple[str, float],
    peft_bar: tuple[str, float],
) -> Iterator[Row]:
    """Time the three; their losses must agree, or they would not do the same work."""
    losses: list[list[float]] = [[] for _ in sides]
    timed = [
        lambda held=held, side=side: held.append(side())
        for held, side in zip(losses, sides, strict=True)
    ]
    mine, hand, peft = interleaved(timed, rounds, warm_up=3, limit=45)
    for other in losses[1:]:
        torch.testing.assert_close(torch.tensor(losses[0]), torch.tensor(other))
    yield _row(f"{what}: hand-written LoRA", mine, hand, *hand_bar)
    yield _row(f"{what}: PEFT", mine, peft, *peft_bar)


def _row(what: str, ours: Times, rival: Times, limit: str, most: float) -> Row:
    found = ratio(ours, rival)
    return Row("B5", what, str(ours), str(rival), str(found), limit, found.median <= most)


def _training(spec: GraphSpec, data: dict[str, Tensor], rounds: int) -> tuple[Graph, Any]:
    plan = Plan(
        rules=(Rule(mode="lora", rank=RANK, alpha=ALPHA),),
        losses=(Loss(port="loss.out"),),
        optimiser=Optimiser(lr=LR),
        steps=rounds + 10,
    )
    graph = live(spec)
    training = Training(graph, plan, batches=lambda _: data)
    return graph, training.steps()


def _loop(model: nn.Module, forward: Forward) -> Callable[[], float]:
    """One more step of the plain loop; its loss."""
    optimiser = torch.optim.AdamW(
        [p for p in model.parameters() if p.requires_grad], lr=LR, weight_decay=0.0
    )

    def step() -> float:
        loss = forward()
        loss.backward()
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        return float(loss.item())

    return step


def _deltas(ours: nn.Module) -> dict[str, LinearDelta]:
    """The engine's adapters by the name of the layer."""
    return {
        name.replace(".adapters.default", "").replace("base_layer.", ""): module
        for name, module in ours.named_modules()
        if isinstance(module, LinearDelta)
    }


def _adapted_by_hand(model: nn.ModuleList, ours: nn.Module) -> nn.ModuleList:
    model.requires_grad_(False)
    for name, delta in _deltas(ours).items():
        parent, _, leaf_name = name.rpartition(".")
        layer = model.get_submodule(name)
        assert isinstance(layer, nn.Linear)
        wrapped = ByHand(layer, delta.lora_A, delta.lora_B)
        setattr(model.get_submodule(parent), leaf_name, wrapped)
    return model


def _adapted_by_peft(model: nn.ModuleList, ours: nn.Module) -> nn.ModuleList:
    import peft

    deltas = _deltas(ours)
    config = peft.LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=list(deltas))
    peft.inject_adapter_in_model(config, model)
    for name, delta in deltas.items():
        _take(model.get_submodule(name), delta)
    return model


def _torch_gru(cells: nn.ModuleList, ours: nn.Module) -> Any:
    """torch's GRU with the weights of the cells, and PEFT's adapters on all its matrices."""
    import peft

    gru, maps = nn.GRU(D_IN, HIDDEN, CELLS), {"ih": "input_map", "hh": "state_map"}
    with torch.no_grad():
        for name, parameter in gru.named_parameters():
            kind, side, layer = name.split("_")
            own = f"{layer.removeprefix('l')}.{maps[side]}.{kind}"
            parameter.copy_(cells.get_parameter(own))
    model: Any = nn.ModuleDict({"gru": gru})
    names = [f"gru.{name}" for name, p in gru.named_parameters() if p.ndim == 2]
    config = peft.LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=[], target_parameters=names)
    peft.inject_adapter_in_model(config, model)
    deltas, wrapper = _deltas(ours), model.gru
    while wrapper is not gru:  # one around the other, each for one matrix
        _, side, layer = wrapper.parameter_name.split("_")
        _take(wrapper, deltas[f"{layer.removeprefix('l')}.{maps[side]}"])
        wrapper = wrapper.base_layer
    return model


def _take(wrapper: Any, delta: LinearDelta) -> None:
    """PEFT's adapter starts as ours does."""
    with torch.no_grad():
        wrapper.lora_A["default"].weight.copy_(delta.lora_A)
        wrapper.lora_B["default"].weight.copy_(delta.lora_B)
