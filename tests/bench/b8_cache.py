"""B8: training a head on a frozen backbone whose outputs are kept, against computing them again.

What a cache saves is worth nothing if it is ever wrong, so a small world is also changed at random in
every way that we could think of, and each answer compared with that of a run without the cache.
"""

import random
from collections.abc import Iterator

from graphs.learn.training import Training
from graphs.live.cache import OutputCache
from graphs.spec.document import GraphSpec
from graphs.spec.plan import Data, Loss, Optimiser, Plan, Rule
from tests.bench.changes import Changing, same
from tests.bench.measure import Row, interleaved, ratio, seconds
from tests.bench.size import Size
from tests.bench.worlds import leaf, live, row

BATCH = 32
EPOCHS = {"train": 45, "test": 12}  # batches of the digits
BACKBONE = {
    "larger": leaf("Upsample", scale=4),
    "enter": leaf("Conv2d", channels_in=1, channels_out=64, padding=1),
    **{f"block{n}": leaf("ResBlock2d", channels_in=64, channels_out=64) for n in range(4)},
    "pool": leaf("GlobalAvgPool"),
}


def rows(size: Size) -> Iterator[Row]:
    yield _epoch("test" if size.quick else "train")
    yield from _fuzz(200 if size.quick else 2000)


def _world() -> GraphSpec:
    head = leaf("Linear", d_in=64, d_out=10)
    names = [*BACKBONE, "head", "loss"]
    return GraphSpec(
        nodes={"data": leaf("Digits"), **BACKBONE, "head": head, "loss": leaf("CrossEntropyLoss")},
        wires=["data.image -> larger.x", *row(names), "data.label -> loss.target"],
    )


def _epoch(split: str) -> Row:
    """The steps of the second epoch; in the first the cache was filled."""
    steps = EPOCHS[split]
    plan = Plan(
        rules=(Rule(where="head"),),
        losses=(Loss(port="loss.out"),),
        optimiser=Optimiser(),
        data=Data(batch=BATCH, split=split),
        steps=2 * steps + 1,
        cache_frozen=True,
    )
    kept = Training(live(_world()), plan).steps()
    anew = Training(live(_world()), plan.model_copy(update={"cache_frozen": False})).steps()
    for _ in range(steps):
        next(kept)
    ours, rival = interleaved([lambda: next(kept), lambda: next(anew)], steps)
    found = ratio(rival, ours)
    what = f"an epoch of {steps} steps over the digits, frozen backbone of 9 convolutions"
    spent = [seconds(sum(side.rounds)) for side in (ours, rival)]
    return Row("B8", what, *spent, f"{found} faster", "≥ 20×", found.median >= 20)


def _fuzz(changes: int) -> Iterator[Row]:
    """Change one thing, then ask with the cache, without it, and with it once more."""
    world, cache = Changing(random.Random(0)), OutputCache()
    wrong = kept = 0
    for _ in range(changes):
        world.change()
        asked, right = world.ask(cache), world.ask(None)
        before = cache.hits
        again = world.ask(cache)
        kept += cache.hits > before
        wrong += not (same(asked, right) and same(again, right))
    what = f"wrong answers under {changes} random changes, asked twice after each"
    ours = f"{wrong} ({cache.hits} reused outputs)"
    yield Row("B8", what, ours, limit="0", met=wrong == 0)
    what = "of these the second question reused an output"
    yield Row("B8", what, f"{kept} of {changes}")
