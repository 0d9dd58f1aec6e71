"""From a plan's rules to parameters: which train, at what rate, from which step to which.

`explain` is the sheet that people read before the first step; `Modes` is what the loop applies. Both
come from the same resolution, so the sheet cannot lie.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from torch import nn

from graphs.learn.adapters import Adaptation, adapters_of, inject
from graphs.live.block import Block
from graphs.live.graph import Graph
from graphs.live.weights import walk
from graphs.spec.document import GRAPH_TYPE
from graphs.spec.patterns import matches, winner
from graphs.spec.plan import Mode, Plan, Rule
from graphs.spec.problems import DocumentError, Problem, near

FROZEN = Rule(mode="frozen")


@dataclass(frozen=True)
class Place:
    """One node with parameters of its own: a leaf, or a composite that has some beside its nodes."""

    path: str
    type: str
    block: Block


@dataclass(frozen=True)
class Trained:
    """One row of the sheet: a parameter that will train, where, how much of it, and how."""

    node: str
    parameter: str
    count: int
    mode: Mode
    lr: float
    weight_decay: float
    from_step: int = 0
    until_step: int | None = None
    shared_with: tuple[str, ...] = ()


@dataclass
class Modes:
    """A plan resolved against a live graph. Made once; `apply` sets the graph to a step."""

    graph: Graph
    plan: Plan
    variant: str = "default"
    adaptation: Adaptation = field(default_factory=Adaptation)

    def __post_init__(self) -> None:
        self.places = list(places(self.graph))
        self.names = {id(n.tensor): n.name for n in walk(self.graph, adapters=False)}
        adapting = [
            (p.path, p.block, rule)
            for p in self.places
            for rule in self._rules_over_time(p)
            if rule.mode == "lora"
        ]
        if adapting:
            self.adaptation = inject(self.graph, adapting, self.variant, self.plan.seed)
        self.adapters = adapters_of(self.graph, self.variant)
        self.names.update({id(p): name for name, p in self.adapters.items()})
        self._adapter_ids = {id(p) for p in self.adapters.values()}
        self._refuse_idle_patterns()
        self.boundaries = sorted(
            {s for r in self.plan.rules for s in (r.from_step, r.until_step) if s is not None}
        )

    def parameters(self) -> dict[str, tuple[nn.Parameter, Rule]]:
        """Every parameter that trains at any step, by name, with the rule of its first such step.

        In the order of the graph; a shared one once.
        """
        found: dict[str, tuple[nn.Parameter, Rule]] = {}
        for place in self.places:
            for rule in self._rules_over_time(place):
                for parameter in self._chosen(place, rule):
                    found.setdefault(self.names[id(parameter)], (parameter, rule))
        return found

    def apply(self, step: int) -> None:
        """Set gradients and modes for this step: frozen means no gradient, none left over, and eval."""
        learning: set[int] = set()
        modes: list[tuple[Place, Rule]] = []
        for place in self.places:
            rule = self.rule(place, step)
            modes.append((place, rule))
            learning.update(id(p) for p in self._chosen(place, rule))
        for parameter in self.graph.parameters():
            learns = id(parameter) in learning
            parameter.requires_grad_(learns)
            if not learns:
                parameter.grad = None
        self.graph.train()
        for place, _ in modes:
            place.block.train(
                any(id(p) in learning for p in place.block.parameters()) or _stateless(place.block)
            )
        for place, rule in modes:
            self._still(place, rule, learning)

    def _still(self, place: Place, rule: Rule, learning: set[int]) -> None:
        """Inside a node that learns only in part, what does not learn is in eval mode."""
        if rule.mode not in ("lora", "partial") or isinstance(place.block, Graph):
            return
        for module in place.block.modules():
            own = list(module.parameters())
            if module is not place.block and own and not any(id(p) in learning for p in own):
                module.eval()
            elif rule.mode == "lora" and not own:
                module.eval()  # dropout inside a frozen node is frozen too

    def rule(self, place: Place, step: int | None = None) -> Rule:
        """The rule that holds for a node, FROZEN when none does."""
        return winner(self.plan.rules, place.path, place.type, step) or FROZEN

    def explain(self) -> list[Trained]:
        """Exactly what will train: one row a parameter, in the order of the graph."""
        shared: dict[int, list[str]] = {}
        for place in self.places:
            for parameter in own_parameters(place.block):
                shared.setdefault(id(parameter), []).append(place.path)
        rows = []
        for name, (parameter, rule) in self.parameters().items():
            node, *others = shared[id(parameter)]
            rows.append(
                Trained(
                    node,
                    name.removeprefix(f"{node}."),
                    parameter.numel(),
                    rule.mode,
                    rate(self.plan, rule),
                    decay(self.plan, rule),
                    rule.from_step,
                    rule.until_step,
                    tuple(others),
                )
            )
        return rows

    def _rules_over_time(self, place: Place) -> list[Rule]:
        """Each rule that holds for a node at some step, in the order of time."""
        steps = sorted({0} | {s for r in self.plan.rules for s in (r.from_step, r.until_step) if s})
        found: list[Rule] = []
        for step in steps:
            rule = self.rule(place, step)
            if rule not in found:
                found.append(rule)
        return found

    def _chosen(self, place: Place, rule: Rule) -> Iterator[nn.Parameter]:
        if rule.mode == "frozen":
            return
        for parameter in own_parameters(place.block):
            adapter = id(parameter) in self._adapter_ids
            name = self.names.get(id(parameter), "")
            inside = name.removeprefix(f"{place.path}.")
            if (rule.mode == "lora") != adapter or not name:
                continue
            if rule.mode == "partial" and not any(matches(p, inside) for p in rule.parameters):
                continue
            yield parameter

    def _refuse_idle_patterns(self) -> None:
        problems = []
        for number, rule in enumerate(self.plan.rules):
            if rule.mode != "partial":
                continue
            held = [p for p in self.places if winner([rule], p.path, p.type)]
            inside = [
                self.names[id(q)].removeprefix(f"{p.path}.")
                for p in held
                for q in own_parameters(p.block)
                if id(q) in self.names
            ]
            for pattern in rule.parameters:
                if not any(matches(pattern, name) for name in inside):
                    message = f"rule {number + 1} ({rule.mode} {rule.where!r}): no parameter {pattern!r}{near(pattern, inside)}"
                    problems.append(Problem("plan", "rule", message))
        if problems:
            raise DocumentError(problems)


def places(graph: Graph) -> Iterator[Place]:
    """Every leaf, and every composite with parameters of its own, in the order of the graph."""
    types = {path: node.type or GRAPH_TYPE for path, node in graph.spec.walk()}
    for path, block in graph.blocks():
        if not isinstance(block, Graph) or any(True for _ in block.parameters(recurse=False)):
            yield Place(path, types.get(path, type(block).__name__), block)


def own_parameters(block: Block) -> Iterator[nn.Parameter]:
    """A leaf's parameters; of a composite only those that are not its nodes'."""
    return block.parameters(recurse=not isinstance(block, Graph))


def rate(plan: Plan, rule: Rule) -> float:
    """The peak learning rate under a rule."""
    return plan.optimiser.lr if rule.lr is None else rule.lr


def decay(plan: Plan, rule: Rule) -> float:
    """The weight decay under a rule."""
    return plan.optimiser.weight_decay if rule.weight_decay is None else rule.weight_decay


def _stateless(block: Block) -> bool:
    return not any(True for _ in block.parameters())
