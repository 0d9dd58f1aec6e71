"""Where things stand, as the document keeps it under `layout`.

A node's key is its path. Other things have keys that no path can have, as a path has no "/":
`frame/AT/1`, `note/AT/1` and `wire/AT/a.out -> b.x`, where AT is the body that they are in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Literal

from app.editor.canvas.camera import Point, Rect
from graphs.spec.document import Document, Pin, Wire, join, wire
from graphs.spec.edits import Edit, Many, SetLayout
from graphs.spec.edits.places import frame_body
from graphs.spec.identity import identities

Kind = Literal["frame", "note"]
BODY_OF: tuple[Kind, ...] = ("frame", "note")


@dataclass(frozen=True)
class Decor:
    """A frame around nodes or a note beside them; `colour` counts the theme's."""

    key: str
    kind: Kind
    box: Rect
    text: str = ""
    colour: int = 0

    def edit(self) -> SetLayout:
        """The edit that keeps it."""
        box = [round(side) for side in self.box]
        return SetLayout(key=self.key, value={"box": box, "text": self.text, "colour": self.colour})

    def moved(self, dx: float, dy: float) -> Decor:
        """The same, elsewhere."""
        return replace(self, box=self.box.moved(dx, dy))


def place_of(document: Document, path: str) -> Point | None:
    """Where a node stands, None where nobody said."""
    value = document.layout.get(path)
    if not isinstance(value, Mapping):
        return None
    x, y = value.get("x"), value.get("y")
    return Point(x, y) if isinstance(x, int | float) and isinstance(y, int | float) else None


def folded(document: Document, path: str) -> bool:
    """Whether a node shows nothing but its head."""
    value = document.layout.get(path)
    return isinstance(value, Mapping) and value.get("folded") is True


def place(document: Document, path: str, at: Point) -> SetLayout:
    """The edit that puts a node somewhere and keeps the rest of what is known of it."""
    return _keep(document, path, {"x": round(at.x), "y": round(at.y)})


def fold(document: Document, path: str, closed: bool, at: Point) -> SetLayout:
    """The edit that folds a node or opens it; it stays where it is."""
    change = {"x": round(at.x), "y": round(at.y), "folded": closed or None}
    return _keep(document, path, change)


def _keep(document: Document, path: str, change: Mapping[str, Any]) -> SetLayout:
    value = document.layout.get(path)
    merged = {**(value if isinstance(value, Mapping) else {}), **change}
    return SetLayout(key=path, value={k: v for k, v in merged.items() if v is not None})


def decor(document: Document, at: str) -> list[Decor]:
    """The frames, then the notes of a body; what is not written as they are is passed over."""
    found = [d for key in sorted(document.layout) if (d := _decor(document, key, at)) is not None]
    return sorted(found, key=lambda d: d.kind)


def _decor(document: Document, key: str, at: str) -> Decor | None:
    kind, _, rest = key.partition("/")
    body, _, number = rest.rpartition("/")
    value = document.layout[key]
    if kind not in BODY_OF or body != at or not number or not isinstance(value, Mapping):
        return None
    box = value.get("box")
    if not isinstance(box, Sequence) or len(box) != 4:
        return None
    sides = [side for side in box if isinstance(side, int | float)]
    if len(sides) != 4:
        return None
    text, colour = value.get("text", ""), value.get("colour", 0)
    return Decor(key, kind, Rect(*sides), str(text), colour if isinstance(colour, int) else 0)


def new_decor(document: Document, at: str, kind: Kind, box: Rect, text: str) -> Decor:
    """A frame or a note that is not there yet."""
    number = next(n for n in count(1) if f"{kind}/{at}/{n}" not in document.layout)
    return Decor(f"{kind}/{at}/{number}", kind, box, text)


def route(document: Document, at: str, of: Wire) -> tuple[Point, ...]:
    """The points that a wire passes."""
    value = document.layout.get(f"wire/{at}/{of}")
    if not isinstance(value, Sequence):
        return ()
    return tuple(
        Point(point[0], point[1])
        for point in value
        if isinstance(point, Sequence) and len(point) == 2
    )


def reroute(at: str, of: Wire, points: Iterable[Point]) -> SetLayout:
    """The edit that leads a wire through these points; through none, straight."""
    value = [[round(p.x), round(p.y)] for p in points]
    return SetLayout(key=f"wire/{at}/{of}", value=value or None)


def followed(document: Document, edit: Edit) -> Edit:
    """The edit, and with it the layout of what it renames, moves or removes, as one step.

    Raises: EditError when the edit cannot be done.
    """
    after = edit(document)
    changes = _following(document, after)
    return Many(edits=(edit, *changes), text=edit.label) if changes else edit


def _following(before: Document, after: Document) -> list[SetLayout]:
    """What is kept of things that are elsewhere now, first out of its old place, then into the new."""
    moves = moved_paths(before, after)
    kept: dict[str, Any] = {}
    gone: list[str] = []
    for key, value in before.layout.items():
        if after.layout.get(key) != value:
            continue  # the edit itself said what becomes of it
        new = _key_now(key, moves)
        if new != key:
            gone.append(key)
            if new is not None:
                kept[new] = value
    said = after.layout.keys() - set(gone)
    return [
        *(SetLayout(key=key, value=None) for key in gone),
        *(SetLayout(key=key, value=value) for key, value in kept.items() if key not in said),
    ]


def _key_now(key: str, moves: Mapping[str, str]) -> str | None:
    """Under which key something is kept now; None when what it belongs to is gone."""
    kind, _, rest = key.partition("/")
    if not rest:
        return moves.get(key)
    if kind == "wire":
        return _wire_key(rest, moves)
    if kind not in BODY_OF:
        return key  # somebody else's
    at, _, number = rest.rpartition("/")
    now = moves.get(at) if at else ""
    return f"{kind}/{now}/{number}" if now is not None else None


def moved_paths(before: Document, after: Document) -> dict[str, str]:
    """Where every node that lives on is now, by its path as edits write it."""
    found: dict[str, str] = {f"@{name}": f"@{name}" for name in after.definitions}
    for frame in ("", *(f"@{name}" for name in before.definitions if name in after.definitions)):
        old, new = frame_body(before, frame), frame_body(after, frame)
        here = {identity: path for path, identity in identities(new).items()}
        for path, identity in identities(old).items():
            if identity in here:
                found[join(frame, path)] = join(frame, here[identity])
    return found


def _wire_key(rest: str, moves: Mapping[str, str]) -> str | None:
    """A wire's key where its ends are now; None when they are apart or gone."""
    at, _, text = rest.rpartition("/")
    try:
        ends = wire(text)
    except ValueError:
        return f"wire/{rest}"
    now = [moves.get(join(at, end.node)) for end in ends]
    if now[0] is None or now[1] is None:
        return None
    (at_a, _, a), (at_b, _, b) = now[0].rpartition("."), now[1].rpartition(".")
    if at_a != at_b:
        return None
    return f"wire/{at_a}/{Wire(Pin(a, ends.source.port), Pin(b, ends.target.port))}"
