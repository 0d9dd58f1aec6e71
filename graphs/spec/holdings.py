"""What a document says it holds: definitions and where they are used, templates that it came from."""

from __future__ import annotations

from typing import Any

from graphs.spec.definitions import Places
from graphs.spec.document import Document


def holdings(document: Document) -> dict[str, Any]:
    """Definitions with the paths of their instances, templates by path of the body, plans by name.

    Plain data, as a world file carries it beside the document; "" is the root.
    """
    places = Places(document)
    bodies = {"": document.root} | {p: n.body for p, n in document.root.walk() if n.body}
    return {
        "definitions": {name: places.of(name) for name in sorted(document.definitions)},
        "templates": {
            path: body.made_from.model_dump()
            for path, body in bodies.items()
            if body is not None and body.made_from is not None
        },
        "plans": sorted(document.plans),
    }
