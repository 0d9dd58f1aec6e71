"""Finding by a few letters: how well a query fits a name, words said about it, and all else equal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TypeVar

Thing = TypeVar("Thing")


def score(query: str, text: str) -> float:
    """How well the letters of a query are found in order in a text, from 0 (not) to about 2.

    >>> score("cel", "CrossEntropyLoss") > score("cel", "cancel") > 0
    True
    """
    wanted, low = query.lower().replace(" ", ""), text.lower()
    if not wanted:
        return 1.0
    if low.startswith(wanted):
        return 2.0 + 1.0 / (1 + len(low) - len(wanted))
    best, at, last = 0.0, 0, -2
    for letter in wanted:
        start = _start(text, low, letter, at)
        found = start if start >= 0 else low.find(letter, at)
        if found < 0:
            return 0.9 if wanted in low else 0.0
        best += 1.0 if found == start else 0.7 if found == last + 1 else 0.2
        last, at = found, found + 1
    return best / len(wanted) + 0.2 * len(wanted) / (len(low) + 1)


def _start(text: str, low: str, letter: str, at: int) -> int:
    """Where a word begins with the letter: after a sign, or at a capital."""
    for i in range(at, len(text)):
        if low[i] == letter and (i == 0 or not text[i - 1].isalnum() or text[i].isupper()):
            return i
    return -1


def ranked(
    query: str, things: Iterable[tuple[Thing, Sequence[str]]], most: int = 200
) -> list[Thing]:
    """The things that fit, the best first. Each comes with its name and then what is said of it.

    What is said counts less than the name, the less the later it is said. All words of the query must
    begin words of it, in any order.
    """
    found = []
    words = [re.compile(rf"\b{re.escape(word)}") for word in query.lower().split()]
    for number, (thing, texts) in enumerate(things):
        name, *said = texts
        points = score(query, name)
        if words and points < 0.55:
            points = _told(words, [name, *said])
        if points > 0:
            found.append((-points, number, thing))
    return [thing for _, _, thing in sorted(found, key=lambda item: item[:2])[:most]]


def _told(words: Sequence[re.Pattern[str]], texts: Sequence[str]) -> float:
    """From 0.5, where the first text says the rarest word, downwards; 0 where a word is missing."""
    places = []
    for word in words:
        place = next((n for n, text in enumerate(texts) if word.search(text.lower())), None)
        if place is None:
            return 0.0
        places.append(place)
    return 0.5 - 0.4 * max(places) / len(texts)
