"""Nodes as text: what copying writes and pasting reads, also between windows.

The text is JSON with the nodes, the wires between them, the wires that came in, and where they stood.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from app.editor.canvas.arrangement import place
from app.editor.canvas.camera import Point
from app.editor.canvas.changes import free_name
from app.editor.canvas.scene import Scene
from app.editor.language import _
from graphs.spec.document import GraphSpec, NodeSpec, Pin, Wire, join
from graphs.spec.edits import AddNode, Connect, Edit, Many, SetLayout
from graphs.spec.identity import anonymous
from graphs.spec.problems import FileError

WHAT, VERSION = "worldloom nodes", 1


def written(scene: Scene, names: Iterable[str]) -> str:
    """The nodes as text."""
    body = scene.body
    chosen = {name: body.nodes[name] for name in body.nodes if name in set(names)}
    inner = GraphSpec(
        nodes={n: anonymous(node) for n, node in chosen.items()},
        wires=tuple(w for w in body.wires if w.source.node in chosen and w.target.node in chosen),
    )
    above = f"{scene.place.at}." if scene.place.at else ""
    inside = {
        key.removeprefix(above): value
        for key, value in scene.document.layout.items()
        if key.startswith(above) and key.removeprefix(above).partition(".")[0] in chosen
    }
    data = {
        "what": WHAT,
        "version": VERSION,
        "graph": inner.model_dump(mode="json", exclude_defaults=True),
        "from": [
            str(w) for w in body.wires if w.target.node in chosen and w.source.node not in chosen
        ],
        "places": {n: list(scene.card(n).at) for n in chosen},
        "at": scene.place.at,
        "layout": {key: value for key, value in inside.items() if "." in key},
    }
    return json.dumps(data, indent=1, sort_keys=True)


def pasted(
    scene: Scene, text: str, at: Point | None = None, shift: float = 0.0, feeds: bool = False
) -> tuple[tuple[str, ...], Edit]:
    """The nodes of a text as an edit, and their names here.

    They stand around `at`, or `shift` from where they were. With `feeds` the wires that came in are
    drawn too, where their sources are still here.
    Raises: FileError when the text holds no nodes of ours.
    """
    data, graph = _read(text)
    body, names = scene.body, dict[str, str]()
    for name in graph.nodes:
        taken = GraphSpec(nodes={**body.nodes, **{n: NodeSpec() for n in names.values()}})
        names[name] = free_name(taken, name)
    where = _places(data, graph, at, shift)
    here = scene.place.at
    edits: list[Edit] = [
        AddNode(name=names[n], node=node, at=here) for n, node in graph.nodes.items()
    ]
    edits += [place(scene.document, join(here, names[n]), where[n]) for n in graph.nodes]
    for key, value in data.get("layout", {}).items():
        first, _, rest = key.partition(".")
        edits.append(SetLayout(key=join(here, names[first], rest), value=value))
    wires = list(graph.wires)
    if feeds and data.get("at") == here:
        known = GraphSpec(wires=data.get("from", ()))
        wires += [w for w in known.wires if w.source.node in body.nodes]
    for wire in wires:
        source = Pin(names.get(wire.source.node, wire.source.node), wire.source.port)
        target = Pin(names[wire.target.node], wire.target.port)
        edits.append(Connect(wire=Wire(source, target), at=here, replace=False))
    made = tuple(names.values())
    return made, Many(edits=tuple(edits), text=f"Paste {', '.join(made[:3])}")


def _read(text: str) -> tuple[dict[str, Any], GraphSpec]:
    try:
        data = json.loads(text)
    except ValueError as error:
        raise FileError(_("the clipboard holds no nodes")) from error
    if not isinstance(data, dict) or data.get("what") != WHAT:
        raise FileError(_("the clipboard holds no nodes\n  → copy some on a canvas first"))
    if data.get("version") != VERSION:
        raise FileError(
            _("the clipboard holds nodes of version {version}, this program reads {ours}").format(
                version=data.get("version"), ours=VERSION
            )
        )
    try:
        return data, GraphSpec.model_validate(data["graph"])
    except (KeyError, ValidationError) as error:
        raise FileError(
            _("the clipboard's nodes cannot be read: {error}").format(error=error)
        ) from error


def _places(
    data: dict[str, Any], graph: GraphSpec, at: Point | None, shift: float
) -> dict[str, Point]:
    given = data.get("places")
    places = given if isinstance(given, dict) else {}
    found = {}
    for number, name in enumerate(graph.nodes):
        spot = places.get(name)
        if isinstance(spot, list) and len(spot) == 2:
            found[name] = Point(float(spot[0]), float(spot[1]))
        else:
            found[name] = Point(240.0 * number, 0.0)
    if at is None or not found:
        return {n: Point(p.x + shift, p.y + shift) for n, p in found.items()}
    x, y = min(p.x for p in found.values()), min(p.y for p in found.values())
    return {n: Point(p.x - x + at.x, p.y - y + at.y) for n, p in found.items()}
