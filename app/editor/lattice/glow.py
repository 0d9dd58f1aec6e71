"""The flows of a moment as light: a picture of numbers, made anew for each frame from nothing else.

Each flow is a soft dot with a tail where it came from; what was born or arrives flashes. How much light
falls on a pixel is its cover, so it works on a dark ground and on a light one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from app.editor.colours import Colour
from app.editor.lattice.kept import By
from app.editor.lattice.orbit import Flat

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from app.lattice.story import Story

TAIL, REACH = 3, 0.36  # pieces of a tail, and how many steps it is long
RESTING = 0.5  # the weight of a flow that has arrived
FLASH = 0.7  # steps that a flash is seen
FLASHES = 120  # at most, of each kind
EDGE = 5  # pixels around the picture, into which dots may reach
DIM = 0.01  # light that is not seen
STOPS = 256  # colours of a ramp


@dataclass(frozen=True)
class Inks:
    """The colours of light: from weak to strong, of samples, of births and of arrivals."""

    ramp: Sequence[Colour]
    samples: Sequence[Colour]
    born: Colour
    came: Colour
    bright: bool  # whether much light becomes white


@dataclass(frozen=True)
class Dots:
    """Flows as they are seen. Shapes: at (n, 2) in pixels, weight (n,), shade (n,), a row of inks."""

    at: NDArray[Any]
    weight: NDArray[Any]
    shade: NDArray[Any]


def glow(
    story: Story, moment: float, flat: Flat, light: Light, by: By, inks: Inks, dot: float
) -> NDArray[Any]:
    """The picture, which stands until `light` makes the next. `dot` is how wide a flow is in pixels.

    Shapes: out (height, width, 4), numbers from 0 to 1.
    """
    shades = _shades(story, min(int(moment), max(story.steps - 1, 0)), by)
    for dots, wide, reach in (
        (_flash(story, story.born, moment, flat, -2), dot * (1.5 + moment % 1), 4),
        (_flash(story, story.came, moment, flat, -1), dot * (1.5 + moment % 1), 4),
        (_tails(story, moment, flat, shades), dot * 0.6, 1),
        (_heads(story, moment, flat, shades), dot, 2),
    ):
        light.add(dots, wide, reach)
    return light.picture(table(by, inks), inks.bright)


def table(by: By, inks: Inks) -> NDArray[Any]:
    """The colours that dots name by row; births are the last but one, arrivals the last.

    Shapes: out (rows, 3), from 0 to 1.
    """
    if by == "sample":
        own = np.array([c[:3] for c in inks.samples]) / 255
    else:
        own = ramped(np.linspace(0, 1, STOPS), inks.ramp)
    flashes = np.array([inks.born[:3], inks.came[:3]]) / 255
    return np.concatenate([own, flashes]).astype(np.float32)


class Light:
    """What was added so far, until it becomes a picture; then it is dark again.

    It keeps its memory: to ask the system for new pages costs more than all that is written on them.
    """

    def __init__(self, wide: int, high: int) -> None:
        self.wide, self.high = wide, high
        self._row = wide + 2 * EDGE
        cells = self._row * (high + 2 * EDGE)
        self._weight = np.zeros(cells, np.float32)
        self._owner = np.zeros(cells, np.int16)
        self._out = np.zeros((cells, 4), np.float32)

    def add(self, dots: Dots, sigma: float, reach: int) -> None:
        """Soft dots, of those that are in the picture; they lie on those that were added before."""
        cell = np.floor(dots.at).astype(np.int64)
        held = (cell >= 0).all(axis=1) & (cell[:, 0] < self.wide) & (cell[:, 1] < self.high)
        if not held.any():
            return
        cell, rest = cell[held], (dots.at[held] - cell[held] - 0.5).astype(np.float32)
        span = np.arange(-reach, reach + 1, dtype=np.float32)
        fall = np.float32(-0.5 / (sigma * sigma))
        across = np.exp((span - rest[:, 0:1]) ** 2 * fall)
        weight = dots.weight[held, None].astype(np.float32)
        along = np.exp((span - rest[:, 1:2]) ** 2 * fall) * weight
        part = along[:, :, None] * across[:, None, :]
        start = (cell[:, 1] + EDGE) * self._row + cell[:, 0] + EDGE
        step = np.arange(-reach, reach + 1)
        where = start[:, None] + (step[:, None] * self._row + step).ravel()
        np.add.at(self._weight, where.ravel(), part.ravel())
        self._owner[where] = dots.shade[held, None]

    def picture(self, inks: NDArray[Any], bright: bool) -> NDArray[Any]:
        """As colours with cover; where dots lie on each other the last one's colour is seen.

        Shapes: inks (rows, 3) -> out (high, wide, 4), which stands until the next is made.
        """
        out = self._out
        out.fill(0)
        lit = np.flatnonzero(self._weight > DIM)
        share = self._weight[lit]
        colour = np.empty((len(lit), 4), np.float32)
        colour[:, :3] = inks[self._owner[lit]]
        if bright:
            whiter = np.clip((share - 0.8) * 0.3, 0, 0.8)[:, None]
            colour[:, :3] += (1 - colour[:, :3]) * whiter
        colour[:, 3] = 1 - np.exp(-1.6 * share)
        out[lit] = colour
        self._weight.fill(0)
        inner = out.reshape(self.high + 2 * EDGE, self._row, 4)
        return inner[EDGE:-EDGE, EDGE:-EDGE]


def placed(story: Story, moment: float) -> tuple[NDArray[Any], NDArray[Any]]:
    """Where every slot is at a moment, and whether what is in it was there already.

    Shapes: (slots, 3), (slots,).
    """
    moment = max(moment, 0.0)
    step = min(int(moment), max(story.steps - 1, 0))
    here: NDArray[Any] = story.place[step]
    if not story.steps:
        return here, story.there[step]
    part = min(moment - step, 1.0)
    if part >= 1:
        return story.place[step + 1], story.there[step + 1]
    moved = story.moved[step]
    on = here + part * (story.place[step + 1] - here)
    return np.where(moved[:, None], on, here), story.there[step] & (moved | story.arrived[step])


def seen_at(places: NDArray[Any], flat: Flat) -> NDArray[Any]:
    """In pixels. Shapes: places (n, 3) -> (n, 2)."""
    turn = np.array([flat.right, flat.down]).T
    found: NDArray[Any] = places @ turn + np.array(flat.origin)
    return found


def _heads(story: Story, moment: float, flat: Flat, shades: NDArray[Any]) -> Dots:
    weight = _weights(story, moment)
    seen = np.flatnonzero(weight)
    places, _ = placed(story, moment)
    return Dots(seen_at(places[seen], flat), weight[seen], shades[seen])


def _weights(story: Story, moment: float) -> NDArray[Any]:
    """How bright every slot is: arrived flows rest, dying ones fade. Shapes: out (slots,)."""
    step = min(int(moment), max(story.steps - 1, 0))
    part = moment - step
    last = part >= 1 or not story.steps
    there = story.there[-1] if last else story.there[step]
    weight = np.where((story.arrived[-1] if last else story.arrived[step]), RESTING, 1.0) * there
    fading = weight if last else np.where(story.died[step + 1], weight * (1 - part), weight)
    found: NDArray[Any] = fading
    return found


def _tails(story: Story, moment: float, flat: Flat, shades: NDArray[Any]) -> Dots:
    """Where flows under way have just been."""
    step = min(int(moment), max(story.steps - 1, 0))
    going, bright = np.flatnonzero(story.flowing[step]), _weights(story, moment)
    at, weight, shade = [], [], []
    for piece in range(TAIL, 0, -1):
        places, real = placed(story, moment - REACH * piece / TAIL)
        some = going[real[going]]
        at.append(seen_at(places[some], flat))
        weight.append(0.45 * (1 - piece / (TAIL + 1)) ** 1.4 * bright[some])
        shade.append(shades[some])
    return Dots(np.concatenate(at), np.concatenate(weight), np.concatenate(shade))


def _shades(story: Story, step: int, by: By) -> NDArray[Any]:
    """The row of the inks of every slot. Shapes: out (slots,) int64."""
    if by == "sample":
        return story.sample.astype(np.int64)
    high = story.brightest if by == "energy" else max(float(story.steps), 1.0)
    value = (story.energy if by == "energy" else story.age)[step] / high
    found: NDArray[Any] = (np.clip(value, 0, 1) * (STOPS - 1)).astype(np.int64)
    return found


def ramped(share: NDArray[Any], ramp: Sequence[Colour]) -> NDArray[Any]:
    """Colours on a ramp. Shapes: share (...) from 0 to 1 -> (..., 3) from 0 to 1."""
    known = np.array([c[:3] for c in ramp]) / 255
    stops = np.linspace(0, 1, len(ramp))
    return np.stack([np.interp(share, stops, known[:, channel]) for channel in range(3)], axis=-1)


def _flash(story: Story, happened: NDArray[Any], moment: float, flat: Flat, ink: int) -> Dots:
    """What has just happened, spread and fading."""
    step = min(int(moment), story.steps)
    since = moment - step
    which = np.flatnonzero(happened[step]) if since < FLASH else np.zeros(0, np.int64)
    which = which[:: max(1, -(-len(which) // FLASHES))]
    fade = np.full(len(which), 0.5 * (1 - since / FLASH))
    return Dots(seen_at(story.place[step][which], flat), fade, np.full(len(which), ink))
