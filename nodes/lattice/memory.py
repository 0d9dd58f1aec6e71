"""How many bytes a rollout takes, from its sizes alone: asked before anything runs."""

from pydantic import BaseModel, ConfigDict, NonNegativeInt, PositiveInt


class Rollout(BaseModel):
    """The sizes that decide what one forward and backward pass of a lattice holds at its peak.

    `flows` are all slots of a batch (samples · budget), `steps` those that run, `number` the bytes of
    one number (4, or 2 for bfloat16). Weights, gradients and optimiser are not counted.

    Units: bytes.

    >>> seed = Rollout(flows=100_000, steps=50, number=2)
    >>> [round(n.kept / 1e9) for n in (seed, seed.model_copy(update={"segment": 1}))]
    [249, 36]
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    flows: PositiveInt
    steps: PositiveInt
    hidden: PositiveInt = 1024
    layers: PositiveInt = 3
    cell_dim: PositiveInt = 1
    neuron: PositiveInt = 64
    features: PositiveInt = 128
    children: NonNegativeInt = 2
    segment: NonNegativeInt = 0
    number: PositiveInt = 4

    @property
    def pool(self) -> int:
        """Of the pool itself: mostly hidden states."""
        return self.flows * (self.number * self.layers * self.hidden + 4 * (5 + self.cell_dim))

    @property
    def step(self) -> int:
        """Of what one step keeps for backward, its pool included.

        A GRU layer keeps its state, two gates, the three maps of the state, the candidate and its
        output: 8 numbers of its width.
        """
        inside = 8 * self.layers * self.hidden
        inside += 2 * self.neuron + self.features + 2 * self.cell_dim + 4
        mechanics = 4 * (20 + 6 * self.cell_dim + self.children * (6 + 4 * self.cell_dim))
        return self.flows * (self.number * inside + mechanics)

    @property
    def kept(self) -> int:
        """Of all activations at the peak of a training step."""
        if not self.segment:
            return self.steps * self.step
        segments = -(-self.steps // self.segment)
        inner = min(self.segment, self.steps) if self.segment > 1 else 0
        return (segments + inner) * self.pool + self.step
