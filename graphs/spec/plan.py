"""A plan: which nodes learn, how, from what, and for how long, as plain data.

A mode is data, not a class of trainer: full training, a frozen backbone, LoRA on some nodes and a
light custom world are different rules over node paths, never a different loop.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveInt, model_validator

Method = Literal["lora", "rslora", "dora", "loha", "lokr", "ia3", "oft"]
Mode = Literal["train", "frozen", "partial", "lora"]
Compile = Literal["default", "reduce-overhead", "max-autotune"]  # modes of torch.compile
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Fraction = Annotated[float, Field(ge=0, le=1)]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Schedule(_Data):
    """The learning rate over the steps as a factor of its peak; a pure function of the step.

    Warm-up rises linearly from 0 over `warmup` steps; then `kind` runs from 1 to `final` over the
    rest of the plan. "step" multiplies by `gamma` every `every` steps.
    """

    kind: Literal["constant", "linear", "cosine", "exponential", "step"] = "constant"
    warmup: NonNegativeInt = 0
    final: NonNegative = 0.0
    every: PositiveInt = 1000
    gamma: Positive = 0.1


class Rule(_Data):
    """What some nodes do while the plan runs.

    `where` is a pattern over dotted node paths: `*` is one name (or part of one), `**` any depth; a
    pattern names nodes and holds for all inside them, "**" is everything. Among the rules that reach
    a node the one whose pattern sits deepest wins; among equals the later one. `types` names only the
    blocks of these types, each itself, so such a rule is as deep as the block; `exclude` leaves paths
    out. A shared block is one block: what reaches or excludes one of its places does so to it. Outside
    [from_step, until_step) a rule does not exist, which is how things freeze and thaw.
    """

    where: str = "**"
    mode: Mode = "train"
    types: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    parameters: tuple[str, ...] = Field(
        default=(), description="mode partial: patterns of parameter names that train"
    )
    method: Method = "lora"
    rank: PositiveInt = 8
    alpha: Positive = 16.0
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    targets: tuple[str, ...] = Field(
        default=(),
        description="mode lora: patterns of layers inside the block; all that fit if empty",
    )
    lr: NonNegative | None = Field(default=None, description="the plan's when not given")
    weight_decay: NonNegative | None = None
    schedule: Schedule | None = None
    from_step: NonNegativeInt = 0
    until_step: PositiveInt | None = None

    @model_validator(mode="after")
    def _partial_needs_parameters(self) -> Self:
        if (self.mode == "partial") != bool(self.parameters):
            raise ValueError("mode 'partial' and only it takes parameter patterns")
        return self

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.until_step is not None and self.until_step <= self.from_step:
            raise ValueError(
                f"until_step must be above from_step, got {self.from_step} to {self.until_step}"
            )
        return self

    def active(self, step: int) -> bool:
        """Whether the rule exists at this step."""
        return self.from_step <= step and (self.until_step is None or step < self.until_step)


class Loss(_Data):
    """A scalar port to be made small: "node.path.port", or an exposed output of the root."""

    port: str
    weight: float = 1.0


class Optimiser(_Data):
    """A class of torch.optim by name, and its options."""

    name: str = "AdamW"
    lr: NonNegative = 1e-3
    weight_decay: NonNegative = 0.0
    options: Mapping[str, Any] = Field(default_factory=dict)


class Data(_Data):
    """How sources are read: rows of a batch and the seed of their order."""

    batch: PositiveInt = 32
    shuffle: bool = True
    split: str = "train"


class Validation(_Data):
    """A look at held-out data every so many steps: the losses and these scalar ports."""

    every: PositiveInt = 100
    split: str = "test"
    batch: PositiveInt = 256
    batches: PositiveInt | None = Field(default=None, description="all rows when not given")
    ports: Mapping[str, str] = Field(default_factory=dict)


class Turns(_Data):
    """Learning from whole turns of a world instead of from the wires of its body.

    Each step runs `number` turns; a loss is then an exposed output of a stage, "stage.port", summed
    over the turns in which it ran. `detach` says where gradients end: after each stage, after each
    turn, or never.
    """

    number: PositiveInt = 2
    detach: Literal["stage", "turn", "never"] = "stage"
    action: Any = None


class Stopping(_Data):
    """End early when `watch` has not improved for `patience` validations."""

    watch: str = "loss"
    best: Literal["min", "max"] = "min"
    patience: PositiveInt | None = None


class Keep(_Data):
    """Checkpoints: one every so many steps, the last few, and the best by `stopping.watch`."""

    every: PositiveInt = 500
    last: PositiveInt = 2
    best: bool = True


class Plan(_Data):
    """A whole training as data. What no rule reaches is frozen."""

    description: str = ""
    rules: tuple[Rule, ...] = (Rule(),)
    only: tuple[str, ...] = Field(
        default=(), description="patterns of nodes; whatever the rules say, nothing else learns"
    )
    losses: tuple[Loss, ...] = ()
    turns: Turns | None = None
    settings: Mapping[str, Mapping[str, Any]] = Field(
        default_factory=dict, description="node settings while the plan runs, by node path"
    )
    log: Mapping[str, str] = Field(
        default_factory=dict,
        description="scalar ports written down at every step, by channel: spawn/born: lattice.spawned",
    )
    optimiser: Optimiser = Optimiser()
    schedule: Schedule = Schedule()
    data: Data = Data()
    steps: PositiveInt = 1000
    seed: NonNegativeInt = 0
    accumulate: PositiveInt = 1
    clip_norm: Positive | None = None
    ema: Annotated[float, Field(ge=0, lt=1)] | None = None
    precision: Literal["float32", "bfloat16"] = "float32"
    recompute: tuple[str, ...] = Field(
        default=(), description="patterns of nodes whose activations are recomputed in backward"
    )
    compile: Mapping[str, Compile] = Field(
        default_factory=dict,
        description="patterns of nodes that torch.compile makes faster, and its mode",
    )
    cache_frozen: bool = Field(
        default=False, description="reuse outputs of frozen nodes on same rows"
    )
    validation: Validation | None = None
    stopping: Stopping = Stopping()
    keep: Keep = Keep()
