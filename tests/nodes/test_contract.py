"""The Block contract, checked for every block of the library on the call that its docstring shows.

Nothing here names a block, except where one has a stated reason to differ: a new block is tested by
being there. A test's id is the block's name.
"""

import copy
import doctest
import importlib
import inspect
import io
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import torch
from pydantic import TypeAdapter
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.nn.modules.module import register_module_forward_hook
from torch.utils._pytree import tree_leaves, tree_map

import nodes
from graphs.live import Block, Source
from graphs.live.graph import Graph
from graphs.live.registry import Registry
from graphs.spec.shapes import Bindings, axes, match, show

PACK = "core"
ROLES = ["", "backbone", "solver", "codec", "conditioner", "tokenizer", "adapter", "guidance"]
ROLES += ["embedder", "pooler", "projection", "loss", "metric", "viewer", "writer"]

# Blocks with parameters that the documented call rightly gives no gradient, and why.
WITHOUT_GRADIENT: dict[str, str] = {}
# Blocks whose config decides whether an optional port must be wired.
WIRED_BY_CONFIG = {"ResBlock2d": "a condition goes with condition_width above 0"}
SHAPE_ONLY = "like"  # a port of this name gives its shape and nothing else


@cache
def library() -> dict[str, type[Block]]:
    """The blocks of our own pack by class name; composites need a body and have their own tests."""
    registry = Registry({PACK: nodes})
    found = {name.removeprefix(f"{PACK}/"): cls for name, cls in registry.items()}
    ours = {name: cls for name, cls in found.items() if cls.__module__.startswith("nodes.")}
    return {name: cls for name, cls in ours.items() if not issubclass(cls, Graph)}


@dataclass(frozen=True)
class Example:
    """What a docstring does with its block: how it makes one, and what it calls it with."""

    block: Block
    config: Mapping[str, Any]
    given: Mapping[str, Any]  # by parameter name, the Run too

    def fresh(self) -> Block:
        """A new block of the same config, in the same mode."""
        return type(self.block)(**self.config).train(self.block.training)

    def ports(self, output: Any = None) -> Iterator[tuple[str, str, Any]]:
        """(name, dims, value) of every value that goes in, and of those that came out."""
        inputs, outputs = self.block.signature_ports()
        for name, port in inputs.items():
            if name in self.given:
                yield name, port.dims, self.given[name]
        if output is not None:
            for name, port in outputs.items():
                yield name, port.dims, getattr(output, name) if len(outputs) > 1 else output


@cache
def example(name: str) -> Example | None:
    """The first call of a block of exactly this class in its docstring, or None."""
    cls = library()[name]
    begin, configs, calls = cls.__init__, {}, []

    def recording(self: Block, *args: Any, **kwargs: Any) -> None:
        begin(self, *args, **kwargs)
        if type(self) is cls and begin is not nn.Module.__init__:
            configs[id(self)] = _named(begin, self, *args, **kwargs)

    def hook(module: nn.Module, args: Any, kwargs: Any, output: Any) -> None:
        if type(module) is cls:
            given = _named(cls.forward, module, *args, **kwargs)
            calls.append(Example(module, configs.get(id(module), {}), given))

    handle = register_module_forward_hook(hook, with_kwargs=True)
    names = dict(vars(importlib.import_module(cls.__module__)))
    try:
        with mock.patch.object(cls, "__init__", recording), redirect_stdout(io.StringIO()):
            for line in doctest.DocTestParser().get_examples(cls.__doc__ or ""):
                exec(compile(line.source, f"<docstring of {name}>", "exec"), names)
    finally:
        handle.remove()
    return calls[0] if calls else None


def _named(function: Callable[..., Any], *args: Any, **kwargs: Any) -> dict[str, Any]:
    bound = inspect.signature(function).bind(*args, **kwargs).arguments
    return dict(list(bound.items())[1:])


@pytest.fixture(scope="module", autouse=True)
def _scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Files that docstrings make in temporary folders are pytest's to clear away."""
    with mock.patch.object(tempfile, "tempdir", str(tmp_path_factory.mktemp("examples"))):
        yield


every_block = pytest.mark.parametrize("name", sorted(library()))


def shown(name: str) -> Example:
    found = example(name)
    assert found is not None, f"the docstring of {name} does not call a {name}"
    return found


def call(block: Block, given: Mapping[str, Any]) -> Any:
    """One call from a fixed random state; the block and the values given are left as they are."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return copy.deepcopy(block)(**tree_map(_copied, dict(given)))


def _copied(value: Any) -> Any:
    return value.detach().clone() if isinstance(value, Tensor) else value


def assert_same(a: Any, b: Any) -> None:
    for one, other in zip(tree_leaves(a), tree_leaves(b), strict=True):
        if isinstance(one, Tensor):
            torch.testing.assert_close(one, other, rtol=0, atol=0, equal_nan=True)
        else:
            assert one == other


@every_block
def test_docstring_says_what_shapes_from_where_and_shows_a_call(name: str) -> None:
    doc = inspect.getdoc(library()[name]) or ""
    assert doc.split("\n")[0].endswith("."), "the first line is one sentence"
    assert "Shapes:" in doc
    assert "Source:" in doc
    shown(name)


@every_block
def test_stands_in_a_file_of_a_documented_category(name: str) -> None:
    package, folder, file = library()[name].__module__.split(".")
    assert (package, bool(file)) == ("nodes", True)
    assert (importlib.import_module(f"nodes.{folder}").__doc__ or "").strip()


@every_block
def test_says_only_roles_and_streams_that_exist(name: str) -> None:
    cls = library()[name]
    assert cls.role in ROLES
    assert cls.draws in ("never", "training", "always")
    assert ("writes files" in cls.effects) == (cls.role == "writer")


def test_no_two_blocks_have_one_name() -> None:
    names = [cls.__name__.lower() for cls in library().values()]
    assert sorted(names) == sorted(set(names)), (
        "names that differ by case only are one file on disk"
    )


@every_block
def test_config_is_a_json_schema_with_json_defaults(name: str) -> None:
    model = library()[name].config_model()
    assert json.loads(json.dumps(model.model_json_schema()))["type"] == "object"
    for field in model.model_fields.values():
        if not field.is_required():
            json.dumps(field.default, allow_nan=False)
            TypeAdapter(field.annotation).validate_python(field.default)


@every_block
def test_config_survives_json_and_makes_the_same_block(name: str) -> None:
    found = shown(name)
    model = type(found.block).config_model()
    config = model(**found.config)
    again = model(**json.loads(config.model_dump_json()))
    assert again == config
    rebuilt = type(found.block)(**dict(again)).state_dict()
    assert {n: t.shape for n, t in rebuilt.items()} == {
        n: t.shape for n, t in found.block.state_dict().items()
    }


@every_block
def test_inputs_are_not_changed(name: str) -> None:
    found = shown(name)
    given = tree_map(_copied, dict(found.given))
    before = tree_map(_copied, given)
    copy.deepcopy(found.block)(**given)
    assert_same(given, before)


@every_block
def test_same_inputs_weights_and_seed_give_the_same_output(name: str) -> None:
    found = shown(name)
    assert_same(call(found.block, found.given), call(found.block, found.given))


@every_block
def test_draws_random_numbers_only_as_declared(name: str) -> None:
    found = shown(name)
    block = copy.deepcopy(found.block)
    for mode in ["training", "always"]:
        block.train(mode == "training")
        with torch.random.fork_rng():
            before = torch.random.get_rng_state()
            block(**tree_map(_copied, dict(found.given)))
            drew = not torch.equal(before, torch.random.get_rng_state())
        allowed = block.draws == "always" or (block.draws == "training" and block.training)
        assert allowed or not drew, f"draws = {block.draws!r}, but it drew in {mode} mode"


@every_block
def test_shapes_are_those_of_the_ports(name: str) -> None:
    found = shown(name)
    config = dict(type(found.block).config_model()(**found.config))
    bound: Bindings = {}
    for port, dims, value in found.ports(call(found.block, found.given)):
        if not dims:
            continue
        for tensor in tree_leaves(value):
            if isinstance(tensor, Tensor):
                shape = tuple(tensor.shape)
                fits = match(axes(dims), shape, bound, config)
                assert fits, f'port {port!r} is "{dims}", got {show(shape)} where {bound}, {config}'


@every_block
def test_output_has_the_kinds_of_the_ports(name: str) -> None:
    found = shown(name)
    inputs, outputs = found.block.signature_ports()
    kinds = {"tensor": Tensor, "text": str, "number": (int, float), "path": Path}
    for port, _, value in found.ports(call(found.block, found.given)):
        kind = {**inputs, **outputs}[port].kind
        if kind in kinds:
            assert all(isinstance(leaf, kinds[kind]) for leaf in tree_leaves(value)), port


@every_block
def test_optional_ports_are_optional(name: str) -> None:
    if name in WIRED_BY_CONFIG:
        pytest.skip(WIRED_BY_CONFIG[name])
    found = shown(name)
    inputs = found.block.signature_ports()[0]
    optional = {port for port, facts in inputs.items() if not facts.required}
    call(found.block, {n: value for n, value in found.given.items() if n not in optional})


@every_block
def test_weights_moved_into_a_fresh_block_give_the_same_output(name: str) -> None:
    found = shown(name)
    fresh = found.fresh()
    fresh.load_state_dict(found.block.state_dict(), strict=True)
    assert_same(call(fresh, found.given), call(found.block, found.given))


@every_block
def test_a_copy_is_equal_and_independent(name: str) -> None:
    found = shown(name)
    twin = copy.deepcopy(found.block)
    assert_same(call(twin, found.given), call(found.block, found.given))
    mine = {p.data_ptr() for p in found.block.parameters() if p.numel()}
    assert not mine & {p.data_ptr() for p in twin.parameters()}


@every_block
def test_gradients_reach_every_parameter_and_input_unless_the_block_stops_them(name: str) -> None:
    found = shown(name)
    block = copy.deepcopy(found.block).train()
    given = tree_map(_learnable, dict(found.given))
    outputs = [o for o in tree_leaves(block(**given)) if isinstance(o, Tensor)]
    flowing = [o for o in outputs if o.requires_grad]
    if getattr(block, "stops_gradient", False):
        assert not flowing, "it says that it stops gradients, but its output carries one"
        return
    read = [value for port, value in given.items() if port != SHAPE_ONLY]
    inputs = [i for i in tree_leaves(read) if isinstance(i, Tensor) and i.requires_grad]
    trained = {n: p for n, p in block.named_parameters() if p.requires_grad}
    if not inputs and not trained:
        return
    if not any(o.is_floating_point() for o in outputs):
        assert not trained, "it has parameters, but no output that could teach them"
        return
    assert flowing, "nothing flows back; say stops_gradient = True if that is meant"
    sum((o.float() ** 2).sum() for o in flowing).backward()  # type: ignore[union-attr]
    dry = [n for n, p in trained.items() if p.grad is None]
    assert not dry or name in WITHOUT_GRADIENT, f"no gradient for {', '.join(dry)}"


def _learnable(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.detach().clone().requires_grad_(value.is_floating_point())
    return value


def looks_at_numbers(cls: type[Block]) -> bool:
    """Whether what comes out, not only its numbers, depends on the numbers that go in."""
    return issubclass(cls, Source) or cls.role in ("viewer", "writer")


@every_block
def test_shapes_are_known_without_data(name: str) -> None:
    found = shown(name)
    if looks_at_numbers(type(found.block)):
        pytest.skip("gives real rows, or looks at real numbers")
    mode = FakeTensorMode(allow_non_fake_inputs=True)
    real = call(found.block, found.given)
    ghost = copy.deepcopy(found.block)
    with mode:
        for module in ghost.modules():
            for key, tensor in [*module._parameters.items(), *module._buffers.items()]:
                if tensor is not None:
                    fake = mode.from_tensor(tensor.detach())
                    if key in module._parameters:
                        module._parameters[key] = nn.Parameter(fake, fake.is_floating_point())
                    else:
                        module._buffers[key] = fake
        ghostly = ghost(
            **tree_map(
                lambda v: mode.from_tensor(v.detach()) if isinstance(v, Tensor) else v,
                dict(found.given),
            )
        )
    for a, b in zip(tree_leaves(ghostly), tree_leaves(real), strict=True):
        if isinstance(b, Tensor):
            assert (a.shape, a.dtype) == (b.shape, b.dtype)


@every_block
def test_is_built_on_the_meta_device_without_weights(name: str) -> None:
    found = shown(name)
    with torch.device("meta"):
        block = found.fresh()
    expected = {n: (t.shape, t.dtype) for n, t in found.block.state_dict().items()}
    assert {n: (t.shape, t.dtype) for n, t in block.state_dict().items()} == expected
    assert all(p.is_meta for p in block.parameters())
