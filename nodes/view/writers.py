"""Writers: values into files, each file whole or not at all. The output is the file's path."""

import csv
import io
import math
from pathlib import Path
from typing import Annotated, Any, ClassVar
from zipfile import ZipFile

import numpy as np
import torch
from torch import Tensor

from graphs.live import Block, Run
from nodes.view.grid import laid_out, pixels
from nodes.view.output import relative, whole_file
from nodes.view.text import cells


class WriteImage(Block):
    """A picture, or a batch of images as a grid, as a PNG file.

    A batch is shown as ImageGrid shows it: `low` is black and `high` white. "{position}" in the
    path becomes the number of the batch; otherwise each run replaces the file.

    Shapes: x (h, w, 3) uint8, or (b, 1 or 3, h, w) -> out the path.
    Source: Pillow.

    >>> import tempfile
    >>> run = Run(output=tempfile.mkdtemp())
    >>> WriteImage("seen/grid.png")(x=torch.rand(4, 1, 8, 8), run=run).name
    'grid.png'
    """

    role: ClassVar[str] = "writer"
    effects: ClassVar[tuple[str, ...]] = ("writes files",)
    stops_gradient: ClassVar[bool] = True

    def __init__(self, path: str = "image.png", low: float = 0.0, high: float = 1.0) -> None:
        """Raises: ValueError for a path outside the output directory, or that is no .png."""
        super().__init__()
        if low >= high:
            raise ValueError(f"low must be below high, got {low} and {high}")
        self.path, self.low, self.high = relative(path, ".png"), low, high

    def forward(self, x: Annotated[Tensor, ""], run: Run | None = None) -> Path:
        """Raises: ValueError when x is no picture; FileError when it cannot be written."""
        from PIL import Image

        picture = self._picture(x).contiguous().cpu().numpy()
        with whole_file(self.path, run) as (place, stream):
            Image.fromarray(picture).save(stream, "PNG")
        return place

    def _picture(self, x: Tensor) -> Tensor:
        if x.ndim == 3 and x.shape[2] == 3 and x.dtype == torch.uint8:
            return x
        return laid_out(pixels(x, self.low, self.high), math.ceil(math.sqrt(len(x))))


class WriteText(Block):
    """Text as a UTF-8 file.

    Shapes: x text -> out the path.
    Source: ours.

    >>> import tempfile
    >>> WriteText("note.txt")(x="hello", run=Run(output=tempfile.mkdtemp())).read_text()
    'hello'
    """

    role: ClassVar[str] = "writer"
    effects: ClassVar[tuple[str, ...]] = ("writes files",)

    def __init__(self, path: str = "text.txt") -> None:
        """Raises: ValueError for a path outside the output directory, or that is no .txt."""
        super().__init__()
        self.path = relative(path, ".txt")

    def forward(self, x: str, run: Run | None = None) -> Path:
        """Raises: FileError when it cannot be written."""
        with whole_file(self.path, run) as (place, stream):
            stream.write(x.encode())
        return place


class WriteArray(Block):
    """Tensors as arrays of one .npz file, each under the name of the node that it comes from.

    Shapes: x tensors by node -> out the path.
    Source: the format of numpy.savez; bfloat16, which numpy does not know, is written as float32.

    >>> import tempfile
    >>> run = Run(output=tempfile.mkdtemp())
    >>> with np.load(WriteArray("both.npz")(x={"a": torch.ones(2)}, run=run)) as arrays:
    ...     arrays["a"]
    array([1., 1.], dtype=float32)
    """

    role: ClassVar[str] = "writer"
    effects: ClassVar[tuple[str, ...]] = ("writes files",)

    def __init__(self, path: str = "arrays.npz") -> None:
        """Raises: ValueError for a path outside the output directory, or that is no .npz."""
        super().__init__()
        self.path = relative(path, ".npz")

    def forward(self, x: dict[str, Annotated[Tensor, ""]], run: Run | None = None) -> Path:
        """Raises: FileError when it cannot be written."""
        arrays = {name: _array(value) for name, value in x.items()}
        with whole_file(self.path, run) as (place, stream), ZipFile(stream, "w") as archive:
            # not numpy.savez, for which names such as "file" are its own parameters
            for name, array in arrays.items():
                with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                    np.lib.format.write_array(member, array, allow_pickle=False)
        return place


class WriteCSV(Block):
    """Wires as the columns of a .csv file, each under the name of the node that it comes from.

    Shapes: x tensors (n, ...), lists or values by node -> out the path.
    Source: RFC 4180 as written by Python's csv; fractions have 9 digits, enough for float32.

    >>> import tempfile
    >>> run = Run(output=tempfile.mkdtemp())
    >>> WriteCSV("table.csv")(x={"id": torch.tensor([1, 2])}, run=run).read_text().split()
    ['id', '1', '2']
    """

    role: ClassVar[str] = "writer"
    effects: ClassVar[tuple[str, ...]] = ("writes files",)

    def __init__(self, path: str = "table.csv") -> None:
        """Raises: ValueError for a path outside the output directory, or that is no .csv."""
        super().__init__()
        self.path = relative(path, ".csv")

    def forward(self, x: dict[str, Any], run: Run | None = None) -> Path:
        """Raises: FileError when it cannot be written."""
        with whole_file(self.path, run) as (place, stream):
            text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
            csv.writer(text).writerows([list(x), *cells(x, digits=9)])
            text.flush()
            text.detach()  # the stream is not the wrapper's to close
        return place


def _array(value: Tensor) -> np.ndarray[Any, np.dtype[Any]]:
    value = value.detach().cpu()
    return (value.float() if value.dtype == torch.bfloat16 else value).numpy()
