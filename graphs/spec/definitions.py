"""Definitions: a node that is written once and used in many places.

`expand` puts the definition where it is used, so that check, build and run know nothing of
instances. Instances without overrides share one body.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from graphs.spec.document import Document, GraphSpec, NodeSpec, join
from graphs.spec.identity import IDENTITY
from graphs.spec.problems import Problem, near
from graphs.spec.sentence import Sentence

Overrides = Mapping[str, Mapping[str, Any]]


def expand(document: Document) -> GraphSpec:
    """The root with every instance replaced by what its definition says.

    An instance keeps its id, and its label if it has one. What cannot be resolved (an unknown
    definition, one that uses itself, an override of nothing) stays or is passed over:
    `definition_problems` reports it.
    """
    return _Expander(document).body(document.root)


def own_copy(document: Document, instance: NodeSpec) -> NodeSpec:
    """What the definition says with the instance's overrides in it, one step deep.

    Instances inside stay linked; overrides that reach into them become their own. The definition
    must exist.
    """
    definition = document.definitions[instance.uses]
    copied = overridden(_source(definition), instance.overrides)
    label = instance.label or definition.label
    return copied.model_copy(update={"label": label, "id": copied.id or instance.id})


def overridden(node: NodeSpec, overrides: Overrides) -> NodeSpec:
    """The node with config values laid over it, by path relative to it; "" is the node itself."""
    overrides = {path: values for path, values in overrides.items() if values}
    if not overrides:
        return node
    if node.uses:
        merged = {p: dict(v) for p, v in node.overrides.items()}
        for path, values in overrides.items():
            merged[path] = {**merged.get(path, {}), **values}
        return node.model_copy(update={"overrides": merged})
    change: dict[str, Any] = {}
    own = dict(overrides.get("", {}))
    if identity := own.pop(IDENTITY, ""):
        change["id"] = identity
    if own:
        change["config"] = {**node.config, **own}
    inner: dict[str, dict[str, Mapping[str, Any]]] = {}
    for path, values in overrides.items():
        name, _, rest = path.partition(".")
        if node.body is not None and name in node.body.nodes:
            inner.setdefault(name, {})[rest] = values
    if node.body is not None and inner:
        nodes = {name: overridden(node.body.nodes[name], o) for name, o in inner.items()}
        change["body"] = node.body.model_copy(update={"nodes": {**node.body.nodes, **nodes}})
    return node.model_copy(update=change) if change else node


class _Expander:
    def __init__(self, document: Document) -> None:
        self.definitions = document.definitions
        self.circular = circular(document)
        self.sources: dict[str, NodeSpec] = {}
        self.whole: dict[str, NodeSpec] = {}

    def body(self, body: GraphSpec) -> GraphSpec:
        changed = {}
        for name, node in body.nodes.items():
            if node.uses or node.body is not None:
                expanded = self.node(node)
                if expanded is not node:
                    changed[name] = expanded
        return body.model_copy(update={"nodes": {**body.nodes, **changed}}) if changed else body

    def node(self, node: NodeSpec) -> NodeSpec:
        if node.uses:
            return self.instance(node)
        if node.body is None:
            return node
        inner = self.body(node.body)
        return node if inner is node.body else node.model_copy(update={"body": inner})

    def instance(self, node: NodeSpec) -> NodeSpec:
        name = node.uses
        if name not in self.definitions or name in self.circular:
            return node
        if name not in self.sources:
            self.sources[name] = _source(self.definitions[name])
        if any(node.overrides.values()):
            expanded = self.node(overridden(self.sources[name], node.overrides))
        else:
            if name not in self.whole:
                self.whole[name] = self.node(self.sources[name])
            expanded = self.whole[name]
        label = node.label or expanded.label
        return expanded.model_copy(update={"label": label, "id": expanded.id or node.id})


def _source(node: NodeSpec, depth: int = 0) -> NodeSpec:
    """The definition with only those ids that hold in every instance: counted from inside it."""
    change: dict[str, Any] = {}
    dots = len(node.id) - len(node.id.lstrip("."))
    if node.id and not 0 < dots <= depth:
        change["id"] = ""
    if node.body is not None:
        nodes = {name: _source(child, depth + 1) for name, child in node.body.nodes.items()}
        if any(nodes[name] is not child for name, child in node.body.nodes.items()):
            change["body"] = node.body.model_copy(update={"nodes": nodes})
    return node.model_copy(update=change) if change else node


def used(node: NodeSpec) -> Iterator[tuple[str, NodeSpec]]:
    """The instances in a node with their paths relative to it; "" is the node itself."""
    if node.uses:
        yield "", node
    if node.body is not None:
        yield from ((path, inner) for path, inner in node.body.walk() if inner.uses)


def circular(document: Document) -> set[str]:
    """The definitions that use themselves, directly or through others."""
    uses = {name: {n.uses for _, n in used(node)} for name, node in document.definitions.items()}
    return {name for name in uses if name in _reached(uses, name)}


def _reached(uses: Mapping[str, Iterable[str]], start: str) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        fresh = set(uses.get(waiting.pop(), ())) - found
        found |= fresh
        waiting += fresh
    return found


class Places:
    """Where definitions are used: the paths of instances, also of those inside other instances."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.circular = circular(document)

    def inside(self, outer: str, name: str) -> list[str]:
        """Where an instance of `outer` holds one of `name`, relative to it; "" if it is one."""
        if outer == name:
            return [""]
        node = self.document.definitions.get(outer)
        if node is None or outer in self.circular:
            return []
        return [join(path, rest) for path, n in used(node) for rest in self.inside(n.uses, name)]

    def of(self, name: str) -> list[str]:
        """The path in the expanded root of every instance of a definition."""
        return [
            join(path, rest)
            for path, node in self.document.root.walk()
            if node.uses
            for rest in self.inside(node.uses, name)
        ]


def definition_problems(document: Document) -> list[Problem]:
    """Definitions that use themselves, instances of none, overrides of nothing.

    Inside a definition a path starts with "@" and its name.
    """
    loops = circular(document)
    found = [
        Problem(
            f"@{name}",
            "circular-definition",
            Sentence("definition {name!r} uses itself", name=name),
        )
        for name in sorted(loops)
    ]
    places = [(path, node) for path, node in document.root.walk() if node.uses]
    for name in sorted(document.definitions):
        places += [(join(f"@{name}", p), n) for p, n in used(document.definitions[name])]
    for path, node in places:
        if node.uses not in document.definitions:
            hint = near(node.uses, document.definitions)
            message = Sentence("there is no definition {uses!r}{hint}", uses=node.uses, hint=hint)
            found.append(Problem(path, "unknown-definition", message))
        elif node.uses not in loops:
            found += _override_problems(document, path, node)
    return found


def _override_problems(document: Document, path: str, node: NodeSpec) -> Iterator[Problem]:
    for inner in node.overrides:
        if inside(document, node, inner) is None:
            known = near(inner, paths_inside(document, node))
            message = Sentence(
                "overrides {inner!r}, which definition {uses!r} does not have{known}",
                inner=inner,
                uses=node.uses,
                known=known,
            )
            yield Problem(path, "override", message)


def inside(document: Document, node: NodeSpec, path: str) -> NodeSpec | None:
    """The node at a path relative to a node, looking through instances, or None."""
    names = path.split(".") if path else []
    seen: set[str] = set()
    while True:
        if node.uses and node.uses in document.definitions and node.uses not in seen:
            seen.add(node.uses)
            node = document.definitions[node.uses]
            continue
        if not names:
            return node
        found = node.body.nodes.get(names.pop(0)) if node.body is not None else None
        if found is None:
            return None
        node, seen = found, set()


def paths_inside(document: Document, instance: NodeSpec) -> list[str]:
    """Every path inside an instance, relative to it."""
    body = GraphSpec(nodes={"instance": instance.model_copy(update={"overrides": {}})})
    expanded = expand(document.model_copy(update={"root": body}))
    return [path.removeprefix("instance.") for path, _ in expanded.walk() if "." in path]
