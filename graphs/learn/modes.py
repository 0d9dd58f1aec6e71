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
from graphs.live.calling import How, call_at, still
from graphs.live.graph import Graph
from graphs.live.walks import parameters_in
from graphs.live.weights import WRAPPED, walk
from graphs.spec.collector import held_back
from graphs.spec.document import GRAPH_TYPE
from graphs.spec.patterns import matches, reach, winner
from graphs.spec.plan import Mode, Plan, Rule
from graphs.spec.problems import DocumentError, Problem, near

FROZEN = Rule(mode="frozen")
Timeline = tuple[tuple[int, Rule | None], ...]  # from this step on: trains under the rule, or not


@dataclass(frozen=True)
class Place:
    """One block with parameters of its own: a leaf, or a composite that has some beside its nodes.

    A shared block has several paths and is one place; the first is where the document defines it.
    `prefix` begins the names of its parameters in files.
    """

    paths: tuple[str, ...]
    prefix: str
    type: str
    block: Block

    @property
    def path(self) -> str:
        """Where the document defines it."""
        return self.paths[0]


@dataclass(frozen=True)
class Trained:
    """One row of the sheet: a parameter that will train, where, how much of it, and how.

    It moves in no step before `from_step` and in none from `until_step` on; mode and rates are those
    of its first step.
    """

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
    """A plan resolved against a live graph. Made once; `apply` sets the graph to a step.

    Raises: DocumentError for a rule that trains nothing or names a parameter that does not exist;
    WorldloomError for adapters that fit nowhere.
    """

    graph: Graph
    plan: Plan
    variant: str = "default"
    adaptation: Adaptation = field(default_factory=Adaptation)

    @held_back()
    def __post_init__(self) -> None:
        self.places = list(places(self.graph))
        self._calls: dict[str, How] = {}
        self.names = {id(n.tensor): n.name for n in walk(self.graph)}
        self._refuse_idle_rules()
        ends = {s for r in self.plan.rules for s in (r.from_step, r.until_step) if s}
        self.boundaries = sorted(s for s in ends if s < self.plan.steps)
        self._rules = [(s, [self.rule(p, s) for p in self.places]) for s in (0, *self.boundaries)]
        adapting = [
            (place.path, place.block, rule)
            for number, place in enumerate(self.places)
            for rule in dict.fromkeys(rules[number] for _, rules in self._rules)
            if rule.mode == "lora"
        ]
        if adapting:
            self.adaptation = inject(self.graph, adapting, self.variant, self.plan.seed)
        self.adapters = adapters_of(self.graph, self.variant)
        self.names.update({id(p): name for name, p in self.adapters.items()})
        self._adapter_ids = {id(p) for p in self.adapters.values()}

    def rule(self, place: Place, step: int | None = None) -> Rule:
        """The rule that holds for a place, FROZEN when none does.

        Where a shared block is frozen by name at some of its paths, the others decide.
        """
        free = tuple(path for path in place.paths if path not in self.still_at(place, step))
        if not free or not self._may_learn(place):
            return FROZEN
        return winner(self.plan.rules, free, place.type, step) or FROZEN

    def still_at(self, place: Place, step: int | None = None) -> tuple[str, ...]:
        """The paths of a shared block at which a rule that names them freezes it."""
        if len(place.paths) == 1:
            return ()
        found = {path: winner(self.plan.rules, (path,), place.type, step) for path in place.paths}
        return tuple(
            path
            for path, rule in found.items()
            if rule is not None and rule.mode == "frozen" and reach(rule.where, path) > 0
        )

    def _may_learn(self, place: Place) -> bool:
        only = self.plan.only
        return not only or any(reach(p, path) >= 0 for p in only for path in place.paths)

    def parameters(self) -> dict[str, tuple[nn.Parameter, Timeline]]:
        """Every parameter that trains at any step, by name, with its rules over time.

        In the order of the graph; a shared one once.
        """
        found: dict[str, tuple[nn.Parameter, Timeline]] = {}
        for number, place in enumerate(self.places):
            lines = [(s, r[number], self._learning(place, r[number])) for s, r in self._rules]
            for parameter in own_parameters(place.block):
                line = tuple((s, rule if id(parameter) in ids else None) for s, rule, ids in lines)
                if any(rule for _, rule in line):
                    found[self.names[id(parameter)]] = parameter, line
        return found

    @held_back()
    def apply(self, step: int) -> None:
        """Set gradients and modes for this step: frozen means no gradient, none left over, and eval."""
        rules = next(found for start, found in reversed(self._rules) if start <= step)
        learning: set[int] = set()
        for place, rule in zip(self.places, rules, strict=True):
            learning.update(self._learning(place, rule))
        for parameter in parameters_in(self.graph):
            learns = id(parameter) in learning
            parameter.requires_grad_(learns)
            if not learns:
                parameter.grad = None
        self._call_still(step)
        _wake(self.graph)
        for place, rule in zip(self.places, rules, strict=True):
            _settle(place.block, rule, learning)

    def _call_still(self, step: int) -> None:
        """A shared block that learns gives no gradient where a rule freezes it by name."""
        calls: dict[str, How] = {
            path: still
            for place in self.places
            for path in self.still_at(place, step)
            if self.rule(place, step).mode != "frozen"
        }
        if calls or self._calls:
            call_at(self.graph, calls)
        self._calls = calls

    def explain(self) -> list[Trained]:
        """Exactly what will train: one row a parameter, in the order of the graph."""
        held = {id(p): place for place in self.places for p in own_parameters(place.block)}
        rows = []
        for parameter, line in self.parameters().values():
            node, *others = held[id(parameter)].paths
            start, rule = next((s, r) for s, r in line if r)
            last = max(n for n, (_, r) in enumerate(line) if r)
            rows.append(
                Trained(
                    node,
                    self._inside(held[id(parameter)], parameter),
                    parameter.numel(),
                    rule.mode,
                    rate(self.plan, rule),
                    decay(self.plan, rule),
                    start,
                    line[last + 1][0] if last + 1 < len(line) else None,
                    tuple(others),
                )
            )
        return rows

    def _learning(self, place: Place, rule: Rule) -> set[int]:
        """Which of a place's parameters learn under a rule; another variant's adapters rest."""
        if rule.mode == "frozen":
            return set()
        own = {id(p): p for p in own_parameters(place.block) if id(p) in self.names}
        if rule.mode == "lora":
            return own.keys() & self._adapter_ids
        base = own.keys() - self._adapter_ids
        if rule.mode == "train":
            return base
        return {
            key
            for key in base
            if any(matches(pattern, self._inside(place, own[key])) for pattern in rule.parameters)
        }

    def _inside(self, place: Place, parameter: nn.Parameter) -> str:
        """A parameter's name inside its block."""
        return self.names[id(parameter)].removeprefix(place.prefix)

    def _refuse_idle_rules(self) -> None:
        problems = []
        for number, rule in enumerate(self.plan.rules):
            held = [p for p in self.places if winner([rule], p.paths, p.type)]
            if rule.mode not in ("train", "partial") or not held:
                continue
            inside = [
                self._inside(place, parameter)
                for place in held
                for parameter in own_parameters(place.block)
                if id(parameter) in self.names
            ]
            what = f"rule {number + 1} ({rule.mode} {rule.where!r})"
            if not inside:
                problems.append(Problem("plan", "rule", f"{what}: no parameters there"))
                continue
            for pattern in rule.parameters:
                if not any(matches(pattern, name) for name in inside):
                    hint = near(pattern, inside)
                    message = f"{what}: no parameter {pattern!r}{hint}"
                    problems.append(Problem("plan", "rule", message))
        if problems:
            raise DocumentError(problems)


def places(graph: Graph) -> Iterator[Place]:
    """Every leaf, and every composite with parameters of its own, in the order of the graph."""
    types = {path: node.type for path, node in graph.spec.walk() if not node.tied_to}
    paths: dict[Block, list[str]] = {}
    for path, block in graph.blocks():
        if not isinstance(block, Graph) or any(True for _ in block.parameters(recurse=False)):
            paths.setdefault(block, []).append(path)
    for block, found in paths.items():
        defined = sorted(found, key=lambda path: path not in types)
        yield Place(tuple(defined), f"{defined[0]}.", types.get(defined[0]) or GRAPH_TYPE, block)


def own_parameters(block: Block) -> Iterator[nn.Parameter]:
    """A leaf's parameters; of a composite only those that are not its nodes'."""
    return block.parameters(recurse=False) if isinstance(block, Graph) else parameters_in(block)


def rate(plan: Plan, rule: Rule) -> float:
    """The peak learning rate under a rule."""
    return plan.optimiser.lr if rule.lr is None else rule.lr


def decay(plan: Plan, rule: Rule) -> float:
    """The weight decay under a rule."""
    return plan.optimiser.weight_decay if rule.weight_decay is None else rule.weight_decay


def _wake(graph: Graph) -> None:
    """Training mode for all but the leaves; each of those is a place, and settled by its own rule."""
    graph.training = True
    for name, child in graph.named_children():
        if name not in graph.spec.nodes:
            child.train()
        elif isinstance(child, Graph):
            _wake(child)


def _settle(block: Block, rule: Rule, learning: set[int]) -> None:
    """Training mode for a block that learns, or has nothing to learn where others do; else eval.

    A block without parameters may still drop at random and keep running statistics. Inside a block
    that learns only in part, what does not learn is in eval mode too.
    """
    inside = _Inside(rule, learning)
    learns = inside.learns(block)
    awake = rule.mode in ("train", "partial") if learns is None else learns
    if any(m.training is not awake or _says_otherwise(m) for m in inside.modules):
        block.train(awake)
    if rule.mode in ("lora", "partial") and not isinstance(block, Graph):
        for module in inside.resting:
            module.eval()


def _says_otherwise(module: nn.Module) -> bool:
    """Whether a module has its own idea of what training mode is."""
    return getattr(module.train, "__func__", None) is not nn.Module.train


class _Inside:
    """One walk over all that a block holds: every module, and those that learn nothing under a rule."""

    def __init__(self, rule: Rule, learning: set[int]) -> None:
        self.rule, self.learning = rule, learning
        self.modules: list[nn.Module] = []
        self.resting: list[nn.Module] = []  # without what adapters added to a layer

    def learns(self, module: nn.Module, added: bool = False) -> bool | None:
        """Whether something in a module learns, None when it holds nothing that could."""
        self.modules.append(module)
        learns: bool | None = None
        for parameter in module._parameters.values():
            if parameter is not None:
                learns = learns or id(parameter) in self.learning
        wraps = WRAPPED in module._modules
        for name, child in module._modules.items():
            if child is not None:
                inside = self.learns(child, added or (wraps and name != WRAPPED))
                learns = learns if inside is None else learns or inside
        rests = self.rule.mode == "lora" if learns is None else not learns  # dropout rests too
        if rests and not (added or wraps):
            self.resting.append(module)
        return learns
