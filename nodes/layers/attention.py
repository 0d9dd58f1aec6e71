"""Multi-head attention over four maps that are called, so that adapters can wrap each."""

from typing import Annotated

import torch
from pydantic import PositiveFloat, PositiveInt
from torch import Tensor, nn
from torch.nn import functional

from graphs.live import Block
from nodes.layers.dropout import DropRate
from nodes.layers.position import RotaryPosition


class MultiHeadAttention(Block):
    """Each query takes a mean of the values, weighted by how well their keys fit.

    `key` is the query where not wired (self-attention), `value` is the key. `mask` says by true or
    nonzero what may be seen: (b, s) keys, (b, t, s) keys for each query, (b, heads, t, s) also for
    each head; a query that may see nothing gets zeros before the last map. With `causal` queries
    stand at the end of the keys and see none after themselves. With `rotary` queries and keys are
    turned by their position.

    Shapes: query (b, t, width), key and value (b, s, key_width), mask (b, ..., s) -> out
    (b, t, width).
    Source: Vaswani et al. 2017, section 3.2.2; torch.nn.MultiheadAttention with batch_first.

    >>> MultiHeadAttention(8, heads=2, causal=True)(query=torch.zeros(1, 5, 8)).shape
    torch.Size([1, 5, 8])
    """

    draws = "training"

    def __init__(
        self,
        width: PositiveInt,
        heads: PositiveInt = 8,
        key_width: PositiveInt | None = None,
        causal: bool = False,
        rotary: bool = False,
        rotary_base: PositiveFloat = 10000.0,
        dropout: DropRate = 0.0,
        bias: bool = True,
    ) -> None:
        """`key_width` is `width` unless said. Maps start as Xavier-uniform ones, biases at zero.

        Raises: ValueError when the heads do not divide the width or, with `rotary`, leave it odd.
        """
        super().__init__()
        if width % heads:
            raise ValueError(
                f"width must be a multiple of heads={heads}, got {width}; "
                f"set width to {-(-width // heads) * heads} or heads to a divisor of {width}"
            )
        self.width, self.heads, self.key_width = width, heads, key_width or width
        self.q = nn.Linear(width, width, bias)
        self.k = nn.Linear(self.key_width, width, bias)
        self.v = nn.Linear(self.key_width, width, bias)
        self.o = nn.Linear(width, width, bias)
        for map_ in (self.q, self.k, self.v, self.o):
            nn.init.xavier_uniform_(map_.weight)
            if bias:
                nn.init.zeros_(map_.bias)
        self.turn = RotaryPosition(width // heads, rotary_base) if rotary else None
        self.causal, self.dropout = causal, dropout

    def forward(
        self,
        query: Annotated[Tensor, "b t width"],
        key: Annotated[Tensor, "b s key_width"] | None = None,
        value: Annotated[Tensor, "b s key_width"] | None = None,
        mask: Annotated[Tensor, "b ... s"] | None = None,
    ) -> Annotated[Tensor, "b t width"]:
        """Attend. Raises: ValueError when key_width needs a key and none is wired."""
        if key is None and self.key_width != self.width:
            raise ValueError(
                f"key_width={self.key_width} is not width={self.width}, so the query cannot be its "
                "own key; wire a key or leave key_width out"
            )
        key = query if key is None else key
        value = key if value is None else value
        q, k, v = self.split(self.q(query)), self.split(self.k(key)), self.split(self.v(value))
        first = k.shape[2] - q.shape[2] if self.causal else 0  # where the first query stands
        if self.turn is not None:
            place = torch.arange(first, first + q.shape[2], device=q.device)
            q, k = self.turn(q, place), self.turn(k)
        seen, whole = self.visible(mask, q, k, first)
        drop = self.dropout if self.training else 0.0
        mixed = functional.scaled_dot_product_attention(q, k, v, seen, drop, is_causal=whole)
        out: Tensor = self.o(mixed.transpose(1, 2).flatten(2))
        return out

    def split(self, x: Tensor) -> Tensor:
        """Shapes: x (b, t, width) -> out (b, heads, t, width // heads)."""
        return x.reshape(*x.shape[:2], self.heads, -1).transpose(1, 2)

    def visible(
        self, mask: Tensor | None, q: Tensor, k: Tensor, first: int
    ) -> tuple[Tensor | None, bool]:
        """What may be seen, (b or 1, heads or 1, t or 1, s), and whether it is the plain triangle.

        The plain triangle is named, not written out: torch has faster kernels for it.
        """
        if mask is not None:
            mask = mask.bool().reshape(mask.shape[0], *[1] * (4 - mask.ndim), *mask.shape[1:])
        if not self.causal:
            return mask, False
        if mask is None and first == 0:
            return None, True
        ones = torch.ones(q.shape[2], k.shape[2], dtype=torch.bool, device=q.device)
        past = ones.tril(first)
        return (past if mask is None else mask & past), False
