"""Documents as files: JSON that people can read and diff, equal bytes for equal documents.

Fields at their defaults are left out. Keys are sorted in the file and when read, so a document has
one order of nodes, and with it one order of parameters, whoever wrote it in which order.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from graphs.spec.collector import held_back
from graphs.spec.document import Document
from graphs.store.atomic import write_bytes
from graphs.store.faults import Where
from graphs.store.jsonfile import format_json, parse_json, read_json
from graphs.store.migrations import FORMAT, VERSION, upgrade
from graphs.store.plain import plain, validated


@held_back()
def read_document(path: Path) -> Document:
    """The document in a file, in normal order.

    Raises: FileError when it is not ours, newer, damaged, or holds what no document may.
    """
    return _document(read_json(path), path)


def write_document(path: Path, document: Document) -> None:
    """The file holds this document; reading it gives `normalised(document)`. Atomic."""
    write_bytes(path, document_bytes(document, path))


def document_bytes(document: Document, where: Where, compact: bool = False) -> bytes:
    """What the file of a document holds."""
    header = {"format": FORMAT, "version": VERSION}
    return format_json(header | plain(document, where), where, compact)


def document_from(data: bytes, where: Where) -> Document:
    """The document in the bytes of a file."""
    return _document(parse_json(data, where), where)


def normalised(document: Document) -> Document:
    """An equal document as a file gives it back: names in order, tuples in configs as lists.

    Train and hash graphs built from normal documents: a document that was never saved may list its
    nodes, and so its parameters, in another order than the file of it.
    """
    return document_from(document_bytes(document, "document"), "document")


def _document(raw: Any, where: Where) -> Document:
    return validated(Document, upgrade(raw, where), where)
