"""The journal of a training: one JSON line a step, and the same as TensorBoard events.

On resume what was written after the checkpoint is cut off, so no step appears twice.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from graphs.store import write_bytes

if TYPE_CHECKING:
    from graphs.learn.training import StepDone

LINES = "metrics.jsonl"


class Journal:
    """Writes what steps tell; a context manager that closes its files."""

    def __init__(
        self, folder: Path, step: int = 0, tensorboard: bool = True, every: int = 1
    ) -> None:
        """Go on after `step`; later lines of an earlier run are dropped.

        `every` so many steps their figures are read and written: each reading waits for the device.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / LINES
        kept = [line for line in read_journal(self.path) if line["step"] <= step]
        text = "".join(json.dumps(line) + "\n" for line in kept)
        write_bytes(self.path, text.encode())
        self._file = self.path.open("a", encoding="utf-8")
        self._every = every
        self._waiting: list[StepDone] = []
        self._events: Any = None
        if tensorboard:
            from torch.utils.tensorboard import SummaryWriter

            self._events = SummaryWriter(str(folder / "events"), purge_step=step + 1)

    def write(self, done: StepDone) -> None:
        """One step; its line is on disk after `every` of them, or when it was validated."""
        self._waiting.append(done)
        if len(self._waiting) >= self._every or done.validation is not None:
            self.flush()

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._file.closed

    def flush(self) -> None:
        """Every step so far is on disk."""
        waiting, self._waiting = self._waiting, []
        for done in waiting:
            self._write(done)
        self._file.flush()

    def _write(self, done: StepDone) -> None:
        line: dict[str, Any] = {
            "step": done.index,
            "loss": done.loss,
            "lr": done.lr,
            "seconds": round(done.seconds, 6),
            "rows": done.rows,
        }
        if len(done.parts) > 1:
            line["losses"] = {name: value.item() for name, value in done.parts.items()}
        if done.logged:
            line["log"] = {name: value.item() for name, value in done.logged.items()}
        if done.grad_norm is not None:
            line["grad_norm"] = done.grad_norm
        if done.validation is not None:
            line["validation"] = dict(done.validation)
        self._file.write(json.dumps(_finite(line), allow_nan=False) + "\n")
        if self._events is not None:
            for name in ("loss", "lr", "grad_norm"):
                if name in line:
                    self._events.add_scalar(f"train/{name}", line[name], done.index)
            for name, value in line.get("losses", {}).items():
                self._events.add_scalar(f"loss/{name}", value, done.index)
            for name, value in line.get("log", {}).items():
                self._events.add_scalar(name, value, done.index)
            for name, value in (done.validation or {}).items():
                self._events.add_scalar(f"validation/{name}", value, done.index)

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.flush()
        self._file.close()
        if self._events is not None:
            self._events.close()


def _finite(value: Any) -> Any:
    """The value with null for what JSON has no word for."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


def read_journal(path: Path) -> list[dict[str, Any]]:
    """The lines of a journal; a last line that a kill cut short is left out."""
    if not path.exists():
        return []
    lines = []
    for text in path.read_text(encoding="utf-8").splitlines():
        try:
            lines.append(json.loads(text))
        except json.JSONDecodeError:
            break
    return lines
