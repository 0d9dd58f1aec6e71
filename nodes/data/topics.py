"""English text that is on every machine where Python is: the topics of its own documentation."""

import hashlib
import re
from functools import cached_property
from typing import Annotated, NamedTuple

import torch
from pydantic import Field, PositiveInt
from torch import Tensor

from graphs.live import Run, Source, held_out_split
from nodes.data.reading import Share

SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"'*])")
WORD = re.compile(r"[A-Za-z_]+")
SHORTEST, LONGEST = 4, 60  # words of what counts as a sentence


class TopicSentences(NamedTuple):
    """Sentences and those that follow them, as word ids; masks are true where there is a word."""

    words: Annotated[Tensor, "b length"]
    mask: Annotated[Tensor, "b length"]
    next_words: Annotated[Tensor, "b length"]
    next_mask: Annotated[Tensor, "b length"]
    number: Annotated[Tensor, "b"]


class PythonTopics(Source):
    """Sentences of the Python documentation's topics, each with the one that follows it.

    Words become ids by a hash, so the vocabulary needs no file; 0 is no word. Whole topics are held
    out, so no tested sentence stands beside one that was trained on. `number` tells which sentence of
    `sentences` a row is; the one that follows it is the next.

    Shapes: words and next_words (b, length) int64 in [0, buckets), masks the same bool, number (b,).
    Source: pydoc_data.topics of the standard library; Weinberger et al. 2009 (hashing of features).

    >>> rows = PythonTopics(length=8)(run=Run(batch=2))
    >>> rows.words.shape, bool((rows.words > 0).eq(rows.mask).all())
    (torch.Size([2, 8]), True)
    """

    def __init__(
        self,
        length: PositiveInt = 32,
        buckets: Annotated[int, Field(ge=2)] = 4096,
        held_out: Share = 0.2,
        split_seed: int = 0,
    ) -> None:
        """`length` is how many words of a sentence are read."""
        super().__init__()
        self.length, self.buckets = length, buckets
        self.held_out, self.split_seed = held_out, split_seed

    @cached_property
    def sentences(self) -> list[str]:
        """All sentences, topic after topic."""
        return [sentence for topic in self._topics for sentence in topic]

    @cached_property
    def _topics(self) -> list[list[str]]:
        from pydoc_data.topics import topics

        return [sentences_of(text) for _, text in sorted(topics.items())]

    @cached_property
    def _ids(self) -> Tensor:
        rows = torch.zeros(len(self.sentences), self.length, dtype=torch.long)
        for row, sentence in zip(rows, self.sentences, strict=True):
            found = [hashed(word, self.buckets) for word in WORD.findall(sentence.lower())]
            row[: len(found)] = torch.tensor(found[: self.length])
        return rows

    def index(self, split: str) -> Tensor:
        """Sentences of "train", "test" or "all" that have a next one."""
        chosen = set(
            held_out_split(len(self._topics), self.held_out, self.split_seed, split).tolist()
        )
        start, rows = 0, list[int]()
        for number, topic in enumerate(self._topics):
            if number in chosen:
                rows += range(start, start + len(topic) - 1)
            start += len(topic)
        return torch.tensor(rows)

    def forward(self, run: Run) -> TopicSentences:
        """The sentences of this batch."""
        rows = self.rows(run)
        words, following = self._ids[rows].to(run.device), self._ids[rows + 1].to(run.device)
        return TopicSentences(words, words > 0, following, following > 0, rows.to(run.device))


def sentences_of(text: str) -> list[str]:
    """The sentences of a text whose paragraphs stand apart by empty lines.

    >>> sentences_of("It is one of four words.\\n  It goes on.\\n\\nThis is the second paragraph here.")
    ['It is one of four words.', 'This is the second paragraph here.']
    """
    paragraphs = (" ".join(part.split()) for part in re.split(r"\n\s*\n", text))
    sentences = (sentence for part in paragraphs for sentence in SENTENCE_END.split(part))
    return [s for s in sentences if SHORTEST <= len(WORD.findall(s)) <= LONGEST]


def hashed(word: str, buckets: int) -> int:
    """An id from 1 to buckets - 1 that is the same on every machine.

    >>> 0 < hashed("class", 100) < 100
    True
    """
    digest = hashlib.blake2b(word.encode(), digest_size=8).digest()
    return int.from_bytes(digest) % (buckets - 1) + 1
