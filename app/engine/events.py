"""Events: what the engine tells a front end, as frozen data. No torch.

Facts only, in the past tense. Figures, previews and node states are thinned on the way (see outbox);
everything that changes what a person may do next is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from app.engine.commands import Message
from graphs.spec.catalogue import Catalogue
from graphs.spec.document import Document
from graphs.spec.plan import Mode

JobState = Literal["queued", "running", "paused", "interrupted", "failed", "finished", "cancelled"]


class Fault(Message):
    """A Problem of graphs.spec on its way."""

    path: str
    code: str
    message: str
    port: str = ""
    severity: Literal["error", "warning"] = "error"


class JobFacts(Message):
    """What there is to know of a job without its document.

    `step` of `steps` counts optimiser steps of a training and turns of a world.
    """

    job: str
    kind: Literal["run", "train"]
    title: str
    state: JobState = "queued"
    folder: str = ""
    step: int = 0
    steps: int = 0
    message: str = ""


class NodeFacts(Message):
    """What a node holds and gives in one run; `outputs` are as "float32 (32, 10)"."""

    parameters: int = 0
    flops: int = 0
    outputs: Mapping[str, str] = Field(default_factory=dict)
    error: str = ""


class TensorFacts(Message):
    """One tensor of a node by its name inside it; a buffer does not learn, an adapter lies over a layer."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    kind: Literal["parameter", "buffer", "adapter"] = "parameter"
    shared: bool = False


class TrainedFacts(Message):
    """One row of the sheet "what will train"."""

    node: str
    parameter: str
    count: int
    mode: Mode
    lr: float
    weight_decay: float
    from_step: int = 0
    until_step: int | None = None
    shared_with: tuple[str, ...] = ()


class Figures(Message):
    """One optimiser step. `losses` are the parts where there are several, `logged` the plan's channels.

    Units: seconds of the step.
    """

    step: int
    loss: float
    lr: float
    seconds: float
    rows: int
    grad_norm: float | None = None
    losses: Mapping[str, float] = Field(default_factory=dict)
    logged: Mapping[str, float] = Field(default_factory=dict)


class VariantFacts(Message):
    """A variant on the base; `weight` 0 is not active."""

    weight: float
    parameters: int
    exportable: bool


class CheckpointFacts(Message):
    """One checkpoint of a run; `best` is the one with the best validation."""

    path: str
    step: int
    reason: str
    time: str
    best: bool = False


class Ready(Message):
    """The engine can work. The catalogue itself comes when asked for, as most have it already."""

    catalogue: str  # its hash
    versions: Mapping[str, str]
    device: str
    threads: int
    process: int
    project: str = ""
    event: Literal["Ready"] = "Ready"


class Pong(Message):
    """Alive; `job` is what runs, "" nothing."""

    job: str = ""
    event: Literal["Pong"] = "Pong"


class Refused(Message):
    """A command could not be done; nothing changed. `problems` where a document or plan is at fault."""

    command: str
    reason: str
    problems: tuple[Fault, ...] = ()
    event: Literal["Refused"] = "Refused"


class CatalogueSent(Message):
    """Every installed block type; keep it under its hash for the next start."""

    hash: str
    catalogue: Catalogue
    event: Literal["CatalogueSent"] = "CatalogueSent"


class DocumentSet(Message):
    """The engine holds this revision; `digest` is of its file, to compare when in doubt."""

    revision: int
    digest: str = ""
    event: Literal["DocumentSet"] = "DocumentSet"


class ProjectOpened(Message):
    """The engine holds a project; `weights` says whether the file had any."""

    path: str
    document: Document
    revision: int
    weights: bool
    event: Literal["ProjectOpened"] = "ProjectOpened"


class Saved(Message):
    """A file was written, or with `what` "loaded" read into the model."""

    what: Literal["project", "world", "light world", "script", "loaded"]
    path: str
    bytes: int = 0
    notes: tuple[str, ...] = ()
    event: Literal["Saved"] = "Saved"


class Problems(Message):
    """Everything wrong with a revision, the blocks' own refusals included, which need the engine."""

    revision: int
    problems: tuple[Fault, ...]
    event: Literal["Problems"] = "Problems"


class Inspected(Message):
    """What every node of a revision holds and does, by path; "" is the whole."""

    revision: int
    nodes: Mapping[str, NodeFacts]
    event: Literal["Inspected"] = "Inspected"


class TensorsListed(Message):
    """What a node of a revision holds, in the order of its layers; `left_out` counts those beyond."""

    path: str
    revision: int
    tensors: tuple[TensorFacts, ...]
    left_out: int = 0
    event: Literal["TensorsListed"] = "TensorsListed"


class Explained(Message):
    """What would train under a plan, what resolves for each node, and what LoRA passes over and why."""

    plan: str
    rows: tuple[TrainedFacts, ...]
    modes: Mapping[str, Mode]
    skipped: tuple[tuple[str, str], ...] = ()
    event: Literal["Explained"] = "Explained"


class NodeStarted(Message):
    """A node is about to run, in step `index` of `total`; total 0 where that is not known."""

    job: str
    path: str
    index: int
    total: int
    event: Literal["NodeStarted"] = "NodeStarted"


class NodeFinished(Message):
    """A node ran, or was `reused`. Units: seconds of the host."""

    job: str
    path: str
    index: int
    total: int
    seconds: float
    outputs: Mapping[str, str]
    reused: bool = False
    event: Literal["NodeFinished"] = "NodeFinished"


class Preview(Message):
    """What a port gave, small enough to draw at once.

    "image": the blob is a PNG, data has width, height and count. "plot": data has y (up to 512) and
    length. "text": data has text. "number": data has value. "tensor": data has shape, dtype, mean, std,
    min, max, bad (not finite) and a histogram of 32 bins. "trajectory": what app.lattice.scene unpacks.
    In a world `place` is the "block.slot" or
    "content.key" that the port fills, and `port` is "" where nothing ran.
    """

    job: str
    port: str
    place: str = ""
    kind: Literal["image", "plot", "text", "number", "tensor", "trajectory"]
    data: Mapping[str, Any]
    step: int = 0
    event: Literal["Preview"] = "Preview"


class StepsDone(Message):
    """Steps since the last such event, in order. Older than the last 2000 are in the journal only, and
    `passed_over` counts them. Units: seconds left, rows per second.
    """

    job: str
    figures: tuple[Figures, ...]
    passed_over: int = 0
    steps: int = 0
    seconds_left: float | None = None
    rows_per_second: float | None = None
    event: Literal["StepsDone"] = "StepsDone"


class Validated(Message):
    """A look at held-out data."""

    job: str
    step: int
    figures: Mapping[str, float]
    best: bool
    event: Literal["Validated"] = "Validated"


class CheckpointSaved(Message):
    """A whole checkpoint is on the disk."""

    job: str
    step: int
    path: str
    best: bool = False
    event: Literal["CheckpointSaved"] = "CheckpointSaved"


class GradientNorms(Message):
    """The norm of each node's own gradients at a step, before clipping, by path."""

    job: str
    step: int
    norms: Mapping[str, float]
    event: Literal["GradientNorms"] = "GradientNorms"


class Vitals(Message):
    """Once a second while a job runs. Units: bytes; `device_memory` is what torch holds there."""

    job: str
    memory: int
    device_memory: int = 0
    event: Literal["Vitals"] = "Vitals"


class StageTold(Message):
    """A stage of a turning world started, finished or was skipped (`empty` needs, `filled` targets).

    `values` is what it wrote, in words, by "block.slot" and "content.key".
    """

    job: str
    turn: int
    stage: str
    what: Literal["started", "finished", "skipped"]
    seconds: float = 0.0
    wrote: tuple[str, ...] = ()
    values: Mapping[str, str] = Field(default_factory=dict)
    empty: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()
    event: Literal["StageTold"] = "StageTold"


class TurnFinished(Message):
    """A cycle came round: what each slot holds, in words, by "block.slot" and "content.key"."""

    job: str
    turn: int
    state: Mapping[str, str]
    content: Mapping[str, str]
    updated: bool
    snapshot: str = ""
    event: Literal["TurnFinished"] = "TurnFinished"


class WorldStood(Message):
    """Where a world stands after `turns` whole turns: what each slot holds, in words."""

    turns: int
    state: Mapping[str, str]
    content: Mapping[str, str]
    event: Literal["WorldStood"] = "WorldStood"


class SnapshotFacts(Message):
    """A world as it was kept after a turn; `fits` tells whether it was taken with these weights."""

    path: str
    turn: int
    time: str
    bytes: int
    state: Mapping[str, str]
    fits: bool


class SnapshotsListed(Message):
    """The snapshots of the world, earliest turn first; those that cannot be read are told of in the log."""

    folder: str
    snapshots: tuple[SnapshotFacts, ...]
    event: Literal["SnapshotsListed"] = "SnapshotsListed"


class JobQueued(Message):
    """A job waits, or is about to start."""

    job: JobFacts
    event: Literal["JobQueued"] = "JobQueued"


class JobStarted(Message):
    """A job runs. Of a training `journal` is the file with every step, and `rows` the sheet."""

    job: JobFacts
    journal: str = ""
    rows: tuple[TrainedFacts, ...] = ()
    event: Literal["JobStarted"] = "JobStarted"


class JobPaused(Message):
    """It waits after this step."""

    job: str
    step: int
    event: Literal["JobPaused"] = "JobPaused"


class JobResumed(Message):
    """It goes on."""

    job: str
    event: Literal["JobResumed"] = "JobResumed"


class JobFinished(Message):
    """It came to its end, or with `stopped` to where a person or the plan stopped it.

    `results` are a run's answers in words or as files, or a training's summary.
    """

    job: JobFacts
    stopped: str = ""
    results: Mapping[str, Any] = Field(default_factory=dict)
    event: Literal["JobFinished"] = "JobFinished"


class JobFailed(Message):
    """It raised; the session goes on. `where` is the node, `trace` for a report of a fault of ours."""

    job: JobFacts
    where: str
    message: str
    problems: tuple[Fault, ...] = ()
    memory: bool = False  # there was not enough
    trace: str = ""
    event: Literal["JobFailed"] = "JobFailed"


class JobsListed(Message):
    """Every job that waits, runs, or ended in a way that can be gone on from; in their order."""

    jobs: tuple[JobFacts, ...]
    held: bool
    event: Literal["JobsListed"] = "JobsListed"


class VariantsListed(Message):
    """The variants on the base, by name."""

    variants: Mapping[str, VariantFacts]
    event: Literal["VariantsListed"] = "VariantsListed"


class CheckpointsListed(Message):
    """The checkpoints of a run, earliest first."""

    folder: str
    checkpoints: tuple[CheckpointFacts, ...]
    event: Literal["CheckpointsListed"] = "CheckpointsListed"


class Detached(Message):
    """The engine goes on alone; `path` is the project to attach to."""

    path: str
    event: Literal["Detached"] = "Detached"


class Log(Message):
    """A line for the log panel."""

    level: Literal["info", "warning", "error"]
    text: str
    event: Literal["Log"] = "Log"


class Died(Message):
    """The engine is gone and nobody asked it to go; said by the client, never by an engine.

    `code` is the process's (negative: a signal's number), None where it was not ours to see; `log` is
    the end of what it printed.
    """

    reason: str
    code: int | None = None
    log: str = ""
    event: Literal["Died"] = "Died"


Event = Annotated[
    CatalogueSent
    | CheckpointSaved
    | CheckpointsListed
    | Detached
    | Died
    | DocumentSet
    | Explained
    | GradientNorms
    | Inspected
    | JobFailed
    | JobFinished
    | JobPaused
    | JobQueued
    | JobResumed
    | JobStarted
    | JobsListed
    | Log
    | NodeFinished
    | NodeStarted
    | Pong
    | Preview
    | Problems
    | ProjectOpened
    | Ready
    | Refused
    | Saved
    | SnapshotsListed
    | StageTold
    | StepsDone
    | TensorsListed
    | TurnFinished
    | Validated
    | VariantsListed
    | Vitals
    | WorldStood,
    Field(discriminator="event"),
]
