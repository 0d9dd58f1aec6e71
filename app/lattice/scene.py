"""A trajectory made small enough to travel: from the engine, where torch is, to the studio's viewer.

What is counted is counted over every flow of every sample; what is drawn one by one is bounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from app.lattice.story import Story

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nodes.lattice.trajectory import Trajectory

FLOWS, SAMPLES, MOMENTS, CHANNELS = 1000, 4, 64, 240
SMALL = {"place": "float16", "energy": "float16", "age": "uint8", "flowing": "bool",
         "arrived": "bool", "sample": "uint8", "entered": "float16", "landed": "float16",
         "above": "float16", "side": "float16", "channels": "float16", "counts": "float32",
         "spread": "float32"}  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """Some flows of some samples, and what all of them did together, each a mean over samples.

    Shapes: entered and landed (height, width), above (width, depth), side (height, depth), channels
    (n, 7): from, to, and the share of the busiest; counts (moments, 4), spread (moments, levels).
    """

    story: Story
    samples: int
    flows: int
    top: float
    entered: NDArray[Any]
    landed: NDArray[Any]
    above: NDArray[Any]
    side: NDArray[Any]
    channels: NDArray[Any]
    counts: NDArray[Any]
    spread: NDArray[Any]

    @classmethod
    def of(cls, path: Trajectory) -> Scene:
        """At most FLOWS slots of the first samples, at most MOMENTS moments."""
        whole = Story.of(cut(path), range(path.energy.shape[1]))
        count = path.energy.shape[1]
        few = np.flatnonzero(whole.there.any(axis=0) & (whole.sample < SAMPLES))
        chosen = few[:: max(1, -(-len(few) // FLOWS))]
        return cls(
            whole.only(chosen),
            count,
            int(whole.there.any(axis=0).sum()),
            whole.top,
            whole.entered(),
            whole.landed() / count,
            whole.visits((0, 2)) / count,
            whole.visits((1, 2)) / count,
            channels(whole),
            whole.counts / count,
            whole.spread / count,
        )


def cut(path: Trajectory) -> Trajectory:
    """The first moments of it."""
    return type(path)(path.size, *(part[:MOMENTS] for part in path[1:]))


def channels(story: Story) -> NDArray[Any]:
    """The ways from cell to cell that most flows took, busiest first.

    Only what more than one flow in a hundred of the busiest takes is a channel.
    Shapes: out (n, 7), n at most CHANNELS.
    """
    lines, _ = story.crossed(story.steps)
    if not len(lines):
        return np.zeros((0, 7))
    limits = np.array(story.size) - 1
    cells = np.rint(lines).astype(np.int64).clip(0, limits)
    shape = tuple(story.size) * 2
    codes = np.ravel_multi_index(tuple(cells.reshape(len(cells), 6).T), shape)
    ways, counts = np.unique(codes, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:CHANNELS]
    ends = np.stack(np.unravel_index(ways[order], shape), axis=1)
    share = counts[order] / counts.max()
    found: NDArray[Any] = np.concatenate([ends, share[:, None]], axis=1)[share > 0.01]
    return found


def packed(scene: Scene) -> tuple[dict[str, Any], bytes]:
    """As plain data and a blob."""
    parts = {name: _part(scene, name).astype(kind) for name, kind in SMALL.items()}
    data = {
        "size": list(scene.story.size),
        "samples": scene.samples,
        "flows": scene.flows,
        "top": scene.top,
        "shapes": {name: list(part.shape) for name, part in parts.items()},
    }
    return data, b"".join(part.tobytes() for part in parts.values())


def unpacked(data: Mapping[str, Any], blob: bytes) -> Scene:
    """The scene again. Raises: ValueError when the blob is not what the data says."""
    parts: dict[str, NDArray[Any]] = {}
    start = 0
    for name, kind in SMALL.items():
        shape = tuple(data["shapes"][name])
        length = int(np.prod(shape)) * np.dtype(kind).itemsize
        part = np.frombuffer(blob[start : start + length], kind).reshape(shape)
        parts[name] = part.astype(np.float32) if kind == "float16" else part
        start += length
    if start != len(blob):
        raise ValueError(f"expected {start} bytes of a trajectory, got {len(blob)}")
    width, height, depth = data["size"]
    told = ("place", "energy", "age", "flowing", "arrived", "sample")
    story = Story((width, height, depth), **{name: parts.pop(name) for name in told})
    return Scene(story, data["samples"], data["flows"], data["top"], **parts)


def _part(scene: Scene, name: str) -> NDArray[Any]:
    found: NDArray[Any] = getattr(scene if hasattr(scene, name) else scene.story, name)
    return found.clip(max=255) if SMALL[name] == "uint8" else found
