"""Ids as phrases: what is wished for, and what is seen."""

from typing import Annotated, ClassVar

import torch
from pydantic import Field
from torch import Tensor

from graphs.live import Block
from nodes.handwriting.words import FORMS, OPENINGS, seen, wish
from nodes.language.texts import whole


class WishText(Block):
    """A wish in words, such as "a slanted 7, thin"; traits with a negative id are left open.

    With `varied` the way to say it and one of the `openings` ("", "draw", ...) are drawn for each
    sample, else it is always the first way without one.

    Shapes: digit, slant and thickness (b,) int64 -> out, a list of b texts.
    Source: ours; the words are those of MeasuredDigits.

    >>> WishText(varied=False)(digit=torch.tensor([7, 8]), slant=torch.tensor([2, -1]))
    ['a slanted 7', 'an 8']
    """

    draws = "always"
    stops_gradient: ClassVar[bool] = True

    def __init__(
        self,
        varied: bool = True,
        openings: Annotated[tuple[str, ...], Field(min_length=1)] = OPENINGS,
    ) -> None:
        super().__init__()
        self.varied, self.openings = varied, openings

    def forward(
        self,
        digit: Annotated[Tensor, "b"],
        slant: Annotated[Tensor, "b"] | None = None,
        thickness: Annotated[Tensor, "b"] | None = None,
    ) -> list[str]:
        """Say it."""
        parts = [digit, said(slant, digit), said(thickness, digit)]
        if not self.varied:
            return [wish(*ids) for ids in zip(*map(whole, parts), strict=True)]
        form = torch.randint(FORMS, digit.shape)
        opening = torch.randint(len(self.openings), digit.shape)
        drawn = zip(*map(whole, [*parts, form, opening]), strict=True)
        return [wish(d, s, t, f, self.openings[o]) for d, s, t, f, o in drawn]


class SeenText(Block):
    """What an image shows in words, such as "a slanted 7, thin, inverted".

    Shapes: digit, slant, thickness and inverted (b,) int64 -> out, a list of b texts.
    Source: ours; the words are those of MeasuredDigits.

    >>> SeenText()(digit=torch.tensor([7]), slant=torch.tensor([2]), thickness=torch.tensor([0]))
    ['a slanted 7, thin']
    """

    stops_gradient: ClassVar[bool] = True

    def forward(
        self,
        digit: Annotated[Tensor, "b"],
        slant: Annotated[Tensor, "b"],
        thickness: Annotated[Tensor, "b"],
        inverted: Annotated[Tensor, "b"] | None = None,
    ) -> list[str]:
        """Say it."""
        turned = torch.zeros_like(digit) if inverted is None else inverted
        parts = (digit, slant, thickness, turned)
        return [seen(d, s, t, bool(i)) for d, s, t, i in zip(*map(whole, parts), strict=True)]


def said(trait: Tensor | None, like: Tensor) -> Tensor:
    """The ids of a trait, or -1 everywhere.

    Shapes: trait and like (b,) -> out (b,).
    """
    return torch.full_like(like, -1) if trait is None else trait
