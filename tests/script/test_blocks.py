"""Every block of the library, on the call that its docstring shows, as a script that runs alone."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.utils._pytree import tree_map

import nodes
from graphs.live.build import build
from graphs.live.registry import Registry
from graphs.live.source import Source
from graphs.spec.document import Document, GraphSpec, NodeSpec, Pin
from tests.nodes.test_contract import Example, example, library
from tests.script.cases import faults, write_case


def whole(name: str, found: Example) -> Document:
    cls = type(found.block)
    config = cls.config_model()(**found.config).model_dump(mode="json")
    inputs, outputs = cls.signature_ports()
    root = GraphSpec(
        nodes={"it": NodeSpec(type=f"core/{name}", config=config)},
        inputs={port: (Pin("it", port),) for port in inputs if port in found.given},
        outputs={port: Pin("it", port) for port in outputs},
    )
    return Document(root=root)


def plain(value: Any) -> Any:
    return value.detach().clone() if isinstance(value, Tensor) else value


def test_every_block_that_computes_runs_alone_and_gives_the_same_bits(tmp_path: Path) -> None:
    registry = Registry({"core": nodes})
    for name, cls in sorted(library().items()):
        if issubclass(cls, Source) or cls.role in ("viewer", "writer"):
            continue
        found = example(name)
        assert found is not None
        graph = build(whole(name, found), registry)
        kept = {n: v for n, v in found.given.items() if n in graph.ports()[0]}
        with torch.no_grad():
            write_case(tmp_path, f"case_{name}", graph, tree_map(plain, kept))
    assert faults(tmp_path) == []
