"""The plot of a contest: how held-out figures went on the way, and where everybody ended."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.lattice.contest import Ran
from app.lattice.drawing import blank, plain, png
from graphs.store import write_bytes

if TYPE_CHECKING:
    from app.lattice.examples import Example

COLOURS = ("#ffb454", "#58a6ff", "#7ee787", "#d2a8ff")
QUIET = "#6e7681"


def contest_plot(
    path: Path, told: Mapping[str, Any], ran: list[Ran], labels: Mapping[str, str], example: Example
) -> None:
    """Left the way, one line a seed; right the end, one bar a contender, references below."""
    figure = example.figures[0]
    share = figure.startswith("top")
    page = blank((11, 4.3), 110)
    page.subplots_adjust(left=0.065, right=0.97, top=0.8, bottom=0.13, wspace=0.42)
    way, end = page.subplots(1, 2, width_ratios=(1.15, 1))
    scale = 100.0 if share else 1.0
    for colour, (name, label) in zip(COLOURS, labels.items(), strict=False):
        for number, run in enumerate(r for r in ran if r.name == name):
            points = [(p["step"], p[figure] * scale) for p in run.curve if figure in p]
            way.plot(*zip(*points, strict=True), "-o", color=colour, markersize=2.5, lw=1.3, alpha=0.85,
                     label=label if not number else None)  # fmt: skip
    plain(way, f"{figure}, held out", "step", "%" if share else "")
    way.grid(alpha=0.12)
    way.legend(frameon=False, fontsize=8.5, labelcolor="#e6edf3")
    rows = [(n, f[figure]["mean"] * scale, f[figure]["spread"] * scale) for n, f in told["figures"].items()
            if figure in f]  # fmt: skip
    shades = [*COLOURS[: len(labels)], *[QUIET] * (len(rows) - len(labels))]
    places = range(len(rows))
    end.barh(places, [r[1] for r in rows], xerr=[r[2] for r in rows], color=shades, height=0.62,
             error_kw={"ecolor": "#e6edf3", "lw": 1})  # fmt: skip
    for place, (_, value, spread) in zip(places, rows, strict=True):
        text = f"  {value:.1f}%" if share else f"  {value:.3g}"
        end.text(value + spread, place, text, va="center", color="#e6edf3", fontsize=8.5)
    end.set_yticks(list(places), [row[0] for row in rows], color="#e6edf3")
    end.invert_yaxis()
    end.set_xlim(0, max(r[1] + r[2] for r in rows) * 1.18)
    plain(end, "at the end, mean over seeds", "%" if share else figure, "")
    end.tick_params(axis="y", labelsize=9, colors="#e6edf3")
    page.text(0.02, 0.95, example.title, color="#e6edf3", fontsize=13, fontweight="bold", va="top")
    write_bytes(path, png(page))
