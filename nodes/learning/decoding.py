"""What an embedding says, in words that are known."""

from typing import Annotated, ClassVar

from pydantic import PositiveInt
from torch import Tensor
from torch.nn import functional

from graphs.live import Block
from nodes.language.texts import Text, lines
from nodes.learning.regression import alike


class NearestText(Block):
    """The text whose embedding is nearest to each sample's, among all of the batch.

    Near is a large cosine. Only known texts are ever said: this shows how far a model has come, it
    does not write. `limit` is how many samples are shown, each beside the text that was wanted. With
    `given`, what a sample came from is no answer.

    Shapes: x (b, d), target (b, d), given (b, d), text b texts, the targets' -> out text, two lines a
    sample.
    Source: seed 002, "from the output embedding to text".

    >>> import torch
    >>> print(NearestText()(x=torch.eye(2).flip(0), target=torch.eye(2), text=["a", "b"]))
    said    b
    wanted  a
    <BLANKLINE>
    said    a
    wanted  b
    """

    role: ClassVar[str] = "viewer"
    stops_gradient: ClassVar[bool] = True

    def __init__(self, limit: PositiveInt = 4) -> None:
        super().__init__()
        self.limit = limit

    def forward(
        self,
        x: Annotated[Tensor, "b d"],
        target: Annotated[Tensor, "b d"],
        text: Text,
        given: Annotated[Tensor, "b d"] | None = None,
    ) -> str:
        """Raises: ValueError when the shapes differ or there is not a text for each target."""
        found, known = x.detach().float(), alike(x, target).detach().float()
        texts = lines(text)
        if len(texts) != len(known):
            raise ValueError(f"expected a text for each of {len(known)} targets, got {len(texts)}")
        near = functional.normalize(found, dim=-1) @ functional.normalize(known, dim=-1).T
        near = near[: self.limit]
        if given is not None:
            same = (given.detach()[: self.limit, None] == target.detach()[None]).all(dim=-1)
            near = near.masked_fill(same, -2.0)
        chosen = near.argmax(dim=1).tolist()
        pairs = zip(chosen, texts, strict=False)
        return "\n\n".join(f"said    {texts[row]}\nwanted  {wanted}" for row, wanted in pairs)
