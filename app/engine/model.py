"""The model: the live graph of the document, its weights and its variants. One thread owns it.

Blocks are kept by identity in an attic. A job works on a graph of its own document, whose blocks are
the same objects wherever they agree with the present document; where they do not, what it learned is
passed on by name when it ends, so that edits made meanwhile keep it too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from app.engine.shelving import put_up, taken_down
from graphs.learn.adapters import activate, adapters_of
from graphs.learn.exchange import adopt_peft
from graphs.learn.merging import merged, remove
from graphs.learn.modes import Modes
from graphs.learn.training import Training
from graphs.learn.variants import variants_of
from graphs.live.block import Block
from graphs.live.build import Attic, build
from graphs.live.cache import OutputCache
from graphs.live.graph import Graph
from graphs.live.registry import Registry
from graphs.live.weights import base_tensors, load_tensors, walk
from graphs.spec.catalogue import Catalogue
from graphs.spec.document import Document
from graphs.spec.plan import Plan
from graphs.spec.problems import DocumentError, FileError, WorldloomError, near
from graphs.spec.settings import configured
from graphs.store import content_hash, load_weights

Tell = Callable[[str], None]


@dataclass
class Lent:
    """A graph for one job, and the blocks that it may not share with the present document."""

    graph: Graph
    attic: Attic


@dataclass
class Stood:
    """Where a turning world stands."""

    turn: int = 0
    state: Mapping[str, Mapping[str, Any]] | None = None
    content: Mapping[str, Any] | None = None


@dataclass
class Model:
    """Everything live. `tell` hears what a person should know and nothing fails for."""

    registry: Registry
    catalogue: Catalogue
    device: str
    tell: Tell
    document: Document = field(default_factory=Document)
    path: Path | None = None
    attic: Attic = field(default_factory=Attic)
    graph: Graph | None = None  # of the last document that could be built
    plans: dict[str, Plan] = field(default_factory=dict)  # variant -> the plan that made it
    active: dict[str, float] = field(default_factory=dict)
    world: Stood = field(default_factory=Stood)
    cache: OutputCache = field(default_factory=OutputCache)
    _built: Document | None = None
    _weights: Path | Mapping[str, Tensor] | None = None  # still to be loaded
    _shelf: Path | None = None  # a project whose variants are still to be taken from their shelf
    _gone: set[str] = field(default_factory=set)  # variants that were removed since it was opened
    _saved: str = ""  # content hash of the base as it is on the disk

    def reset(
        self, document: Document, path: Path | None, weights: Mapping[str, Tensor] | None = None
    ) -> None:
        """Another project: nothing of the former one is left.

        Its weights, those given or those beside the document, come with the first build.
        """
        self.document, self.path = document, path
        self.attic, self.graph, self._built = Attic(), None, None
        self.plans, self.active, self.world = {}, {}, Stood()
        self.cache, self._saved = OutputCache(), ""
        self._weights = weights if weights is not None else path
        self._shelf, self._gone = path, set()

    def build(self) -> Graph:
        """The live graph of the present document; what did not change is the same objects.

        Raises: DocumentError; `graph` is then still that of the last good document.
        """
        now, then = self.document, self._built
        same = then is not None and (then.root, then.definitions) == (now.root, now.definitions)
        if self.graph is None or not same:
            graph = self._build(now, self.attic)
            self._load(graph)
            self.graph = graph
        self._built = now
        if self._shelf is not None:
            project, self._shelf = self._shelf, None
            self.plans, self.active = taken_down(project, self.graph, self.tell)
            self._activate()
        return self.graph

    def shelve(self, project: Path) -> None:
        """The variants are on the shelf beside a project. Raises: FileError."""
        if self.graph is not None:
            known = {n: plan for n, plan in self.plans.items() if n in variants_of(self.graph)}
            title = self.document.title
            put_up(project, self.graph, title, known, self.active, self._gone - known.keys())

    def lend(self, document: Document, settings: Mapping[str, Mapping[str, Any]]) -> Lent:
        """The graph of a job's document under a plan's settings. Raises: DocumentError, EditError."""
        try:
            self.build()
        except DocumentError:
            self.tell("the present document cannot be built; the job runs the one it was given")
        wanted = configured(document, settings)
        attic = Attic(dict(self.attic.blocks))
        graph = self._build(wanted, attic)
        self._load(graph)
        return Lent(graph, attic)

    def take_back(self, lent: Lent) -> None:
        """What a job's blocks learned is in those of the present document."""
        for identity, (kind, config, block) in lent.attic.blocks.items():
            mine = self.attic.blocks.get(identity)
            if mine is None:
                self.attic.blocks[identity] = kind, config, block
            elif mine[2] is not block and mine[0] == kind:
                pass_on(mine[2], block)
        for variant in variants_of(lent.graph):
            self._carry(variant, adapters_of(lent.graph, variant))
        self._activate()

    @property
    def world_content(self) -> Mapping[str, Any]:
        """The content of the world as it stands, its first where it never turned."""
        if self.world.content is not None:
            return self.world.content
        cycle = self.document.root.cycle
        return cycle.content if cycle is not None else {}

    def training(self, lent: Lent, plan: Plan, variant: str) -> Training:
        """A training on a lent graph, of its own adapters alone or of the plain base."""
        activate(lent.graph, {})
        training = Training(lent.graph, plan, device=self.device, variant=variant)
        if training.modes.adapters:
            self.plans[variant] = plan
            self.active = {variant: 1.0}
        else:
            self.active = {}
        return training

    def plan(self, name: str, document: Document | None = None) -> Plan:
        """A plan of a document, the present one if none is said. Raises: WorldloomError."""
        plans = (document or self.document).plans
        if name not in plans:
            known = ", ".join(plans) or "none"
            raise WorldloomError(
                f"there is no plan {name!r}{near(name, plans)}; there are: {known}"
            )
        return plans[name]

    def explain(self, plan: Plan, variant: str) -> Modes:
        """A plan resolved on a graph without data, so that the live one gets no adapters of it."""
        wanted = configured(self.document, plan.settings)
        with torch.device("meta"):
            graph = build(wanted, self.registry, catalogue=self.catalogue)
        return Modes(graph, plan, variant)

    # variants

    def add_variant(self, variant: str, plan: Plan) -> None:
        """Fresh adapters by a plan's rules, active alone. Raises: WorldloomError when it has none."""
        graph = self._without(variant)
        if not any(rule.mode == "lora" for rule in plan.rules):
            raise WorldloomError(
                f"the plan has no rule of mode lora, so {variant!r} would be empty"
            )
        try:
            Modes(graph, plan, variant)
        finally:
            self._activate()
        self.plans[variant] = plan
        self.use({variant: 1.0})

    def adopt(self, variant: str, node: str, folder: Path) -> None:
        """The adapters of a PEFT folder are on a node, active alone. Raises: WorldloomError, FileError."""
        graph = self._without(variant)
        try:
            plan = adopt_peft(graph, node, folder, variant)
        except KeyError as error:
            raise WorldloomError(str(error.args[0])) from error
        finally:
            self._activate()
        self.plans[variant] = plan
        self.use({variant: 1.0})

    def use(self, weights: Mapping[str, float]) -> None:
        """These variants are active, and no others. Raises: WorldloomError."""
        activate(self.build(), weights)
        self.active = {name: weight for name, weight in weights.items() if weight}

    def merge(self, weights: Mapping[str, float]) -> None:
        """The base is what it was with these variants; it has none then. Raises: WorldloomError."""
        graph = self.build()
        tensors = merged(graph, weights)
        for variant in variants_of(graph):
            self.remove(variant)
        load_tensors(graph, tensors, "merged")
        self._saved = ""

    def remove(self, variant: str) -> None:
        """A variant's adapters go. Raises: WorldloomError."""
        remove(self.build(), variant)
        self._gone.add(variant)
        self.plans.pop(variant, None)
        self.active.pop(variant, None)

    def variants(self) -> dict[str, int]:
        """The numbers in each variant's adapters, by name."""
        if self.graph is None:
            return {}
        found = {name: adapters_of(self.graph, name) for name in variants_of(self.graph)}
        return {name: sum(p.numel() for p in each.values()) for name, each in found.items()}

    # weights

    def base(self) -> dict[str, Tensor]:
        """The weights without adapters. Raises: DocumentError when nothing was ever built."""
        return base_tensors(self.graph if self.graph is not None else self.build())

    def unsaved(self, base: Mapping[str, Tensor]) -> bool:
        """Whether these weights are nowhere on the disk, as far as this model knows."""
        return content_hash(base) != self._saved

    def mark_saved(self, base: Mapping[str, Tensor]) -> None:
        """These weights are on the disk."""
        self._saved = content_hash(base)

    def _without(self, variant: str) -> Graph:
        """The live graph. Raises: WorldloomError when it has a variant of this name."""
        graph = self.build()
        if variant in variants_of(graph):
            raise WorldloomError(f"there is a variant {variant!r} already; remove it first")
        return graph

    def _build(self, document: Document, attic: Attic) -> Graph:
        before = dict(attic.blocks)
        graph = build(document, self.registry, attic=attic, catalogue=self.catalogue)
        stale = False
        for identity, (kind, _, block) in attic.blocks.items():
            old = before.get(identity)
            if old is not None and old[2] is not block and old[0] == kind:
                pass_on(block, old[2])
                stale = stale or bool(variants_of(old[2]))
        if stale:
            self._rewrap(graph, before, attic)
        return graph.to(self.device)

    def _rewrap(self, graph: Graph, before: Mapping[str, Any], attic: Attic) -> None:
        """Nodes that were made anew have the variants of their predecessors."""
        for variant, plan in list(self.plans.items()):
            try:
                Modes(graph, plan, variant)
            except WorldloomError as error:
                self.tell(f"variant {variant!r} does not fit the document any more: {error}")
                continue
            for identity, (_, _, block) in attic.blocks.items():
                if identity in before and before[identity][2] is not block:
                    old = adapters_of(before[identity][2], variant)
                    _copy_fitting(adapters_of(block, variant), old)
        self._activate(graph)

    def _carry(self, variant: str, learned: Mapping[str, Tensor]) -> None:
        """A job's adapters are on the present graph too, where they fit it."""
        try:
            graph = self.build()
        except DocumentError:
            return  # the blocks that are shared have them; the rest stands in the run's checkpoints
        mine = adapters_of(graph, variant)
        if all(learned.get(name) is p for name, p in mine.items()) and len(mine) == len(learned):
            return
        plan = self.plans.get(variant)
        if plan is None:
            return
        try:
            Modes(graph, plan, variant)
        except WorldloomError as error:
            self.tell(f"variant {variant!r} does not fit the present document: {error}")
            return
        _copy_fitting(adapters_of(graph, variant), learned)

    def _activate(self, graph: Graph | None = None) -> None:
        graph = graph or self.graph
        if graph is not None:
            known = variants_of(graph)
            activate(graph, {name: w for name, w in self.active.items() if name in known})

    def _load(self, graph: Graph) -> None:
        weights = self._weights
        if weights is None:
            return
        if isinstance(weights, Path):
            if load_weights(weights, graph, self.tell):
                self.mark_saved(base_tensors(graph))
        else:
            try:
                load_tensors(graph, weights, self.document.title or "the world")
                self.mark_saved(base_tensors(graph))
            except FileError as error:
                self.tell(f"some weights of the world do not fit the document: {error}")
                _copy_fitting(base_tensors(graph), weights)
        self._weights = None


def pass_on(new: Block, old: Block) -> None:
    """Copy what agrees in name and shape, whether layers are wrapped in adapters or not."""
    _copy_fitting({n.name: n.tensor for n in walk(new)}, {n.name: n.tensor for n in walk(old)})


def _copy_fitting(into: Mapping[str, Tensor], source: Mapping[str, Tensor]) -> None:
    with torch.no_grad():
        for name, tensor in into.items():
            came = source.get(name)
            if came is not None and came is not tensor and came.shape == tensor.shape:
                tensor.copy_(came)
