"""A light world as a file: adapters only, and the content hash of the world that they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from graphs.spec.plan import Plan
from graphs.store.envelope import packed, read_sealed, write_sealed
from graphs.store.faults import fault
from graphs.store.plain import plain, validated


@dataclass(frozen=True)
class LightWorld:
    """What a light .world file holds; `base_hash` is the `hash` of the world it was trained on."""

    base_hash: str
    base_title: str
    plan: Plan
    tensors: Mapping[str, Tensor]
    hash: str
    extra: Mapping[str, Any]


def export_light(
    path: Path,
    base_hash: str,
    base_title: str,
    plan: Plan,
    tensors: Mapping[str, Tensor],
    extra: Mapping[str, Any] | None = None,
) -> str:
    """The file holds these adapters and names their base; the hash of the adapters.

    Raises: FileError when something cannot be written; the old file is then untouched.
    """
    fields = {
        "base_hash": base_hash,
        "base_title": base_title,
        "plan": packed(plain(plan, path), path),
    }
    return write_sealed(path, "light world", fields, tensors, extra)


def import_light(path: Path) -> LightWorld:
    """The light world in a file, proved to be as it was written; see `require_base`.

    Raises: FileError for a whole world, a newer version, and any damage or change.
    """
    sealed = read_sealed(path, "light world")
    return LightWorld(
        base_hash=sealed.fields.get("base_hash", ""),
        base_title=sealed.fields.get("base_title", ""),
        plan=validated(Plan, sealed.unpacked("plan", path), f"{path}, plan"),
        tensors=sealed.tensors,
        hash=sealed.hash,
        extra=sealed.extra,
    )


def require_base(light: LightWorld, hash: str) -> None:
    """Raises: FileError naming both hashes unless the light world was made for this base."""
    if light.base_hash != hash:
        base = f"the base {light.base_title!r} with hash {light.base_hash}"
        raise fault(
            "light world", base, f"a world with hash {hash}", "open the base that it was trained on"
        )
