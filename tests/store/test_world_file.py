"""A .world file gives back exactly what was put in, or is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from graphs.spec.document import Document, GraphSpec, NodeSpec
from graphs.spec.plan import Plan, Rule
from graphs.spec.problems import FileError
from graphs.store import (
    content_hash,
    export_light,
    export_world,
    file_kind,
    import_light,
    import_world,
    read_metadata,
    require_base,
)
from graphs.store.envelope import _seal

DOCUMENT = Document(
    title="море",
    root=GraphSpec(nodes={"lin": NodeSpec(type="core/Linear", config={"d_in": 2, "d_out": 3})}),
    definitions={"cell": NodeSpec(type="core/Relu")},
    plans={"main": Plan(steps=7)},
)
PLAN = Plan(rules=(Rule(mode="lora", rank=4),), steps=9)


def weights() -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return {
        "lin.map.weight": torch.randn(3, 2, generator=generator),
        "lin.map.bias": torch.zeros(3),
    }


@pytest.fixture
def world(tmp_path: Path) -> Path:
    path = tmp_path / "море.world"
    export_world(path, DOCUMENT, weights(), {"story": "ночь", "turns": [1, 2]})
    return path


@pytest.fixture
def light(tmp_path: Path) -> Path:
    path = tmp_path / "light.world"
    export_light(path, "a" * 64, "sea", PLAN, {"lin.lora.A": torch.ones(4, 2)}, {"note": 1})
    return path


def test_a_world_comes_back_as_it_was(world: Path) -> None:
    found = import_world(world)
    assert found.document == DOCUMENT
    assert found.extra == {"story": "ночь", "turns": [1, 2]}
    assert found.hash == content_hash(weights()) == content_hash(found.tensors)
    assert all(torch.equal(found.tensors[name], tensor) for name, tensor in weights().items())


def test_any_safetensors_reader_opens_a_world_and_sees_what_it_holds(world: Path) -> None:
    with safe_open(world, "pt") as file:
        metadata = file.metadata()
    assert json.loads(metadata["worldloom"])["title"] == "море"
    assert json.loads(metadata["holds"]) == {
        "definitions": {"cell": []},
        "templates": {},
        "plans": ["main"],
    }
    assert json.loads(metadata["counts"]) == {"parameters": 9, "tensors": 2}


def test_equal_worlds_are_equal_files(world: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.world"
    export_world(
        again, DOCUMENT, dict(reversed(weights().items())), {"turns": [1, 2], "story": "ночь"}
    )
    assert again.read_bytes() == world.read_bytes()


def test_a_light_world_comes_back_and_knows_its_base(light: Path) -> None:
    found = import_light(light)
    assert (found.base_hash, found.base_title, found.plan) == ("a" * 64, "sea", PLAN)
    assert (found.extra, list(found.tensors)) == ({"note": 1}, ["lin.lora.A"])
    require_base(found, "a" * 64)
    with pytest.raises(FileError) as caught:
        require_base(found, "b" * 64)
    assert "a" * 64 in str(caught.value)
    assert "b" * 64 in str(caught.value)
    assert "'sea'" in str(caught.value)


def test_one_kind_opened_as_the_other_says_what_to_do(world: Path, light: Path) -> None:
    with pytest.raises(FileError, match="worldloom variants import"):
        import_world(light)
    with pytest.raises(FileError, match="worldloom info"):
        import_light(world)
    assert (file_kind(world), file_kind(light)) == ("world", "light world")


def test_a_strangers_safetensors_file_is_no_world(tmp_path: Path) -> None:
    save_file(weights(), tmp_path / "a.world")
    assert file_kind(tmp_path / "a.world") is None
    with pytest.raises(FileError, match="without our metadata"):
        import_world(tmp_path / "a.world")


def test_every_changed_byte_is_found(world: Path, tmp_path: Path) -> None:
    whole = world.read_bytes()
    path = tmp_path / "changed.world"
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x01]) + whole[at + 1 :])
        with pytest.raises(FileError, match=r"changed\.world"):
            import_world(path)


def test_a_file_cut_anywhere_is_refused(world: Path, light: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.world"
    for source, read in ((world, import_world), (light, import_light)):
        whole = source.read_bytes()
        for length in [*range(0, len(whole), 100), len(whole) - 1]:
            path.write_bytes(whole[:length])
            with pytest.raises(FileError, match=r"cut\.world"):
                read(path)


def forge(path: Path, **changes: str) -> None:
    """Somebody who knows how seals are made."""
    fields = {**read_metadata(path), **changes}
    del fields["seal"]
    save_file(
        dict(import_world(path).tensors), path, metadata={**fields, "seal": _seal(fields, path)}
    )


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"version": "2"}, "newer Worldloom"),
        ({"version": "9" * 5000}, "newer Worldloom"),
        ({"version": "²"}, "version number"),
        ({"hash": "0" * 64}, "hash 0000"),
        ({"worldloom": "[" * 10_000}, "nested"),
        ({"worldloom": ""}, "JSON"),
        ({"worldloom": '{"format":"worldloom","version":2}'}, "newer Worldloom"),
        (
            {"worldloom": '{"format":"worldloom","version":1,"root":{"nodes":{"../x":{}}}}'},
            "no valid document",
        ),
        ({"extra": "[1]"}, "'extra'"),
        ({"extra": "NaN"}, "finite"),
    ],
)
def test_forged_but_well_sealed_metadata_is_refused(
    changes: dict[str, str], says: str, world: Path
) -> None:
    forge(world, **changes)
    with pytest.raises(FileError, match=says):
        import_world(world)


@pytest.mark.parametrize("extra", [{"v": float("nan")}, {"v": object()}, {"v": "\ud800"}])
def test_a_failed_export_leaves_the_old_file(extra: dict[str, Any], world: Path) -> None:
    before = world.read_bytes()
    with pytest.raises(FileError, match="plain data"):
        export_world(world, DOCUMENT, weights(), extra)
    assert world.read_bytes() == before
    assert list(world.parent.iterdir()) == [world]
