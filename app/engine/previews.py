"""Previews: what a port gave, made small enough to be drawn on a node."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from app.lattice.scene import Scene, packed
from graphs.live.infer import describe
from nodes.lattice.trajectory import Trajectory

Kind = Literal["image", "plot", "text", "number", "tensor", "trajectory"]
SIDE, LARGE = 256, 768  # pixels of a picture at most, on a card and in a gallery
IMAGES = 16  # of a batch
POINTS = 512  # of a curve
LETTERS = 2000  # of a text
BINS = 32
SAMPLE = 1 << 20  # numbers that statistics look at


@dataclass(frozen=True)
class Small:
    """A preview on its way: see the event of that name."""

    kind: Kind
    data: Mapping[str, Any]
    blob: bytes = b""


def small(value: Any, side: int = SIDE) -> Small | None:
    """The preview of a value, None when there is nothing to see in it."""
    if isinstance(value, Tensor):
        return _tensor(value.detach(), side)
    if isinstance(value, Trajectory):
        return Small("trajectory", *packed(Scene.of(value)))
    if isinstance(value, bool | int | float):
        return Small("number", {"value": value})
    if isinstance(value, str):
        return Small("text", {"text": value[:LETTERS]})
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return Small("text", {"text": "\n".join(value)[:LETTERS]})
    return Small("text", {"text": describe(value)}) if value is not None else None


def _tensor(value: Tensor, side: int) -> Small | None:
    if value.is_meta or value.layout is not torch.strided or value.numel() == 0:
        return Small("text", {"text": describe(value)})
    if value.is_complex():
        value = value.abs()
    if value.numel() == 1:
        return Small("number", {"value": value.reshape(()).item()})
    if value.dtype == torch.uint8 and value.dim() == 3 and value.shape[-1] in (1, 3):
        return _picture(value[None], 1, side)
    if _is_images(value):
        return _picture(_pixels(value[:IMAGES]), len(value), side)
    if value.dim() == 1 and value.is_floating_point():
        return _curve(value)
    return _statistics(value)


def _is_images(value: Tensor) -> bool:
    """(b, 1 or 3, h, w) of numbers, big enough that it is not a feature map's last corner."""
    return (
        value.dim() == 4
        and value.is_floating_point()
        and value.shape[1] in (1, 3)
        and min(value.shape[2:]) >= 4
    )


def _pixels(images: Tensor) -> Tensor:
    """From the smallest number, black, to the largest, white; what is no number is black.

    Shapes: images (b, c, h, w) -> out (b, h, w, c) uint8.
    """
    images = images.float().nan_to_num(0.0, 0.0, 0.0)
    low, high = images.min(), images.max()
    unit = (images - low) / (high - low).clamp(min=1e-12)
    return (unit * 255).round().to(torch.uint8).permute(0, 2, 3, 1)


def _picture(tiles: Tensor, count: int, side: int) -> Small:
    """Shapes: tiles (n, h, w, 1 or 3) uint8."""
    from PIL import Image

    step = max(1, math.ceil(max(tiles.shape[1:3]) / side))
    tiles = tiles[:, ::step, ::step].expand(-1, -1, -1, 3).cpu()
    columns = math.ceil(math.sqrt(len(tiles)))
    rows = math.ceil(len(tiles) / columns)
    _, height, width, _ = tiles.shape
    sheet = torch.zeros(rows * (height + 1) - 1, columns * (width + 1) - 1, 3, dtype=torch.uint8)
    for number, tile in enumerate(tiles):
        row, column = divmod(number, columns)
        top, left = row * (height + 1), column * (width + 1)
        sheet[top : top + height, left : left + width] = tile
    picture = Image.fromarray(sheet.numpy())
    if max(picture.size) > side:
        picture.thumbnail((side, side))
    held = io.BytesIO()
    picture.save(held, "PNG", compress_level=1)
    data = {"width": picture.width, "height": picture.height, "count": count}
    return Small("image", data, held.getvalue())


def _curve(value: Tensor) -> Small:
    step = math.ceil(len(value) / POINTS)
    return Small("plot", {"y": value[::step].float().tolist(), "length": len(value)})


def _statistics(value: Tensor) -> Small:
    flat = value.reshape(-1)
    flat = flat[:: math.ceil(flat.numel() / SAMPLE)].float()
    good = flat[flat.isfinite()]
    data: dict[str, Any] = {
        "shape": list(value.shape),
        "dtype": str(value.dtype).removeprefix("torch."),
        "bad": flat.numel() - good.numel(),
    }
    if good.numel():
        low, high = float(good.min()), float(good.max())
        data |= {
            "mean": float(good.mean()),
            "std": float(good.std(correction=0)),
            "min": low,
            "max": high,
            "histogram": torch.histc(good, BINS, low, high).long().tolist() if low < high else [],
        }
    return Small("tensor", data)
