"""`worldloom demo`: how a job begins and ends.

A finished one is shown again, an interrupted one goes on, and both end with their world in the editor.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rich.console import Console

from app.editor.display import display_fault
from graphs.store import read_json

METRICS = "metrics.json"
Job = Literal["digits-world", "digits"]


@dataclass(frozen=True)
class Ended:
    """A job that is done, and the document that came of it."""

    document: Path
    figures: Mapping[str, Any]
    console: Console

    def show_in_editor(self) -> int:
        """Open the editor in a process of its own, which needs no torch; its exit code.

        Where there is no display nothing is opened, and that is said.
        """
        if fault := display_fault():
            self.console.print(f"\n{fault}", soft_wrap=True, markup=False)
            return 0
        self.console.print("\nOpening the editor (--no-edit leaves it closed).")
        words = [sys.executable, "-m", "app", "edit", str(self.document)]
        return subprocess.run(words, check=False).returncode


def do(job: Job, folder: Path, share: float, *, again: bool, quiet: bool) -> Ended:
    """Do a job in `folder` unless it is done there, and report it; `again` forgets what was done."""
    console = Console(stderr=True, quiet=quiet, highlight=False)
    if again:
        shutil.rmtree(folder / "runs", ignore_errors=True)
        (folder / METRICS).unlink(missing_ok=True)
    document = folder / f"{job}.json"
    if (folder / METRICS).is_file() and document.is_file():
        figures = read_json(folder / METRICS)
        console.print(f"[bold]{folder}[/] holds this job, finished; --again trains it anew\n")
    elif job == "digits-world":
        from app.digits_world import live

        figures = live(folder, share, quiet=quiet)
    else:
        from app.demo import demonstrate

        figures = demonstrate(folder, share, quiet=quiet)
    _report(job, console, folder, figures)
    return Ended(document, figures, console)


def _report(job: Job, console: Console, folder: Path, figures: Mapping[str, Any]) -> None:
    if job == "digits-world":
        from app.digits_report import report
    else:
        from app.demo import report
    report(console, folder, figures)
