"""Roles of vectors: places and times as vectors, many as one, one width to another."""

from typing import ClassVar

from graphs.live import Block


class PositionEmbedder(Block):
    """Place or time as a vector. Ports are the subclass's own."""

    hidden = True
    role: ClassVar[str] = "embedder"


class Pooler(Block):
    """Many vectors as one. Ports are the subclass's own."""

    hidden = True
    role: ClassVar[str] = "pooler"


class Projecting(Block):
    """From one width to another. Ports are the subclass's own."""

    hidden = True
    role: ClassVar[str] = "projection"
