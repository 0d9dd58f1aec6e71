"""What a set of weights is, as one number: the same in every file, on every device."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

import torch
from torch import Tensor


def content_hash(tensors: Mapping[str, Tensor]) -> str:
    """SHA-256 over every tensor's name, dtype, shape and bytes, in the order of the names.

    Reads one tensor at a time; -0.0 and 0.0 differ, as their bytes do.
    """
    total = hashlib.sha256()
    for name in sorted(tensors):
        tensor = tensors[name]
        kind = str(tensor.dtype).removeprefix("torch.")
        # The line fixes how many bytes follow it, so no two sets of tensors give one stream.
        total.update(json.dumps([name, kind, list(tensor.shape)]).encode() + b"\n")
        total.update(raw(tensor))
    return total.hexdigest()


def digest(data: bytes) -> str:
    """SHA-256 of some bytes, as text."""
    return hashlib.sha256(data).hexdigest()


def raw(tensor: Tensor) -> memoryview:
    """The bytes of a dense tensor in row order; a view of its memory where that is possible.

    Shapes: any -> (bytes,).
    """
    flat = tensor.detach().resolve_conj().resolve_neg().cpu().contiguous().reshape(-1)
    if flat.stride(-1) != 1:  # of one element, whose stride may be anything
        flat = flat.clone(memory_format=torch.contiguous_format).as_strided((flat.numel(),), (1,))
    return memoryview(flat.view(torch.uint8).numpy())  # type: ignore[arg-type]
