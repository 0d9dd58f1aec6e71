"""Cases for `alone`: a graph written as a script, with what it gives here."""

import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from graphs.live.context import Run
from graphs.live.graph import Graph
from graphs.script.writing import Script, script


def write_case(
    folder: Path,
    name: str,
    root: Graph,
    given: Mapping[str, Any],
    node: str = "",
    targets: Iterable[str] | None = None,
    seed: int = 3,
) -> Script:
    """Write NAME.py, its weights, and NAME.pt with what the live graph gives."""
    root.eval()
    made = script(root, name, node=node, targets=targets, weights=f"{name}.safetensors")
    (folder / f"{name}.py").write_text(made.text, encoding="utf-8")
    save_file(dict(made.tensors), folder / f"{name}.safetensors")
    live = root.at(node)
    run = Run(seed=seed, path=node)
    with torch.random.fork_rng():
        if isinstance(live, Graph):
            program = live.program(targets, given)
            expected = program(given, run)
        else:
            with run.stream(""):
                expected = {"out": live(**given)}
    draws = "run: Run | None = None" in made.text
    case = {"given": dict(given), "expected": expected, "seed": seed, "draws": draws}
    torch.save(case, folder / f"{name}.pt")
    return made


def faults(folder: Path) -> list[str]:
    """What differs when the scripts run alone, a line each."""
    alone = Path(__file__).with_name("alone.py")
    done = subprocess.run(
        [sys.executable, "-I", str(alone), str(folder), str(torch.get_num_threads())],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()
