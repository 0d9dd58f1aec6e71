"""Putting a bundle into a document: one edit that adds its node and all that it brings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.editor.canvas.arrangement import place as placed
from app.editor.canvas.camera import Point
from app.editor.canvas.changes import free_name
from app.editor.library.bundle import Bundle, moved, rekeyed
from app.editor.places import Place
from graphs.spec.document import Document, NodeSpec, join
from graphs.spec.edits import AddDefinition, AddNode, Edit, Many, SetLayout, SetPlan
from graphs.spec.edits.places import body_at
from graphs.spec.identity import anonymous
from graphs.spec.plan import Plan
from graphs.spec.problems import EditError


def put(document: Document, place: Place, bundle: Bundle, at: Point) -> tuple[str, Many]:
    """The name that the node will have, and the edit.

    What the document has already is not brought again: equal definitions are used as they are. A plan
    comes along where its paths can name what it is about, so not into a definition.
    Raises: EditError when the body cannot hold it.
    """
    body = body_at(document, place.at)
    fit = bundle.within(body.level)
    if fit.shares and place.at.startswith("@"):
        raise EditError(
            f"{place.at}: {bundle.stem} holds a shared block, and would share it with every instance\n"
            f"  → put it outside the definition"
        )
    name = free_name(body, fit.stem)
    called = _called(document, fit.definitions)
    here, path = join(place.at, name), join(place.path, name)
    node = _using(anonymous(moved(fit.node, path)), called)
    edits: list[Edit] = [
        AddDefinition(definition=called[old], node=_using(spec, called))
        for old, spec in fit.definitions.items()
        if called[old] not in document.definitions
    ]
    edits.append(AddNode(name=name, node=node, at=place.at))
    edits.append(placed(document, here, at))
    edits += _laid_out(document, fit.layout, here, called)
    if not place.at.startswith("@"):
        plans = _free_plans(document, fit.plans)
        edits += [SetPlan(name=plans[n], plan=of(p, path)) for n, p in fit.plans.items()]
    return name, Many(edits=tuple(edits), text=f"Add {node.label or name}")


def of(plan: Plan, path: str) -> Plan:
    """A plan of what is inside the node at a path, as a plan of the whole.

    >>> of(Plan(), "digits").rules[0].where
    'digits.**'
    """

    def all_of(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(join(path, name) for name in names)

    losses = tuple(loss.model_copy(update={"port": join(path, loss.port)}) for loss in plan.losses)
    watch = plan.stopping.watch
    if watch in {loss.port for loss in plan.losses}:
        watch = join(path, watch)
    validation = plan.validation
    if validation is not None:
        ports = {name: join(path, port) for name, port in validation.ports.items()}
        validation = validation.model_copy(update={"ports": ports})
    rules = tuple(
        rule.model_copy(update={"where": join(path, rule.where), "exclude": all_of(rule.exclude)})
        for rule in plan.rules
    )
    return plan.model_copy(
        update={
            "rules": rules,
            "only": all_of(plan.only),
            "losses": losses,
            "log": {name: join(path, port) for name, port in plan.log.items()},
            "settings": {join(path, node): values for node, values in plan.settings.items()},
            "recompute": all_of(plan.recompute),
            "compile": {join(path, where): mode for where, mode in plan.compile.items()},
            "validation": validation,
            "stopping": plan.stopping.model_copy(update={"watch": watch}),
        }
    )


def _called(document: Document, brought: Mapping[str, NodeSpec]) -> dict[str, str]:
    """What each definition will be called: as it is where that is free or means the same."""
    taken = {**document.definitions}
    called: dict[str, str] = {}
    for name, spec in brought.items():
        new, number = name, 2
        while new in taken and taken[new] != spec:
            new, number = f"{name}_{number}", number + 1
        taken[new] = spec
        called[name] = new
    return called


def _using(node: NodeSpec, called: Mapping[str, str]) -> NodeSpec:
    """The node with the definitions that it uses called so."""
    change: dict[str, Any] = {}
    if called.get(node.uses, node.uses) != node.uses:
        change["uses"] = called[node.uses]
    if node.body is not None:
        nodes = {name: _using(child, called) for name, child in node.body.nodes.items()}
        if any(nodes[name] is not child for name, child in node.body.nodes.items()):
            change["body"] = node.body.model_copy(update={"nodes": nodes})
    return node.model_copy(update=change) if change else node


def _laid_out(
    document: Document, layout: Mapping[str, Any], here: str, called: Mapping[str, str]
) -> list[Edit]:
    def now(path: str) -> str:
        if not path.startswith("@"):
            return join(here, path)
        name, _, rest = path[1:].partition(".")
        return join(f"@{called.get(name, name)}", rest)

    edits: list[Edit] = []
    for key, value in layout.items():
        new = rekeyed(key, now)
        known = new.startswith("@") and new in document.layout
        if key and not known:
            edits.append(SetLayout(key=new, value=value))
    return edits


def _free_plans(document: Document, plans: Mapping[str, Plan]) -> dict[str, str]:
    taken, found = set(document.plans), dict[str, str]()
    for name in plans:
        new, number = name, 2
        while new in taken:
            new, number = f"{name}_{number}", number + 1
        taken.add(new)
        found[name] = new
    return found
