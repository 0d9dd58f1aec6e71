"""Files: documents, weights, worlds, projects and checkpoints, read safely and written whole.

Names are imported when they are used: an editor reads and writes documents without torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphs.store.atomic import write_bytes, write_together
    from graphs.store.checkpoint import Checkpoint, read_checkpoint, step_folder, write_checkpoint
    from graphs.store.checkpoint_folder import Latest, latest, prune
    from graphs.store.digests import content_hash
    from graphs.store.document_file import normalised, read_document, write_document
    from graphs.store.envelope import file_kind
    from graphs.store.filenames import safe_name
    from graphs.store.jsonfile import read_json, write_json
    from graphs.store.light_file import LightWorld, export_light, import_light, require_base
    from graphs.store.project import (
        load,
        load_part,
        load_weights,
        project_files,
        save,
        save_part,
        write_project,
    )
    from graphs.store.template_file import Template, read_template
    from graphs.store.tensors import read_metadata, read_tensors, write_tensors
    from graphs.store.world_file import World, export_world, import_world

_MODULES = {
    "atomic": ("write_bytes", "write_together"),
    "checkpoint": ("Checkpoint", "read_checkpoint", "step_folder", "write_checkpoint"),
    "checkpoint_folder": ("Latest", "latest", "prune"),
    "digests": ("content_hash",),
    "document_file": ("normalised", "read_document", "write_document"),
    "envelope": ("file_kind",),
    "filenames": ("safe_name",),
    "jsonfile": ("read_json", "write_json"),
    "light_file": ("LightWorld", "export_light", "import_light", "require_base"),
    "project": (
        "load",
        "load_part",
        "load_weights",
        "project_files",
        "save",
        "save_part",
        "write_project",
    ),
    "template_file": ("Template", "read_template"),
    "tensors": ("read_metadata", "read_tensors", "write_tensors"),
    "world_file": ("World", "export_world", "import_world"),
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}

__all__ = [
    "Checkpoint",
    "Latest",
    "LightWorld",
    "Template",
    "World",
    "content_hash",
    "export_light",
    "export_world",
    "file_kind",
    "import_light",
    "import_world",
    "latest",
    "load",
    "load_part",
    "load_weights",
    "normalised",
    "project_files",
    "prune",
    "read_checkpoint",
    "read_document",
    "read_json",
    "read_metadata",
    "read_template",
    "read_tensors",
    "require_base",
    "safe_name",
    "save",
    "save_part",
    "step_folder",
    "write_bytes",
    "write_checkpoint",
    "write_document",
    "write_json",
    "write_project",
    "write_tensors",
    "write_together",
]


def __getattr__(name: str) -> Any:
    """Import a public name from its module on first use."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names."""
    return sorted(__all__)
