"""What is wrong with a plan: rules that reach nothing, ports that do not exist, nothing to learn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphs.spec.catalogue import Catalogue, PortType
from graphs.spec.configs import unfit_settings
from graphs.spec.document import GRAPH_TYPE, Document, GraphSpec, node_at
from graphs.spec.patterns import reach, unmatched
from graphs.spec.plan import Plan
from graphs.spec.problems import Problem, near
from graphs.spec.sentence import Sentence

SCALARS = ("tensor", "number", "any")
Outputs = Mapping[str, Mapping[str, PortType]]


def plan_problems(
    document: Document, root: GraphSpec, catalogue: Catalogue, outputs: Outputs
) -> list[Problem]:
    """The problems of every plan, in the order of the plans' names; their path is "plans.<name>"."""
    if not document.plans:
        return []
    types = {path: block_type(root, path) or GRAPH_TYPE for path, _ in root.walk()}
    found: list[Problem] = []
    for name in sorted(document.plans):
        at, plan = f"plans.{name}", document.plans[name]
        found += _rules(at, plan, types, catalogue)
        found += _settings(at, plan, root, types, catalogue)
        found += _figures(at, plan, root, outputs)
    return found


def block_type(root: GraphSpec, path: str) -> str | None:
    """The type of the block at a path, looking through shared nodes on the way; None for no node."""
    node, body = None, root
    for name in path.split("."):
        node = body.nodes.get(name)
        if node is not None and node.tied_to:
            node = node_at(root, node.tied_to)
        if node is None:
            return None
        body = node.body or GraphSpec()
    return (node.type or GRAPH_TYPE) if node else None


def _rules(
    at: str, plan: Plan, types: Mapping[str, str], catalogue: Catalogue
) -> Iterator[Problem]:
    for _, message in unmatched(plan.rules, types):
        yield Problem(at, "rule", message)
    for kind in dict.fromkeys(kind for rule in plan.rules for kind in rule.types):
        if catalogue.find(kind) is None:
            hint = near(kind, catalogue.types)
            yield Problem(
                at, "rule", Sentence("there is no block type {kind!r}{near}", kind=kind, near=hint)
            )
    for field, patterns in (("recompute", plan.recompute), ("compile", plan.compile)):
        for pattern in patterns:
            if not any(reach(pattern, path) == path.count(".") + 1 for path in types):
                said = {"field": field, "pattern": pattern, "near": near(pattern, types)}
                yield Problem(at, "rule", Sentence("{field}: no node {pattern!r}{near}", **said))
    for pattern in plan.only:
        if not any(reach(pattern, path) >= 0 for path in types):
            yield Problem(
                at,
                "rule",
                Sentence(
                    "only: no node {pattern!r}{near}", pattern=pattern, near=near(pattern, types)
                ),
            )
    if not any(rule.mode != "frozen" for rule in plan.rules):
        yield Problem(
            at, "nothing-trains", Sentence("every rule freezes; add one that trains or adapts")
        )


def _settings(
    at: str, plan: Plan, root: GraphSpec, types: Mapping[str, str], catalogue: Catalogue
) -> Iterator[Problem]:
    for path, values in plan.settings.items():
        kind = block_type(root, path)
        if kind is None:
            yield Problem(
                at,
                "settings",
                Sentence(
                    "settings: there is no node {path!r}{near}", path=path, near=near(path, types)
                ),
            )
        elif block := catalogue.find(kind):
            for _, message in unfit_settings(block, values):
                yield Problem(
                    at,
                    "settings",
                    Sentence("settings of {path!r}: {message}", path=path, message=message),
                )


def _figures(at: str, plan: Plan, root: GraphSpec, outputs: Outputs) -> Iterator[Problem]:
    if not plan.losses:
        yield Problem(
            at, "no-loss", Sentence("has no loss; name at least one scalar port to make small")
        )
    validated = plan.validation.ports if plan.validation else {}
    losses = [loss.port for loss in plan.losses]
    for port in losses:
        yield from _port(at, Sentence("loss"), port, root, outputs)
    for name, port in validated.items():
        yield from _port(at, Sentence("validation port {name!r}", name=name), port, root, outputs)
    for name, port in plan.log.items():
        yield from _port(at, Sentence("log {name!r}", name=name), port, root, outputs)
    measured = ["loss", *losses, *validated]
    if (watched := plan.stopping.watch) not in measured:
        hint = near(watched, measured)
        message = Sentence(
            "watches {watched!r}, which validation does not measure{hint}",
            watched=watched,
            hint=hint,
        )
        yield Problem(at, "stopping", message)
    if plan.stopping.patience is not None and plan.validation is None:
        yield Problem(
            at, "stopping", Sentence("patience counts validations; the plan has no validation")
        )


def _port(at: str, what: str, port: str, root: GraphSpec, outputs: Outputs) -> Iterator[Problem]:
    path, _, name = str(root.outputs.get(port, port)).rpartition(".")
    found = outputs.get(path, {}).get(name)
    if found is None and port in root.outputs:
        return  # it leads nowhere, which is the graph's own problem
    if found is None:
        known = [f"{p}.{o}" for p, ports in outputs.items() for o in ports]
        hint = near(port, [*root.outputs, *known])
        yield Problem(
            at,
            "loss-port",
            Sentence("{what}: there is no output {port!r}{hint}", what=what, port=port, hint=hint),
        )
    elif found.kind not in SCALARS or found.dims not in ("", "()"):
        yield Problem(
            at,
            "loss-port",
            Sentence(
                "{what}: {port!r} gives {found}, expected a scalar",
                what=what,
                port=port,
                found=found,
            ),
        )
