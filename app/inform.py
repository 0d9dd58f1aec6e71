"""`worldloom info`: everything that is known of a document, as data and as a tree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from app.show import problem_table, sheet, world_tree
from app.workspace import open_workspace
from graphs.learn.adapters import Adaptation
from graphs.learn.modes import Modes, Trained
from graphs.live.context import Run
from graphs.live.infer import NodeCost, count, infer
from graphs.spec.check import Inspection, inspect
from graphs.spec.patterns import winner


@dataclass
class Description:
    """What `info` found."""

    title: str
    inspection: Inspection
    plans: Mapping[str, str]
    costs: Mapping[str, NodeCost] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    modes: Mapping[str, str] = field(default_factory=dict)
    trained: list[Trained] = field(default_factory=list)
    adaptation: Adaptation = field(default_factory=Adaptation)

    def as_data(self) -> dict[str, Any]:
        """For --json."""
        return {
            "title": self.title,
            "level": self.inspection.root.level,
            "plans": dict(self.plans),
            "problems": [asdict(p) for p in self.inspection.problems],
            "nodes": {
                path: {
                    "type": node.type or ("graph" if node.body else ""),
                    "tied_to": node.tied_to,
                    "inputs": {n: str(p) for n, p in self.inspection.inputs.get(path, {}).items()},
                    "outputs": {
                        n: str(p) for n, p in self.inspection.outputs.get(path, {}).items()
                    },
                    "parameters": self.counts.get(path, 0),
                    "mode": self.modes.get(path, ""),
                    **({"cost": asdict(self.costs[path])} if path in self.costs else {}),
                }
                for path, node in self.inspection.root.walk()
            },
            "parameters": self.counts.get("", 0),
            "trained": [asdict(row) for row in self.trained],
        }


def describe(file: Path, plan_name: str | None, batch: int, settings: list[str]) -> Description:
    """Look at a document; when it has errors only what can be known without building."""
    work = open_workspace(file, settings)
    plan = work.plan(plan_name)[1] if plan_name else None
    document = work.under(plan) if plan else work.document
    found = Description(
        document.title or file.stem,
        inspect(document, work.catalogue),
        {name: p.description for name, p in document.plans.items()},
    )
    if any(
        p.severity == "error" and not p.path.startswith("plans.") for p in found.inspection.problems
    ):
        return found
    graph = work.build(document)
    found.costs = infer(graph, run=Run(batch=batch))
    found.counts = {"": count(graph)[0]} | {path: count(b)[0] for path, b in graph.blocks()}
    if plan:
        modes = Modes(graph, plan)
        found.trained, found.adaptation = modes.explain(), modes.adaptation
        for place in modes.places:
            rule = winner(plan.rules, place.path, place.type, 0)
            if found.counts.get(place.path):
                found.modes = {**found.modes, place.path: rule.mode if rule else "frozen"}
    return found


def show(found: Description, console: Console) -> None:
    """Print the tree, the plans, the sheet and the problems."""
    console.print(
        world_tree(found.title, found.inspection, found.costs, found.counts, found.modes),
        soft_wrap=True,
    )
    for name, text in found.plans.items():
        console.print(f"plan [bold]{name}[/]  {text}")
    if found.trained:
        console.print(sheet(found.trained, found.adaptation))
    if found.inspection.problems:
        console.print(problem_table(found.inspection.problems))
