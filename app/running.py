"""`worldloom run`: values in from files, one run, values out to files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from torch import Tensor

from app.workspace import open_workspace
from graphs.live.context import Run
from graphs.live.execute import Event, NodeFinished, best_device, execute
from graphs.live.infer import describe
from graphs.spec.problems import FileError, near
from graphs.store import write_bytes

PICTURES = {".png", ".jpg", ".jpeg", ".bmp"}


def run_file(
    file: Path,
    inputs: list[str],
    settings: list[str],
    targets: list[str],
    output: Path | None,
    light: Path | None,
    *,
    batch: int,
    position: int,
    split: str,
    seed: int,
    device: str | None,
    precision: str,
    quiet: bool,
) -> dict[str, str]:
    """Run a document once; what came out, in words or as the paths of files."""
    if precision not in ("float32", "bfloat16"):
        raise click.UsageError(f"--precision is float32 or bfloat16, got {precision!r}")
    work = open_workspace(file, settings)
    graph = work.build(seed=seed)
    if light is not None:
        work.adapt(graph, light)
    known = graph.ports()[0]
    given: dict[str, Any] = {}
    for text in inputs:
        name, found, value = text.partition("=")
        if not found or name not in known:
            raise click.UsageError(
                f"--input takes name=file with one of {', '.join(known) or 'no inputs here'}; "
                f"got {text!r}{near(name, known)}"
            )
        given[name] = read_value(value)
    device = device or best_device()
    graph.to(device).eval()
    where = Run(
        seed=seed,
        position=position,
        split=split,
        batch=batch,
        device=device,
        output=str(output or "."),
    )
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=quiet,
    )
    with bar:
        task = bar.add_task("starting", total=None)

        def watch(event: Event) -> None:
            done = event.index + (1 if isinstance(event, NodeFinished) else 0)
            bar.update(task, description=event.path, total=event.total, completed=done)

        try:
            results = execute(
                graph,
                given,
                targets=targets or None,
                run=where,
                watch=watch,
                precision=precision,  # type: ignore[arg-type]
            )
        except KeyError as error:
            raise click.UsageError(str(error.args[0])) from error
    if output is None:
        return {name: in_words(value) for name, value in results.items()}
    return {name: str(write_value(output, name, value)) for name, value in results.items()}


def read_value(text: str) -> Any:
    """A value for a port: from a file by its suffix, or JSON itself.

    Pictures become float32 (1, c, h, w) in 0 to 1; numbers of a JSON list a tensor.
    Raises: FileError when the file cannot be read as what its name says.
    """
    path = Path(text)
    if not path.suffix or not path.exists():
        try:
            return _tensor(json.loads(text))
        except json.JSONDecodeError as error:
            raise FileError(f"{text}: expected a file that exists, or JSON; got neither") from error
    try:
        if path.suffix == ".npy":
            return torch.from_numpy(np.load(path, allow_pickle=False))
        if path.suffix == ".npz":
            with np.load(path, allow_pickle=False) as held:
                if len(held.files) != 1:
                    raise FileError(f"{path}: expected one array, got {', '.join(held.files)}")
                return torch.from_numpy(held[held.files[0]])
        if path.suffix in PICTURES:
            from PIL import Image

            with Image.open(path) as picture:
                values = np.asarray(
                    picture.convert("L" if picture.mode in ("1", "L", "I") else "RGB")
                )
            return torch.from_numpy(np.atleast_3d(values) / 255).permute(2, 0, 1)[None].float()
        if path.suffix == ".json":
            return _tensor(json.loads(path.read_text(encoding="utf-8")))
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise FileError(f"{path}: cannot be read as {path.suffix}: {error}") from error


def _tensor(value: Any) -> Any:
    return torch.tensor(value) if isinstance(value, list | int | float) else value


def write_value(folder: Path, name: str, value: Any) -> Path:
    """A result as a file: pictures PNG, tensors NPY, the rest JSON or text; the file's path."""
    import io

    folder.mkdir(parents=True, exist_ok=True)
    stem = name.replace("/", "_")
    if isinstance(value, Tensor) and value.dtype == torch.uint8 and value.dim() == 3:
        from PIL import Image

        held = io.BytesIO()
        Image.fromarray(value.cpu().numpy()).save(held, "PNG")
        path = folder / f"{stem}.png"
        write_bytes(path, held.getvalue())
    elif isinstance(value, Tensor):
        held = io.BytesIO()
        plain = value.detach().cpu()
        np.save(held, (plain.float() if plain.dtype == torch.bfloat16 else plain).numpy())
        path = folder / f"{stem}.npy"
        write_bytes(path, held.getvalue())
    elif isinstance(value, str):
        path = folder / f"{stem}.txt"
        write_bytes(path, value.encode())
    else:
        path = folder / f"{stem}.json"
        write_bytes(path, json.dumps(value, indent=1, default=str).encode())
    return path


def in_words(value: Any) -> str:
    """A result for the terminal: small ones whole, others by shape."""
    if isinstance(value, Tensor):
        if value.numel() == 1:
            return f"{value.item():.6g}"
        if value.numel() <= 16:
            return str(value.tolist())
    return value if isinstance(value, str) else describe(value)
