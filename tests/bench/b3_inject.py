"""B3: freezing a flat world and putting an adapter on each of its layers, against PEFT."""

from collections.abc import Iterator

from tests.bench import flat
from tests.bench.measure import Row, interleaved, once, seconds
from tests.bench.size import Size


def rows(size: Size) -> Iterator[Row]:
    import peft  # noqa: F401  (seconds of import that are not what is measured)

    count = flat.count(size)
    worlds = [flat.graph(size) for _ in range(4)]
    left = iter(worlds)
    mine = interleaved([lambda: flat.adapt(next(left))], 3)[0]
    model = flat.Flat(count)
    rival = once(lambda: flat.adapt_by_peft(model))
    same = flat.learning(worlds[-1]) == flat.learning(model)
    assert same, "both sides train as many numbers"
    times = rival / mine.median
    yield Row(
        "B3",
        f"freeze, and adapt {count} layers by LoRA of rank {flat.RANK}",
        str(mine),
        seconds(rival),
        f"{times:.3g}× faster",
        "≥ 5× faster, ≤ 3 s",
        None if size.quick else times >= 5 and mine.median <= 3,
    )
