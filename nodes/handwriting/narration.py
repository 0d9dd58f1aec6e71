"""What an author is told of a turn, and what a good author would write."""

from typing import Annotated, ClassVar

import torch
from torch import Tensor

from graphs.live import Block
from nodes.handwriting.phrases import said
from nodes.handwriting.words import NUMBERS, ORDINALS, adjectives, article, listed
from nodes.language.texts import Text, lines, whole, words

AS_WISHED = (
    "as wished, {what} came, {place}.",
    "the wish came true: {what}, {place}.",
    "just as asked, {what} joined the others, {place}.",
)
ANOTHER_DIGIT = (
    "a {digit} was wished, but {what} came, {place}.",
    "not the {digit} that was wished: {what} came, {place}.",
)
OTHER_TRAITS = (
    "it was to be {traits}, yet {what} came, {place}.",
    "{what} came, though {traits} was wished, {place}.",
)
FORMS = len(AS_WISHED) * len(ANOTHER_DIGIT)  # enough to count through the ways of each kind


class AuthorPrompt(Block):
    """The facts of a turn in one line: how many such digits came before, what is seen, and the wish.

    The wish, which may be as long as somebody likes, stands last: what is cut off is its end.

    Shapes: wish and seen, lists of b texts, digit (b,) int64, counts (b, 10) -> out, a list of b.
    Source: ours.

    >>> AuthorPrompt()(wish=["a 7"], seen=["a slanted 7, thin"], digit=torch.tensor([7]),
    ...     counts=torch.zeros(1, 10))
    ['before: 0 seen: a slanted 7, thin wish: a 7']
    """

    stops_gradient: ClassVar[bool] = True

    def forward(
        self,
        wish: Text,
        seen: Text,
        digit: Annotated[Tensor, "b"],
        counts: Annotated[Tensor, "b 10"],
    ) -> list[str]:
        """Tell. Raises: ValueError when there are not as many wishes as things seen."""
        befores = [before(count) for count in whole(come(counts, digit))]
        return [
            f"before: {b} seen: {s} wish: {w}"
            for w, s, b in zip(lines(wish), lines(seen), befores, strict=True)
        ]


class Narration(Block):
    """A sentence on what really happened, from the truth: what an author learns to write.

    It says whether the wish came true, and if not what was wished instead; the digit that came stands
    there as a word, the wished one as a number. The way to say it is drawn for each sample.

    Shapes: what came and what was wished (`wished_...`; a trait below 0 was left open), (b,) int64,
    counts (b, 10) of digits before -> out, a list of b texts.
    Source: ours.

    >>> seven, thin = torch.tensor([7]), torch.tensor([0])
    >>> told = Narration()(digit=seven, slant=thin, thickness=thin, wished_digit=seven)
    >>> "left-leaning thin seven" in told[0]
    True
    """

    draws = "always"
    stops_gradient: ClassVar[bool] = True

    def forward(
        self,
        digit: Annotated[Tensor, "b"],
        slant: Annotated[Tensor, "b"],
        thickness: Annotated[Tensor, "b"],
        wished_digit: Annotated[Tensor, "b"],
        wished_slant: Annotated[Tensor, "b"] | None = None,
        wished_thickness: Annotated[Tensor, "b"] | None = None,
        inverted: Annotated[Tensor, "b"] | None = None,
        counts: Annotated[Tensor, "b 10"] | None = None,
    ) -> list[str]:
        """Tell."""
        form = torch.randint(FORMS, digit.shape)
        facts = (digit, slant, thickness, wished_digit, wished_slant, wished_thickness)
        return [told(*row) for row in rows(form, *facts, inverted, counts)]


class ToldTruly(Block):
    """The share of narrations that are true of what came and what was wished, however they say it.

    Units: 0 to 1.
    Shapes: text of b sentences, the rest as in Narration -> out ().
    Source: ours.

    >>> seven, thin = torch.tensor([7]), torch.tensor([0])
    >>> true = "As wished, a left-leaning thin seven came, the first of its kind."
    >>> ToldTruly()(text=[true], digit=seven, slant=thin, thickness=thin, wished_digit=seven)
    tensor(1.)
    """

    role: ClassVar[str] = "metric"
    stops_gradient: ClassVar[bool] = True

    def forward(
        self,
        text: Text,
        digit: Annotated[Tensor, "b"],
        slant: Annotated[Tensor, "b"],
        thickness: Annotated[Tensor, "b"],
        wished_digit: Annotated[Tensor, "b"],
        wished_slant: Annotated[Tensor, "b"] | None = None,
        wished_thickness: Annotated[Tensor, "b"] | None = None,
        inverted: Annotated[Tensor, "b"] | None = None,
        counts: Annotated[Tensor, "b 10"] | None = None,
    ) -> Annotated[Tensor, "()"]:
        """Compare with every way to say it. Raises: ValueError when there is not a text for each."""
        facts = (digit, slant, thickness, wished_digit, wished_slant, wished_thickness)
        found = rows(torch.zeros_like(digit), *facts, inverted, counts)
        right = [
            words(one) in [words(told(form, *row[1:])) for form in range(FORMS)]
            for one, row in zip(lines(text), found, strict=True)
        ]
        return torch.tensor(right, device=digit.device).float().mean()


def rows(
    form: Tensor,
    digit: Tensor,
    slant: Tensor,
    thickness: Tensor,
    wished_digit: Tensor,
    wished_slant: Tensor | None,
    wished_thickness: Tensor | None,
    inverted: Tensor | None,
    counts: Tensor | None,
) -> list[tuple[int, ...]]:
    """What `told` is given for each sample; what is not wired is nothing.

    Shapes: all (b,), counts (b, 10).
    """
    none = torch.zeros_like(digit)
    parts = (
        form,
        none if counts is None else come(counts, digit),
        none if inverted is None else inverted,
        *(digit, slant, thickness),
        *(wished_digit, said(wished_slant, digit), said(wished_thickness, digit)),
    )
    return list(zip(*map(whole, parts), strict=True))


def told(
    form: int,
    count: int,
    inverted: int,
    digit: int,
    slant: int,
    thickness: int,
    wished_digit: int,
    wished_slant: int,
    wished_thickness: int,
) -> str:
    """The sentence on one turn; `form` counts through the ways to say it.

    >>> told(0, 2, 0, 7, 2, 0, 7, 2, -1)
    'as wished, a slanted thin seven came, the third of its kind.'
    >>> told(0, 9, 0, 7, 2, 0, 3, 2, 0)
    'a 3 was wished, but a slanted thin seven came, the latest of many.'
    """
    traits = [*(["inverted"] if inverted else []), *adjectives(slant, thickness)]
    missed = adjectives(
        wished_slant if wished_slant != slant else -1,
        wished_thickness if wished_thickness != thickness else -1,
    )
    forms: tuple[str, ...] = OTHER_TRAITS if missed else AS_WISHED
    if digit != wished_digit:
        forms = ANOTHER_DIGIT
    return forms[form % len(forms)].format(
        what=article(" ".join([*traits, NUMBERS[digit]])),
        place=f"the {ORDINALS[count]} of its kind"
        if count < len(ORDINALS)
        else "the latest of many",
        digit=wished_digit,
        traits=listed(missed),
    )


def before(count: int) -> str:
    """How many came before, as the prompt says it.

    >>> before(3), before(12)
    ('3', 'many')
    """
    return str(count) if count < len(ORDINALS) else "many"


def come(counts: Tensor, digit: Tensor) -> Tensor:
    """How often each sample's digit has come.

    Shapes: counts (b, 10), digit (b,) -> out (b,).
    """
    return counts.gather(1, digit[:, None].long())[:, 0]
