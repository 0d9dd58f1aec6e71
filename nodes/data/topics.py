"""English text that is on every machine where Python is: the topics of its own documentation."""

import hashlib
from functools import cached_property
from typing import Annotated, Literal, NamedTuple

import torch
from pydantic import Field, PositiveInt
from torch import Tensor
from torch.nn import functional

from graphs.live import Run, Source
from nodes.data.reading import Share
from nodes.data.topic_text import WORD, TopicText, topic_text
from nodes.pretrained.minilm import WIDTH, encoded


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
    out, with all that quote them, so no tested pair was trained on. `number` tells which sentence of
    `text.sentences` a row is; the one that follows it is the next.

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

    @property
    def text(self) -> TopicText:
        """All of it."""
        return topic_text()

    @cached_property
    def _ids(self) -> Tensor:
        rows = torch.zeros(len(self.text.sentences), self.length, dtype=torch.long)
        for row, sentence in zip(rows, self.text.sentences, strict=True):
            found = [hashed(word, self.buckets) for word in WORD.findall(sentence.lower())]
            row[: len(found)] = torch.tensor(found[: self.length])
        return rows

    def index(self, split: str) -> Tensor:
        """Sentences of "train", "test" or "all" that have a next one."""
        return self.text.rows(split, self.held_out, self.split_seed)

    def forward(self, run: Run) -> TopicSentences:
        """The sentences of this batch."""
        rows = self.rows(run)
        words, following = self._ids[rows].to(run.device), self._ids[rows + 1].to(run.device)
        return TopicSentences(words, words > 0, following, following > 0, rows.to(run.device))


class TopicEmbeddings(NamedTuple):
    """Sentences and those that follow them, as embeddings and as text."""

    embedding: Annotated[Tensor, "b 384"]
    following: Annotated[Tensor, "b 384"]
    text: list[str]
    next_text: list[str]


class TopicVectors(Source):
    """Sentences of the Python documentation's topics as embeddings, each with the one that follows.

    All are encoded once, on first use: some thousand sentences in about a minute. Whole topics are
    held out, with all that quote them. `limit` reads the first so many rows of a split only. The encoder
    "minilm" is an extra; "hashed" is always there: the mean of a random vector for each word.

    Shapes: embedding and following (b, 384), each of length 1, text and next_text b texts.
    Source: pydoc_data.topics of the standard library; nodes.pretrained.minilm; Weinberger et al. 2009.

    >>> TopicVectors(encoder="hashed", limit=4)(run=Run(batch=2)).embedding.shape
    torch.Size([2, 384])
    """

    def __init__(
        self,
        held_out: Share = 0.2,
        split_seed: int = 0,
        limit: PositiveInt | None = None,
        encoder: Literal["minilm", "hashed"] = "minilm",
    ) -> None:
        super().__init__()
        self.encode = encoded if encoder == "minilm" else bagged
        self.held_out, self.split_seed, self.limit = held_out, split_seed, limit

    @cached_property
    def _vectors(self) -> tuple[dict[str, int], Tensor]:
        """The row of each sentence that some split may give, and all rows."""
        text = topic_text()
        rows = {row for split in ("train", "test") for row in self.index(split).tolist()}
        needed = sorted({text.sentences[n] for row in rows for n in (row, row + 1)})
        vectors = self.encode(tuple(needed))
        return {sentence: row for row, sentence in enumerate(needed)}, vectors

    def index(self, split: str) -> Tensor:
        """Sentences of "train", "test" or "all" that have a next one."""
        return topic_text().rows(split, self.held_out, self.split_seed)[: self.limit]

    def forward(self, run: Run) -> TopicEmbeddings:
        """The sentences of this batch. Raises: ImportError when the encoder is not installed."""
        sentences, rows = topic_text().sentences, self.rows(run).tolist()
        given, following = [sentences[r] for r in rows], [sentences[r + 1] for r in rows]
        places, vectors = self._vectors
        found, after = (
            vectors[[places[sentence] for sentence in chosen]].to(run.device)
            for chosen in (given, following)
        )
        assert found.shape[1] == WIDTH
        return TopicEmbeddings(found, after, given, following)


def bagged(sentences: tuple[str, ...]) -> Tensor:
    """A vector for each sentence: the mean of what its words stand for, brought to length 1.

    Shapes: out (n, 384).
    """
    table = torch.randn(4096, WIDTH, generator=torch.Generator().manual_seed(0), device="cpu")
    bags = [[hashed(word, 4096) for word in WORD.findall(s.lower())] for s in sentences]
    return functional.normalize(torch.stack([table[bag].mean(dim=0) for bag in bags]), dim=-1)


def hashed(word: str, buckets: int) -> int:
    """An id from 1 to buckets - 1 that is the same on every machine.

    >>> 0 < hashed("class", 100) < 100
    True
    """
    digest = hashlib.blake2b(word.encode(), digest_size=8).digest()
    return int.from_bytes(digest) % (buckets - 1) + 1
