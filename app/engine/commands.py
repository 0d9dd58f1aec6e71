"""Commands: what a front end asks of the engine, as frozen data. No torch.

The engine holds the same document as the front end because it is given the same edits, or for undo
and redo the same events of `graphs.spec.diff`. Every command has a number; what answers it says which.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveFloat, PositiveInt

from graphs.spec.document import Document
from graphs.spec.edits import Edit
from graphs.spec.events import Event as Change


class Message(BaseModel):
    """Frozen, validated data. NaN and infinity travel as text, which any JSON reader takes."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")


class Hello(Message):
    """The first frame on a socket: who is there may say so only with the token of the file."""

    token: str
    command: Literal["Hello"] = "Hello"


class Ping(Message):
    """Are you there, and what are you doing? Answered by Pong, also in the middle of a step."""

    command: Literal["Ping"] = "Ping"


class Shutdown(Message):
    """Stop the job at its next step with a checkpoint, and end."""

    command: Literal["Shutdown"] = "Shutdown"


class Detach(Message):
    """Go on without this front end: listen for another one, and end `linger` seconds after the last
    job when none came. Needs a project, whose folder says where to attach. Answered by Detached.
    """

    linger: PositiveFloat = 600.0
    command: Literal["Detach"] = "Detach"


class AskCatalogue(Message):
    """Answered by CatalogueSent."""

    command: Literal["AskCatalogue"] = "AskCatalogue"


class SetDocument(Message):
    """Hold this document. Blocks of the same identity keep their weights, unless `keep` is false.

    `path` is the project's NAME.json, "" before it has one. Answered by DocumentSet.
    """

    document: Document
    path: str = ""
    revision: NonNegativeInt = 0
    keep: bool = True
    command: Literal["SetDocument"] = "SetDocument"


class ApplyEdit(Message):
    """Change the document as the front end did; `revision` is what it calls the result."""

    edit: Edit
    revision: NonNegativeInt = 0
    command: Literal["ApplyEdit"] = "ApplyEdit"


class ApplyChanges(Message):
    """Change the document by the events of a diff, as after undo and redo."""

    changes: tuple[Change, ...]
    revision: NonNegativeInt = 0
    command: Literal["ApplyChanges"] = "ApplyChanges"


class OpenProject(Message):
    """Hold the document and the weights of NAME.json or NAME.world. Answered by ProjectOpened.

    With a `document`, as after crash recovery, only the weights are the file's. A world file is like a
    template: it has no project until it is saved as one.
    """

    path: str
    document: Document | None = None
    revision: NonNegativeInt = 0
    command: Literal["OpenProject"] = "OpenProject"


class SaveWeights(Message):
    """Write the document and its weights together; "" is the project's own path. Answered by Saved.

    While the document cannot be built the weights are those of its last state that could.
    """

    path: str = ""
    command: Literal["SaveWeights"] = "SaveWeights"


class ExportWorld(Message):
    """Write one .world file. Answered by Saved."""

    path: str
    command: Literal["ExportWorld"] = "ExportWorld"


class ExportScript(Message):
    """Write the model as it is, with its active variants, as Python that needs only torch; `node` is
    a part of it, `targets` are exposed outputs or "path.port". Answered by Saved, whose `notes` say
    what is not as in the document, or by Refused naming the nodes that are in the way.
    """

    path: str
    node: str = ""
    targets: tuple[str, ...] = ()
    command: Literal["ExportScript"] = "ExportScript"


class ExportLight(Message):
    """Write a variant as a light .world file. Answered by Saved."""

    path: str
    variant: str
    command: Literal["ExportLight"] = "ExportLight"


class ImportLight(Message):
    """Put a light world's adapters on the base as a variant; "" is the file's name. Answered by
    VariantsListed.
    """

    path: str
    variant: str = ""
    command: Literal["ImportLight"] = "ImportLight"


class ImportAdapters(Message):
    """Put the LoRA adapters of a PEFT folder on the node at a path, "" the whole, as a variant; ""
    is the folder's name. Answered by VariantsListed.
    """

    path: str
    node: str = ""
    variant: str = ""
    command: Literal["ImportAdapters"] = "ImportAdapters"


class Inspect(Message):
    """Shapes, parameters, flops and errors of every node. Answered by Inspected.

    `inputs` are values for exposed inputs as text: JSON, or the path of a file.
    """

    batch: PositiveInt = 32
    inputs: Mapping[str, str] = Field(default_factory=dict)
    command: Literal["Inspect"] = "Inspect"


class AskTensors(Message):
    """The tensors of the node at a path, "" of the whole. Answered by TensorsListed."""

    path: str
    command: Literal["AskTensors"] = "AskTensors"


class Explain(Message):
    """What would train under a plan of the document. Answered by Explained."""

    plan: str
    command: Literal["Explain"] = "Explain"


class Watch(Message):
    """What people look at now, from now on. `ports` are "path.port"; nothing watched costs nothing.

    Units: `seconds` between two looks; previews never take more than `share` of the time.
    """

    ports: tuple[str, ...] = ()
    gradients: bool = False
    seconds: PositiveFloat = 0.5
    share: Annotated[float, Field(gt=0, le=1)] = 0.1
    command: Literal["Watch"] = "Watch"


class Run(Message):
    """Queue one run: of `targets` ("path.port" or exposed outputs), of the node `branch` with what it
    needs, or with neither of the exposed outputs, of everything when there are none.

    With `turns` a world turns so often, or with `endless` until it is stopped, on from where it stands
    unless `fresh`; with `stages` only these run, once, and no turn is counted. `action` reaches
    development, and `inputs` fill "block.slot" and "content.key" before the first. `keep` writes a
    snapshot after each turn. With `output` results become files there.
    """

    targets: tuple[str, ...] = ()
    branch: str = ""
    inputs: Mapping[str, str] = Field(default_factory=dict)
    turns: NonNegativeInt = 0
    endless: bool = False
    stages: tuple[str, ...] = ()
    fresh: bool = False
    action: Any = None
    keep: bool = False
    output: str = ""
    seed: NonNegativeInt = 0
    position: NonNegativeInt = 0
    split: str = "train"
    batch: PositiveInt = 32
    precision: Literal["float32", "bfloat16", "float16"] = "float32"
    command: Literal["Run"] = "Run"


class Train(Message):
    """Queue a training under a plan of the document as it is now.

    Adapters go into `variant`, which is called like the plan unless it is named.
    `folder` "" is a new one beside the project, or with `resume` the newest of this plan that holds a
    run. `paused` waits before its first step. `best` puts the best weights in when the plan has ended.
    """

    plan: str
    variant: str = ""
    steps: PositiveInt | None = None
    folder: str = ""
    resume: bool = False
    paused: bool = False
    best: bool = True
    tensorboard: bool = True
    command: Literal["Train"] = "Train"


class Pause(Message):
    """The running job waits after its step, with a checkpoint. Answered by JobPaused."""

    command: Literal["Pause"] = "Pause"


class Resume(Message):
    """The paused job goes on. Answered by JobResumed."""

    command: Literal["Resume"] = "Resume"


class Step(Message):
    """The running or paused job does so many steps and pauses."""

    count: PositiveInt = 1
    command: Literal["Step"] = "Step"


class Stop(Message):
    """The running job ends after its step, saved. Answered by JobFinished with `stopped`.

    A world ends after its turn; asked a second time it ends at its next node, and that turn is lost.
    """

    command: Literal["Stop"] = "Stop"


class Act(Message):
    """The development of the running world hears this from its next turn on."""

    action: Any = None
    command: Literal["Act"] = "Act"


class AskWorld(Message):
    """Answered by WorldStood, after a preview of every picture in its state."""

    command: Literal["AskWorld"] = "AskWorld"


class AskSnapshots(Message):
    """Answered by SnapshotsListed."""

    command: Literal["AskSnapshots"] = "AskSnapshots"


class OpenSnapshot(Message):
    """The world stands where it stood after the turn of this snapshot. Answered like AskWorld."""

    path: str
    command: Literal["OpenSnapshot"] = "OpenSnapshot"


class CancelJob(Message):
    """A job leaves the queue; the running one is stopped as by Stop."""

    job: str
    command: Literal["CancelJob"] = "CancelJob"


class MoveJob(Message):
    """A waiting job goes to another place among those that wait, from 0."""

    job: str
    place: NonNegativeInt
    command: Literal["MoveJob"] = "MoveJob"


class ContinueJob(Message):
    """A failed or interrupted job is queued again; a training goes on from its last checkpoint."""

    job: str
    command: Literal["ContinueJob"] = "ContinueJob"


class HoldQueue(Message):
    """No further job starts while `held`. A queue that was found on the disk is held at first."""

    held: bool
    command: Literal["HoldQueue"] = "HoldQueue"


class AskJobs(Message):
    """Answered by JobsListed."""

    command: Literal["AskJobs"] = "AskJobs"


class AddVariant(Message):
    """Put fresh adapters on the base by the LoRA rules of a plan. Answered by VariantsListed."""

    variant: str
    plan: str
    command: Literal["AddVariant"] = "AddVariant"


class UseVariants(Message):
    """Switch and mix: these variants are active with these weights, and no others."""

    weights: Mapping[str, float]
    command: Literal["UseVariants"] = "UseVariants"


class MergeVariants(Message):
    """Fold variants into the base, which is another base afterwards; all variants go."""

    weights: Mapping[str, float]
    command: Literal["MergeVariants"] = "MergeVariants"


class RemoveVariant(Message):
    """A variant's adapters go."""

    variant: str
    command: Literal["RemoveVariant"] = "RemoveVariant"


class AskCheckpoints(Message):
    """What a run's folder holds. Answered by CheckpointsListed."""

    folder: str
    command: Literal["AskCheckpoints"] = "AskCheckpoints"


class LoadCheckpoint(Message):
    """Put the weights of one checkpoint ("…/step_00000100") into the model, with `averaged` its slow
    copy. Answered by Saved.
    """

    path: str
    averaged: bool = False
    command: Literal["LoadCheckpoint"] = "LoadCheckpoint"


Command = Annotated[
    Act
    | AddVariant
    | ApplyChanges
    | ApplyEdit
    | AskCatalogue
    | AskCheckpoints
    | AskJobs
    | AskSnapshots
    | AskTensors
    | AskWorld
    | CancelJob
    | ContinueJob
    | Detach
    | Explain
    | ExportLight
    | ExportScript
    | ExportWorld
    | Hello
    | HoldQueue
    | ImportAdapters
    | ImportLight
    | Inspect
    | LoadCheckpoint
    | MergeVariants
    | MoveJob
    | OpenProject
    | OpenSnapshot
    | Pause
    | Ping
    | RemoveVariant
    | Resume
    | Run
    | SaveWeights
    | SetDocument
    | Shutdown
    | Step
    | Stop
    | Train
    | UseVariants
    | Watch,
    Field(discriminator="command"),
]
