"""A whole world as one file: a valid safetensors file whose metadata holds the document.

Any safetensors reader opens it and nothing in it can run code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from graphs.spec.document import Document
from graphs.spec.holdings import holdings
from graphs.store.document_file import document_bytes, document_from
from graphs.store.envelope import packed, read_sealed, write_sealed


@dataclass(frozen=True)
class World:
    """What a .world file holds; `hash` names the weights: light worlds call their base by it."""

    document: Document
    tensors: Mapping[str, Tensor]
    hash: str
    extra: Mapping[str, Any]


def export_world(
    path: Path,
    document: Document,
    tensors: Mapping[str, Tensor],
    extra: Mapping[str, Any] | None = None,
) -> str:
    """The file holds the document, its weights and `extra` (plain data); the hash of the weights.

    Raises: FileError when something cannot be written; the old file is then untouched.
    """
    fields = {
        "worldloom": document_bytes(document, path, compact=True).decode(),
        "holds": packed(holdings(document), path),
    }
    return write_sealed(path, "world", fields, tensors, extra)


def import_world(path: Path) -> World:
    """The world in a file, proved to be as it was written.

    Raises: FileError for a light world, a newer version, and any damage or change.
    """
    sealed = read_sealed(path, "world")
    document = document_from(sealed.fields.get("worldloom", "").encode(), path)
    return World(document, sealed.tensors, sealed.hash, sealed.extra)
