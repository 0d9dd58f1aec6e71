"""Packs are found by their entry points; a broken one is listed and the others load."""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from graphs.live.build import build
from graphs.live.registry import Registry, UnknownType
from graphs.spec.document import GraphSpec

Install = Callable[..., None]

BLOCK = '''
from typing import Annotated, Any
from torch import Tensor
from graphs.live import Block
from graphs.live.graph import Graph


class {name}(Block):
    """Adds {value}."""
    {more}

    def forward(self, x: Annotated[Tensor, "..."]) -> Annotated[Tensor, "..."]:
        return x + {value}
'''


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Put a distribution of one module on the path, as pip would, without pip."""
    monkeypatch.syspath_prepend(tmp_path)

    def put(pack: str, code: str, module: str = "") -> None:
        name = module or f"pack_{pack}"
        (tmp_path / f"{name}.py").write_text(code)
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[worldloom.blocks]\n{pack} = {name}\n")

    yield put
    for name in [n for n in sys.modules if n.startswith("pack_")]:
        del sys.modules[name]


def test_a_pack_of_another_distribution_is_found_and_runs(install: Install) -> None:
    install("extra", BLOCK.format(name="Plus", value=2, more=""))
    registry = Registry.installed()
    assert "extra/Plus" in registry
    assert registry.catalogue().types["extra/Plus"].summary == "Adds 2."
    body: dict[str, Any] = {
        "nodes": {"plus": {"type": "extra/Plus"}, "relu": {"type": "core/Relu"}}
    }
    body |= {"wires": ["plus.out -> relu.x"], "inputs": {"x": "plus.x"}}
    graph = build(GraphSpec.model_validate(body | {"outputs": {"y": "relu.out"}}), registry)
    assert graph(x=torch.tensor(-1.0))["y"] == 1


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import nowhere_at_all", "ModuleNotFoundError: No module named 'nowhere_at_all'"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("def f(:", "SyntaxError"),
        (
            "from graphs.live import Block\nclass Bare(Block):\n    def forward(self, x): return x",
            "Bare.forward: annotate x, its result",
        ),
        (
            BLOCK.format(name="One", value=1, more="") + "    hidden_field: int = 0\n"
            "class Two(Block):\n    def __init__(self, a: 'Nowhere') -> None: ...\n"
            "    def forward(self, x: Tensor) -> Tensor: return x\n",
            "NameError: name 'Nowhere' is not defined",
        ),
    ],
)
def test_a_broken_pack_is_listed_and_the_others_load(
    install: Install, code: str, message: str
) -> None:
    install("broken", code)
    install("whole", BLOCK.format(name="Plus", value=2, more=""))
    registry = Registry.installed()
    assert list(registry.broken) == ["broken"]
    assert message in registry.broken["broken"]
    assert {"whole/Plus", "core/Linear"} <= set(registry)
    assert not any(name.startswith("broken/") for name in registry)
    assert registry.catalogue().broken == registry.broken


def test_a_second_pack_of_one_name_is_listed_as_broken(install: Install) -> None:
    install("extra", BLOCK.format(name="Plus", value=2, more=""), "pack_a")
    install("extra", BLOCK.format(name="Minus", value=-2, more=""), "pack_b")
    registry = Registry.installed()
    assert registry.broken == {"extra (pack_b)": "pack_a has this name already"}
    assert "extra/Plus" in registry
    assert "extra/Minus" not in registry


def test_former_names_mean_the_class_but_never_hide_a_current_one(install: Install) -> None:
    more = 'replaces = ("extra/Add", "core/Relu")'
    install("extra", BLOCK.format(name="Plus", value=2, more=more))
    registry = Registry.installed()
    assert registry["extra/Add"] is registry["extra/Plus"]
    assert "extra/Add" not in list(registry)
    assert registry["core/Relu"].__name__ == "Relu"
    body = {
        "nodes": {"a": {"type": "extra/Add"}},
        "inputs": {"x": "a.x"},
        "outputs": {"y": "a.out"},
    }
    assert build(GraphSpec.model_validate(body), registry)(x=torch.zeros(()))["y"] == 2


def test_an_unknown_type_is_refused_with_near_names(registry: Registry) -> None:
    with pytest.raises(UnknownType, match="no block type 'core/Liner'; did you mean core/Linear"):
        registry["core/Liner"]
    assert "core/Liner" not in registry


def test_two_classes_of_one_name_in_a_pack_are_refused(install: Install, tmp_path: Path) -> None:
    folder = tmp_path / "pack_double"
    folder.mkdir()
    plus = BLOCK.format(name="Plus", value=1, more="")
    (folder / "__init__.py").write_text("")
    (folder / "first.py").write_text(plus + "\n\nSame = Plus  # a second name is no second class\n")
    install("double", "from pack_double import *", "pack_double_entry")
    entry = tmp_path / "pack_double_entry-1.0.dist-info" / "entry_points.txt"
    entry.write_text("[worldloom.blocks]\ndouble = pack_double\n")
    assert "double/Plus" in Registry.installed()
    (folder / "second.py").write_text(plus)
    importlib.invalidate_caches()
    refused = "double/Plus is defined in pack_double.first and in pack_double.second"
    assert Registry.installed().broken == {"double": f"WorldloomError: {refused}"}


def test_hidden_and_private_and_imported_classes_are_no_blocks(install: Install) -> None:
    code = BLOCK.format(name="Base", value=1, more="hidden = True")
    code += "class Below(Base):\n    '''A block.'''\nclass _Own(Base):\n    '''None.'''\n"
    install("extra", code)
    assert [n for n in Registry.installed() if n.startswith("extra/")] == ["extra/Below"]


def test_a_composite_of_a_pack_is_built_and_described(install: Install) -> None:
    code = BLOCK.format(name="Plus", value=1, more="") + (
        "class Minus(Graph):\n    '''The body, negated.'''\n"
        "    def forward(self, *, run=None, **given: Any) -> dict[str, Any]:\n"
        "        return {n: -v for n, v in super().forward(run=run, **given).items()}\n"
    )
    install("extra", code.replace("run=None", "run: Any = None"))
    registry = Registry.installed()
    assert registry.catalogue().types["extra/Minus"].control == "graph"
    inner: dict[str, Any] = {"nodes": {"plus": {"type": "extra/Plus"}}, "inputs": {"x": "plus.x"}}
    inner |= {"outputs": {"y": "plus.out"}}
    body: dict[str, Any] = {"nodes": {"minus": {"type": "extra/Minus", "body": inner}}}
    body |= {"inputs": {"x": "minus.x"}, "outputs": {"y": "minus.y"}}
    assert build(GraphSpec.model_validate(body), registry)(x=torch.ones(()))["y"] == -2
