"""Words to ids and back, by a vocabulary that is part of the config."""

from typing import Annotated, ClassVar

import torch
from pydantic import Field, PositiveInt
from torch import Tensor

from graphs.live import Block, Run
from nodes.language.texts import Text, lines, sentence, whole_rows, words
from nodes.roles.meaning import Tokenizer, Tokens

PAD, UNKNOWN, START, END = range(4)
SPECIAL = ("<pad>", "<unk>", "<start>", "<end>")  # ids 0 to 3 of every vocabulary
Vocabulary = Annotated[tuple[str, ...], Field(min_length=1)]


class WordTokenizer(Tokenizer):
    """Words, numbers and marks of a text as ids, filled up with <pad> or cut to `length`.

    Ids 0 to 3 are <pad>, <unk> (every word that the vocabulary lacks), <start> and <end>; the words
    of the vocabulary follow. With `marked` a text begins with <start> and finishes with <end>, which
    a cut never takes away.

    Shapes: text, one or a list of b -> token_ids and attention_mask (b, length) int64.
    Source: word-level tokenisation; as tokenizers.models.WordLevel.

    >>> tokens = WordTokenizer(["a", "7", "thin"], length=5)(text=["A thin 7", "a 9"])
    >>> tokens.token_ids.tolist(), tokens.attention_mask.sum(1).tolist()
    ([[4, 6, 5, 0, 0], [4, 1, 0, 0, 0]], [3, 2])
    """

    def __init__(self, vocabulary: Vocabulary, length: PositiveInt, marked: bool = False) -> None:
        """Raises: ValueError when a word stands twice or can never be met, or `length` is too short."""
        super().__init__()
        self.ids = numbered(vocabulary)
        self.length, self.marked = length, marked
        if marked and length < 3:
            raise ValueError(
                f"length must hold <start>, a word and <end>, got {length}; give 3 or more"
            )

    def forward(self, text: Text, run: Run | None = None) -> Tokens:
        """Read."""
        rows = [self.read(line) for line in lines(text)]
        ids = torch.tensor(
            [row + [PAD] * (self.length - len(row)) for row in rows],
            dtype=torch.long,
            device=run.device if run else None,
        ).reshape(len(rows), self.length)
        return Tokens(ids, (ids != PAD).long())

    def read(self, line: str) -> list[int]:
        """The ids of one text, without padding."""
        found = [self.ids.get(word, UNKNOWN) for word in words(line)]
        if not self.marked:
            return found[: self.length]
        return [START, *found[: self.length - 2], END]


class Detokenizer(Block):
    """Ids as text: up to the first <end>, without the other special words, as people write.

    Shapes: token_ids (b, t) int64 -> out, a list of b texts.
    Source: the inverse of WordTokenizer; capitals and spaces are ours.

    >>> Detokenizer(["a", "7", ","])(token_ids=torch.tensor([[4, 5, 3, 6], [1, 6, 5, 0]]))
    ['A 7', '<unk>, 7']
    """

    stops_gradient: ClassVar[bool] = True

    def __init__(self, vocabulary: Vocabulary) -> None:
        """Raises: ValueError when a word stands twice or can never be met."""
        super().__init__()
        self.words = [*SPECIAL, *numbered(vocabulary)]

    def forward(self, token_ids: Annotated[Tensor, "b t"]) -> list[str]:
        """Raises: IndexError for an id outside the vocabulary."""
        return [self.write(row) for row in whole_rows(token_ids)]

    def write(self, row: list[int]) -> str:
        """One text."""
        kept = row[: row.index(END)] if END in row else row
        return sentence(self.words[id_] for id_ in kept if id_ not in (PAD, START))


def numbered(vocabulary: Vocabulary) -> dict[str, int]:
    """The id of each word.

    Raises: ValueError when a word stands twice, or is not one word in lower case.
    """
    ids: dict[str, int] = {}
    for word in vocabulary:
        if words(word) != [word] or word in SPECIAL:
            raise ValueError(f"a vocabulary holds single words in lower case, got {word!r}")
        if word in ids:
            raise ValueError(f"the vocabulary holds {word!r} twice; keep one")
        ids[word] = len(SPECIAL) + len(ids)
    return ids
