"""Handwritten digits that are on every machine where scikit-learn is."""

from functools import cached_property
from typing import Annotated, Literal, NamedTuple

import torch
from torch import Tensor

from graphs.live import Run, Source, held_out_split
from nodes.data.reading import Share

SIDE = 8


class LabelledImages(NamedTuple):
    """Images and the class of each."""

    image: Annotated[Tensor, "b 1 8 8"]
    label: Annotated[Tensor, "b"]


class Digits(Source):
    """1797 handwritten digits of 8 × 8 pixels; ink is bright, or dark with `invert`.

    `slant` leans the digits to the right by so many pixels for each row, and what moves out of the
    frame is lost. Neither changes which rows a split has, so a model trained on upright digits can
    be adapted to slanted ones without having seen the test rows.

    Units: "unit" [0, 1], "symmetric" [-1, 1].
    Shapes: image (b, 1, 8, 8), label (b,) int64 in [0, 10).
    Source: sklearn.datasets.load_digits, UCI "Optical Recognition of Handwritten Digits".

    >>> digits = Digits()(run=Run(batch=4))
    >>> digits.image.shape, digits.label.tolist()
    (torch.Size([4, 1, 8, 8]), [0, 1, 2, 3])
    """

    def __init__(
        self,
        range: Literal["unit", "symmetric"] = "unit",
        invert: bool = False,
        slant: float = 0.0,
        held_out: Share = 0.2,
        split_seed: int = 0,
    ) -> None:
        super().__init__()
        self.range, self.invert, self.slant = range, invert, slant
        self.held_out, self.split_seed = held_out, split_seed

    @cached_property
    def data(self) -> LabelledImages:
        """All rows, read once."""
        from sklearn.datasets import load_digits

        pixels, label = load_digits(return_X_y=True)
        image = torch.from_numpy(pixels).float().view(-1, 1, SIDE, SIDE) / 16
        if self.slant:
            image = slanted(image, self.slant)
        if self.invert:
            image = 1 - image
        if self.range == "symmetric":
            image = image * 2 - 1
        return LabelledImages(image, torch.from_numpy(label).long())

    def index(self, split: str) -> Tensor:
        """Rows of "train", "test" or "all"."""
        return held_out_split(len(self.data.label), self.held_out, self.split_seed, split)

    def forward(self, run: Run) -> LabelledImages:
        """The images and labels of this batch."""
        rows = self.rows(run)
        return LabelledImages(*(part[rows].to(run.device) for part in self.data))


def slanted(image: Tensor, slant: float) -> Tensor:
    """Each row moved by `slant` pixels for each row above the middle, between pixels linearly.

    Shapes: image (n, c, h, w) -> out (n, c, h, w); outside the frame is 0.
    """
    height, width = image.shape[-2:]
    column = torch.arange(width, dtype=image.dtype)
    row = torch.arange(height, dtype=image.dtype) - (height - 1) / 2
    come_from = column + slant * row[:, None]
    weight = (1 - (come_from[..., None] - column).abs()).clamp(min=0)  # h, to w, from w
    return torch.einsum("nchf,htf->ncht", image, weight)
