"""A node of a document as a document of its own: what a checkpoint of one level is saved with.

A part stands alone: what it used of the document's definitions comes with it, and what it shared with
nodes outside becomes its own. Plans stay behind, since their losses are elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping

from graphs.spec.definitions import expand, used
from graphs.spec.document import GRAPH_TYPE, Document, GraphSpec, NodeSpec, join, node_at
from graphs.spec.problems import EditError, near

Ports = tuple[tuple[str, ...], tuple[str, ...]]  # names of inputs and outputs


def part(document: Document, path: str, ports: Ports) -> Document:
    """The node at a path as a document; its body is the root, or a leaf is the root's one node.

    `ports` are the node's own: a leaf's are all exposed.
    Raises: EditError when there is no such node.
    """
    whole, home = expand(document), home_of(document, path)
    linked = node_at(document.root, home)  # None when the way there leads through an instance
    node = linked if linked is not None and not linked.uses else node_at(whole, home)
    assert node is not None
    node = _alone(node, home, whole)
    definitions = _definitions(document, node)
    title = f"{node.label or home} of {document.title}" if document.title else node.label or home
    if not wrapped(node):
        assert node.body is not None
        return Document(title=title, root=node.body, definitions=definitions)
    name = home.rpartition(".")[2]
    root = GraphSpec(
        nodes={name: node},
        inputs={port: f"{name}.{port}" for port in ports[0]},
        outputs={port: f"{name}.{port}" for port in ports[1]},
    )
    return Document(title=title, root=root, definitions=definitions)


def home_of(document: Document, path: str) -> str:
    """Where the block at a path is defined: the path itself unless it is shared on the way there.

    Raises: EditError when there is no such node.
    """
    whole = expand(document)
    home = ""
    for name in path.split("."):
        body = (node_at(whole, home) or NodeSpec()).body if home else whole
        node = body.nodes.get(name) if body else None
        if body is None or node is None:
            known = [each for each, _ in whole.walk()]
            raise EditError(f"there is no node {path!r}{near(path, known)}")
        home = node.tied_to or join(home, name)
    return home


def wrapped(node: NodeSpec) -> bool:
    """Whether a part holds this node as the one node of its root: all but plain composites."""
    return node.body is None or node.type not in ("", GRAPH_TYPE)


def _alone(node: NodeSpec, home: str, whole: GraphSpec) -> NodeSpec:
    """The node with ties that hold inside it: to its own nodes, or to the first that stands in."""
    inside = f"{home}."
    prefix = home.rpartition(".")[2] + "." if wrapped(node) else ""
    given: dict[str, str] = {}  # what is tied to outside -> where its copy is
    replaced: dict[str, NodeSpec] = {}
    for path, each in sorted(node.body.walk() if node.body else (), key=lambda found: found[0]):
        target = each.tied_to
        if not target:
            continue
        if target.startswith(inside):
            replaced[path] = each.model_copy(
                update={"tied_to": prefix + target.removeprefix(inside)}
            )
        elif target in given:
            replaced[path] = each.model_copy(update={"tied_to": given[target]})
        else:
            given[target] = prefix + path
            copy = node_at(whole, target)
            assert copy is not None
            replaced[path] = copy.model_copy(update={"id": "", "label": each.label or copy.label})
    return _with(node, replaced, "")


def _with(node: NodeSpec, replaced: Mapping[str, NodeSpec], at: str) -> NodeSpec:
    if node.body is None or not replaced:
        return node
    nodes = {}
    for name, child in node.body.nodes.items():
        path = join(at, name)
        nodes[name] = replaced[path] if path in replaced else _with(child, replaced, path)
    return node.model_copy(update={"body": node.body.model_copy(update={"nodes": nodes})})


def _definitions(document: Document, node: NodeSpec) -> dict[str, NodeSpec]:
    found: dict[str, NodeSpec] = {}
    waiting = [node]
    while waiting:
        for _, instance in used(waiting.pop()):
            name = instance.uses
            if name in document.definitions and name not in found:
                found[name] = document.definitions[name]
                waiting.append(found[name])
    return found
