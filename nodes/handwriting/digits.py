"""Handwritten digits with what is measured on each: slant, thickness, and whether it is inverted."""

from functools import cached_property
from itertools import product
from typing import Annotated, Literal, NamedTuple

import torch
from pydantic import Field, PositiveFloat
from torch import Tensor

from graphs.live import Run, Source, held_out_split
from nodes.data.digits import SIDE, slanted
from nodes.data.reading import Share
from nodes.handwriting.measures import lean, width

EDGES = (-1 / 3, 1 / 3)  # of ranks: a third of a digit's images is slanted, a third thin ...


class Measured(NamedTuple):
    """Images and what is known of them; ranks lie in [-1, 1], words are ids."""

    image: Annotated[Tensor, "b 1 8 8"]
    digit: Annotated[Tensor, "b"]
    slant: Annotated[Tensor, "b"]
    thickness: Annotated[Tensor, "b"]
    slant_word: Annotated[Tensor, "b"]
    thickness_word: Annotated[Tensor, "b"]
    inverted: Annotated[Tensor, "b"]


class MeasuredDigits(Source):
    """scikit-learn's 1797 digits in several versions, with slant and thickness by rank.

    A digit leans to the right by so many pixels for each row, and a pen other than 1 makes its grey
    edges fuller or fainter: ink^(1 / pen). Slant and thickness are measured on the pixels that come of
    it (see StrokeMeasures) and given by their rank among the training images of the same digit: 0.9
    leans further than 95 % of them, -1 is the thinnest. Their words are the thirds: left-leaning,
    upright, slanted; thin, medium, thick. `inverted` turns every image ("yes"), none ("no"), or gives
    each both ways ("both"). All versions of one image are in one split.

    Units: image [-1, 1], ink is 1 unless inverted.
    Shapes: image (b, 1, 8, 8), the rest (b,): ranks float32, words, digit and inverted int64.
    Source: sklearn.datasets.load_digits; the measures of this category.

    >>> digits = MeasuredDigits(pens=[0.5, 2.0])(run=Run(batch=2, split="all"))
    >>> digits.digit.tolist(), digits.thickness_word.tolist()
    ([0, 1], [0, 2])
    """

    def __init__(
        self,
        leans: Annotated[tuple[float, ...], Field(min_length=1)] = (0.0,),
        pens: Annotated[tuple[PositiveFloat, ...], Field(min_length=1)] = (1.0,),
        inverted: Literal["no", "yes", "both"] = "no",
        held_out: Share = 0.2,
        split_seed: int = 0,
    ) -> None:
        super().__init__()
        self.ways = list(product(leans, pens))
        self.held_out, self.split_seed = held_out, split_seed
        self.turns = {"no": (False,), "yes": (True,), "both": (False, True)}[inverted]

    @cached_property
    def data(self) -> Measured:
        """All rows, read and measured once: every image in one way, then in the next."""
        from sklearn.datasets import load_digits

        pixels, label = load_digits(return_X_y=True)
        upright = torch.from_numpy(pixels).float().view(-1, 1, SIDE, SIDE) / 16
        ink = torch.cat([slanted(upright, by) ** (1 / pen) for by, pen in self.ways])
        digit = torch.from_numpy(label).long().repeat(len(self.ways))
        train = self.versions(len(label), "train", len(self.ways))
        slant = ranks(lean(ink[:, 0]), digit, train)
        thickness = ranks(width(ink[:, 0]), digit, train)
        image = ink * 2 - 1
        traits = (digit, slant, thickness, thirds(slant), thirds(thickness))
        looks = [
            Measured(-image if turn else image, *traits, torch.full_like(digit, int(turn)))
            for turn in self.turns
        ]
        return Measured(*map(torch.cat, zip(*looks, strict=True)))

    @property
    def originals(self) -> int:
        """How many images there were at first."""
        return len(self.data.digit) // (len(self.ways) * len(self.turns))

    def versions(self, count: int, split: str, times: int) -> Tensor:
        """The rows of a split of `count` images when each comes `times` times over.

        So many first rows as there are images show each of them once, in all ways by turns.

        Shapes: out (n * times,) int64.
        """
        rows = held_out_split(count, self.held_out, self.split_seed, split)
        way = torch.arange(times)[:, None] + torch.arange(len(rows))
        return (rows + count * (way % times)).reshape(-1)

    def index(self, split: str) -> Tensor:
        """Rows of "train", "test" or "all"."""
        return self.versions(self.originals, split, len(self.ways) * len(self.turns))

    def forward(self, run: Run) -> Measured:
        """The images of this batch, and what is known of them."""
        rows = self.rows(run)
        return Measured(*(part[rows].to(run.device) for part in self.data))


def ranks(values: Tensor, kind: Tensor, known: Tensor) -> Tensor:
    """Where each value stands among the `known` rows of its kind, from -1 (lowest) to 1.

    Shapes: values and kind (n,), known (k,) rows -> out (n,) float32.

    >>> ranks(torch.tensor([1.0, 2.0, 9.0]), torch.zeros(3).long(), torch.tensor([0, 1]))
    tensor([-0.5000,  0.5000,  1.0000])
    """
    out = torch.zeros_like(values)
    for one in sorted(set(kind.tolist())):
        here = kind == one
        scale = values[known[here[known]]].sort().values
        below = torch.searchsorted(scale, values[here])
        upto = torch.searchsorted(scale, values[here], right=True)
        out[here] = (below + upto).float() / max(1, len(scale)) - 1
    return out


def thirds(rank: Tensor) -> Tensor:
    """The word of a rank: 0 for the lowest third of them, 1 for the middle, 2 for the highest.

    Shapes: rank (n,) -> out (n,) int64.
    """
    return torch.stack([rank >= edge for edge in EDGES]).sum(0)
