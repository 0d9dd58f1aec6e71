"""What a node holds, told tensor by tensor."""

import pytest
import torch

from app.engine.events import TensorFacts
from app.engine.tensors import MOST, list_tensors
from graphs.learn.modes import Modes
from graphs.live.build import build
from graphs.live.graph import Graph
from graphs.live.registry import Registry
from graphs.spec.document import NodeSpec
from graphs.spec.plan import Plan, Rule
from graphs.spec.problems import WorldloomError
from tests.engine.desk import chain, leaf, linear


def made(**parts: NodeSpec) -> Graph:
    with torch.device("meta"):
        return build(chain(parts), Registry.installed())


def test_parameters_and_buffers_are_told_by_their_names_inside_the_node() -> None:
    told = list_tensors(made(norm=leaf("BatchNorm", channels=4)), "norm", 3)
    assert (told.path, told.revision, told.left_out) == ("norm", 3, 0)
    kinds = {t.name.rpartition(".")[2]: (t.kind, t.shape, t.dtype) for t in told.tensors}
    assert kinds["weight"] == ("parameter", (4,), "float32")
    assert kinds["running_mean"] == ("buffer", (4,), "float32")
    assert kinds["num_batches_tracked"] == ("buffer", (), "int64")


def test_adapters_are_told_apart_and_base_names_stay() -> None:
    graph = made(lin=linear())
    before = list_tensors(graph, "lin", 0).tensors
    plan = Plan(rules=(Rule(where="lin", mode="lora", rank=2),))
    Modes(graph, plan, "night")
    after = list_tensors(graph, "lin", 0).tensors
    assert set(before) <= set(after)
    adapters = [t for t in after if t.kind == "adapter"]
    assert sorted(t.shape for t in adapters) == [(2, 4), (4, 2)]
    assert all("night" in t.name for t in adapters)


def test_the_whole_has_the_tensors_of_all_and_shared_ones_are_marked() -> None:
    told = list_tensors(made(lin=linear(), same=NodeSpec(tied_to="lin")), "", 0)
    assert {t.name: t.shared for t in told.tensors} == {
        "lin.map.weight": True, "lin.map.bias": True,
    }  # fmt: skip


def test_what_is_too_much_is_counted() -> None:
    parts = {f"lin_{n}": linear() for n in range(MOST // 2 + 3)}
    told = list_tensors(made(**parts), "", 0)
    assert (len(told.tensors), told.left_out) == (MOST, 6)
    assert isinstance(told.tensors[0], TensorFacts)


def test_a_node_that_is_not_there_is_refused_with_near_names() -> None:
    with pytest.raises(WorldloomError, match="did you mean lin"):
        list_tensors(made(lin=linear()), "lim", 0)
