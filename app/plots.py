"""Plots as files, drawn with matplotlib's file backend; no display is needed."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

from graphs.learn.journal import read_journal
from graphs.store import write_bytes


def loss_plot(path: Path, journals: Mapping[str, Path]) -> None:
    """One panel for each journal: the loss of every step, smoothed, and on held-out data."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter

    plain = FuncFormatter(lambda value, _: f"{value:g}" if f"{value:e}"[0] in "125" else "")
    figure = Figure(figsize=(4 * len(journals), 3.2), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, len(journals), squeeze=False)[0]
    for axes, (name, journal) in zip(panels, journals.items(), strict=True):
        lines = read_journal(journal)
        steps, losses = [line["step"] for line in lines], [line["loss"] for line in lines]
        held = [
            (line["step"], line["validation"]["loss"]) for line in lines if "validation" in line
        ]
        axes.plot(steps, losses, color="#9db4d0", linewidth=0.6, label="step")
        axes.plot(steps, smoothed(losses), color="#1f4e8c", linewidth=1.6, label="smoothed")
        if held:
            axes.plot(
                *zip(*held, strict=True), "o-", color="#d1495b", markersize=4, label="held out"
            )
        axes.set_title(name, loc="left", fontweight="bold")
        axes.set_xlabel("step")
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(plain)
        axes.yaxis.set_minor_formatter(plain)
        axes.tick_params(labelsize=8, which="both")
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
    panels[0].set_ylabel("loss")
    panels[-1].legend(frameon=False)
    held_bytes = io.BytesIO()
    figure.savefig(held_bytes, format="png")
    write_bytes(path, held_bytes.getvalue())


def smoothed(values: list[float], keep: float = 0.9) -> list[float]:
    """An exponential mean, corrected for its start.

    >>> smoothed([2.0, 2.0, 2.0])
    [2.0, 2.0, 2.0]
    """
    mean, weight, out = 0.0, 0.0, []
    for value in values:
        mean, weight = keep * mean + (1 - keep) * value, keep * weight + 1 - keep
        out.append(round(mean / weight, 12))
    return out
