"""Batches of texts, and plain numbers of tensors for blocks that write with them."""

import re
from collections.abc import Iterable

from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensor

Text = str | list[str]
WORD = re.compile(r"<\w+>|\w+(?:[-']\w+)*|[^\w\s]")  # "<pad>", "left-leaning", "7", ","


def lines(text: Text) -> list[str]:
    """A batch of texts; one text is a batch of one.

    >>> lines("a 7")
    ['a 7']
    """
    return [text] if isinstance(text, str) else list(text)


def words(text: str) -> list[str]:
    """Words, numbers and punctuation marks in lower case.

    >>> words("A left-leaning 7, thin.")
    ['a', 'left-leaning', '7', ',', 'thin', '.']
    """
    return WORD.findall(text.lower())


def sentence(words: Iterable[str]) -> str:
    """Words as people write them: no space before a mark, a capital letter first.

    >>> sentence(["as", "wished", ",", "a", "seven", "."])
    'As wished, a seven.'
    """
    text = ""
    for word in words:
        text += word if not text or re.fullmatch(r"[,.;:!?]", word) else f" {word}"
    return text[:1].upper() + text[1:]


def whole(x: Tensor) -> list[int]:
    """The numbers of a vector; zeros where shapes are inferred and there are no numbers.

    Shapes: x (b,) of integers.
    """
    return [int(value) for value in x.tolist()] if real(x) else [0] * x.shape[0]


def whole_rows(x: Tensor) -> list[list[int]]:
    """The numbers of each row; empty rows where shapes are inferred and there are no numbers.

    Shapes: x (b, t) of integers.
    """
    return [[int(value) for value in row] for row in x.tolist()] if real(x) else [[]] * x.shape[0]


def real(x: Tensor) -> bool:
    """Whether a tensor holds numbers, and not a shape alone."""
    return not (x.is_meta or isinstance(x, FakeTensor))
