"""The sentences of the Python documentation's topics, cut so that no text is both learned and tested.

Topics quote each other: the same pages stand in several of them. A pair of neighbouring sentences
counts once, and topics that share one are held out together.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import torch
from torch import Tensor

from graphs.live import held_out_split

SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"'*])")
WORD = re.compile(r"[A-Za-z_]+")
SHORTEST, LONGEST = 4, 60  # words of what counts as a sentence


@dataclass(frozen=True)
class TopicText:
    """All sentences, topic after topic, and the rows that count: those whose next one follows them.

    `groups` are the rows of topics that quote each other; every pair is in one group, once.
    """

    sentences: tuple[str, ...]
    groups: tuple[tuple[int, ...], ...]

    def rows(self, split: str, held_out: float, seed: int) -> Tensor:
        """Numbers of the sentences of "train", "test" or "all" that have a next one.

        Groups are drawn for the test until they hold about their share of the rows.
        Shapes: out (n,) int64, ascending.
        Raises: ValueError for another split name.
        """
        if split == "all":
            return torch.tensor(sorted(row for group in self.groups for row in group))
        held_out_split(1, held_out, seed, split)  # refuses other names
        tested = set(self._tested(held_out, seed))
        chosen = [
            row
            for number, group in enumerate(self.groups)
            for row in group
            if (number in tested) == (split == "test")
        ]
        return torch.tensor(sorted(chosen), dtype=torch.long)

    def _tested(self, held_out: float, seed: int) -> Iterator[int]:
        left = held_out * sum(map(len, self.groups))
        order = torch.randperm(len(self.groups), generator=torch.Generator().manual_seed(seed))
        for number in order.tolist():
            if len(self.groups[number]) <= left:
                left -= len(self.groups[number])
                yield number


@lru_cache(maxsize=1)
def topic_text() -> TopicText:
    """The topics of this Python."""
    from pydoc_data.topics import topics

    return grouped([sentences_of(text) for _, text in sorted(topics.items())])


def grouped(topics: list[list[str]]) -> TopicText:
    """Topics as one text, with those that share a pair of sentences in one group.

    >>> grouped([["A", "B"], ["C", "D"], ["Z", "A", "B"]]).groups
    ((0, 4), (2,))
    """
    sentences = [sentence for topic in topics for sentence in topic]
    owner = list(range(len(topics)))

    def root(topic: int) -> int:
        while owner[topic] != topic:
            topic = owner[topic]
        return topic

    first: dict[tuple[str, str], int] = {}
    kept: list[tuple[int, int]] = []  # topic, row
    start = 0
    for number, topic in enumerate(topics):
        for row, pair in enumerate(pairwise(topic), start):
            if pair in first:
                one, other = sorted((root(number), root(first[pair])))
                owner[other] = one
            else:
                first[pair] = number
                kept.append((number, row))
        start += len(topic)
    groups: dict[int, list[int]] = {}
    for number, row in kept:
        groups.setdefault(root(number), []).append(row)
    return TopicText(tuple(sentences), tuple(tuple(rows) for _, rows in sorted(groups.items())))


def sentences_of(text: str) -> list[str]:
    """The sentences of a text whose paragraphs stand apart by empty lines.

    >>> sentences_of("It is one of four words.\\n  It goes on.\\n\\nThis is the second paragraph here.")
    ['It is one of four words.', 'This is the second paragraph here.']
    """
    paragraphs = (" ".join(part.split()) for part in re.split(r"\n\s*\n", text))
    sentences = (sentence for part in paragraphs for sentence in SENTENCE_END.split(part))
    return [s for s in sentences if SHORTEST <= len(WORD.findall(s)) <= LONGEST]
