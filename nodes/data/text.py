"""Text as bytes: a vocabulary of 256 that fits every language and needs no file of its own."""

from functools import cached_property
from typing import Annotated, NamedTuple

import numpy as np
import torch
from pydantic import PositiveInt
from torch import Tensor

from graphs.live import FilePath, Run, Source
from graphs.spec.problems import FileError
from nodes.data.reading import Share, reading


class Windows(NamedTuple):
    """Bytes, and at each place the byte that comes next."""

    tokens: Annotated[Tensor, "b length"]
    following: Annotated[Tensor, "b length"]


class TextBytes(Source):
    """Windows of `length` bytes of a file, one every `stride` bytes (one after another if None).

    The last part of the file is held out. No window crosses into it, so no tested byte was ever a
    target in training.

    Shapes: tokens (b, length), following (b, length), int64 in [0, 256).
    Source: byte-level language modelling; a row is the position of a window's first byte.

    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp(), "abc.txt")
    >>> _ = path.write_text("abcdefgh")
    >>> windows = TextBytes(str(path), length=3)(run=Run(batch=2, split="all"))
    >>> windows.tokens.tolist(), windows.following.tolist()
    ([[97, 98, 99], [100, 101, 102]], [[98, 99, 100], [101, 102, 103]])
    """

    def __init__(
        self,
        path: FilePath,
        length: PositiveInt = 64,
        stride: PositiveInt | None = None,
        held_out: Share = 0.1,
    ) -> None:
        super().__init__()
        self.path, self.length, self.stride = path, length, stride or length
        self.held_out = held_out

    @cached_property
    def data(self) -> Tensor:
        """All bytes, read once.

        Raises: FileError when there is no file or it is shorter than one window.
        """
        with reading(self.path) as path:
            found = torch.from_numpy(np.fromfile(path, np.uint8))
        if len(found) <= self.length:
            raise FileError(
                f"{self.path}: expected more than {self.length} bytes for one window and the byte "
                f"after it, got {len(found)}; make length smaller"
            )
        return found

    def index(self, split: str) -> Tensor:
        """Where the windows of "train", "test" or "all" begin."""
        size = len(self.data)
        cut = size - round(size * self.held_out)
        parts = {"train": (0, cut), "test": (cut, size), "all": (0, size)}
        if split not in parts:
            raise ValueError(f"there is no split {split!r}; there are train, test and all")
        begin, end = parts[split]
        return torch.arange(begin, max(begin, end - self.length), self.stride)

    def forward(self, run: Run) -> Windows:
        """The windows of this batch."""
        place = self.rows(run)[:, None] + torch.arange(self.length + 1)
        window = self.data[place].long().to(run.device)
        return Windows(window[:, :-1], window[:, 1:])
