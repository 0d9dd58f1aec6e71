"""The house as it is planned: imports point down only, and every library has its few places.

Read from the source, so that an import inside a function or for types alone counts as well.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
OURS = ("app", "graphs", "nodes")


class Import(NamedTuple):
    """One imported module, and the module that imports it."""

    by: str
    what: str
    line: int

    def __str__(self) -> str:
        return f"{self.by}:{self.line} imports {self.what}"


def modules() -> Iterator[tuple[str, Path]]:
    for package in OURS:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def imports() -> Iterator[Import]:
    """Every import there is; `from graphs.live import Run` imports graphs.live.

    `from graphs import live` imports graphs.live too: a name that is a module counts as one.
    """
    known = {name for name, _ in modules()}
    for by, path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield Import(by, alias.name, node.lineno)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{path}:{node.lineno} imports relatively"
                assert node.module is not None
                for alias in node.names:
                    whole = f"{node.module}.{alias.name}"
                    yield Import(by, whole if whole in known else node.module, node.lineno)


ALL = list(imports())


def within(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def wrong(found: Iterator[Import]) -> list[str]:
    return [str(each) for each in found]


# Each room, and what of ours it may know besides itself.
ROOMS = {
    "graphs.spec": (),
    "graphs.live": ("graphs.spec",),
    "graphs.store": ("graphs.spec", "graphs.live"),
    "graphs.learn": ("graphs.spec", "graphs.live", "graphs.store"),
    "graphs.script": ("graphs.spec", "graphs.live", "graphs.store", "graphs.learn"),
    "nodes": ("graphs.live", "graphs.spec.problems"),
}
# A pack's own composite runs a body in its own way, and knows what a body is made of.
COMPOSITES = {"nodes.lattice": ("graphs.spec.catalogue", "graphs.spec.document")}


@pytest.mark.parametrize("room", ROOMS)
def test_imports_point_down_only(room: str) -> None:
    below = (room, *ROOMS[room])
    inside = (each for each in ALL if within(each.by, room) and within(each.what, *OURS))
    above = (each for each in inside if not within(each.what, *below))
    allowed = {(by, what) for by, known in COMPOSITES.items() for what in known}
    assert not wrong(
        e for e in above if not any(within(e.by, b) and e.what == w for b, w in allowed)
    )


def test_every_module_of_the_engine_is_in_a_room() -> None:
    outside = [n for n, _ in modules() if within(n, "graphs") and not within(n, *ROOMS)]
    assert outside == ["graphs"]


def test_blocks_know_the_block_contract_and_not_the_engine() -> None:
    """What graphs.live itself exports is the contract; its modules are the engine."""
    mine = (e for e in ALL if within(e.by, "nodes") and not within(e.by, *COMPOSITES))
    assert not wrong(e for e in mine if within(e.what, "graphs.live") and e.what != "graphs.live")


def test_the_document_is_plain_data() -> None:
    heavy = ("torch", "numpy", "safetensors", "peft")
    spec = (each for each in ALL if within(each.by, "graphs.spec"))
    assert not wrong(each for each in spec if within(each.what, *heavy))


def test_the_editor_imports_no_torch_and_the_engine_no_editor() -> None:
    heavy = ("torch", "numpy.random", "graphs.live", "graphs.learn", "peft", "safetensors")
    editor = (each for each in ALL if within(each.by, "app.editor"))
    assert not wrong(each for each in editor if within(each.what, *heavy))
    engine = (each for each in ALL if within(each.by, "app.engine"))
    assert not wrong(each for each in engine if within(each.what, "app.editor"))


# Each library that only few may know, and where.
HOMES = {
    "dearpygui": ("app.editor",),
    "typer": ("app.cli", "app.commands"),
    "rich": ("app",),
    "matplotlib": ("app.plots", "app.lattice"),
    "networkx": ("graphs.spec.topology",),
    "fastjsonschema": ("graphs.spec.configs",),
    "safetensors": ("graphs.store.tensors",),
    "peft": ("graphs.learn.relatives",),
    "torch.utils.tensorboard": ("graphs.learn.journal",),
    "xxhash": ("graphs.live.fingerprint", "graphs.live.cache"),
    "sklearn": ("nodes",),
    "transformers": ("nodes.pretrained",),
    "diffusers": ("nodes.pretrained",),
}


@pytest.mark.parametrize("library", HOMES)
def test_a_library_is_imported_only_where_it_is_at_home(library: str) -> None:
    found = (each for each in ALL if within(each.what, library))
    assert not wrong(each for each in found if not within(each.by, *HOMES[library]))


def test_slow_libraries_are_imported_inside_the_function_that_needs_them() -> None:
    slow = ("sklearn", "matplotlib", "PIL", "peft", "transformers", "diffusers")
    found = []
    for name, path in modules():
        if within(name, "app.editor"):  # its first window has fonts and icons, which PIL draws
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            found += [f"{name}:{node.lineno} {n}" for n in names if within(n, *slow)]
    assert not found
