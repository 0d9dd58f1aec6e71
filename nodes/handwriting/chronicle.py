"""What a digits world remembers: how often each digit came, the last images, the last sentences."""

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, NamedTuple

import torch
from pydantic import PositiveInt
from torch import Tensor

from graphs.live import Block
from nodes.language.texts import Text, lines, whole


class Remembered(NamedTuple):
    """A world's content after a turn, as plain data and one tensor."""

    counts: Any
    gallery: Annotated[Tensor, "_ ..."]
    chronicle: Any


class Chronicle(Block):
    """The content of a world with one turn more in it: counted, hung in the gallery, written down.

    The gallery keeps the last `images` images, the chronicle the last `lines` sentences; what is not
    given counts as empty. Nothing that comes in is changed.

    Shapes: image (b, ...), digit (b,) int64 in [0, kinds), text of b sentences; counts a list of
    `kinds` numbers, gallery (k, ...), chronicle a list -> counts and chronicle, lists, gallery (k', ...).
    Source: ours.

    >>> turn = {"image": torch.zeros(1, 1, 8, 8), "digit": torch.tensor([2]), "text": "A two came."}
    >>> Chronicle(kinds=3)(**turn, counts=[0, 0, 4]).counts
    [0, 0, 5]
    """

    stops_gradient: ClassVar[bool] = True

    def __init__(
        self, kinds: PositiveInt = 10, images: PositiveInt = 24, lines: PositiveInt = 100
    ) -> None:
        super().__init__()
        self.kinds, self.images, self.lines = kinds, images, lines

    def forward(
        self,
        image: Annotated[Tensor, "b ..."],
        digit: Annotated[Tensor, "b"],
        text: Text,
        counts: Any = None,
        gallery: Annotated[Tensor, "_ ..."] | None = None,
        chronicle: Any = None,
    ) -> Remembered:
        """Remember. Raises: ValueError when counts are not `kinds` numbers."""
        counted = [0] * self.kinds if counts is None else plain(counts)
        if len(counted) != self.kinds:
            raise ValueError(f"expected {self.kinds} counts, got {len(counted)}; set kinds to that")
        for one in whole(digit):
            counted[one] += 1
        hung = image.detach() if gallery is None else torch.cat([gallery, image.detach()])
        written = [*(chronicle or ()), *lines(text)]
        return Remembered(counted, hung[-self.images :], written[-self.lines :])


def plain(counts: Tensor | Sequence[float]) -> list[int]:
    """Counts as a fresh list, from a list or a tensor.

    >>> plain(torch.tensor([[1.0, 2.0]]))
    [1, 2]
    """
    if isinstance(counts, Tensor):
        return whole(counts.reshape(-1))
    return [int(count) for count in counts]
