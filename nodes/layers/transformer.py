"""Transformer layers: attention and feed-forward branches, each with a norm and a residual sum."""

from typing import Annotated, Literal

from pydantic import PositiveFloat, PositiveInt
from torch import Tensor, nn

from graphs.live import Block
from nodes.layers.activation import Activation
from nodes.layers.attention import MultiHeadAttention
from nodes.layers.dropout import DropRate
from nodes.layers.mlp import MLP

NormPosition = Literal["pre", "post"]


class TransformerEncoderLayer(Block):
    """Self-attention, then an MLP on each token; with `causal` it is the layer of a GPT.

    "pre" normalises what enters a branch: x + branch(norm(x)); it trains without warm-up but leaves
    the last output unnormalised, so end the stack with a LayerNorm. "post" normalises the sum.

    Shapes: x (b, t, width), mask (b, ..., t) as in MultiHeadAttention -> out (b, t, width).
    Source: Vaswani et al. 2017; Xiong et al. 2020 for "pre"; torch.nn.TransformerEncoderLayer.

    >>> import torch
    >>> TransformerEncoderLayer(8, heads=2)(x=torch.zeros(1, 5, 8)).shape
    torch.Size([1, 5, 8])
    """

    draws = "training"

    def __init__(
        self,
        width: PositiveInt,
        heads: PositiveInt = 8,
        hidden: PositiveInt | None = None,
        activation: Activation = "gelu",
        dropout: DropRate = 0.0,
        norm: NormPosition = "pre",
        causal: bool = False,
        rotary: bool = False,
        bias: bool = True,
        eps: PositiveFloat = 1e-5,
    ) -> None:
        """`hidden` is the width inside the MLP, four times `width` unless said."""
        super().__init__()
        self.attention = MultiHeadAttention(
            width, heads, causal=causal, rotary=rotary, dropout=dropout, bias=bias
        )
        self.mlp = MLP(width, (hidden or 4 * width,), width, activation, dropout, bias=bias)
        self.attention_norm = nn.LayerNorm(width, eps, bias=bias)
        self.mlp_norm = nn.LayerNorm(width, eps, bias=bias)
        self.dropout = nn.Dropout(dropout)
        self.pre = norm == "pre"

    def forward(
        self,
        x: Annotated[Tensor, "b t width"],
        mask: Annotated[Tensor, "b ... t"] | None = None,
    ) -> Annotated[Tensor, "b t width"]:
        """Apply both branches."""
        if self.pre:
            x = x + self.dropout(self.attention(self.attention_norm(x), mask=mask))
            y: Tensor = x + self.dropout(self.mlp(self.mlp_norm(x)))
            return y
        x = self.attention_norm(x + self.dropout(self.attention(x, mask=mask)))
        out: Tensor = self.mlp_norm(x + self.dropout(self.mlp(x)))
        return out


class TransformerDecoderLayer(Block):
    """Self-attention, attention over a memory, then an MLP on each token.

    Shapes: x (b, t, width), memory (b, s, memory_width), mask (b, t), memory_mask (b, ..., s) as in
    MultiHeadAttention -> out (b, t, width).
    Source: Vaswani et al. 2017, section 3.1; torch.nn.TransformerDecoderLayer.

    >>> import torch
    >>> layer = TransformerDecoderLayer(8, heads=2, memory_width=6)
    >>> layer(x=torch.zeros(1, 5, 8), memory=torch.zeros(1, 3, 6)).shape
    torch.Size([1, 5, 8])
    """

    draws = "training"

    def __init__(
        self,
        width: PositiveInt,
        heads: PositiveInt = 8,
        memory_width: PositiveInt | None = None,
        hidden: PositiveInt | None = None,
        activation: Activation = "gelu",
        dropout: DropRate = 0.0,
        norm: NormPosition = "pre",
        causal: bool = True,
        rotary: bool = False,
        bias: bool = True,
        eps: PositiveFloat = 1e-5,
    ) -> None:
        """`memory_width` is `width` unless said, `hidden` four times it; `rotary` turns x only."""
        super().__init__()
        self.attention = MultiHeadAttention(
            width, heads, causal=causal, rotary=rotary, dropout=dropout, bias=bias
        )
        self.recall = MultiHeadAttention(width, heads, memory_width, dropout=dropout, bias=bias)
        self.mlp = MLP(width, (hidden or 4 * width,), width, activation, dropout, bias=bias)
        self.attention_norm = nn.LayerNorm(width, eps, bias=bias)
        self.recall_norm = nn.LayerNorm(width, eps, bias=bias)
        self.mlp_norm = nn.LayerNorm(width, eps, bias=bias)
        self.dropout = nn.Dropout(dropout)
        self.pre = norm == "pre"

    def forward(
        self,
        x: Annotated[Tensor, "b t width"],
        memory: Annotated[Tensor, "b s memory_width"],
        mask: Annotated[Tensor, "b t"] | None = None,
        memory_mask: Annotated[Tensor, "b ... s"] | None = None,
    ) -> Annotated[Tensor, "b t width"]:
        """Apply the three branches."""
        if self.pre:
            x = x + self.dropout(self.attention(self.attention_norm(x), mask=mask))
            x = x + self.dropout(self.recall(self.recall_norm(x), memory, mask=memory_mask))
            y: Tensor = x + self.dropout(self.mlp(self.mlp_norm(x)))
            return y
        x = self.attention_norm(x + self.dropout(self.attention(x, mask=mask)))
        x = self.recall_norm(x + self.dropout(self.recall(x, memory, mask=memory_mask)))
        out: Tensor = self.mlp_norm(x + self.dropout(self.mlp(x)))
        return out
