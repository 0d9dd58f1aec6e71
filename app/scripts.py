"""A document as a Python script that needs no Worldloom, from the command line."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.errors import UsageError
from app.shelf import Shelf
from app.workspace import open_workspace
from graphs.script.files import weights_file, write_script

SCRIPT = ".py"


@dataclass(frozen=True)
class Written:
    """A script that was written: what it takes and gives, and what is not as in the document."""

    file: Path
    weights: Path
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    notes: tuple[str, ...]

    def as_data(self) -> dict[str, Any]:
        """For --json."""
        return {
            "file": str(self.file),
            "weights": str(self.weights),
            "inputs": list(self.inputs),
            "outputs": list(self.outputs),
            "notes": list(self.notes),
        }

    def in_words(self) -> dict[str, str]:
        """For people."""
        size = os.path.getsize(self.weights)
        told = {
            "wrote": f"{self.file}, {self.weights} ({size:,} bytes)",
            "takes": ", ".join(self.inputs) or "nothing",
            "gives": ", ".join(self.outputs),
        }
        told |= {f"note {n}": note for n, note in enumerate(self.notes, 1)}
        return told | {"try": f"python {self.file}"}


def export_script(
    file: Path, output: Path, node: str = "", targets: tuple[str, ...] = (), force: bool = False
) -> Written:
    """Write a document, or one node of it, as a script; variants in use go with it."""
    if output.suffix != SCRIPT:
        raise UsageError(f"a script ends in {SCRIPT}, got {output.name}")
    weights = weights_file(output)
    if taken := [path for path in (output, weights) if path.exists() and not force]:
        raise UsageError(f"{taken[0]} exists\n  → choose another name, or give --force")
    work = open_workspace(file)
    graph = work.build()
    shelf = Shelf(file)
    if shelf.used().places:
        raise UsageError(
            "variants are in use at single places, and a script has one of them everywhere\n"
            f"  → say which: worldloom variants use {file} NAME"
        )
    shelf.put_on(graph)
    title = work.document.title or file.stem
    try:
        made = write_script(
            output,
            graph,
            f"{title} {node}".strip(),
            node=node,
            targets=targets or None,
        )
    except KeyError as error:
        raise UsageError(str(error.args[0])) from error
    return Written(output, weights, made.inputs, made.outputs, made.notes)
