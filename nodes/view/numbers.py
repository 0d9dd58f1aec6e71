"""What the numbers in a tensor are like."""

from typing import Annotated, ClassVar, NamedTuple

import torch
from pydantic import PositiveInt
from torch import Tensor

from graphs.live import Block


class Stats(NamedTuple):
    """Each is one number."""

    mean: Annotated[Tensor, "()"]
    std: Annotated[Tensor, "()"]
    minimum: Annotated[Tensor, "()"]
    maximum: Annotated[Tensor, "()"]
    nan_share: Annotated[Tensor, "()"]


class TensorStats(Block):
    """Mean, deviation, smallest and largest of the numbers that are one, and the share that is not.

    Units: nan_share 0 to 1; the deviation divides by n. All but it are nan where all numbers are.
    Shapes: x (...) -> mean, std, minimum, maximum, nan_share ().
    Source: numpy.nanmean, nanstd, nanmin, nanmax.

    >>> stats = TensorStats()(x=torch.tensor([1.0, 3.0, float("nan"), float("nan")]))
    >>> [float(value) for value in stats]
    [2.0, 1.0, 1.0, 3.0, 0.5]
    """

    role: ClassVar[str] = "viewer"
    stops_gradient: ClassVar[bool] = True

    def forward(self, x: Annotated[Tensor, "..."]) -> Stats:
        """Raises: ValueError for a tensor without numbers."""
        if x.numel() == 0:
            raise ValueError(f"x must hold at least one number, got the shape {tuple(x.shape)}")
        numbers = x.detach().float()
        missing = numbers.isnan()
        mean, everywhere = numbers.nanmean(), missing.all()
        nothing, infinity = torch.full_like(mean, torch.nan), torch.inf
        smallest = numbers.masked_fill(missing, infinity).amin()
        largest = numbers.masked_fill(missing, -infinity).amax()
        return Stats(
            mean=mean,
            std=(numbers - mean).square().nanmean().sqrt(),
            minimum=torch.where(everywhere, nothing, smallest),
            maximum=torch.where(everywhere, nothing, largest),
            nan_share=missing.float().mean(),
        )


class Bars(NamedTuple):
    """Counts, what they count, and a picture of them."""

    counts: Annotated[Tensor, "bins"]
    edges: Annotated[Tensor, "bins+1"]
    picture: Annotated[Tensor, "height bins*bar 3"]


class Histogram(Block):
    """How many finite numbers lie in each of `bins` equal parts of a range.

    The range is `limits`, or from the smallest to the largest number; what lies outside is not
    counted. The picture has a white bar for each bin on black, `bar` pixels wide.

    Shapes: x (...) -> counts (bins,) int64, edges (bins + 1,),
    picture (height, bins · bar, 3) uint8.
    Source: numpy.histogram.

    >>> Histogram(bins=2)(x=torch.tensor([0.0, 0.1, 1.0])).counts
    tensor([2, 1])
    """

    role: ClassVar[str] = "viewer"
    stops_gradient: ClassVar[bool] = True

    def __init__(
        self,
        bins: PositiveInt = 50,
        limits: tuple[float, float] | None = None,
        height: PositiveInt = 64,
        bar: PositiveInt = 4,
    ) -> None:
        """Raises: ValueError when the limits leave no range."""
        super().__init__()
        if limits is not None and limits[0] >= limits[1]:
            raise ValueError(f"limits are a smaller and a larger number, got {limits}")
        self.bins, self.limits, self.height, self.bar = bins, limits, height, bar

    def forward(self, x: Annotated[Tensor, "..."]) -> Bars:
        """Count."""
        numbers = x.detach().flatten().double()
        numbers = numbers[numbers.isfinite()]
        low, high = self._range(numbers)
        edges = torch.linspace(low, high, self.bins + 1, dtype=torch.double, device=x.device)
        inside = numbers[(numbers >= low) & (numbers <= high)]
        # right=True puts a number on an edge into the bin above; the last edge closes the last bin
        place = torch.bucketize(inside, edges, right=True).clamp(max=self.bins) - 1
        counts = torch.bincount(place, minlength=self.bins)
        tall = (counts * self.height / counts.max().clamp(min=1)).round()
        lit = torch.arange(self.height, 0, -1, device=x.device)[:, None] <= tall
        picture = (lit.to(torch.uint8) * 255).repeat_interleave(self.bar, 1)
        return Bars(counts, edges.float(), picture.unsqueeze(-1).expand(-1, -1, 3))

    def _range(self, numbers: Tensor) -> tuple[float, float]:
        """As numpy: a range of width 1 around equal numbers, [0, 1] for none."""
        if self.limits is not None:
            return self.limits
        if len(numbers) == 0:
            return 0.0, 1.0
        low, high = float(numbers.min()), float(numbers.max())
        return (low, high) if low < high else (low - 0.5, high + 0.5)
