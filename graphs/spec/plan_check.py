"""What is wrong with a plan: rules that reach nothing, ports that do not exist, nothing to learn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphs.spec.catalogue import Catalogue, PortType
from graphs.spec.document import GRAPH_TYPE, Document, GraphSpec, node_at
from graphs.spec.patterns import unmatched
from graphs.spec.plan import Plan
from graphs.spec.problems import Problem, near

Outputs = Mapping[str, Mapping[str, PortType]]


def plan_problems(
    document: Document, root: GraphSpec, catalogue: Catalogue, outputs: Outputs
) -> list[Problem]:
    """The problems of every plan, in the order of the plans' names; their path is "plans.<name>"."""
    types = {path: _type(root, path) for path, _ in root.walk()}
    found: list[Problem] = []
    for name in sorted(document.plans):
        found += _plan(f"plans.{name}", document.plans[name], types, root, outputs)
        for rule in document.plans[name].rules:
            found += [
                Problem(
                    f"plans.{name}",
                    "rule",
                    f"there is no block type {kind!r}{near(kind, catalogue.types)}",
                )
                for kind in rule.types
                if catalogue.find(kind) is None
            ]
    return found


def _type(root: GraphSpec, path: str) -> str:
    node = node_at(root, path)
    tied = node_at(root, node.tied_to) if node and node.tied_to else None
    found = tied or node
    return (found.type if found else "") or GRAPH_TYPE


def _plan(
    at: str, plan: Plan, types: Mapping[str, str], root: GraphSpec, outputs: Outputs
) -> Iterator[Problem]:
    for number, rule in unmatched(plan.rules, types):
        yield Problem(
            at,
            "rule",
            f"rule {number + 1} ({rule.mode} {rule.where!r}) reaches no node{near(rule.where, types)}",
        )
    if not plan.losses:
        yield Problem(at, "no-loss", "has no loss; name at least one scalar port to make small")
    if not any(rule.mode != "frozen" for rule in plan.rules):
        yield Problem(at, "nothing-trains", "every rule freezes; add one that trains or adapts")
    validated = plan.validation.ports if plan.validation else {}
    for what, port in [("loss", loss.port) for loss in plan.losses] + [
        (f"validation port {n!r}", p) for n, p in validated.items()
    ]:
        yield from _port(at, what, port, root, outputs)
    if (stop := plan.stopping.watch) not in {"loss", *validated}:
        yield Problem(
            at,
            "stopping",
            f"watches {stop!r}, which validation does not measure{near(stop, validated)}",
        )


def _port(at: str, what: str, port: str, root: GraphSpec, outputs: Outputs) -> Iterator[Problem]:
    if port in root.outputs:
        return
    path, _, name = port.rpartition(".")
    found = outputs.get(path, {}).get(name)
    if found is None:
        known = [f"{p}.{o}" for p, ports in outputs.items() for o in ports]
        yield Problem(
            at,
            "loss-port",
            f"{what}: there is no output {port!r}{near(port, [*root.outputs, *known])}",
        )
    elif found.dims not in ("", "()"):
        yield Problem(at, "loss-port", f"{what}: {port!r} gives {found}, expected a scalar")
