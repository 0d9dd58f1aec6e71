"""A block's config and ports are what its signatures say."""

from typing import Annotated, Any, Literal, NamedTuple

import pytest
import torch
from pydantic import PositiveInt, ValidationError
from torch import Tensor

from graphs.live import Block, Run
from graphs.live.block import port_type
from graphs.live.registry import Registry
from graphs.spec.catalogue import PortType


class Everything(Block):
    """One of each kind of parameter."""

    def __init__(
        self,
        size: PositiveInt,
        mode: Literal["a", "b"] = "a",
        widths: tuple[int, ...] = (1, 2),
        model_name: str = "",
        rate: float | None = None,
    ) -> None:
        super().__init__()

    def forward(
        self,
        x: Annotated[Tensor, "b size"],
        bare: Tensor,
        text: str,
        items: list[Annotated[Tensor, "b d"]],
        table: dict[str, Tensor],
        summed: Annotated[Tensor, "...", "sum"],
        maybe: Annotated[Tensor, "b"] | None = None,
        anything: Any = None,
        run: Run | None = None,
        *,
        late: Annotated[Tensor, "t"] | None = None,
    ) -> Annotated[Tensor, "b size"]:
        return x


class Pair(NamedTuple):
    mean: Annotated[Tensor, "b"]
    note: str


class Two(Block):
    """Two outputs."""

    def forward(self, x: Tensor) -> Pair:
        return Pair(x, "")


class Plain(Block):
    """Neither config nor inputs."""

    def forward(self) -> Tensor:
        return torch.zeros(())


def test_inputs_are_the_parameters_of_forward_without_the_run() -> None:
    inputs, outputs = Everything.signature_ports()
    assert {n: (p.kind, p.dims, p.required, p.many) for n, p in inputs.items()} == {
        "x": ("tensor", "b size", True, "single"),
        "bare": ("tensor", "", True, "single"),
        "text": ("text", "", True, "single"),
        "items": ("tensor", "b d", True, "list"),
        "table": ("tensor", "", True, "dict"),
        "summed": ("tensor", "...", True, "sum"),
        "maybe": ("tensor", "b", False, "single"),
        "anything": ("any", "", False, "single"),
        "late": ("tensor", "t", False, "single"),
    }
    assert outputs == {"out": PortType(name="out", kind="tensor", dims="b size")}


def test_the_run_is_found_by_its_annotation() -> None:
    assert (Everything.wants_run(), Two.wants_run()) == ("run", "")


def test_ports_behind_the_run_or_by_keyword_are_not_given_by_position() -> None:
    assert Everything.positional_ports()[-1] == "anything"
    assert "late" not in Everything.positional_ports()


def test_the_fields_of_a_named_tuple_are_ports() -> None:
    outputs = Two.signature_ports()[1]
    assert {n: (p.kind, p.dims) for n, p in outputs.items()} == {
        "mean": ("tensor", "b"),
        "note": ("text", ""),
    }
    assert Two.gives_tuple()
    assert not Everything.gives_tuple()


def test_config_is_the_parameters_of_init() -> None:
    schema = Everything.config_model().model_json_schema()
    assert schema["required"] == ["size"]
    assert list(schema["properties"]) == ["size", "mode", "widths", "model_name", "rate"]
    assert schema["properties"]["size"]["exclusiveMinimum"] == 0
    assert Everything.config_model()(size=3).model_dump()["widths"] == (1, 2)
    assert Plain.config_model().model_json_schema()["properties"] == {}


@pytest.mark.parametrize("wrong", [{}, {"size": 0}, {"size": 1, "mode": "c"}, {"size": 1, "n": 1}])
def test_config_refuses_what_the_signature_forbids(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Everything.config_model()(**wrong)


def test_a_parameter_without_annotation_is_named() -> None:
    class Bare(Block):
        def __init__(self, size) -> None:  # type: ignore[no-untyped-def]
            super().__init__()

        def forward(self, x):  # type: ignore[no-untyped-def]
            return x

    with pytest.raises(TypeError, match=r"Bare.forward: annotate x, its result"):
        Bare.signature_ports()
    with pytest.raises(TypeError, match=r"Bare.__init__: annotate size"):
        Bare.config_model()


@pytest.mark.parametrize(
    ("hint", "kind", "many"),
    [
        (Annotated[list[Tensor], "b"], "tensor", "list"),
        (list[str], "text", "list"),
        (dict[str, Annotated[Tensor, "b"]], "tensor", "dict"),
        (list[Annotated[Tensor, "b"]] | None, "tensor", "list"),
        (Annotated[Tensor | None, "b", "first"], "tensor", "first"),
        (int, "number", "single"),
        (object, "any", "single"),
        (int | str, "any", "single"),
    ],
)
def test_port_types_are_read_from_annotations(hint: Any, kind: str, many: str) -> None:
    found = port_type("x", hint)
    assert (found.kind, found.many) == (kind, many)


def test_every_installed_block_is_described(registry: Registry) -> None:
    assert not registry.broken
    for name, described in registry.catalogue().types.items():
        assert described.summary, name


def test_trainable_parameters_are_those_with_gradients(registry: Registry) -> None:
    block = registry["core/Linear"](2, 3)
    block.get_parameter("map.bias").requires_grad_(False)
    assert list(block.trainable_parameters()) == ["map.weight"]
