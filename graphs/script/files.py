"""A script on the disk: NAME.py with its weights beside it, both or neither."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from graphs.live.graph import Graph
from graphs.script.writing import Script, script
from graphs.store.atomic import write_together
from graphs.store.tensors import tensors_writer


def weights_file(path: Path) -> Path:
    """Where a script's weights lie; never where a document of the same name has its own.

    >>> weights_file(Path("out/digits.py")).name
    'digits_weights.safetensors'
    """
    return path.with_name(f"{path.stem}_weights.safetensors")


def write_script(
    path: Path, root: Graph, title: str, *, node: str = "", targets: Iterable[str] | None = None
) -> Script:
    """The files hold the graph, or its part at `node`, as a script and its weights.

    Raises: NotPortable, KeyError, FileError; nothing is written then.
    """
    weights = weights_file(path)
    made = script(root, title, node=node, targets=targets, weights=weights.name)
    text = made.text.encode()
    tensors = tensors_writer(made.tensors, {}, weights)
    write_together({weights: tensors, path: lambda file: file.write(text)})
    return made
