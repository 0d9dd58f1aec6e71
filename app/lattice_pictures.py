"""Pictures of what flows did in a lattice: a sheet (PNG) and a film (GIF).

Flows go from left to right: the input face is on the left, the output face on the right. Drawn with
matplotlib's file backend; no display is needed.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from nodes.lattice.trajectory import Trajectory

GROUND, INK, DIM, FRAME = "#0d1117", "#e6edf3", "#8b949e", "#30363d"
ENTER, SPAWN, ARRIVE, DIE = "#58a6ff", "#7ee787", "#ffd866", "#ff6b6b"
HEAT = "inferno"
BETWEEN, HOLD = 5, 10  # pictures from one step to the next, and at the end


@dataclass(frozen=True)
class Story:
    """One sample's flows as arrays: (moments, slots), positions (moments, slots, 3)."""

    size: tuple[int, int, int]
    place: NDArray[Any]
    energy: NDArray[Any]
    flowing: NDArray[Any]
    arrived: NDArray[Any]
    moved: NDArray[Any]  # (moments - 1, slots): went from this moment to the next
    born: NDArray[Any]
    died: NDArray[Any]
    came: NDArray[Any]

    @classmethod
    def of(cls, path: Trajectory, sample: int = 0) -> Story:
        """Of one sample of a trajectory; places beyond the output face are on it."""
        place, energy, age, flowing, arrived = (part[:, sample].numpy() for part in path[1:])
        place = place.copy()
        place[..., 2] = place[..., 2].clip(0, path.size[2] - 1)
        born = flowing & (age == 0)
        born[0] = False
        moved = flowing[:-1] & ~born[1:]
        gone = flowing[:-1] & ~flowing[1:] & ~arrived[1:]
        first = np.zeros_like(flowing[:1])
        died, came = (
            np.concatenate([first, gone]),
            np.concatenate([first, arrived[1:] & ~arrived[:-1]]),
        )
        return cls(path.size, place, energy, flowing, arrived, moved, born, died, came)

    @property
    def steps(self) -> int:
        """How many steps were made."""
        return len(self.place) - 1

    @property
    def brightest(self) -> float:
        """The energy that is drawn brightest."""
        seen = self.energy[self.flowing | self.arrived]
        return float(np.quantile(seen, 0.98)) or 1.0 if seen.size else 1.0

    def segments(self, until: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """Lines that flows have drawn up to a moment, as shown, and the energy on each."""
        parts = [(self.place[t][m], self.place[t + 1][m]) for t, m in enumerate(self.moved[:until])]
        lines = [np.stack([shown(a), shown(b)], axis=1) for a, b in parts]
        light = [self.energy[t + 1][m] for t, m in enumerate(self.moved[:until])]
        if not lines:
            return np.zeros((0, 2, 3)), np.zeros(0)
        return np.concatenate(lines), np.concatenate(light)


def shown(place: NDArray[Any]) -> NDArray[Any]:
    """x, y, z of the lattice as the picture's axes: depth to the right, x into it, y upwards."""
    return np.stack([place[..., 2], place[..., 0], place[..., 1]], axis=-1)


def sheet(story: Story, title: str, face: NDArray[Any] | None = None) -> bytes:
    """A PNG: the paths in space, both faces, where flows went, and what happened when.

    `face` is the output face as the lattice read it, (height, width).
    """
    figure = _figure((13.5, 8.6), 110)
    grid = figure.add_gridspec(3, 4, height_ratios=(1, 1, 0.85), width_ratios=(1, 1, 1, 0.95))
    space = figure.add_subplot(grid[:2, :3], projection="3d")
    lines, light = story.segments(story.steps)
    _space(space, story, lines, light, story.steps, story.place[-1], -62, 1.5)
    _faces(figure, grid, story, face)
    _visits(figure, grid, story)
    _energies(figure.add_subplot(grid[2, 2]), story)
    _events(figure.add_subplot(grid[2, 3]), story)
    last = int((story.flowing[-1] | story.arrived[-1]).sum())
    counts = (
        f"{int(story.flowing[0].sum())} flows started, {int(story.born.sum())} born on the way, "
    )
    counts += f"{int(story.died.sum())} died, {last} collected in {story.steps} steps"
    figure.text(0.015, 0.965, title, color=INK, fontsize=16, fontweight="bold", va="top")
    figure.text(0.015, 0.925, counts, color=DIM, fontsize=10.5, va="top")
    return _png(figure)


def film(story: Story, title: str) -> bytes:
    """A GIF: flows moving, with a flash where one is born or arrives; the view turns slowly."""
    from PIL import Image

    frames = []
    moments = [t / BETWEEN for t in range(story.steps * BETWEEN + 1)] + [story.steps] * HOLD
    for number, moment in enumerate(moments):
        figure = _figure((7.2, 5.0), 90)
        space = figure.add_axes((0.0, 0.0, 1.0, 0.95), projection="3d")
        step = min(int(moment), max(story.steps - 1, 0))
        rest, here = moment - step, story.place[step]
        if story.steps:
            there = story.place[step + 1]
            going = story.moved[step][:, None]
            here = np.where(going, here + rest * (there - here), here if rest < 1 else there)
        lines, light = story.segments(step)
        azimuth = -75 + 30 * number / len(moments)
        _space(space, story, lines, light, moment, here, azimuth, 1.25)
        figure.text(0.03, 0.95, title, color=INK, fontsize=12, fontweight="bold", va="top")
        figure.text(0.97, 0.95, f"step {moment:.1f}", color=DIM, fontsize=10, va="top", ha="right")
        frames.append(Image.open(io.BytesIO(_png(figure))).convert("RGB"))
    # One palette for all, from a frame with much in it, so that colours do not flicker.
    palette = frames[len(frames) * 2 // 3].quantize(128)
    small = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    held = io.BytesIO()
    small[0].save(held, "GIF", save_all=True, append_images=small[1:], duration=80, loop=0)
    return held.getvalue()


def _figure(inches: tuple[float, float], dpi: int) -> Figure:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=inches, dpi=dpi, facecolor=GROUND)
    FigureCanvasAgg(figure)
    figure.subplots_adjust(left=0.045, right=0.975, top=0.9, bottom=0.07, wspace=0.28, hspace=0.42)
    return figure


def _png(figure: Figure) -> bytes:
    held = io.BytesIO()
    figure.savefig(held, format="png", facecolor=GROUND)
    return held.getvalue()


def _space(
    axes: Any,
    story: Story,
    lines: NDArray[Any],
    light: NDArray[Any],
    moment: float,
    here: NDArray[Any],
    azimuth: float,
    zoom: float,
) -> None:
    """The box at a moment, which may lie between two steps; `here` is where flows are then."""
    from matplotlib import colormaps
    from mpl_toolkits.mplot3d.art3d import Line3DCollection  # type: ignore[import-untyped]

    width, height, depth = story.size
    colours, brightest = colormaps[HEAT], story.brightest
    faint = min(0.5, 12 / max(len(lines), 1) ** 0.5)
    shade = colours(0.25 + 0.75 * (light / brightest).clip(0, 1))
    shade[:, 3] = faint
    if len(lines):  # none before the first step
        drawn = Line3DCollection(lines, colors=shade, linewidths=1.1, clip_on=False)
        axes.add_collection3d(drawn)
    _box(axes, story.size)
    step = min(int(moment), story.steps)
    begun = step if moment == step else min(step + 1, story.steps)
    there = story.flowing[step] | story.arrived[step]
    energy = story.energy[step]
    dots, size = shown(here), max(5.0, 60 - 0.6 * there.sum() ** 0.75)
    if there.any():
        hue = colours(0.25 + 0.75 * (energy[there] / brightest).clip(0, 1))
        axes.scatter(
            *dots[there].T, s=size, c=hue, depthshade=False, linewidths=0, zorder=5, clip_on=False
        )
    for happened, colour in ((story.born[step], SPAWN), (story.came[begun], ARRIVE)):
        if happened.any() and moment < story.steps:
            ring = {"facecolors": "none", "edgecolors": colour, "linewidths": 1.2, "clip_on": False}
            axes.scatter(*dots[happened].T, s=4 * size, depthshade=False, zorder=6, **ring)
    axes.set_xlim(-0.3, depth - 0.7)
    axes.set_ylim(-0.5, width - 0.5)
    axes.set_zlim(height - 0.5, -0.5)
    axes.set_box_aspect((1.75, 1, 1), zoom=zoom)
    axes.view_init(elev=20, azim=azimuth)
    axes.set_axis_off()
    axes.set_facecolor(GROUND)


def _box(axes: Any, size: tuple[int, int, int]) -> None:
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
    axes.text(0, width / 2, height + 0.06 * height, "input face", **label)
    axes.text(depth - 1, width / 2, height + 0.06 * height, "output face", **label)


def _faces(figure: Figure, grid: Any, story: Story, face: NDArray[Any] | None) -> None:
    width, height, _ = story.size
    start = story.energy[0][: width * height].reshape(height, width)
    _heat(figure.add_subplot(grid[0, 3]), start, "energy that entered", "x", "y")
    if face is None:
        face = _counted(story.place[-1][story.arrived[-1]], (1, 0), (height, width))
        _heat(figure.add_subplot(grid[1, 3]), face, "flows that arrived", "x", "y")
    else:
        _heat(figure.add_subplot(grid[1, 3]), face, "the output face", "x", "y")


def _visits(figure: Figure, grid: Any, story: Story) -> None:
    width, height, depth = story.size
    been = story.place[story.flowing | (story.came & story.arrived)]
    seen = _counted(been, (0, 2), (width, depth))
    _heat(figure.add_subplot(grid[2, 0]), seen, "visits, from above", "z", "x", "auto")
    seen = _counted(been, (1, 2), (height, depth))
    _heat(figure.add_subplot(grid[2, 1]), seen, "visits, from the side", "z", "y", "auto")


def _counted(place: NDArray[Any], axes: tuple[int, int], shape: tuple[int, int]) -> NDArray[Any]:
    cells = [
        np.rint(place[:, a]).astype(int).clip(0, n - 1) for a, n in zip(axes, shape, strict=True)
    ]
    count = np.zeros(shape)
    np.add.at(count, tuple(cells), 1)
    return count


def _heat(
    axes: Axes, values: NDArray[Any], title: str, across: str, down: str, aspect: str = "equal"
) -> None:
    picture = axes.imshow(values, cmap=HEAT, aspect=aspect, interpolation="nearest")  # type: ignore[arg-type]
    bar = axes.figure.colorbar(picture, ax=axes, fraction=0.046, pad=0.03)
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=7, colors=DIM, length=0)
    _plain(axes, title, across, down)


def _energies(axes: Axes, story: Story) -> None:
    """How energy is spread over the flows at each step, each column scaled to its own largest."""
    top, levels = story.brightest * 1.15, 24
    columns = []
    for energy, here in zip(story.energy, story.flowing | story.arrived, strict=True):
        found, _ = np.histogram(energy[here].clip(0, top), levels, (0, top))
        columns.append(found / max(found.max(), 1))
    extent = (-0.5, story.steps + 0.5, 0.0, top)
    table = np.stack(columns, axis=1)
    axes.imshow(table, cmap=HEAT, aspect="auto", origin="lower", extent=extent)
    _plain(axes, "energy of the flows", "step", "|energy|")


def _events(axes: Axes, story: Story) -> None:
    steps, base = np.arange(story.steps + 1), np.zeros(story.steps + 1)
    for happened, colour, name in (
        (story.came, ARRIVE, "arrived"),
        (story.born, SPAWN, "born"),
        (story.died, DIE, "died"),
    ):
        count = happened.sum(axis=1)
        axes.bar(steps, count, 0.8, base, color=colour, label=f"{name} {int(count.sum())}")
        base = base + count
    axes.plot(steps, story.flowing.sum(axis=1), color=ENTER, lw=1.6, label="under way")
    axes.legend(frameon=False, fontsize=7.5, labelcolor=INK)
    _plain(axes, "what happened when", "step", "flows")


def _plain(axes: Axes, title: str, across: str, down: str) -> None:
    axes.set_title(title, loc="left", color=INK, fontsize=10)
    axes.set_xlabel(across, color=DIM, fontsize=8, labelpad=1)
    axes.set_ylabel(down, color=DIM, fontsize=8, labelpad=2)
    axes.set_facecolor(GROUND)
    axes.tick_params(labelsize=7, colors=DIM, length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
