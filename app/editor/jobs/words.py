"""Figures as people read them: how far, how fast, how long still, how much memory."""

from __future__ import annotations

from itertools import pairwise
from math import isfinite

from app.editor.canvas.cards import counted
from app.editor.heard.runs import Run
from app.editor.language import _


def left(seconds: float | None) -> str:
    """How long it still takes, in the two largest units.

    >>> left(None), left(4.2), left(75), left(7260), left(200_000)
    ('', '4 s', '1 min 15 s', '2 h 1 min', '2 d 7 h')
    """
    if seconds is None or not isfinite(seconds):
        return ""
    whole = round(max(seconds, 0))
    units = ((86_400, _("d")), (3600, _("h")), (60, _("min")), (1, _("s")))
    for (size, name), (smaller, low) in pairwise(units):
        if whole >= size:
            rest = whole % size // smaller
            return f"{whole // size} {name} {rest} {low}" if rest else f"{whole // size} {name}"
    return f"{whole} {_('s')}"


def size(number: int) -> str:
    """Bytes.

    >>> size(0), size(3_400_000), size(2 * 2**30)
    ('0 MB', '3 MB', '2 GB')
    """
    megabytes = number / 2**20
    return f"{megabytes:.0f} MB" if megabytes < 1000 else f"{megabytes / 1024:.3g} GB"


def number(value: float) -> str:
    """A loss or a rate in few letters.

    >>> number(0.123456), number(0.00002), number(float("nan")), number(12345.678)
    ('0.1235', '2e-05', '–', '1.235e+04')
    """
    return f"{value:.4g}" if isfinite(value) else "–"


def steps(step: int, of: int) -> str:
    """How far.

    >>> steps(1200, 5000), steps(3, 0)
    ('1\\u202f200 / 5\\u202f000', '3')
    """
    thin = "\u202f"
    done = f"{step:,}".replace(",", thin)
    return f"{done} / {of:,}".replace(",", thin) if of else done


def share(step: int, of: int) -> float:
    """How far, from 0 to 1."""
    return min(step / of, 1.0) if of > 0 else 0.0


def facts(run: Run) -> list[tuple[str, str]]:
    """What stands beside the plots: a name and a figure each."""
    series = run.series
    found = [(_("Step"), steps(run.step, run.steps))]
    if "loss" in series:
        found.append((_("Loss"), number(series["loss"].last)))
    if run.best is not None:
        figures = run.best.figures
        found.append(
            (_("Best held out"), number(figures.get("loss", next(iter(figures.values())))))
        )
    if "lr" in series:
        found.append((_("Rate"), number(series["lr"].last)))
    if run.seconds_left is not None:
        found.append((_("Left"), left(run.seconds_left)))
    if run.rows_per_second:
        found.append(
            (_("Speed"), _("{rows} rows/s").format(rows=counted(round(run.rows_per_second))))
        )
    if run.memory:
        found.append((_("Memory"), size(run.memory)))
    if run.device_memory:
        found.append((_("Device"), size(run.device_memory)))
    return found
