"""What an edit brings: a new node never gets the identity, and the weights, of one that is gone.

By value a node that was deleted and added again under its name is the same document as a deletion
undone. Only a history knows which of the two it was, so whoever keeps one asks here after each edit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count

from graphs.spec.definitions import expand
from graphs.spec.document import Document, GraphSpec, NodeSpec, join, node_at
from graphs.spec.edits.places import frame_body, with_frame_body
from graphs.spec.identity import INSTANCE, assign, identities, plain_identities


def brings(old: Document, new: Document) -> bool:
    """Whether any body of the new document has a node under a name that it had not; quick."""
    if old.root is not new.root and _brings(old.root, new.root):
        return True
    if old.definitions is new.definitions:
        return False
    for name, node in new.definitions.items():
        before = old.definitions.get(name)
        if before is None or (
            node is not before and _brings(before.body or GraphSpec(), node.body or GraphSpec())
        ):
            return True
    return False


def _brings(old: GraphSpec, new: GraphSpec) -> bool:
    for name, node in new.nodes.items():
        before = old.nodes.get(name)
        if before is None:
            return True
        if node is before:
            continue
        if node.uses != before.uses or (node.body is None) != (before.body is None):
            return True
        if node.body is not None and before.body is not None and _brings(before.body, node.body):
            return True
    return False


def used_in(document: Document) -> set[str]:
    """Every identity of a document, in all instances."""
    return set(identities(expand(document)).values())


def renewed(old: Document, new: Document, used: set[str]) -> Document:
    """The new document in which nodes that `old` had not have identities that nobody `used` before.

    An id that an edit writes itself stays: it says whose weights are meant.
    """
    before = used_in(old)
    passed: set[str] = set()  # paths that are as they should be
    while True:
        root = expand(new)
        after = identities(root)
        suspects = {p: i for p, i in after.items() if i in used and i not in before}
        path = next((p for p in _outermost(suspects) if p not in passed), None)
        if path is None:
            return new
        passed.add(path)
        node = node_at(root, path)
        if node is not None and not node.id and _weighs(node):
            new = _with_new_identity(new, path, used | set(after.values()))


def _weighs(node: NodeSpec) -> bool:
    """Whether a node is a block, or holds one."""
    return node.body is None or any(inner.body is None for _, inner in node.body.walk())


def _outermost(paths: Mapping[str, str]) -> Iterator[str]:
    for path in sorted(paths):
        names = path.split(".")
        if not any(".".join(names[:n]) in paths for n in range(1, len(names))):
            yield path


def _with_new_identity(document: Document, path: str, taken: set[str]) -> Document:
    frame, inside = _frame(document, path)
    base = INSTANCE if frame else ""
    body = frame_body(document, frame)
    now = plain_identities(body, base)[inside]
    holder = path.removesuffix(inside).rstrip(".") if frame else ""
    own = now.removeprefix(f"{base}.") if base else now
    free = next(k for k in count(2) if join(holder, f"{own}~{k}") not in taken)
    return with_frame_body(document, frame, assign(body, {inside: f"{now}~{free}"}, base))


def _frame(document: Document, path: str) -> tuple[str, str]:
    """The root or definition that a path of the expanded root lies in, and the path from there."""
    frame, inside, body = "", "", document.root
    names = path.split(".")
    for number, name in enumerate(names, 1):
        inside = join(inside, name)
        node = body.nodes[name]
        if node.uses and number < len(names):
            frame, inside = f"@{node.uses}", ""
            node = document.definitions[node.uses]
        body = node.body or GraphSpec()
    return frame, inside
