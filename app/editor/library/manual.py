"""What a block's docstring says, in parts that a help card can show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Manual:
    """Paragraphs of prose, what is said of shapes and of the source, and the lines of the example."""

    prose: tuple[str, ...] = ()
    shapes: str = ""
    source: str = ""
    example: tuple[str, ...] = ()


def read(doc: str) -> Manual:
    """A docstring in its parts.

    >>> read("Adds.\\n\\nShapes: x (b) -> out (b).\\n\\n>>> 1 + 1\\n2").example
    ('>>> 1 + 1', '2')
    """
    prose, example, shapes, source = [], [], "", ""
    for part in _paragraphs(doc):
        if part[0].startswith(">>>"):
            example += part
        elif part[0].startswith("Shapes:"):
            shapes = " ".join(part).removeprefix("Shapes:").strip()
        elif part[0].startswith("Source:"):
            source = " ".join(part).removeprefix("Source:").strip()
        else:
            prose.append(" ".join(part))
    return Manual(tuple(prose), shapes, source, tuple(example))


def _paragraphs(doc: str) -> Iterator[list[str]]:
    """Lines that belong together; an example begins anew, and holds its blank lines not."""
    part: list[str] = []
    for line in doc.splitlines():
        plain = line.strip()
        begins = plain.startswith(("Shapes:", "Source:"))
        if (not plain or begins) and part:
            yield part
            part = []
        if plain:
            part.append(plain if not part or not part[0].startswith(">>>") else line.rstrip())
    if part:
        yield part
