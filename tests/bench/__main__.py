"""Run the bars: `python -m tests.bench [B1 B2 ...] [--quick | --full] [--threads N] [--markdown]`.

B6, the kills during saves, asserts facts and no times: it is in tests/store/test_kill.py.
"""

import argparse
import os
import platform
import sys
import time
import traceback
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table

from tests.bench.alone import run_alone
from tests.bench.measure import Row
from tests.bench.size import Size

BARS = {
    "B1": "b1_trivial_graph",
    "B2": "b2_train_step",
    "B3": "b3_inject",
    "B4": "b4_load_adapters",
    "B5": "b5_lora_step",
    "B7": "b7_files",
    "B8": "b8_cache",
    "B9": "b9_large_document",
    "B10": "b10_lattice",
    "B11": "b11_editor",
    "B12": "b12_worlds",
    "B13": "b13_lattice_gpu",
}
PAGE = Path(__file__).parents[2] / "assets" / "docs" / "benchmarks.md"
HEADS = ("", "what", "ours", "rival", "ratio", "bar", "met")


def main(words: Sequence[str] | None = None) -> int:
    """Run the bars that were asked for; 1 when one of them failed to run."""
    asked = _asked(words)
    names = asked.bars or list(BARS)
    size = Size(quick=asked.quick, full=asked.full)
    console, rows, broken = Console(), list[Row](), 0
    for name in names:
        start = time.perf_counter()
        try:
            rows += run_alone(BARS[name], size, asked.threads)
        except Exception:  # border: one bar that cannot run must not hide what the others found
            traceback.print_exc()
            broken += 1
        taken = time.perf_counter() - start
        console.print(f"{name} {BARS[name]}: {taken:.0f} s", style="dim")
    console.print(_table(rows))
    if asked.markdown:
        PAGE.write_text(_page(rows, asked.machine, asked.threads), encoding="utf-8")
        console.print(f"written to {PAGE.relative_to(PAGE.parents[2])}")
    return 1 if broken else 0


def _asked(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("bars", nargs="*", metavar="B1", help=", ".join(BARS))
    parser.add_argument("--quick", action="store_true", help="fewer rounds, smaller worlds")
    parser.add_argument("--full", action="store_true", help="also a billion parameters (B7)")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--markdown", action="store_true", help=f"write {PAGE.name}")
    machine = f"{os.cpu_count()} cores, {platform.machine()}"
    parser.add_argument("--machine", default=machine, help="what the page calls this machine")
    asked = parser.parse_args(words)
    asked.bars = [name.upper() for name in asked.bars]
    if unknown := [name for name in asked.bars if name not in BARS]:
        parser.error(f"there is no {', '.join(unknown)}; there are {', '.join(BARS)}")
    if asked.markdown and (asked.bars or asked.quick):
        parser.error("the page holds every bar at full length: leave out names and --quick")
    return asked


def _met(row: Row) -> str:
    return {True: "yes", False: "NO", None: ""}[row.met]


def _cells(row: Row) -> tuple[str, ...]:
    return row.bar, row.what, row.ours, row.rival, row.ratio, row.limit, _met(row)


def _table(rows: Sequence[Row]) -> Table:
    table = Table(*HEADS)
    for row in rows:
        style = {True: "", False: "bold red", None: "dim"}[row.met]
        table.add_row(*_cells(row), style=style, end_section=row is rows[-1])
    return table


def _page(rows: Sequence[Row], machine: str, threads: int) -> str:
    judged = [row for row in rows if row.met is not None]
    lines = [
        "# Benchmarks",
        "",
        f"Written by `python -m tests.bench --markdown` on {date.today().isoformat()}: {machine}, "
        f"Python {platform.python_version()}, torch {torch.__version__}, {threads} "
        f"thread{'s' if threads > 1 else ''} on both sides. "
        f"{sum(bool(row.met) for row in judged)} of {len(judged)} bars are met.",
        "",
        "Both sides of a row run in turns in one process. Times are medians, with the least in "
        "brackets; a ratio is the median of the rounds' own ratios, with the middle half of them in "
        "brackets. Rows without a bar are there to be known. B6 (kill -9 during saves, exact resume) "
        "asserts facts, not times: `tests/store/test_kill.py`.",
        "",
        "| " + " | ".join(HEADS) + " |",
        "|" + " --- |" * len(HEADS),
    ]
    lines += [
        "| " + " | ".join(cell.replace("|", "\\|") for cell in _cells(r)) + " |" for r in rows
    ]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.exit(main())
