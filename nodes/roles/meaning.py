"""Roles of meaning: text to ids, raw conditions to embeddings, ids to the next one."""

from typing import Annotated, ClassVar, NamedTuple

from torch import Tensor

from graphs.live import Block


class Tokens(NamedTuple):
    """Ids of tokens, and 1 where there is one."""

    token_ids: Annotated[Tensor, "b t"]
    attention_mask: Annotated[Tensor, "b t"]


class Tokenizer(Block):
    """Text to ids.

    Shapes: text, one or a list of b -> token_ids and attention_mask (b, t) int64.
    """

    hidden = True
    role: ClassVar[str] = "tokenizer"

    def forward(self, text: str | list[str]) -> Tokens:
        """Read; a subclass says how."""
        raise NotImplementedError(f"{type(self).__name__} does not say how it reads")


class Embedded(NamedTuple):
    """A condition as a backbone takes it."""

    embedding: Annotated[Tensor, "b ... width"]


class Conditioner(Block):
    """Encodes a raw condition: text, image or ids.

    Shapes: input any -> embedding (b, ..., width).
    """

    hidden = True
    role: ClassVar[str] = "conditioner"

    def forward(self, input: Annotated[Tensor, ""]) -> Embedded:
        """Encode; a subclass says how."""
        raise NotImplementedError(f"{type(self).__name__} does not say how it encodes")


class NextScores(NamedTuple):
    """Scores of each next token at each place."""

    logits: Annotated[Tensor, "b t vocabulary"]


class LanguageModel(Block):
    """Predicts the next token at each place.

    Shapes: token_ids and attention_mask (b, t) int64 -> logits (b, t, vocabulary).
    """

    hidden = True
    role: ClassVar[str] = "language_model"

    def forward(
        self,
        token_ids: Annotated[Tensor, "b t"],
        attention_mask: Annotated[Tensor, "b t"] | None = None,
    ) -> NextScores:
        """Predict; a subclass says how."""
        raise NotImplementedError(f"{type(self).__name__} does not say what comes next")
