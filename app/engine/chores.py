"""Chores: what is asked of the model between a job's steps. Only the model's thread does them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import Tensor

from app.engine.commands import (
    AddVariant,
    AskSnapshots,
    AskTensors,
    AskWorld,
    Command,
    Explain,
    ExportLight,
    ExportScript,
    ExportWorld,
    ImportAdapters,
    ImportLight,
    Inspect,
    LoadCheckpoint,
    MergeVariants,
    OpenSnapshot,
    RemoveVariant,
    SaveWeights,
    UseVariants,
)
from app.engine.events import (
    Explained,
    Inspected,
    NodeFacts,
    Problems,
    Saved,
    VariantFacts,
    VariantsListed,
)
from app.engine.failure import faults
from app.engine.model import Model
from app.engine.outbox import Outbox
from app.engine.run import read_inputs
from app.engine.snapshots import list_snapshots, open_snapshot
from app.engine.tensors import list_tensors
from app.engine.train import facts
from app.engine.turning import tell_world
from graphs.learn.adapters import adapters_of, load_adapters
from graphs.learn.modes import FROZEN, Modes
from graphs.learn.resume import take_weights
from graphs.live.context import Run
from graphs.live.infer import count, infer
from graphs.live.looks import Looks
from graphs.script.files import write_script
from graphs.spec.check import check
from graphs.spec.document import Document
from graphs.spec.plan import Plan
from graphs.spec.problems import DocumentError, FileError, Problem, WorldloomError
from graphs.store import (
    content_hash,
    export_light,
    export_world,
    import_light,
    project_files,
    read_checkpoint,
    require_base,
    write_document,
    write_project,
)

Chore = (
    AddVariant
    | AskSnapshots
    | AskTensors
    | AskWorld
    | Explain
    | ExportLight
    | ExportScript
    | ExportWorld
    | ImportAdapters
    | ImportLight
    | Inspect
    | LoadCheckpoint
    | MergeVariants
    | OpenSnapshot
    | RemoveVariant
    | SaveWeights
    | UseVariants
)
DISTURBING = (
    AddVariant, ImportAdapters, ImportLight, LoadCheckpoint, MergeVariants, RemoveVariant, UseVariants,
)  # fmt: skip
LATEST = (AskTensors, Inspect, UseVariants)  # an older one that waits still is not worth doing


@dataclass(frozen=True)
class Reset:
    """Another project; `weights` are those of a world file."""

    path: Path | None
    weights: Mapping[str, Tensor] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Asked:
    """A chore with the document as it was when it was asked for."""

    what: Chore | Reset
    number: int
    document: Document
    revision: int
    path: Path | None


def is_chore(command: Command) -> bool:
    """Whether a command is for the model."""
    return isinstance(command, Chore)


class Chores:
    """Does what is asked of a model, and answers."""

    def __init__(self, model: Model, outbox: Outbox) -> None:
        self.model, self.outbox = model, outbox
        self._inspected: tuple[Any, dict[str, NodeFacts]] | None = None
        self._looks = Looks()  # so that after an edit only what changed is looked at
        self._named: set[str] = set()  # the variants that were told of last

    def do(self, asked: Asked) -> None:
        """Raises: whatever is wrong; the model is then as it was."""
        self._do(asked)
        if set(self.model.variants()) != self._named:  # they came with a build, from their shelf
            self.outbox.post(self.listed())

    def _do(self, asked: Asked) -> None:
        model, what = self.model, asked.what
        if isinstance(what, Reset):
            model.reset(asked.document, what.path, what.weights)
            self._looks = Looks()
            return
        model.document, model.path = asked.document, asked.path
        match what:
            case Inspect():
                self.inspect(what, asked)
            case Explain():
                self.explain(what, asked)
            case SaveWeights():
                self.save(what, asked)
            case ExportWorld():
                model.build()
                export_world(Path(what.path), asked.document, model.base())
                self.saved(asked, "world", what.path)
            case ExportScript():
                self.export_script(what, asked)
            case ExportLight():
                self.export_light(what, asked)
            case LoadCheckpoint():
                self.load_checkpoint(what, asked)
            case AddVariant():
                model.add_variant(what.variant, model.plan(what.plan))
                self.variants(asked)
            case ImportLight():
                self.import_light(what)
                self.variants(asked)
            case ImportAdapters():
                folder = Path(what.path)
                model.adopt(what.variant or folder.name, what.node, folder)
                self.variants(asked)
            case UseVariants():
                model.use(what.weights)
                self.variants(asked)
            case MergeVariants():
                model.merge(what.weights)
                self.variants(asked)
            case RemoveVariant():
                model.remove(what.variant)
                self.variants(asked)
            case AskWorld():
                tell_world(self.outbox, model, asked.number)
            case OpenSnapshot():
                open_snapshot(model, Path(what.path))
                tell_world(self.outbox, model, asked.number)
            case AskTensors():
                self.outbox.post(
                    list_tensors(model.build(), what.path, asked.revision), answers=asked.number
                )
            case AskSnapshots():
                told = list_snapshots(model)
                self.outbox.post(told, answers=asked.number)

    def inspect(self, order: Inspect, asked: Asked) -> None:
        """Problems always; shapes and costs when the document can be built."""
        model, answers = self.model, asked.number
        found = check(asked.document, model.catalogue)
        try:
            graph = model.build()
        except DocumentError as error:
            found += [p for p in error.problems if p not in found]
            self._problems(asked, found)
            return
        self._problems(asked, found)
        key = graph, order.batch, dict(order.inputs)
        if self._inspected is None or self._inspected[0] != key:
            given = read_inputs(graph, order.inputs)
            run = Run(batch=order.batch, device=model.device)
            costs = infer(graph, given, run=run, looks=self._looks)
            nodes = {"": NodeFacts(parameters=count(graph)[0])}
            for path, block in graph.blocks():
                cost = costs.get(path)
                nodes[path] = NodeFacts(
                    parameters=count(block)[0],
                    flops=cost.flops if cost else 0,
                    outputs=cost.outputs if cost else {},
                    error=cost.error if cost else "",
                )
            self._inspected = key, nodes
        told = Inspected(revision=asked.revision, nodes=self._inspected[1])
        self.outbox.post(told, answers=answers)

    def explain(self, order: Explain, asked: Asked) -> None:
        """The sheet of a plan, and the mode that each node with parameters resolves to."""
        plan = self.model.plan(order.plan)
        modes: Modes = self.model.explain(plan, order.plan)
        told = Explained(
            plan=order.plan,
            rows=facts(modes.explain()),
            modes={
                p: (modes.rule(place, 0) or FROZEN).mode
                for place in modes.places
                for p in place.paths
            },
            skipped=tuple(modes.adaptation.skipped),
        )
        self.outbox.post(told, answers=asked.number)

    def save(self, order: SaveWeights, asked: Asked) -> None:
        """Document and weights, together; only the document while there are no weights."""
        model, document = self.model, asked.document
        path = Path(order.path) if order.path else asked.path
        if path is None:
            raise WorldloomError("the project has no file yet; name one")
        try:
            model.build()
        except DocumentError:
            self.model.tell(
                "the document has problems; the weights are those of its last good state"
            )
        json_file, _ = project_files(path)
        if model.graph is None:
            write_document(json_file, document)
        else:
            base = model.base()
            write_project(path, document, base)
            if path == asked.path:
                model.mark_saved(base)
            model.shelve(json_file)
        self.saved(asked, "project", str(json_file))

    def export_script(self, order: ExportScript, asked: Asked) -> None:
        """The model as a script, with the variants that are active."""
        path = Path(order.path)
        title = f"{asked.document.title or path.stem} {order.node}".strip()
        targets = order.targets or None
        graph = self.model.build()
        try:
            made = write_script(path, graph, title, node=order.node, targets=targets)
        except KeyError as error:
            raise WorldloomError(str(error.args[0])) from error
        self.saved(asked, "script", order.path, made.notes)

    def export_light(self, order: ExportLight, asked: Asked) -> None:
        """A variant as a file that names its base by content hash."""
        graph = self.model.build()
        tensors = {n: p.detach() for n, p in adapters_of(graph, order.variant).items()}
        plan = self.model.plans.get(order.variant)
        if not tensors or plan is None:
            raise WorldloomError(f"there is no variant {order.variant!r} to export")
        base = content_hash(self.model.base())
        export_light(Path(order.path), base, asked.document.title, plan, tensors)
        self.saved(asked, "light world", order.path)

    def import_light(self, order: ImportLight) -> None:
        """A light world of this base becomes a variant."""
        path, model = Path(order.path), self.model
        world, variant = import_light(path), order.variant or path.stem
        model.build()
        require_base(world, content_hash(model.base()))
        model.add_variant(variant, world.plan)
        try:
            load_adapters(model.build(), dict(world.tensors), variant, order.path)
        except FileError:
            model.remove(variant)
            raise

    def load_checkpoint(self, order: LoadCheckpoint, asked: Asked) -> None:
        """Weights, or adapters on the base that they were trained on."""
        model, found = self.model, read_checkpoint(Path(order.path))
        plan = Plan.model_validate(found.state["plan"])
        lent = model.lend(asked.document, plan.settings)
        try:
            base = found.state["base"]
            if base and base != content_hash(model.base()):
                raise FileError(f"{order.path}: its adapters were trained on another base")
            training = model.training(lent, plan, found.state["variant"])
            if order.averaged and training.average is None:
                raise FileError(f"{order.path}: its plan keeps no average of weights")
            take_weights(training, found, averaged=order.averaged)
        finally:
            model.take_back(lent)
        self.saved(asked, "loaded", order.path)

    def variants(self, asked: Asked) -> None:
        """Tell of all variants."""
        self.outbox.post(self.listed(), answers=asked.number)

    def listed(self) -> VariantsListed:
        """All variants as they are."""
        model = self.model
        self._named = set(model.variants())
        return VariantsListed(
            variants={
                name: VariantFacts(
                    weight=model.active.get(name, 0.0),
                    parameters=numbers,
                    exportable=name in model.plans,
                )
                for name, numbers in model.variants().items()
            }
        )

    def saved(self, asked: Asked, what: Any, path: str, notes: tuple[str, ...] = ()) -> None:
        """Tell that a file was written or read."""
        size = os.path.getsize(path) if os.path.isfile(path) else 0
        told = Saved(what=what, path=path, bytes=size, notes=notes)
        self.outbox.post(told, answers=asked.number)

    def _problems(self, asked: Asked, found: list[Problem]) -> None:
        told = Problems(revision=asked.revision, problems=faults(found))
        self.outbox.post(told, answers=asked.number)
