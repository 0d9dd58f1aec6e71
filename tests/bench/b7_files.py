"""B7: saving a world and opening its weights, against writing the same bytes with nothing around them.

Both sides end with the bytes on the disk under their name (fsync of file and folder). A project is a
document beside its weights; an export is one file that also proves what it holds, and has no bar.
"""

import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor

from graphs.spec.document import Document
from graphs.store import export_world, import_world, read_tensors, write_project
from graphs.store.atomic import sync_folder
from tests.bench.measure import Row, Times, interleaved, ratio
from tests.bench.size import Size
from tests.bench.worlds import chain, leaf, numbered

MILLION = 1_000_000
SIDE = 500  # a matrix holds a quarter of a million numbers


def rows(size: Size) -> Iterator[Row]:
    counts = [1, 10, 100, 1000] if size.full else [1, 10] if size.quick else [1, 10, 100]
    spent: dict[int, tuple[Times, Times]] = {}
    for millions in counts:
        rounds = 3 if millions > 100 else 5 if millions > 10 else 11
        tensors, document = _world(millions * MILLION)
        with tempfile.TemporaryDirectory() as folder:
            yield from _saved(Path(folder), millions, tensors, document, rounds, spent)
            del tensors
            yield from _opened(Path(folder), millions, rounds)
            if millions <= 100:
                yield from _exported(Path(folder), millions, document, rounds)
    few, many = (spent[n] for n in (10, counts[-1]))
    if few is not many:
        yield _linear(counts[-1], few, many)


def _world(count: int) -> tuple[dict[str, Tensor], Document]:
    layers = count // SIDE**2
    document = Document(
        root=chain(numbered(layers, leaf("Linear", d_in=SIDE, d_out=SIDE, bias=False)))
    )
    stream = torch.Generator().manual_seed(0)
    tensors = {
        f"{name}.map.weight": torch.rand(SIDE, SIDE, generator=stream)
        for name in document.root.nodes
    }
    return tensors, document


def _saved(
    folder: Path,
    millions: int,
    tensors: dict[str, Tensor],
    document: Document,
    rounds: int,
    spent: dict[int, tuple[Times, Times]],
) -> Iterator[Row]:
    views = [memoryview(t.view(-1).view(torch.uint8).numpy()) for t in tensors.values()]

    ours, rival = interleaved(
        [lambda: write_project(folder / "world", document, tensors), lambda: _raw(folder, views)],
        rounds,
    )
    spent[millions] = ours, rival
    found = ratio(ours, rival)
    what = f"save a project of {millions} M parameters ({4 * millions} MB)"
    yield Row("B7", what, str(ours), str(rival), str(found), "≤ 1.35×", found.median <= 1.35)


def _raw(folder: Path, parts: Sequence[bytes | memoryview]) -> None:
    """Nothing but the bytes, as safe from a power cut as ours."""
    with (folder / "new").open("wb") as file:
        for part in parts:
            file.write(part)
        file.flush()
        os.fsync(file.fileno())
    os.replace(folder / "new", folder / "raw")
    sync_folder(folder)


def _opened(folder: Path, millions: int, rounds: int) -> Iterator[Row]:
    opened, read = interleaved(
        [
            lambda: read_tensors(folder / "world.safetensors"),
            lambda: (folder / "raw").read_bytes(),
        ],
        rounds,
    )
    what = f"open {millions} M parameters (rival: read all bytes)"
    found = ratio(opened, read)
    yield Row("B7", what, str(opened), str(read), str(found), "≤ 50 ms", opened.median <= 0.05)


def _exported(folder: Path, millions: int, document: Document, rounds: int) -> Iterator[Row]:
    tensors, file = read_tensors(folder / "world.safetensors"), folder / "one.world"
    data = (folder / "raw").read_bytes()

    ours, rival = interleaved(
        [lambda: export_world(file, document, tensors), lambda: _raw(folder, [data])], rounds
    )
    what = f"export {millions} M parameters as one file with their SHA-256"
    yield Row("B7", what, str(ours), str(rival), str(ratio(ours, rival)))
    ours, rival = interleaved([lambda: import_world(file), lambda: file.read_bytes()], rounds)
    what = f"import {millions} M parameters, SHA-256 proved"
    yield Row("B7", what, str(ours), str(rival), str(ratio(ours, rival)))


def _linear(millions: int, few: tuple[Times, Times], many: tuple[Times, Times]) -> Row:
    """How much more a parameter costs in a large world; the disk's own growth beside it."""
    ours, rival = (
        (large.median / millions) / (small.median / 10)
        for small, large in zip(few, many, strict=True)
    )
    what = f"growth of the time to save a parameter, 10 M → {millions} M"
    return Row(
        "B7", what, f"{ours:.3g}×", f"{rival:.3g}×", f"{ours / rival:.3g}×", "≤ 1.2×", ours <= 1.2
    )
