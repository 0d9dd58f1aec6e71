"""What texts say: a word for each of some ids, and a text where none is given."""

from typing import Annotated, ClassVar

import torch
from torch import Tensor

from graphs.live import Block, Run
from nodes.language.texts import Text, lines, whole, words
from nodes.language.tokenizer import Vocabulary


class NamesRight(Block):
    """The share of texts that name the word of their id, and no other of these words.

    Units: 0 to 1.
    Shapes: text, one or a list of b, target (b,) int64 in [0, len(names)) -> out ().
    Source: ours.

    >>> NamesRight(["one", "two"])(text=["It is two.", "One or two?"], target=torch.tensor([1, 1]))
    tensor(0.5000)
    """

    role: ClassVar[str] = "metric"
    stops_gradient: ClassVar[bool] = True

    def __init__(self, names: Vocabulary) -> None:
        super().__init__()
        self.names = tuple(names)

    def forward(
        self, text: Text, target: Annotated[Tensor, "b"], run: Run | None = None
    ) -> Annotated[Tensor, "()"]:
        """Raises: ValueError when there is not one text for each target."""
        texts, wanted = lines(text), whole(target)
        if len(texts) != len(wanted):
            raise ValueError(
                f"expected one text for each of {len(wanted)} targets, got {len(texts)}"
            )
        right = [self.said(t) == {self.names[id_]} for t, id_ in zip(texts, wanted, strict=True)]
        return torch.tensor(right, device=target.device).float().mean()

    def said(self, text: str) -> set[str]:
        """Which of the names stand in a text."""
        return set(self.names).intersection(words(text))


class TextOr(Block):
    """The text, or `default` where none is given: what a stage reads from an empty place.

    Shapes: text, one or a list of b, or nothing -> out, a list of b texts, or of one.
    Source: ours.

    >>> TextOr("nothing asked")(text=None)
    ['nothing asked']
    """

    def __init__(self, default: str = "") -> None:
        super().__init__()
        self.default = default

    def forward(self, text: Text | None = None) -> list[str]:
        """Pass on."""
        return [self.default] if text is None else lines(text)
