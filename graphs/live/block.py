"""Block: the one contract that every level obeys; a torch Module whose signatures are its interface.

`__init__` is the config (names, types, defaults, limits) and `forward` is the ports. Both are read
once per class, so nothing is said twice and nothing can disagree.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Mapping
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, create_model
from torch import Tensor, nn

from graphs.live.context import Run
from graphs.spec.catalogue import PortType

KINDS: dict[type, str] = {
    Tensor: "tensor",
    str: "text",
    int: "number",
    float: "number",
    bool: "number",
    Path: "path",
}
Ports = tuple[Mapping[str, PortType], Mapping[str, PortType]]  # inputs, outputs


class Block(nn.Module):
    """Base of every computation: subclass, annotate `__init__` and `forward`, done.

    `forward` returns one value (port "out") or a NamedTuple whose fields are the ports. A parameter
    annotated `Run` is no port: the runner fills it. Block law: inputs are not changed; same inputs,
    weights and random numbers give the same outputs; side effects are declared in `effects`.
    """

    replaces: ClassVar[tuple[str, ...]] = ()  # former type names that now mean this class
    role: ClassVar[str] = ""  # what it is in a task: backbone, solver, codec, ...
    effects: ClassVar[tuple[str, ...]] = ()  # "writes files", ...
    draws: Literal["never", "training", "always"] = "never"  # from torch's global generator
    stops_gradient: ClassVar[bool] = False  # nothing upstream learns through its outputs
    on_demand: ClassVar[frozenset[str]] = frozenset()  # outputs that are None unless Run.wanted
    hidden: ClassVar[bool] = False  # a base class, not a block of its own
    recompute: bool = False  # in backward, instead of keeping activations; a training sets it

    def compile(self, *args: Any, **options: Any) -> None:
        """Hand the block to torch.compile, with its options; where a step is wanted, stay as it is.

        A block that asks for its Run would be compiled anew in every step.
        """
        if not self.wants_run():
            super().compile(*args, **options)

    def interpret(self) -> None:
        """Undo `compile`."""
        self._compiled_call_impl = None

    @classmethod
    @cache
    def config_model(cls) -> type[BaseModel]:
        """A pydantic model of `__init__`: validation, defaults, JSON schema for forms."""
        hints = _hints(cls, "__init__")
        fields: dict[str, Any] = {
            p.name: (hints[p.name], ... if p.default is p.empty else p.default)
            for p in _parameters(cls.__init__)
            if p.name != "body"
        }
        strict = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
        return create_model(f"{cls.__name__}Config", __config__=strict, **fields)

    @classmethod
    @cache
    def signature_ports(cls) -> Ports:
        """Ports read from `forward`."""
        hints = _hints(cls, "forward")
        result = hints["return"]
        inputs = {
            p.name: port_type(p.name, hints[p.name], p.default is p.empty)
            for p in _parameters(cls.forward)
            if not _is_run(hints[p.name])
        }
        if hasattr(result, "_fields"):
            named = get_type_hints(result, include_extras=True)
            return inputs, {n: port_type(n, named[n]) for n in result._fields}
        return inputs, {"out": port_type("out", result)}

    @classmethod
    @cache
    def gives_tuple(cls) -> bool:
        """Whether `forward` returns a NamedTuple, whose fields are the ports."""
        return hasattr(get_type_hints(cls.forward)["return"], "_fields")

    @classmethod
    @cache
    def wants_run(cls) -> str:
        """The name of the `forward` parameter that takes the Run, "" when there is none."""
        hints = get_type_hints(cls.forward)
        return next((p.name for p in _parameters(cls.forward) if _is_run(hints[p.name])), "")

    @classmethod
    @cache
    def positional_ports(cls) -> tuple[str, ...]:
        """The inputs that `forward` takes by position: those before its first other parameter."""
        hints = get_type_hints(cls.forward)
        ordinary = inspect.Parameter.POSITIONAL_OR_KEYWORD
        first = takewhile(
            lambda p: p.kind is ordinary and not _is_run(hints[p.name]), _parameters(cls.forward)
        )
        return tuple(p.name for p in first)

    def learned(self) -> None:
        """A training has made a step in which weights of this block learned: its habit, if it has one.

        Here a block may change what it counts for itself, such as a budget, from what it saw in the
        step. What it changes must be a buffer, so that a resumed training finds it again.
        """

    def ports(self) -> Ports:
        """Inputs and outputs by name. A composite answers from its body instead."""
        return self.signature_ports()

    def trainable_parameters(self) -> dict[str, nn.Parameter]:
        """Parameters that now take gradients, by name; a shared one is listed once."""
        return {n: p for n, p in self.named_parameters() if p.requires_grad}


def port_type(name: str, hint: Any, required: bool = True) -> PortType:
    """Read one annotation.

    `Tensor`, `Annotated[Tensor, "b d"]`, or with what several wires become as a third part:
    `Annotated[Tensor, "b d", "sum"]`. `list[...]` takes several wires as a list, `dict[str, ...]` as
    a dict by source node.
    """
    dims, many = "", "single"
    hint = _without_none(hint)
    if get_origin(hint) is Annotated:
        hint, *notes = get_args(hint)
        words = [n for n in notes if isinstance(n, str)]
        dims = words[0] if words else ""
        many = words[1] if len(words) > 1 else "single"
        hint = _without_none(hint)
    origin = get_origin(hint)
    if origin in (list, tuple):
        many, hint = "list", get_args(hint)[0]
    elif origin is dict:
        many, hint = "dict", get_args(hint)[1]
    if get_origin(hint) is Annotated:  # list[Annotated[Tensor, "b d"]]
        inner = port_type(name, hint)
        return inner.model_copy(update={"required": required, "many": many})
    plain = hint if isinstance(hint, type) else Any
    kind = "any" if plain is Any or plain is object else KINDS.get(plain, plain.__name__.lower())
    return PortType(name=name, kind=kind, dims=dims, required=required, many=many)


def _hints(cls: type[Block], method: str) -> dict[str, Any]:
    """The annotations of a method. Raises: TypeError naming the parameters that have none."""
    function = getattr(cls, method)
    hints = get_type_hints(function, include_extras=True)
    bare = [p.name for p in _parameters(function) if p.name not in hints]
    if method == "forward" and "return" not in hints:
        bare.append("its result")
    if bare:
        raise TypeError(
            f"{cls.__module__}.{cls.__qualname__}.{method}: annotate {', '.join(bare)}; "
            "annotations are a block's config and ports"
        )
    return hints


def _without_none(hint: Any) -> Any:
    if get_origin(hint) in (Union, types.UnionType):
        rest = [a for a in get_args(hint) if a is not type(None)]
        return rest[0] if len(rest) == 1 else Any
    return hint


def _is_run(hint: Any) -> bool:
    return _without_none(hint) is Run


def _parameters(function: Any) -> list[inspect.Parameter]:
    if function is nn.Module.__init__:  # a block without its own __init__ has no config
        return []
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    found = inspect.signature(function).parameters.values()
    return [p for p in found if p.name != "self" and p.kind in named]
