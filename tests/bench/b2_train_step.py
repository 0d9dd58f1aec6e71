"""B2: a training step through the engine against the loop that people write by hand.

Same blocks, same first weights, same batches, AdamW on both sides. The hand loop reads its loss once a
step, as the engine does to refuse one that is not finite.
"""

from collections.abc import Callable, Iterator, Mapping

import torch
from torch import Tensor

from graphs.learn.training import Training
from graphs.live.block import Block
from graphs.live.graph import Graph
from graphs.spec.document import NodeSpec
from graphs.spec.plan import Loss, Optimiser, Plan
from nodes.learning.regression import MSELoss
from tests.bench.measure import Row, interleaved, ratio
from tests.bench.size import Size
from tests.bench.worlds import leaf, learning, live

LR, DECAY = 1e-3, 0.01
BATCHES = 8
WARM_UP = 3

MLP = {
    "enter": leaf("Linear", d_in=512, d_out=512),
    "enter_relu": leaf("Relu"),
    "middle": leaf("Linear", d_in=512, d_out=512),
    "middle_relu": leaf("Relu"),
    "leave": leaf("Linear", d_in=512, d_out=512),
}
TRANSFORMER = {f"layer{n}": leaf("TransformerEncoderLayer", width=128, heads=4) for n in range(3)}


def rows(size: Size) -> Iterator[Row]:
    steps = 20 if size.quick else 100
    yield from _world("MLP 512×5, batch 512", MLP, (512, 512), steps)
    yield from _world("3 transformer layers of 128, 8×64 tokens", TRANSFORMER, (8, 64, 128), steps)


def _world(
    name: str, parts: Mapping[str, NodeSpec], shape: tuple[int, ...], steps: int
) -> Iterator[Row]:
    stream = torch.Generator().manual_seed(0)
    data = [
        {"x": torch.randn(shape, generator=stream), "target": torch.randn(shape, generator=stream)}
        for _ in range(BATCHES)
    ]
    spec = learning(parts)
    graph, twin = live(spec), live(spec)
    plan = Plan(
        losses=(Loss(port="loss.out"),),
        optimiser=Optimiser(lr=LR, weight_decay=DECAY),
        steps=steps + WARM_UP,
    )
    training = Training(graph, plan, batches=lambda position: data[position % BATCHES])
    walk, step = training.steps(), by_hand(twin, list(parts), data)
    ours: list[float] = []
    rivals: list[float] = []
    mine, rival = interleaved(
        [lambda: ours.append(next(walk).loss), lambda: rivals.append(step())], steps, WARM_UP
    )
    found = ratio(mine, rival)
    what = f"training step, {name}"
    yield Row("B2", what, str(mine), str(rival), str(found), "≤ 1.02×", found.median <= 1.02)
    weights = zip(graph.parameters(), twin.parameters(), strict=True)
    same = sum(a == b for a, b in zip(ours, rivals, strict=True))
    equal = same == len(ours) and all(torch.equal(a, b) for a, b in weights)
    what = f"bit-equal losses and weights after {steps + WARM_UP} steps, {name}"
    yield Row("B2", what, f"{same} of {len(ours)} losses", limit="all, and weights", met=equal)


def by_hand(model: Graph, names: list[str], data: list[dict[str, Tensor]]) -> Callable[[], float]:
    """One more step of the plain loop; its loss."""
    blocks: list[Block] = [model.child(name) for name in names]
    parameters = [p for block in blocks for p in block.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(parameters, lr=LR, weight_decay=DECAY)
    criterion, position = MSELoss(), 0

    def step() -> float:
        nonlocal position
        batch = data[position % len(data)]
        position += 1
        x = batch["x"]
        for block in blocks:
            x = block(x)
        loss = criterion(x, batch["target"])
        loss.backward()
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        return float(loss.item())

    return step
