"""How much a run of the bars measures."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """`quick` is for a look while working; `full` adds what takes much memory and disk."""

    quick: bool = False
    full: bool = False
