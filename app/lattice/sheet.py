"""The sheet: one sample's flows on one picture, in space, on both faces, and over the steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from app.lattice.drawing import (
    ARRIVE,
    DIE,
    DIM,
    ENTER,
    HEAT,
    INK,
    SPAWN,
    View,
    blank,
    heat,
    plain,
    png,
    space,
)
from app.lattice.story import Story

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray


def sheet(story: Story, title: str, face: NDArray[Any] | None = None) -> bytes:
    """A PNG: the paths in space, both faces, where flows went, and what happened when.

    `face` is the output face as the lattice read it, (height, width).
    """
    page = blank((13.5, 8.6), 110)
    grid = page.add_gridspec(3, 4, height_ratios=(1, 1, 0.85), width_ratios=(1, 1, 1, 0.95))
    space(page.add_subplot(grid[:2, :3], projection="3d"), story, story.steps, View())
    left = (face, "the output face") if face is not None else (story.landed(), "flows that arrived")
    heat(page.add_subplot(grid[0, 3]), story.entered(), "energy that entered", "x", "y")
    heat(page.add_subplot(grid[1, 3]), *left, "x", "y")
    for column, (axis, name, side) in enumerate(((0, "x", "above"), (1, "y", "the side"))):
        seen, what = story.visits((axis, 2)), f"visits, from {side}"
        heat(page.add_subplot(grid[2, column]), seen, what, "z", name, "auto")
    _energies(page.add_subplot(grid[2, 2]), story)
    _events(page.add_subplot(grid[2, 3]), story)
    page.text(0.02, 0.965, title, color=INK, fontsize=16, fontweight="bold", va="top")
    page.text(0.02, 0.925, told(story), color=DIM, fontsize=10.5, va="top")
    return png(page)


def told(story: Story) -> str:
    """What happened, in one line."""
    _, born, _, died = story.counts.sum(axis=0)
    started, held = story.there[0].sum(), story.there[-1].sum()
    return (
        f"{started} flows started, {born} born on the way, {died} died, {held} collected in "
        f"{story.steps} steps"
    )


def _energies(axes: Axes, story: Story) -> None:
    """How energy is spread over the flows at each step, each column scaled to its own largest."""
    columns = story.spread / story.spread.max(axis=1, keepdims=True).clip(min=1)
    extent = (-0.5, story.steps + 0.5, 0.0, story.top)
    axes.imshow(columns.T, cmap=HEAT, aspect="auto", origin="lower", extent=extent)
    plain(axes, "energy of the flows", "step", "|energy|")


def _events(axes: Axes, story: Story) -> None:
    steps, base = np.arange(story.steps + 1), np.zeros(story.steps + 1)
    flowing, born, came, died = story.counts.T
    for count, colour, name in (
        (came, ARRIVE, "arrived"),
        (born, SPAWN, "born"),
        (died, DIE, "died"),
    ):
        axes.bar(steps, count, 0.8, base, color=colour, label=f"{name} {int(count.sum())}")
        base = base + count
    axes.plot(steps, flowing, color=ENTER, lw=1.6, label="under way")
    axes.set_ylim(0, max(flowing.max(), base.max()) * 1.45)
    axes.legend(frameon=False, fontsize=7.5, labelcolor=INK, ncols=2, loc="upper right")
    plain(axes, "what happened when", "step", "flows")
