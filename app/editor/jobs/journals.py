"""Journals of trainings: the steps that nobody here heard of, read from their files. No Dear PyGui.

Each training writes a line of JSON a step, so an engine that went on alone, an earlier day's run and a
run that was resumed can all be plotted in full.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from math import nan
from pathlib import Path
from typing import Any

from app.editor.heard.runs import Run, Runs

LINES = "metrics.jsonl"


def read(journal: Path, title: str = "") -> Run:
    """The run that a journal tells of; a line that is cut off, as after a crash, is passed over.

    Raises: OSError.
    """
    folder = journal.parent
    run = Run(str(folder), title or folder.name, str(folder), str(journal))
    lowest: float | None = None
    with journal.open(encoding="utf-8") as lines:
        for line in _lines(lines):
            step = int(line["step"])
            run.step = step
            for key, name in (("loss", "loss"), ("lr", "lr"), ("grad_norm", "gradient norm")):
                if key in line:
                    run.add(name, step, _number(line[key]))
            for port, value in line.get("losses", {}).items():
                run.add(f"part {port}", step, _number(value))
            if held := line.get("validation"):
                figures = {name: _number(value) for name, value in held.items()}
                first = next(iter(figures.values()))
                best = lowest is None or first < lowest
                lowest = first if best else lowest
                run.mark(step, figures, best)
    return run


def _lines(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    for text in lines:
        try:
            line = json.loads(text)
        except json.JSONDecodeError:
            continue
        if isinstance(line, dict) and isinstance(line.get("step"), int):
            yield line


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else nan


def found(project: Path | None) -> list[Path]:
    """The journals of a project's runs, the newest first."""
    if project is None:
        return []
    folder, stem = project.parent / "runs", project.name.removesuffix(".json")
    if not folder.is_dir():
        return []
    journals = [path for path in folder.glob(f"{stem}-*/{LINES}") if path.is_file()]
    return sorted(journals, key=lambda path: path.stat().st_mtime, reverse=True)


class Journals:
    """Reads journals beside the window, one after the other."""

    def __init__(self, runs: Runs) -> None:
        self.runs = runs
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journals")
        self._reading: dict[str, Future[Run]] = {}  # by the job that shall know of it
        self._asked: set[tuple[str, str]] = set()

    def ask(self, job: str, journal: Path, title: str = "") -> None:
        """The run of this name will know what is written there."""
        self._reading[job] = self._worker.submit(read, journal, title)

    def frame(self) -> None:
        """Take in what was read, and read what runs began before anybody listened."""
        for job in [job for job, future in self._reading.items() if future.done()]:
            future = self._reading.pop(job)
            if future.exception() is None:  # a run without a journal has no steps yet
                self.runs.join(job, future.result())
        for run in self.runs.of.values():
            place = run.journal or (f"{run.folder}/{LINES}" if run.folder else "")
            loss = run.series.get("loss")
            late = (loss is not None and loss.steps[0] > 1) or (loss is None and run.step > 0)
            if place and late and (run.job, place) not in self._asked:
                self._asked.add((run.job, place))
                self.ask(run.job, Path(place), run.title)

    def close(self) -> None:
        """End the thread; what is read is not waited for."""
        self._worker.shutdown(wait=False, cancel_futures=True)
