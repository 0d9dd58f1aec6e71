"""Roles of generation: what predicts, what steps, what guides, what encodes, what adds a signal."""

from typing import Annotated, ClassVar, NamedTuple

from torch import Tensor

from graphs.live import Block


class Prediction(NamedTuple):
    """What a backbone says of a latent: noise, data or velocity, as its solver expects."""

    pred: Annotated[Tensor, "b ..."]


class Backbone(Block):
    """One prediction step.

    Shapes: latent (b, ...), timestep (b,), condition any -> pred (b, ...).
    """

    hidden = True
    role: ClassVar[str] = "backbone"

    def forward(
        self,
        latent: Annotated[Tensor, "b ..."],
        timestep: Annotated[Tensor, "b"],
        condition: Annotated[Tensor, ""] | None = None,
    ) -> Prediction:
        """Predict; a subclass says how."""
        raise NotImplementedError(f"{type(self).__name__} does not say what it predicts")


class SolverStep(NamedTuple):
    """Where a solver arrives."""

    next_latent: Annotated[Tensor, "b ..."]
    next_timestep: Annotated[Tensor, "b"]


class Solver(Block):
    """One step of the discretisation; it owns the noise schedule.

    Shapes: latent and pred (b, ...), timestep (b,) -> next_latent (b, ...), next_timestep (b,).
    """

    hidden = True
    role: ClassVar[str] = "solver"

    def forward(
        self,
        latent: Annotated[Tensor, "b ..."],
        timestep: Annotated[Tensor, "b"],
        pred: Annotated[Tensor, "b ..."],
    ) -> SolverStep:
        """Step; a subclass says how."""
        raise NotImplementedError(f"{type(self).__name__} does not say how it steps")


class Guided(NamedTuple):
    """The prediction that a solver takes."""

    pred_guided: Annotated[Tensor, "b ..."]


class Guiding(Block):
    """Combines predictions.

    Shapes: pred_cond and pred_uncond (b, ...), scale (b,) or () -> pred_guided (b, ...).
    """

    hidden = True
    role: ClassVar[str] = "guidance"

    def forward(
        self,
        pred_cond: Annotated[Tensor, "b ..."],
        pred_uncond: Annotated[Tensor, "b ..."],
        scale: Annotated[Tensor, ""] | None = None,
    ) -> Guided:
        """Combine; a subclass says how."""
        raise NotImplementedError(f"{type(self).__name__} does not say how it guides")


class Coded(NamedTuple):
    """The other side of what came in; the one that was not asked for is None."""

    latent: Annotated[Tensor, ""] | None
    image: Annotated[Tensor, ""] | None


class Codec(Block):
    """Encodes an image, decodes a latent: whichever is wired.

    Shapes: image (b, c, h, w) -> latent; latent -> image (b, c, h, w).
    """

    hidden = True
    role: ClassVar[str] = "codec"

    def forward(
        self,
        image: Annotated[Tensor, "b c h w"] | None = None,
        latent: Annotated[Tensor, ""] | None = None,
    ) -> Coded:
        """Encode or decode; a subclass says how."""
        raise NotImplementedError(f"{type(self).__name__} does not say how it codes")


class Adaptation(NamedTuple):
    """What a backbone takes as its condition, or beside it."""

    adapted: Annotated[Tensor, ""]


class Adapter(Block):
    """Adds an outside signal: ControlNet, IP-adapter, injectors.

    Shapes: condition any, hidden any -> adapted any.
    """

    hidden = True
    role: ClassVar[str] = "adapter"

    def forward(
        self, condition: Annotated[Tensor, ""], hidden: Annotated[Tensor, ""] | None = None
    ) -> Adaptation:
        """Adapt; a subclass says how."""
        raise NotImplementedError(f"{type(self).__name__} does not say what it adds")
