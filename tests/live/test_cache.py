"""A cache that is never stale: whatever is changed, the result is that of computing it again."""

import sys
import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from graphs.live import Block, Run
from graphs.live.cache import CachedProgram, OutputCache
from graphs.live.execute import execute
from graphs.live.fingerprint import NoFingerprint, fingerprint
from graphs.live.graph import Graph
from graphs.live.registry import Registry

Make = Callable[[Mapping[str, Any]], Graph]
LINEAR = {"type": "core/Linear", "config": {"d_in": 4, "d_out": 4}}
BODY = {
    "nodes": {
        "lin": LINEAR,
        "norm": {"type": "core/BatchNorm", "config": {"channels": 4}},
        "drop": {"type": "core/Dropout", "config": {"rate": 0.5}},
        "scale": {"type": "core/Scale", "config": {"factor": 2.0}},
        "mlp": {"type": "core/MLP", "config": {"d_in": 4, "hidden": [8], "d_out": 4}},
        "loop": {
            "type": "repeat",
            "config": {"times": 2},
            "body": {
                "nodes": {"lin": LINEAR, "noise": {"type": "test/Noise"}},
                "wires": ["lin.out -> noise.x"],
                "inputs": {"x": "lin.x"},
                "outputs": {"x": "noise.out"},
            },
        },
        "joined": {"type": "test/Joined"},
    },
    "wires": [
        "lin.out -> norm.x",
        "norm.out -> drop.x",
        "drop.out -> scale.x",
        "scale.out -> mlp.x",
        "mlp.out -> loop.x",
        "loop.x -> joined.x",
        "lin.out -> joined.x",
    ],
    "inputs": {"x": "lin.x"},
    "outputs": {"y": "joined.out"},
}
STEPS = 8  # seven nodes, and the wires into one port


def x() -> Tensor:
    return torch.linspace(-1, 1, 12).reshape(3, 4)


def test_nothing_changed_and_everything_is_reused(make: Make) -> None:
    graph, cache = make(BODY).eval(), OutputCache()
    plain = execute(graph, {"x": x()})["y"]
    assert torch.equal(execute(graph, {"x": x()}, cache=cache)["y"], plain)
    assert (cache.hits, cache.misses) == (0, STEPS)
    assert torch.equal(execute(graph, {"x": x()}, cache=cache)["y"], plain)
    assert (cache.hits, cache.misses) == (STEPS, STEPS)


def test_a_rebuilt_graph_of_equal_weights_reuses_too(make: Make) -> None:
    cache = OutputCache()
    for _ in range(2):
        execute(make(BODY).eval(), {"x": x()}, cache=cache)
    assert (cache.hits, cache.misses) == (STEPS, STEPS)


def one_weight(graph: Graph, number: int) -> None:
    parameters = list(graph.parameters())
    flat = parameters[number % len(parameters)].data.view(-1)  # .data: no version tells of it
    flat[number % len(flat)] += 0.5


def one_buffer(graph: Graph, number: int) -> None:
    buffers = [b for b in graph.buffers() if b.is_floating_point()]
    flat = buffers[number % len(buffers)].view(-1)
    flat[number % len(flat)] += 0.5


def one_setting(graph: Graph, number: int) -> None:
    path, name = [("scale", "factor"), ("drop", "rate"), ("loop.noise", "scale")][number % 3]
    block = graph.at(path)
    setattr(block, name, vars(block)[name] * 0.75)


def a_function(graph: Graph, number: int) -> None:
    vars(graph.at("mlp"))["activation"] = [torch.relu, torch.tanh, torch.sigmoid][number % 3]


def a_mode(graph: Graph, number: int) -> None:
    block = list(graph.modules())[number % len(list(graph.modules()))]
    block.train(not block.training)


def times(graph: Graph, number: int) -> None:
    vars(graph.at("loop"))["times"] = 1 + number % 4


def a_hook(graph: Graph, number: int) -> None:
    graph.at("lin").register_forward_hook(lambda _module, _args, out: out + number)


CHANGES = [one_weight, one_buffer, one_setting, a_function, a_mode, times, a_hook]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_whatever_changes_the_result_is_that_of_computing_again(
    make: Make, data: st.DataObject
) -> None:
    graph, cache = make(BODY), OutputCache(data.draw(st.sampled_from([10**9, 400])))
    value, run, options = x(), Run(), dict[str, Any]()
    for _ in range(data.draw(st.integers(2, 5))):
        change = data.draw(st.sampled_from(["nothing", "input", "run", "precision", *CHANGES]))
        number = data.draw(st.integers(0, 50))
        match change:
            case "nothing":
                pass
            case "input":
                value = value.clone()
                value.view(-1)[number % 12] += 1
            case "run":
                run = Run(seed=number % 3, position=number % 2)
            case "precision":
                options = {"precision": ["float32", "bfloat16"][number % 2]}
            case _:
                change(graph, number)  # type: ignore[operator]
        before = {name: tensor.clone() for name, tensor in graph.state_dict().items()}
        cached = execute(graph, {"x": value}, run=run, cache=cache, **options)["y"]
        graph.load_state_dict(before)  # batch norm counts in training
        plain = execute(graph, {"x": value}, run=run, **options)["y"]
        graph.load_state_dict(before)
        assert torch.equal(cached, plain), change
        assert cached.dtype == plain.dtype
        assert cache.bytes <= cache.max_bytes


def test_other_wires_inside_a_composite_are_another_composite(make: Make) -> None:
    def looped(wires: list[str], output: str) -> dict[str, Any]:
        body = {
            "nodes": {"a": {"type": "core/Relu"}, "b": {"type": "core/Tanh"}},
            "wires": wires,
            "inputs": {"x": f"{wires[0][0]}.x"},
            "outputs": {"x": f"{output}.out"},
        }
        node = {"type": "repeat", "body": body}
        return {"nodes": {"n": node}, "inputs": {"x": "n.x"}, "outputs": {"y": "n.x"}}

    cache = OutputCache()
    for body in (looped(["a.out -> b.x"], "b"), looped(["b.out -> a.x"], "a")):
        graph = make(body)
        found = execute(graph, {"x": x()}, cache=cache)["y"]
        assert torch.equal(found, execute(graph, {"x": x()})["y"])
    assert cache.hits == 0


def factory(factor: float) -> type[Block]:
    class Made(Block):
        def forward(self, x: Tensor) -> Tensor:
            return x * factor

    return Made


FACTOR = 2.0


def by_global(value: Tensor) -> Tensor:
    return value * FACTOR


class Global(Block):
    def forward(self, x: Tensor) -> Tensor:
        return by_global(x)


class Below(Global):
    pass


def test_classes_of_one_name_differ_by_code_closure_defaults_and_what_they_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert fingerprint(factory(2.0)()) == fingerprint(factory(2.0)())
    assert fingerprint(factory(2.0)()) != fingerprint(factory(3.0)())
    before = fingerprint(Below())
    monkeypatch.setattr(sys.modules[__name__], "FACTOR", 3.0)
    changed = fingerprint(Below())
    assert changed != before
    monkeypatch.setattr(sys.modules[__name__], "by_global", lambda value: value + FACTOR)
    assert fingerprint(Below()) not in (before, changed)
    monkeypatch.undo()
    assert fingerprint(Below()) == before
    monkeypatch.setattr(Global, "forward", lambda self, x: x)
    assert fingerprint(Below()) != before


@pytest.mark.parametrize(
    "code", ["x + 1", "x + 1.0", "x - 1", "x.add(1, alpha=2)", "[x + i for i in (1,)][0]"]
)
def test_code_from_nowhere_is_told_apart_by_its_instructions(code: str) -> None:
    def made(text: str) -> Block:
        space: dict[str, Any] = {"Block": Block, "__name__": "typed_in"}
        exec(f"class New(Block):\n    def forward(self, x):\n        return {text}", space)
        block = space["New"]()
        assert isinstance(block, Block)
        return block

    assert fingerprint(made(code)) == fingerprint(made(code))
    assert fingerprint(made(code)) != fingerprint(made("x + 2"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([], {}),
        ([1, [2]], [[1], 2]),
        (1, 1.0),
        (True, 1),
        ("1", 1),
        (0.0, -0.0),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (torch.zeros(2, 3), torch.zeros(3, 2)),
        (torch.zeros(2), torch.zeros(2, dtype=torch.int32)),
        (torch.zeros(2), torch.zeros(2, requires_grad=True)),
        (torch.zeros(2, 2), torch.zeros(2, 2).t()[:, :1].expand(2, 2)),
        (torch.tensor([1.0 + 2j]), torch.tensor([1.0 + 2j]).conj()),
        (torch.zeros(2), np.zeros(2, np.float32)),
        (np.zeros(2), np.zeros(2, np.float32)),
        (nn.ReLU(), nn.Tanh()),
        (nn.Dropout(0.1), nn.Dropout(0.2)),
        (types.SimpleNamespace(a=1).__dict__, {"a": 2}),
    ],
)
def test_different_values_have_different_fingerprints(one: Any, other: Any) -> None:
    assert fingerprint(one) != fingerprint(other)


@pytest.mark.parametrize(
    "value",
    [
        np.float32(1),
        np.zeros((0, 3)),
        torch.zeros(0),
        torch.tensor(1).bool(),
        (1, "a"),
        b"",
        {1, 2},
    ],
)
def test_equal_values_have_equal_fingerprints(value: Any) -> None:
    import copy

    assert fingerprint(value) == fingerprint(copy.deepcopy(value))


def test_a_value_that_holds_itself_has_a_fingerprint() -> None:
    value: list[Any] = [1]
    value.append(value)
    assert fingerprint(value) != fingerprint([1, [1]])


class Opaque:
    """Its state is a generator's, which nobody can look into."""

    def __init__(self) -> None:
        self.numbers: Iterator[int] = iter(range(10))


@pytest.mark.parametrize(
    "value", [object(), torch.Generator(), iter([1]), Opaque(), torch.eye(2).to_sparse()]
)
def test_what_cannot_be_looked_into_has_no_fingerprint(value: Any) -> None:
    with pytest.raises(NoFingerprint):
        fingerprint([value])


def test_a_block_that_cannot_be_looked_into_is_computed_each_time(make: Make) -> None:
    graph, cache = make(BODY).eval(), OutputCache()
    vars(graph.at("scale"))["numbers"] = iter(range(3))
    for _ in range(2):
        execute(graph, {"x": x()}, cache=cache)
    assert (cache.hits, cache.misses) == (STEPS - 1, STEPS - 1)


def chain(*kinds: str) -> dict[str, Any]:
    names = [f"n{i}" for i in range(len(kinds))]
    return {
        "nodes": {name: {"type": kind} for name, kind in zip(names, kinds, strict=True)},
        "wires": [f"{a}.out -> {b}.x" for a, b in pairwise(names)],
        "inputs": {"x": "n0.x"},
        "outputs": {"y": f"{names[-1]}.out"},
    }


def test_noise_is_reused_under_the_same_run_only(make: Make) -> None:
    graph, cache = make(chain("test/Noise")), OutputCache()
    one = execute(graph, {"x": x()}, run=Run(seed=1), cache=cache)["y"]
    assert torch.equal(execute(graph, {"x": x()}, run=Run(seed=1), cache=cache)["y"], one)
    assert cache.hits == 1
    assert not torch.equal(execute(graph, {"x": x()}, run=Run(seed=2), cache=cache)["y"], one)
    program = CachedProgram(graph.program(given=["x"]), cache)
    assert not torch.equal(program({"x": x()})["y"], program({"x": x()})["y"])


def test_writers_and_sources_are_never_skipped_even_inside_a_repeat(make: Make) -> None:
    inner = {"type": "repeat", "config": {"times": 2}, "body": chain("test/Write")}
    body = chain("core/Relu", "test/Write")
    body["nodes"]["loop"] = inner | {"body": chain("test/Write") | {"outputs": {"x": "n0.out"}}}
    body["wires"].append("n1.out -> loop.x")
    body["outputs"] = {"y": "loop.x"}
    graph, cache = make(body), OutputCache()
    for _ in range(3):
        execute(graph, {"x": x()}, cache=cache)
    assert vars(graph.at("n1"))["written"] == 3
    assert vars(graph.at("loop.n0"))["written"] == 6
    assert cache.hits == 2


def test_what_writes_its_own_buffers_is_not_reused(make: Make) -> None:
    norm = {"type": "core/BatchNorm", "config": {"channels": 4}}
    body = chain("core/Relu", "core/Relu")
    body["nodes"] |= {"n1": norm, "n2": {"tied_to": "n1"}}
    body["wires"].append("n0.out -> n2.x")
    body["outputs"]["z"] = "n2.out"
    graph, plain = make(body), make(body)
    program = CachedProgram(graph.program(given=["x"]), OutputCache())
    for _ in range(3):
        found, expected = program({"x": x()}), plain(x=x())
        assert torch.equal(found["y"], expected["y"])
        for a, b in zip(graph.buffers(), plain.buffers(), strict=True):
            assert torch.equal(a, b)


def test_gradients_are_those_of_a_run_without_a_cache(make: Make) -> None:
    graph, cache = make(BODY).eval(), OutputCache()
    expected = execute(graph, {"x": x()}, grad=True)["y"].sum()
    wanted = torch.autograd.grad(expected, list(graph.parameters()))
    for _ in range(2):
        found = execute(graph, {"x": x()}, grad=True, cache=cache)["y"].sum()
        for a, b in zip(torch.autograd.grad(found, list(graph.parameters())), wanted, strict=True):
            assert torch.equal(a, b)
    assert cache.bytes == 0


def test_callers_may_do_what_they_like_with_what_they_get(make: Make) -> None:
    """Also through a block that hands on its input, or a list of tensors."""
    body = chain("core/Tanh", "test/Write", "core/Identity")
    body["outputs"] |= {"first": "n0.out", "second": "n1.out"}
    graph, cache = make(body), OutputCache()
    plain = execute(graph, {"x": x()})
    for _ in range(4):
        found = execute(graph, {"x": x()}, cache=cache)
        for name, value in found.items():
            assert torch.equal(value, plain[name])
        for value in found.values():
            value.zero_()


def test_callers_may_change_their_inputs_afterwards(make: Make) -> None:
    graph, cache, value = make(chain("core/Identity")), OutputCache(), x()
    execute(graph, {"x": value}, cache=cache)
    value.zero_()
    assert torch.equal(execute(graph, {"x": x()}, cache=cache)["y"], x())
    assert cache.hits == 1


def test_the_longest_unused_goes_first_and_the_bound_holds() -> None:
    cache = OutputCache(max_bytes=100)
    for name in "abc":
        cache.put(name.encode(), (torch.zeros(10),))  # 40 bytes
        assert cache.bytes <= 100
    assert cache.get(b"a") is None
    assert cache.get(b"b") is not None
    cache.put(b"d", (torch.zeros(10),))
    assert cache.get(b"c") is None
    assert cache.get(b"b") is not None
    cache.put(b"huge", (torch.zeros(100),))
    assert cache.get(b"huge") is None
    assert (cache.bytes, cache.hits, cache.misses) == (80, 2, 3)
    cache.put(b"text", ("x" * 10, np.zeros(1), [torch.zeros(1)]))
    assert cache.bytes == 40 + 10 + 8 + 4


def test_only_what_may_be_reused_is(make: Make) -> None:
    graph, cache = make(BODY).eval(), OutputCache()
    program = CachedProgram(graph.program(given=["x"]), cache, {"lin", "mlp"}.__contains__)
    with torch.no_grad():
        first, second = program({"x": x()}, Run()), program({"x": x()}, Run())
    assert torch.equal(first["y"], second["y"])
    assert (cache.hits, cache.misses) == (2, 2)


def test_refreshing_sees_what_changed(make: Make) -> None:
    graph = make(chain("core/Scale"))
    program = CachedProgram(graph.program(given=["x"]), OutputCache())
    before = program({"x": x()})["y"]
    vars(graph.at("n0"))["factor"] = 5.0
    program.refresh()
    assert torch.equal(program({"x": x()})["y"], 5 * before)


def test_every_block_of_the_library_has_a_fingerprint(registry: Registry) -> None:
    """With default settings, where there are any; else its class has."""
    for name, cls in registry.items():
        if name.startswith("core/"):
            block: Any = cls
            with suppress(TypeError, ValueError):
                block = cls()
            assert fingerprint(block) == fingerprint(block), name
