"""The folders that things come from: the templates that ship, and the blocks that a person saved."""

from __future__ import annotations

import json
import re
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from app.editor.library.bundle import Bundle, of_saved, of_template
from app.editor.library.thing import Kind, Thing
from graphs.spec.document import Document
from graphs.spec.problems import FileError
from graphs.store.document_file import read_document, write_document
from graphs.store.template_file import read_template

ENDING = ".json"


def template_folder() -> Path:
    """Where the templates are that ship."""
    with as_file(files("assets") / "templates") as path:
        return path


class Shelf:
    """The documents of one folder, as things. Files are the truth: `look` reads what is new."""

    def __init__(self, folder: Path, kind: Kind) -> None:
        """The folder may not exist yet."""
        self.folder, self.kind = folder, kind
        self.things: list[Thing] = []
        self.faults: list[str] = []
        self._known: dict[Path, tuple[int, Thing]] = {}

    def look(self) -> list[Thing]:
        """What is there now; files that cannot be read are told in `faults` and passed over."""
        paths = sorted(self.folder.glob(f"*{ENDING}")) if self.folder.is_dir() else []
        self.faults = []
        known, self._known = self._known, {}
        for path in paths:
            try:
                when = path.stat().st_mtime_ns
                old = known.get(path)
                thing = old[1] if old and old[0] == when else self._thing(path)
            except (OSError, ValueError, FileError) as error:
                self.faults.append(f"{path.name}: {error}")
                continue
            self._known[path] = when, thing
        self.things = [thing for _, thing in self._known.values()]
        return self.things

    def bundle(self, thing: Thing) -> Bundle:
        """What is dragged. Raises: FileError, EditError."""
        if thing.path is None:
            raise FileError(f"{thing.title}: is in no file")
        if self.kind == "saved":
            return of_saved(read_document(thing.path))
        document = read_template(thing.path).document()
        return of_template(document, stem(document.title or thing.path.stem))

    def keep(self, document: Document) -> Path:
        """The document is a file of the folder, under a free name. Raises: FileError."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FileError(
                f"{self.folder}: {error.strerror}\n  → choose who may write there"
            ) from error
        name = stem(document.title)
        path, number = self.folder / f"{name}{ENDING}", 2
        while path.exists():
            path, number = self.folder / f"{name}_{number}{ENDING}", number + 1
        write_document(path, document)
        self.look()
        return path

    def drop(self, thing: Thing) -> None:
        """The file is gone. Raises: FileError."""
        try:
            if thing.path is not None:
                thing.path.unlink(missing_ok=True)
        except OSError as error:
            raise FileError(f"{thing.path}: {error.strerror}") from error
        self.look()

    def _thing(self, path: Path) -> Thing:
        """Enough of a file to list it; it is read and judged as a whole when it is used."""
        data = json.loads(path.read_bytes())
        if isinstance(data, dict) and data.get("parameters"):  # its title may be one of them
            data = read_template(path).document().model_dump(exclude={"plans"}) | {
                "plans": data.get("plans", {})
            }
        if not isinstance(data, dict) or not isinstance(root := data.get("root", {}), dict):
            raise ValueError("is no document")
        nodes = root.get("nodes", {})
        level = str(root.get("level", "graph"))
        if self.kind == "saved" and isinstance(nodes, dict) and len(nodes) == 1:
            level, nodes = _inner(next(iter(nodes.values())))
        names = list(nodes) if isinstance(nodes, dict) else []
        summary = str(data.get("description", "")) or ", ".join(names[:6])
        doc = "\n".join([", ".join(names), *data.get("plans", {})])
        title = str(data.get("title") or path.stem)
        return Thing(f"{self.kind}:{path.stem}", self.kind, title, level, summary, doc, path=path)


def _inner(node: Any) -> tuple[str, Any]:
    body = node.get("body") if isinstance(node, dict) else None
    if not isinstance(body, dict):
        return "", {}
    return str(body.get("level", "graph")), body.get("nodes", {})


def stem(title: str) -> str:
    """A title as the name of a file or a node.

    >>> stem("Digits world!"), stem("3 × 3")
    ('digits_world', 'block_3_3')
    """
    plain = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")[:48] or "block"
    return plain if plain[0].isalpha() else f"block_{plain}"
