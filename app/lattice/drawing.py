"""How a lattice is drawn with matplotlib: its box, flows and lines in space, and heat maps.

Flows go from left to right: the input face is on the left, the output face on the right. No display
is needed.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from app.lattice.story import Story

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

GROUND, INK, DIM, FRAME = "#0d1117", "#e6edf3", "#8b949e", "#3d444d"
ENTER, SPAWN, ARRIVE, DIE = "#58a6ff", "#7ee787", "#ffd866", "#ff6b6b"
HEAT = "inferno"


@dataclass(frozen=True)
class View:
    """From where the box is seen, and how large. Units: degrees."""

    azimuth: float = -62.0
    elevation: float = 20.0
    zoom: float = 1.5


def blank(inches: tuple[float, float], dpi: int) -> Figure:
    """An empty page."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    page = Figure(figsize=inches, dpi=dpi, facecolor=GROUND)
    FigureCanvasAgg(page)
    page.subplots_adjust(left=0.045, right=0.965, top=0.885, bottom=0.065, wspace=0.3, hspace=0.45)
    return page


def png(page: Figure) -> bytes:
    """The page as a picture."""
    held = io.BytesIO()
    page.savefig(held, format="png", facecolor=GROUND)
    return held.getvalue()


def shown(place: NDArray[Any]) -> NDArray[Any]:
    """x, y, z of the lattice as the picture's axes: depth to the right, x into it, y upwards."""
    return np.stack([place[..., 2], place[..., 0], place[..., 1]], axis=-1)


def space(axes: Any, story: Story, moment: float, view: View) -> None:
    """The box at a moment, which may lie between two steps, with what was crossed until then."""
    step = min(int(moment), story.steps)
    trails(axes, story, step)
    box(axes, story.size)
    flows(axes, story, moment)
    width, height, depth = story.size
    axes.set_xlim(-0.3, depth - 0.7)
    axes.set_ylim(-0.5, width - 0.5)
    axes.set_zlim(height - 0.5, -0.5)
    axes.set_box_aspect((1.75, 1, 1), zoom=view.zoom)
    axes.view_init(elev=view.elevation, azim=view.azimuth)
    axes.set_axis_off()
    axes.set_facecolor(GROUND)


def trails(axes: Any, story: Story, until: int) -> None:
    """What flows have crossed, brighter where it was with more energy."""
    from matplotlib import colormaps
    from mpl_toolkits.mplot3d.art3d import Line3DCollection  # type: ignore[import-untyped]

    lines, light = story.crossed(until)
    if not len(lines):
        return
    shade = colormaps[HEAT](0.25 + 0.75 * (light / story.brightest).clip(0, 1))
    shade[:, 3] = min(0.5, 14 / len(lines) ** 0.5)
    axes.add_collection3d(
        Line3DCollection(shown(lines), colors=shade, linewidths=1.1, clip_on=False)
    )


def flows(axes: Any, story: Story, moment: float) -> None:
    """Every flow where it is, with a ring where one was just born or arrives."""
    from matplotlib import colormaps

    step = min(int(moment), story.steps)
    there, here = story.there[step], between(story, moment)
    size = max(5.0, 60 - 0.6 * there.sum() ** 0.75)
    if there.any():
        hue = 0.25 + 0.75 * (story.energy[step][there] / story.brightest).clip(0, 1)
        look = {"depthshade": False, "linewidths": 0, "zorder": 5, "clip_on": False}
        axes.scatter(*shown(here[there]).T, s=size, c=colormaps[HEAT](hue), **look)
    begun = step if moment == step else min(step + 1, story.steps)
    for happened, colour in ((story.born[step], SPAWN), (story.came[begun], ARRIVE)):
        if happened.any() and moment < story.steps:
            ring = {"facecolors": "none", "edgecolors": colour, "linewidths": 1.2, "clip_on": False}
            axes.scatter(*shown(here[happened]).T, s=4 * size, depthshade=False, zorder=6, **ring)


def between(story: Story, moment: float) -> NDArray[Any]:
    """Where every slot is at a moment between two steps. Shapes: (slots, 3)."""
    step = min(int(moment), max(story.steps - 1, 0))
    rest = moment - step
    here: NDArray[Any] = story.place[step]
    if not story.steps:
        return here
    there = story.place[step + 1]
    going = story.moved[step][:, None]
    found: NDArray[Any] = np.where(going, here + rest * (there - here), here if rest < 1 else there)
    return found


def box(axes: Any, size: tuple[int, int, int]) -> None:
    """Its two faces and the four edges between them."""
    from mpl_toolkits.mplot3d.art3d import Poly3DCollection

    width, height, depth = size
    near, far = (-0.5, -0.5), (width - 0.5, height - 0.5)
    corners = [(near[0], near[1]), (far[0], near[1]), (far[0], far[1]), (near[0], far[1])]
    ring = [*corners, corners[0]]
    for z, colour in ((0, ENTER), (max(depth - 1, 0.01), ARRIVE)):
        xs, ys = [x for x, _ in ring], [y for _, y in ring]
        axes.plot([z] * 5, xs, ys, color=colour, lw=1.4, alpha=0.9, clip_on=False)
        plane = Poly3DCollection([[(z, x, y) for x, y in corners]], color=colour, alpha=0.04)
        plane.set_clip_on(False)
        axes.add_collection3d(plane)
    for x, y in corners:
        axes.plot([0, depth - 1], [x, x], [y, y], color=FRAME, lw=0.8, clip_on=False)
    label = {"color": DIM, "fontsize": 9, "ha": "center"}
    axes.text(0, width / 2, height + 0.2 * height, "input face", **label)
    axes.text(depth - 1, width / 2, height + 0.2 * height, "output face", **label)


def heat(
    axes: Axes, values: NDArray[Any], title: str, across: str, down: str, aspect: str = "equal"
) -> None:
    """A table of numbers as colours, with a scale beside it."""
    picture = axes.imshow(values, cmap=HEAT, aspect=aspect, interpolation="nearest")  # type: ignore[arg-type]
    bar = axes.figure.colorbar(picture, ax=axes, fraction=0.046, pad=0.03)
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=7, colors=DIM, length=0)
    plain(axes, title, across, down)


def plain(axes: Axes, title: str, across: str, down: str) -> None:
    """A title at the left, quiet labels, no frame."""
    axes.set_title(title, loc="left", color=INK, fontsize=10)
    axes.set_xlabel(across, color=DIM, fontsize=8, labelpad=1)
    axes.set_ylabel(down, color=DIM, fontsize=8, labelpad=2)
    axes.set_facecolor(GROUND)
    axes.tick_params(labelsize=7, colors=DIM, length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
