"""How people look at a lattice; it outlives the panel, which is built anew when its area changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from app.editor.lattice.orbit import Orbit
from app.editor.lattice.reel import Reel

By = Literal["energy", "age", "sample"]


@dataclass
class Kept:
    """The turn of the box, the moment, and what is coloured and drawn. Only the panel changes it."""

    orbit: Orbit = field(default_factory=Orbit)
    reel: Reel = field(default_factory=Reel)
    by: By = "energy"
    channels: bool = True
