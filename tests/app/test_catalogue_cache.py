"""The kept catalogue: as good as the one that importing every pack gives, and never a stale one."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.catalogue_cache import cache_file, catalogue_key, load_catalogue
from graphs.live.registry import Registry
from graphs.spec.catalogue import Catalogue

BLOCK = '''"""A pack of one block."""

from typing import Annotated

from torch import Tensor

from graphs.live import Block


class {name}(Block):
    """Gives back what it is given."""

    def forward(self, x: Annotated[Tensor, "..."]) -> Annotated[Tensor, "..."]:
        return x
'''


def pack(folder: Path, source: str, name: str = "strange") -> Path:
    """A package with blocks, installed in `folder`; its module."""
    module = folder / name / "blocks.py"
    module.parent.mkdir(exist_ok=True)
    (folder / name / "__init__.py").write_text("")
    module.write_text(source)
    facts = folder / f"{name}-1.0.dist-info"
    facts.mkdir(exist_ok=True)
    (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text(f"[worldloom.blocks]\n{name} = {name}\n")
    return module


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def seen(code: str, place: Path) -> list[str]:
    """What code prints in a process of its own, where packs of `place` are installed."""
    environment = {**os.environ, "PYTHONPATH": str(place), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


LOAD = """
import sys
from app.catalogue_cache import load_catalogue
print('torch' in sys.modules)
print(*(n for n in load_catalogue().types if n.startswith('strange/')))
print('torch' in sys.modules)
"""


def test_torch_is_imported_only_when_a_pack_has_changed(tmp_path: Path) -> None:
    module = pack(tmp_path, BLOCK.format(name="One"))
    assert seen(LOAD, tmp_path) == ["False", "strange/One", "True"]
    assert seen(LOAD, tmp_path) == ["False", "strange/One", "False"]
    assert len(list(tmp_path.glob("cache/worldloom/catalogue-*.json"))) == 1
    module.write_text(BLOCK.format(name="Other"))
    assert seen(LOAD, tmp_path) == ["False", "strange/Other", "True"]


def test_a_process_that_imported_packs_before_keeps_nothing() -> None:
    """Its modules may be older than the files, whose times would vouch for them."""
    assert load_catalogue().types
    file = cache_file()
    assert file is not None
    assert not file.exists()


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"key": "", "catalogue": {}}', b"\xff"])
def test_a_damaged_file_is_as_none(damage: bytes) -> None:
    file = cache_file()
    assert file is not None
    file.parent.mkdir(parents=True)
    file.write_bytes(damage)
    assert load_catalogue() == Registry.installed().catalogue()


def test_a_folder_that_cannot_be_written_only_costs_time(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder would be")
    assert seen(LOAD, tmp_path)[0] == "False"
    assert load_catalogue().types


def test_nothing_is_kept_while_a_pack_fails(tmp_path: Path) -> None:
    pack(tmp_path, "import nothing_of_this_name")
    code = "from app.catalogue_cache import load_catalogue; print(*load_catalogue().broken)"
    assert seen(code, tmp_path) == ["strange"]
    assert not list(tmp_path.glob("cache/*/*.json"))


@pytest.mark.parametrize(
    "change",
    [
        lambda module: module.write_text(module.read_text() + "\n"),
        lambda module: os.utime(module, ns=(0, 0)),
        lambda module: module.with_name("more.py").write_text(""),
        lambda module: (
            module.with_name("deep").mkdir()
            or module.with_name("deep").joinpath("more.py").write_text("")
        ),
        lambda module: module.unlink(),
        lambda module: pack(module.parent.parent, "", name="second"),
    ],
)
def test_the_key_changes_with_every_source_of_a_pack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], object]
) -> None:
    module = pack(tmp_path, BLOCK.format(name="One"))
    monkeypatch.syspath_prepend(str(tmp_path))
    before = catalogue_key()
    assert before == catalogue_key()
    change(module)
    assert catalogue_key() not in ("", before)


def test_the_key_stays_when_python_keeps_bytecode(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = pack(tmp_path, BLOCK.format(name="One"))
    monkeypatch.syspath_prepend(str(tmp_path))
    before = catalogue_key()
    kept = module.parent / "__pycache__" / "blocks.cpython-311.pyc"
    kept.parent.mkdir()
    kept.write_bytes(b"")
    assert catalogue_key() == before


def test_a_pack_whose_files_cannot_be_seen_has_no_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = tmp_path / "ghost-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: ghost\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text("[worldloom.blocks]\nghost = ghost_of_a_pack\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert catalogue_key() == ""
    assert "ghost" in load_catalogue().broken


def test_a_relative_cache_folder_is_ignored_and_no_home_means_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    monkeypatch.setenv("HOME", str(tmp_path))
    if sys.platform.startswith("linux"):
        file = cache_file()
        assert file is not None
        assert file.is_relative_to(tmp_path / ".cache")

    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", homeless)
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    assert cache_file() is None
    assert load_catalogue().types


def test_a_catalogue_survives_its_file() -> None:
    whole = Registry.installed().catalogue()
    assert Catalogue.model_validate_json(whole.model_dump_json()) == whole


@pytest.mark.parametrize(
    "module",
    [
        "app.catalogue_cache",
        "app.cli",
        "app.document",
        "app.workspace",
        "graphs",
        "graphs.learn.journal",
        "graphs.store",
    ],
)
def test_what_reads_documents_imports_no_torch(module: str, tmp_path: Path) -> None:
    code = f"import sys, {module}; print('torch' in sys.modules)"
    assert seen(code, tmp_path) == ["False"]


def test_no_module_of_the_document_imports_torch(tmp_path: Path) -> None:
    code = """
import importlib, pkgutil, sys
import graphs.spec
for found in pkgutil.walk_packages(graphs.spec.__path__, 'graphs.spec.'):
    importlib.import_module(found.name)
print('torch' in sys.modules, 'numpy' in sys.modules)
"""
    assert seen(code, tmp_path) == ["False", "False"]
