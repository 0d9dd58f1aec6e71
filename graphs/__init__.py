"""The headless engine: documents, live graphs, learning, files. Knows no concrete block and no UI.

Importing this package loads no torch; the names below load what they need when first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphs.learn.fit import Summary, fit
    from graphs.learn.training import StepDone, Training
    from graphs.live.block import Block
    from graphs.live.build import Attic, build
    from graphs.live.context import Run
    from graphs.live.execute import execute
    from graphs.live.infer import infer
    from graphs.live.registry import Registry
    from graphs.live.source import Source
    from graphs.spec.check import check
    from graphs.spec.document import Document, GraphSpec, NodeSpec
    from graphs.spec.edits import apply
    from graphs.spec.plan import Loss, Plan, Rule
    from graphs.spec.problems import DocumentError, FileError, Problem, RunError, WorldloomError
    from graphs.store import export_world, import_world, load, read_document, save, write_document

_HOMES = {
    "graphs.learn.fit": ("Summary", "fit"),
    "graphs.learn.training": ("StepDone", "Training"),
    "graphs.live.block": ("Block",),
    "graphs.live.build": ("Attic", "build"),
    "graphs.live.context": ("Run",),
    "graphs.live.execute": ("execute",),
    "graphs.live.infer": ("infer",),
    "graphs.live.registry": ("Registry",),
    "graphs.live.source": ("Source",),
    "graphs.spec.check": ("check",),
    "graphs.spec.document": ("Document", "GraphSpec", "NodeSpec"),
    "graphs.spec.edits": ("apply",),
    "graphs.spec.plan": ("Loss", "Plan", "Rule"),
    "graphs.spec.problems": ("DocumentError", "FileError", "Problem", "RunError", "WorldloomError"),
    "graphs.store": (
        "export_world",
        "import_world",
        "load",
        "read_document",
        "save",
        "write_document",
    ),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Attic",
    "Block",
    "Document",
    "DocumentError",
    "FileError",
    "GraphSpec",
    "Loss",
    "NodeSpec",
    "Plan",
    "Problem",
    "Registry",
    "Rule",
    "Run",
    "RunError",
    "Source",
    "StepDone",
    "Summary",
    "Training",
    "WorldloomError",
    "apply",
    "build",
    "check",
    "execute",
    "export_world",
    "fit",
    "import_world",
    "infer",
    "load",
    "read_document",
    "save",
    "write_document",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'graphs' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
