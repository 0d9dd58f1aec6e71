"""What a contest's figures must be seen beside: chance, doing nothing, and what algebra finds alone."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from graphs.live.context import Run
from graphs.live.execute import execute
from graphs.live.graph import Graph
from nodes.learning.retrieval import Retrieval

STRENGTHS = (1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0)  # of a ridge, for embeddings of length 1
ALL = 100_000  # rows of a batch that holds a whole split


def rows(graph: Graph, ports: tuple[str, ...], split: str) -> list[Tensor]:
    """What these ports give for every row of a split, in order."""
    source = Run(split=split, batch=ALL)
    found = execute(graph, targets=ports, run=source)
    return [found[port] for port in ports]


def images(graph: Graph) -> dict[str, dict[str, float]]:
    """The error of the mean image, and of leaving every image as it is."""
    (wanted,) = rows(graph, ("wanted.out",), "train")
    given, target = rows(graph, ("laid.out", "wanted.out"), "test")
    guesses = {"the mean image": wanted.mean(dim=0), "the image as it is": given}
    return {name: {"loss": float((g - target).square().mean())} for name, g in guesses.items()}


def sentences(graph: Graph) -> dict[str, dict[str, float]]:
    """Retrieval by chance, by the sentence itself, and by the best ridge to its next one."""
    ports = ("sentences.embedding", "sentences.following")
    known, after = rows(graph, ports, "train")
    given, target = rows(graph, ports, "test")
    different = len(torch.unique(target, dim=0))
    found = {"chance": {f"top{k}": k / different for k in (1, 5)}}
    found["the sentence itself"] = retrieved(given, target, given)
    strength = best_strength(known, after)
    linear = ridge(known, after - known, strength)
    found[f"ridge, λ {strength:g}"] = retrieved(given + with_one(given) @ linear, target, given)
    return found


def retrieved(x: Tensor, target: Tensor, given: Tensor) -> dict[str, float]:
    """Top-1 and top-5 among all targets but the sentence itself."""
    return {f"top{k}": float(Retrieval(k)(x=x, target=target, given=given)) for k in (1, 5)}


def best_strength(x: Tensor, y: Tensor) -> float:
    """The ridge that finds most of the last fifth of these rows after fitting the rest."""
    cut = len(x) * 4 // 5
    scores = {}
    for strength in STRENGTHS:
        linear = ridge(x[:cut], y[:cut] - x[:cut], strength)
        asked = x[cut:]
        scores[strength] = retrieved(asked + with_one(asked) @ linear, y[cut:], asked)["top5"]
    return max(scores, key=lambda strength: scores[strength])


def ridge(x: Tensor, y: Tensor, strength: float) -> Tensor:
    """The map with the least squared error and small weights; its last row is the bias.

    Shapes: x (n, a), y (n, b) -> out (a + 1, b).
    Source: Hoerl & Kennard 1970, equation 2.1.
    """
    x = with_one(x).double()
    penalty = strength * torch.eye(x.shape[1], dtype=x.dtype)
    penalty[-1, -1] = 0.0  # a bias may be large
    solved: Any = torch.linalg.solve(x.T @ x + penalty, x.T @ y.double())
    return solved.to(y)  # type: ignore[no-any-return]


def with_one(x: Tensor) -> Tensor:
    """A column of ones at the end."""
    return torch.cat([x, x.new_ones(len(x), 1)], dim=1)
