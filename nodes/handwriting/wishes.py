"""What a world that has come so far should wish for next, and how people ask it for something else."""

import hashlib
from functools import cached_property
from typing import Annotated, NamedTuple

import torch
from pydantic import PositiveInt
from torch import Tensor

from graphs.live import Run, Source, held_out_split
from nodes.data.reading import Share
from nodes.handwriting.words import NUMBERS, PLURALS, SLANTS, THICKNESSES, adjectives, article

DIGITS = len(NUMBERS)
WANTED, UNWANTED = 5.0, -8.0  # scores: asked for it comes nine times in ten, refused hardly ever
EVEN = 0.5  # how much each digit that came more often than others lowers its score
MORE = ("more {}", "more {} please", "give me {}", "i want more {}", "only {}")
ONE = ("{}", "{} please", "now {}")
FEWER = ("fewer {}", "less {}", "no {}", "no more {} please", "fewer {} please")
LIKE = ("{} digits", "{} digits please", "more {} digits", "make them {}")


class Asked(NamedTuple):
    """A world's counts, what somebody says, and the scores of what to wish for next."""

    counts: Annotated[Tensor, "b 10"]
    action: list[str]
    digit_scores: Annotated[Tensor, "b 10"]
    slant_scores: Annotated[Tensor, "b 3"]
    thickness_scores: Annotated[Tensor, "b 3"]
    digit: Annotated[Tensor, "b"]
    slant: Annotated[Tensor, "b"]
    thickness: Annotated[Tensor, "b"]


class Row(NamedTuple):
    """One row as plain values; ids below 0 were not asked for."""

    counts: list[int]
    action: str
    digit: int
    fewer: bool
    slant: int
    thickness: int


class AskedWishes(Source):
    """`count` made-up moments of a digits world: what it holds, what is asked, what it should wish.

    Without an action ("") digits that came less often are wished for more; "more sevens", "fewer
    ones", "thin digits please" and "more slanted sevens" move the scores of digits and traits. A row
    is the same whenever it is asked for. `digit`, `slant` and `thickness` are what was asked for, -1
    where nothing was; what was refused is not asked for.

    Shapes: counts (b, 10), action a list of b, scores (b, 10) and (b, 3) as logits, ids (b,) int64.
    Source: ours.

    >>> rows = AskedWishes(count=50)(run=Run(batch=50, split="all"))
    >>> asked = next(n for n, text in enumerate(rows.action) if text.startswith("more sevens"))
    >>> rows.digit_scores[asked].argmax()
    tensor(7)
    """

    def __init__(
        self, count: PositiveInt = 4000, held_out: Share = 0.1, split_seed: int = 0
    ) -> None:
        super().__init__()
        self.size, self.held_out, self.split_seed = count, held_out, split_seed

    @cached_property
    def data(self) -> tuple[list[str], tuple[Tensor, ...]]:
        """All rows: the actions, and the tensors in the order of the ports."""
        rows = [row(number) for number in range(self.size)]
        scores = [scored(each) for each in rows]
        ids = [[each.digit if not each.fewer else -1, each.slant, each.thickness] for each in rows]
        counts = torch.tensor([each.counts for each in rows]).float()
        parts = (counts, *map(torch.stack, zip(*scores, strict=True)), *torch.tensor(ids).T)
        return [each.action for each in rows], parts

    def index(self, split: str) -> Tensor:
        """Rows of "train", "test" or "all"."""
        return held_out_split(self.size, self.held_out, self.split_seed, split)

    def forward(self, run: Run) -> Asked:
        """The moments of this batch."""
        chosen = self.rows(run)
        actions, parts = self.data
        counts, *rest = (part[chosen].to(run.device) for part in parts)
        return Asked(counts, [actions[number] for number in chosen.tolist()], *rest)


def row(number: int) -> Row:
    """A moment, made up from its number alone."""
    digest = hashlib.blake2b(f"wish/{number}".encode(), digest_size=8).digest()
    seed = int.from_bytes(digest) >> 1
    draw = torch.Generator().manual_seed(seed)

    def pick(count: int) -> int:
        return int(torch.randint(count, (), generator=draw))

    most = 1 + pick(8)
    counts = [pick(most + 1) for _ in range(DIGITS)]
    digit, slant, thickness = pick(DIGITS), pick(len(SLANTS)), pick(len(THICKNESSES))
    said = pick(3)  # one trait, the other, or both
    slant, thickness = (slant if said != 1 else -1), (thickness if said != 0 else -1)
    traits = " ".join(adjectives(slant, thickness))
    name = PLURALS[digit] if pick(4) else f"{digit}s"
    match pick(10):
        case 0 | 1:
            return Row(counts, "", -1, False, -1, -1)
        case 2 | 3 | 4:
            return Row(counts, FEWER[pick(len(FEWER))].format(name), digit, True, -1, -1)
        case 5:
            return Row(counts, MORE[pick(len(MORE))].format(name), digit, False, -1, -1)
        case 6:
            single = article(NUMBERS[digit] if pick(2) else str(digit))
            return Row(counts, ONE[pick(len(ONE))].format(single), digit, False, -1, -1)
        case 7:
            return Row(counts, LIKE[pick(len(LIKE))].format(traits), -1, False, slant, thickness)
        case _:
            text = MORE[pick(len(MORE))].format(f"{traits} {name}")
            return Row(counts, text, digit, False, slant, thickness)


def scored(moment: Row) -> tuple[Tensor, Tensor, Tensor]:
    """What should come next, as logits of digits, slants and thicknesses.

    Shapes: out (10,), (3,), (3,).
    """
    counts = torch.tensor(moment.counts).float()
    digits = -EVEN * (counts - counts.mean())
    if moment.digit >= 0 and moment.fewer:
        digits[moment.digit] = UNWANTED
    elif moment.digit >= 0:
        digits = digits / 4  # who is asked for sevens looks less at what is rare
        digits[moment.digit] = WANTED
    traits = []
    for kinds, asked in ((SLANTS, moment.slant), (THICKNESSES, moment.thickness)):
        scores = torch.zeros(len(kinds))
        if asked >= 0:
            scores[asked] = WANTED
        traits.append(scores)
    return digits, traits[0], traits[1]
