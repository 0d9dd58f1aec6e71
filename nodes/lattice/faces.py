"""The two faces of the lattice: where an embedding becomes flows, and where flows become one again."""

from typing import Annotated, Literal, NamedTuple

import torch
from pydantic import PositiveFloat, PositiveInt
from torch import Tensor, nn

from graphs.live import Block

Layout = Literal["projection", "slice"]
BOUND = 8.0  # of a flow's score, so that exp() neither overflows nor silences a flow


class Entered(NamedTuple):
    """One flow for each cell of the input face, row by row."""

    energy: Annotated[Tensor, "b width*height cell_dim"]
    position: Annotated[Tensor, "b width*height 3"]


class FaceIn(Block):
    """Lay an embedding on the input face: the energy of the flow that starts from each cell.

    "projection" maps the whole embedding to every cell; "slice" gives each cell its own part of it,
    where it divides evenly. Either way each cell adds a learned term of its own, which starts at 1 so
    that no flow dies before anything was learned.

    Shapes: x (b, d_in) -> energy (b, width·height, cell_dim), position (b, width·height, 3), z = 0.
    Source: seed 002, place_initial_energy; the projection because 768 numbers do not divide among
    400, 2 500 or 10 000 cells.

    >>> face = FaceIn(12, width=4, height=3)
    >>> face(x=torch.zeros(2, 12)).energy.shape
    torch.Size([2, 12, 1])
    """

    def __init__(
        self,
        d_in: PositiveInt,
        width: PositiveInt,
        height: PositiveInt,
        cell_dim: PositiveInt = 1,
        layout: Layout = "projection",
    ) -> None:
        """Raises: ValueError when "slice" does not divide evenly."""
        super().__init__()
        cells = width * height
        _refuse_uneven("d_in", d_in, (width, height, cell_dim), layout)
        self.size, self.cell_dim = (width, height), cell_dim
        self.map = nn.Linear(d_in, cells * cell_dim, bias=False) if layout == "projection" else None
        if self.map is not None:
            nn.init.normal_(self.map.weight, std=0.5 * d_in**-0.5)
        self.place = nn.Parameter(torch.ones(cells, cell_dim))
        row, column = torch.meshgrid(
            torch.arange(height, device="cpu"), torch.arange(width, device="cpu"), indexing="ij"
        )
        grid = torch.stack([column, row, torch.zeros_like(row)], dim=-1).view(cells, 3).float()
        self.grid: Tensor
        self.register_buffer("grid", grid, persistent=False)

    def forward(self, x: Annotated[Tensor, "b d_in"]) -> Entered:
        """Start one flow in each cell."""
        laid = x if self.map is None else self.map(x)
        energy = laid.view(len(x), *self.place.shape) + self.place
        wide = torch.promote_types(
            x.dtype, torch.float32
        )  # places need more bits than bfloat16 has
        return Entered(energy, self.grid.to(wide).expand(len(x), -1, -1))


class Collected(NamedTuple):
    """The embedding, and the output face that it was read from."""

    out: Annotated[Tensor, "b d_out"]
    face: Annotated[Tensor, "b height width cell_dim"]


class FaceOut(Block):
    """Collect flows on the output face and read it as an embedding.

    Each flow is laid on the four cells around its x and y (bilinear), so that gradients reach where it
    arrived. Flows in one cell are averaged with weights that are a softmax of |energy|, age and
    distance from the face; how much each of the three counts is learned. A cell begins with a learned
    value of weight `prior`, which is all that an empty one holds.

    "projection" maps the whole face to the embedding; "slice" reads the cells themselves, row by row.

    `gate` is how far a flow counts: 0 for a slot without a flow. Positions outside the box count as
    the nearest cell; how far in z is the distance.

    Shapes: energy (b, flows, cell_dim), position (b, flows, 3), age (b, flows), zeros where not wired,
    gate (b, flows), ones where not wired -> out (b, d_out), face (b, height, width, cell_dim).
    Source: seed 002, collect_output_energy ("smart averaging"); Jaderberg et al. 2015, equation 5.

    >>> face = FaceOut(6, width=4, height=3, depth=5)
    >>> face(energy=torch.ones(2, 7, 1), position=torch.ones(2, 7, 3)).out.shape
    torch.Size([2, 6])
    """

    def __init__(
        self,
        d_out: PositiveInt,
        width: PositiveInt,
        height: PositiveInt,
        depth: PositiveInt,
        cell_dim: PositiveInt = 1,
        prior: PositiveFloat = 0.05,
        layout: Layout = "projection",
    ) -> None:
        """`prior` is how much a cell's own value weighs against one plain flow.

        Raises: ValueError when "slice" does not divide evenly.
        """
        super().__init__()
        _refuse_uneven("d_out", d_out, (width, height, cell_dim), layout)
        self.size, self.cell_dim, self.prior = (width, height, depth), cell_dim, prior
        self.weigh = nn.Parameter(torch.tensor([1.0, -0.1, -0.1]))  # |energy|, age, distance
        self.empty = nn.Parameter(torch.zeros(height * width, cell_dim))
        cells = height * width * cell_dim
        self.map = nn.Linear(cells, d_out) if layout == "projection" else None

    def forward(
        self,
        energy: Annotated[Tensor, "b flows cell_dim"],
        position: Annotated[Tensor, "b flows 3"],
        age: Annotated[Tensor, "b flows"] | None = None,
        gate: Annotated[Tensor, "b flows"] | None = None,
    ) -> Collected:
        """Collect."""
        energy = energy.to(position)
        weight = torch.exp(self.scores(energy, position, age))
        if gate is not None:
            weight = weight * gate.to(weight)
        load = torch.cat([energy, torch.ones_like(energy[..., :1])], -1) * weight.unsqueeze(-1)
        laid = self._laid(load, position)
        total, sum_ = laid[..., -1:] + self.prior, laid[..., :-1]
        face = (sum_ + self.prior * self.empty.to(sum_)) / total
        out: Tensor = face.flatten(1).to(self.empty.dtype)
        out = out if self.map is None else self.map(out)
        return Collected(out, face.view(len(face), self.size[1], self.size[0], self.cell_dim))

    def scores(self, energy: Tensor, position: Tensor, age: Tensor | None) -> Tensor:
        """How much each flow counts where several meet, before the softmax.

        Shapes: energy (b, flows, cell_dim), position (b, flows, 3), age (b, flows) -> (b, flows).
        """
        depth = self.size[2]
        strength = torch.linalg.vector_norm(energy, dim=-1)
        distance = (position[..., 2] - (depth - 1)).abs() / depth
        by_energy, by_age, by_distance = self.weigh.to(energy).unbind()
        score = by_energy * strength + by_distance * distance
        if age is not None:
            score = score + by_age * age.to(energy) / depth
        return BOUND * torch.tanh(score / BOUND)

    def _laid(self, load: Tensor, position: Tensor) -> Tensor:
        """What each cell gets. Shapes: load (b, flows, k), position (b, flows, 3) -> (b, cells, k)."""
        width, height, _ = self.size
        left, right, along = _between(position[..., 0], width)
        above, below, down = _between(position[..., 1], height)
        face = load.new_zeros(len(load), width * height, load.shape[-1])
        for row, by_row in ((above, 1 - down), (below, down)):
            for column, by_column in ((left, 1 - along), (right, along)):
                cell = (row * width + column).unsqueeze(-1).expand_as(load)
                face = face.scatter_add(1, cell, load * (by_row * by_column).unsqueeze(-1))
        return face


def _refuse_uneven(name: str, width: int, face: tuple[int, int, int], layout: Layout) -> None:
    numbers, cells = face[0] * face[1] * face[2], face[0] * face[1]
    if layout == "slice" and width != numbers:
        even = width % cells == 0
        hint = f"set cell_dim to {width // cells}" if even else "use layout projection"
        raise ValueError(
            f"layout slice: expected {name} = {face[0]}·{face[1]}·{face[2]} = {numbers}, got {width}; "
            f"{hint}"
        )


def _between(place: Tensor, count: int) -> tuple[Tensor, Tensor, Tensor]:
    """The cells before and after a place on an axis of `count` cells, and how far it is between."""
    place = place.clamp(0, count - 1)
    before = place.detach().floor().clamp(max=max(count - 2, 0))
    first = before.long()
    return first, (first + 1).clamp(max=count - 1), place - before
