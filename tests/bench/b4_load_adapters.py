"""B4: loading a file with an adapter for each layer of a flat world, against PEFT."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import torch

from graphs.learn.variants import adapters_of, load_adapters
from graphs.store import read_tensors, write_tensors
from tests.bench import flat
from tests.bench.measure import Row, interleaved, once, seconds
from tests.bench.size import Size


def rows(size: Size) -> Iterator[Row]:
    import peft
    from safetensors.torch import load_file, save_file

    count, world = flat.count(size), flat.graph(size)
    flat.adapt(world)
    model = flat.Flat(count)
    flat.adapt_by_peft(model)
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = Path(folder, "ours.safetensors"), Path(folder, "theirs.safetensors")
        wanted = flat.randomised({n: p.detach() for n, p in adapters_of(world, "default").items()})
        write_tensors(ours, wanted)
        save_file(flat.randomised(peft.get_peft_model_state_dict(model)), theirs)
        mine = interleaved(
            [lambda: load_adapters(world, read_tensors(ours), "default", str(ours))], 5
        )[0]
        rival = once(lambda: peft.set_peft_model_state_dict(model, load_file(theirs)))
    held = adapters_of(world, "default")
    assert all(torch.equal(held[name], tensor) for name, tensor in wanted.items())
    yield Row(
        "B4",
        f"load {count} adapters from a file, each checked",
        str(mine),
        seconds(rival),
        f"{rival / mine.median:.3g}× faster",
        "≤ 0.5 s",
        None if size.quick else mine.median <= 0.5,
    )
