"""A language model at work: what it learns from, and how it writes, one word after another."""

from typing import Annotated, ClassVar, NamedTuple

import torch
from pydantic import Field, NonNegativeInt, PositiveInt
from torch import Tensor
from torch.nn import functional

from graphs.live import Block
from nodes.language.tokenizer import END, PAD
from nodes.tensor.chance import drawn

IGNORED = -100  # what torch's cross-entropy leaves out


class Lesson(NamedTuple):
    """What a model reads, and at each place the token that it should say next."""

    token_ids: Annotated[Tensor, "b _"]
    following: Annotated[Tensor, "b _"]


class PromptAndAnswer(Block):
    """Prompts with their answers behind them, as a language model learns them.

    Only the answer teaches: where the prompt goes on, and where padding comes, `following` is -100.

    Shapes: prompt (b, p), answer (b, a) int64 -> token_ids and following (b, p + a - 1).
    Source: Ouyang et al. 2022 (InstructGPT), section 3.5: the loss of demonstrations.

    >>> lesson = PromptAndAnswer()(prompt=torch.tensor([[7, 8]]), answer=torch.tensor([[5, 3, 0]]))
    >>> lesson.token_ids.tolist(), lesson.following.tolist()
    ([[7, 8, 5, 3]], [[-100, 5, 3, -100]])
    """

    def __init__(self, padding: NonNegativeInt = PAD) -> None:
        super().__init__()
        self.padding = padding

    def forward(self, prompt: Annotated[Tensor, "b _"], answer: Annotated[Tensor, "b _"]) -> Lesson:
        """Join and shift."""
        unsaid = torch.full_like(prompt[:, 1:], IGNORED)
        said = answer.masked_fill(answer == self.padding, IGNORED)
        return Lesson(torch.cat([prompt, answer[:, :-1]], 1), torch.cat([unsaid, said], 1))


class Page(NamedTuple):
    """Tokens with room after them, and where the last one that is written stands."""

    token_ids: Annotated[Tensor, "b _"]
    position: Annotated[Tensor, "b"]


class RoomToWrite(Block):
    """A prompt with `room` places of padding behind it, where an answer is written.

    Shapes: prompt (b, p) int64 -> token_ids (b, p + room), position (b,): p - 1.
    Source: ours.

    >>> page = RoomToWrite(2)(prompt=torch.tensor([[7, 8]]))
    >>> page.token_ids.tolist(), page.position.tolist()
    ([[7, 8, 0, 0]], [1])
    """

    def __init__(self, room: PositiveInt, padding: NonNegativeInt = PAD) -> None:
        super().__init__()
        self.room, self.padding = room, padding

    def forward(self, prompt: Annotated[Tensor, "b _"]) -> Page:
        """Make room."""
        last = torch.full(prompt.shape[:1], prompt.shape[1] - 1, device=prompt.device)
        return Page(functional.pad(prompt, (0, self.room), value=self.padding), last)


class NextToken(Block):
    """Choose the token after `position` and write it there: the step of a repeat that writes.

    Temperature 0 takes the best score; above it draws, the more freely the higher, among the `top_k`
    best if that is given. A row that holds `stop` is done, and gets padding from then on; so does a row
    without room, which stays as it is. Sampling passes no gradient.

    Shapes: logits (b, t, v), token_ids (b, t) int64, position (b,) -> token_ids (b, t), position (b,).
    Source: Fan et al. 2018 for top-k; temperature as in softmax(logits / temperature).

    >>> page = torch.tensor([[7, 0, 0]])
    >>> logits = functional.one_hot(torch.tensor([[5, 6, 6]]), 8).float()
    >>> NextToken()(logits=logits, token_ids=page, position=torch.tensor([0])).token_ids
    tensor([[7, 5, 0]])
    """

    draws = "always"
    stops_gradient: ClassVar[bool] = True

    def __init__(
        self,
        temperature: Annotated[float, Field(ge=0)] = 0.0,
        top_k: PositiveInt | None = None,
        stop: NonNegativeInt = END,
        padding: NonNegativeInt = PAD,
    ) -> None:
        super().__init__()
        self.temperature, self.top_k = temperature, top_k
        self.stop, self.padding = stop, padding

    def forward(
        self,
        logits: Annotated[Tensor, "b t _"],
        token_ids: Annotated[Tensor, "b t"],
        position: Annotated[Tensor, "b"],
    ) -> Page:
        """Write one token."""
        place = position[:, None]
        scores = logits.detach().gather(1, place[..., None].expand(-1, 1, logits.shape[-1]))[:, 0]
        chosen = drawn(scores, self.temperature, self.top_k)
        done = (token_ids == self.stop).any(1)
        chosen = torch.where(done, self.padding, chosen)[:, None]
        room = place + 1 < token_ids.shape[1]
        after = torch.where(room, place + 1, place)
        written = torch.where(room, chosen, token_ids.gather(1, place))
        return Page(token_ids.scatter(1, after, written), after[:, 0])
