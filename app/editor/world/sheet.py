"""The gallery as one picture for people: the contact sheet of what hangs in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from app.contact_sheet import Card, contact_sheet
from app.editor.heard.world import Exhibit
from app.editor.language import ngettext
from app.editor.world.textures import opened


def sheet_path(project: Path | None) -> Path:
    """Where a sheet would go: beside the project, else in the current folder; never over another.

    >>> sheet_path(Path("my/digits.json")).as_posix()
    'my/digits-gallery.png'
    """
    stem = project.stem if project is not None else "world"
    folder = project.parent if project is not None else Path.cwd()
    path, number = folder / f"{stem}-gallery.png", 1
    while path.exists():
        number += 1
        path = folder / f"{stem}-gallery-{number}.png"
    return path


def write_sheet(path: Path, title: str, exhibits: Sequence[Exhibit]) -> Path:
    """Write every exhibit that has a picture; the file. Raises: FileError when the disk refuses."""
    if path.suffix.lower() != ".png":
        path = path.with_name(f"{path.name}.png")
    cards = []
    for exhibit in exhibits:
        picture = opened(exhibit.picture) if exhibit.picture else None
        if picture is not None:
            said = [exhibit.says(block) for block in ("intent", "description", "events")]
            cards.append(Card(exhibit.turn + 1, said[0], picture, said[1], said[2], exhibit.action))
    count = ngettext("{count} turn", "{count} turns", len(cards)).format(count=len(cards))
    contact_sheet(path, title or path.stem, count, cards)
    return path
