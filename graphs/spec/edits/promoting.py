"""Promoted settings: what is set inside a graph and found on the graph itself.

A promotion is a name and the place of one setting, counted from the body that shows it. Where nodes
move the promotion follows as long as its node stays inside.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from pydantic.dataclasses import dataclass

from graphs.spec.definitions import Places, inside
from graphs.spec.document import Document, GraphSpec, Name, NodeSpec, SettingPath, join
from graphs.spec.edits.moves import Moves, together
from graphs.spec.edits.places import body_at, frame_body, refuse, with_body, with_frame_body
from graphs.spec.edits.values import STRICT, Act
from graphs.spec.problems import near


@dataclass(frozen=True, config=STRICT)
class Promote(Act):
    """Show a setting of an inner node, "node.path.setting", on the body at `at` under a name."""

    name: Name
    setting: SettingPath
    at: str = ""
    edit: Literal["Promote"] = "Promote"

    def __call__(self, document: Document) -> Document:
        """The node must exist and the name be free; whether it has the setting is for check to say."""
        body = body_at(document, self.at)
        path = self.setting.rpartition(".")[0]
        if inside(document, NodeSpec(body=body), path) is None:
            known = near(path, [inner for inner, _ in body.walk()])
            refuse(self.at, f"there is no node {path!r} inside{known}", "name one that exists")
        shown = body.promoted.get(self.name)
        if shown == self.setting:
            return document
        if shown is not None:
            refuse(self.at, f"{self.name!r} already shows {shown!r}", "choose another name")
        promoted = {**body.promoted, self.name: self.setting}
        return with_body(document, self.at, body.model_copy(update={"promoted": promoted}))

    def _says(self) -> str:
        return f"Promote {self.setting} as {self.name}"


@dataclass(frozen=True, config=STRICT)
class Demote(Act):
    """Show a promoted setting no more; it stays what it is."""

    name: Name
    at: str = ""
    edit: Literal["Demote"] = "Demote"

    def __call__(self, document: Document) -> Document:
        """It must be promoted."""
        body = body_at(document, self.at)
        if self.name not in body.promoted:
            known = near(self.name, body.promoted)
            refuse(self.at, f"nothing is promoted as {self.name!r}{known}", "name another")
        left = {name: setting for name, setting in body.promoted.items() if name != self.name}
        return with_body(document, self.at, body.model_copy(update={"promoted": left}))

    def _says(self) -> str:
        return f"Demote {self.name}"


def without_promoted(body: GraphSpec, names: Collection[str]) -> GraphSpec:
    """The body that promotes nothing of these nodes."""
    left = {n: s for n, s in body.promoted.items() if s.partition(".")[0] not in names}
    if len(left) == len(body.promoted):
        return body
    return body.model_copy(update={"promoted": left})


def promotions_followed(
    document: Document, frame: str, moves: Moves, seen: Moves, places: Places
) -> Document:
    """The document whose bodies, already in their new places, show the settings where they are now.

    `moves` are relative to the frame, `seen` the same as paths of the expanded root. What is not
    inside a body any more it does not show.
    """
    for here in ("", *(f"@{name}" for name in document.definitions)):
        if here == frame:
            known = moves
        elif not here:
            known = seen
        else:
            at = places.inside(here[1:], frame[1:]) if frame else []
            known = together(map(moves.below, at))
        body = frame_body(document, here)
        followed = _followed(body, "", known, {new: old for old, new in known.paths.items()})
        if followed is not body:
            document = with_frame_body(document, here, followed)
    return document


def _followed(body: GraphSpec, path: str, moves: Moves, back: dict[str, str]) -> GraphSpec:
    change: dict[str, object] = {}
    nodes = {}
    for name, node in body.nodes.items():
        if node.body is not None:
            inner = _followed(node.body, join(path, name), moves, back)
            if inner is not node.body:
                nodes[name] = node.model_copy(update={"body": inner})
    if nodes:
        change["nodes"] = {**body.nodes, **nodes}
    if body.promoted and (promoted := _moved(body, path, moves, back)) != body.promoted:
        change["promoted"] = promoted
    return body.model_copy(update=change) if change else body


def _moved(body: GraphSpec, path: str, moves: Moves, back: dict[str, str]) -> dict[str, str]:
    before, found = _before(path, back), {}
    for name, setting in body.promoted.items():
        inner, _, key = setting.rpartition(".")
        old = join(before, inner)
        new, prefix = moves.path(old), f"{path}." if path else ""
        if old not in moves.gone and new.startswith(prefix):
            found[name] = f"{new.removeprefix(prefix)}.{key}"
    return found


def _before(path: str, back: dict[str, str]) -> str:
    """Where a body was."""
    names = path.split(".") if path else []
    for n in range(len(names), 0, -1):
        old = back.get(".".join(names[:n]))
        if old is not None:
            return join(old, *names[n:])
    return path
