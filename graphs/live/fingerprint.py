"""Fingerprints: equal only where two blocks would do the same, or two values are the same.

A block's covers its code, settings, mode, weights and buffers. What cannot be looked into (an open
file, a generator, a compiled object) has no fingerprint: not to know is not to be equal.
"""

from __future__ import annotations

import functools
import sys
import types
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import PurePath
from typing import Any

import numpy as np
import torch
import xxhash
from pydantic import BaseModel
from torch import Tensor, nn

from graphs.spec.document import Pin

PLAIN = (int, float, complex, str, bytes, range, PurePath, type(None), type(...))
NAMED = (torch.dtype, torch.device, torch.layout, torch.memory_format, torch.Size, np.dtype)
WRITTEN_IN_C = (types.MethodDescriptorType, types.WrapperDescriptorType, types.BuiltinFunctionType)
FIELDS = (types.MemberDescriptorType, types.GetSetDescriptorType, type(vars(Pin)["node"]))
CONSTANTS = (tuple, list, set, Mapping, Tensor, np.ndarray, type, types.FunctionType)
LIBRARIES = "torch numpy pydantic PIL sklearn matplotlib peft transformers diffusers graphs"
TRUSTED = sys.stdlib_module_names | set(LIBRARIES.split())  # code that is known by its name
UNSAID = {"__module__", "__doc__", "__annotations__", "__dict__", "__weakref__", "_abc_impl"}
BOOKKEEPING = frozenset(vars(nn.Module())) - {"training"}
HOOKS = ("_forward_pre_hooks", "_forward_hooks", "_backward_pre_hooks", "_backward_hooks")
PROGRAMS = {"_programs", "_inner"}  # of a Graph; they follow from its spec


class NoFingerprint(Exception):
    """Something in a value cannot be looked into."""


def fingerprint(value: Any) -> bytes:
    """Of every number in a tensor, every item of a collection, everything that decides a module.

    Raises: NoFingerprint when it holds something that cannot be looked into.
    """
    return _Reader().read(value)


class _Reader:
    """One look at a value; what occurs again, or holds itself, is referred to by its number."""

    def __init__(self) -> None:
        self.seen: dict[int, int] = {}
        self.alive: list[Any] = []  # so that no id is used twice

    def read(self, value: Any) -> bytes:
        hasher = xxhash.xxh3_128()
        for part in self.parts(value):
            hasher.update(part)
            hasher.update(b"|")
        return hasher.digest()

    def parts(self, value: Any) -> Iterator[Any]:
        yield f"{type(value).__module__}.{type(value).__qualname__}".encode()
        if isinstance(value, Enum):
            yield value.name.encode()
        elif isinstance(value, (*PLAIN, *NAMED)):
            yield repr(value).encode()
        elif isinstance(value, np.ndarray | np.generic):
            yield from _array(np.asarray(value))
        elif isinstance(value, tuple):
            yield from map(self.read, value)
        elif id(value) in self.seen:
            yield str(self.seen[id(value)]).encode()
        else:
            self.seen[id(value)] = len(self.seen)
            self.alive.append(value)
            yield from self.inside(value)

    def inside(self, value: Any) -> Iterator[Any]:
        match value:
            case Tensor():
                yield from _tensor(value)
            case list():
                yield from map(self.read, value)
            case set() | frozenset():
                yield from sorted(map(self.read, value))
            case Mapping():  # in its own order, which a block may read
                for key, item in value.items():
                    yield self.read(key) + self.read(item)
            case nn.Module():
                yield from self.of_module(value)
            case BaseModel():
                yield from self.inside(dict(value))
            case type():
                yield from self.of_type(value)
            case types.FunctionType():
                yield from self.of_function(value)
            case types.MethodType():
                yield self.read(value.__func__) + self.read(value.__self__)
            case functools.partial():
                yield self.read((value.func, value.args, value.keywords))
            case staticmethod() | classmethod() | functools._lru_cache_wrapper():
                yield self.read(value.__wrapped__)
            case slice():
                yield self.read((value.start, value.stop, value.step))
            case property():
                yield self.read((value.fget, value.fset))
            case types.ModuleType():
                yield value.__name__.encode()
            case types.BuiltinFunctionType() | types.BuiltinMethodType():
                if not isinstance(value.__self__, types.ModuleType | type | None):
                    raise NoFingerprint(repr(value))
                yield f"{value.__module__}.{value.__qualname__}".encode()
            case _ if isinstance(value, FIELDS):  # of a class: where an instance keeps what
                yield str(type(value)).encode()
            case functools.cached_property():
                yield self.read(value.func)
            case _:
                yield from self.of_object(value)

    def of_module(self, module: nn.Module) -> Iterator[bytes]:
        yield self.read(type(module))
        own = vars(module)
        for name, value in own.items():
            if name not in BOOKKEEPING and name not in PROGRAMS:
                yield self.read(name) + self.read(value)
        for name in HOOKS:
            yield self.read(list(own[name].values()))
        for name in ("_parameters", "_buffers", "_modules"):
            yield self.read(own[name])

    def of_type(self, cls: type) -> Iterator[bytes]:
        yield f"{cls.__module__}.{cls.__qualname__}".encode()
        for each in cls.__mro__:
            if _trusted(each):
                continue
            if model := issubclass(each, BaseModel):
                yield repr(each.model_fields).encode()
            for name, value in vars(each).items():
                written = isinstance(value, types.FunctionType) and not _trusted(value)
                made = model and name.startswith("__") and not written  # by pydantic, of the fields
                if name not in UNSAID and not made:
                    yield self.read(name) + self.read(value)

    def of_function(self, function: types.FunctionType) -> Iterator[bytes]:
        yield f"{function.__module__}.{function.__qualname__}".encode()
        if function.__closure__:
            yield self.read([_cell(cell) for cell in function.__closure__])
        if _trusted(function):
            return
        yield from _code(function.__code__)
        yield self.read((function.__defaults__, function.__kwdefaults__))
        for name in sorted(_names(function.__code__) & function.__globals__.keys()):
            yield name.encode()
            yield from self.constant(function.__globals__[name])

    def constant(self, value: Any) -> Iterator[bytes]:
        """What code refers to by a global name; of other objects, such as a logger, the type."""
        yield self.read(value if isinstance(value, (*PLAIN, *NAMED, *CONSTANTS)) else type(value))

    def of_object(self, value: Any) -> Iterator[bytes]:
        """An object of a class that is written in Python: its attributes."""
        kind = type(value)
        bases = kind.__mro__[:-1]
        if not bases or any(
            isinstance(v, WRITTEN_IN_C) for base in bases for v in vars(base).values()
        ):
            raise NoFingerprint(f"{kind.__module__}.{kind.__qualname__}")
        yield self.read(kind)
        yield self.read(getattr(value, "__dict__", {}))
        for base in bases:
            for name, slot in vars(base).items():
                if isinstance(slot, types.MemberDescriptorType):
                    yield self.read((name, getattr(value, name, None)))


def _trusted(code: Any) -> bool:
    return str(code.__module__).partition(".")[0] in TRUSTED


def _cell(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not filled yet
        return None


def _code(code: types.CodeType) -> Iterator[bytes]:
    yield code.co_code
    yield repr((code.co_names, code.co_varnames, code.co_freevars, code.co_flags)).encode()
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _code(constant)
        elif isinstance(constant, frozenset):
            yield repr(sorted(map(repr, constant))).encode()
        else:
            yield repr(constant).encode()


def _names(code: types.CodeType) -> set[str]:
    inner = (_names(c) for c in code.co_consts if isinstance(c, types.CodeType))
    return set(code.co_names).union(*inner)


def _tensor(value: Tensor) -> Iterator[Any]:
    if value.layout is not torch.strided or value.is_meta or value.is_quantized:
        raise NoFingerprint(f"a tensor of layout {value.layout} on {value.device}")
    yield f"{value.dtype}{value.shape}{value.stride()}{value.device}{value.requires_grad}".encode()
    plain = value.detach().resolve_conj().resolve_neg().cpu().contiguous()
    yield plain.reshape(-1).view(torch.uint8).numpy().data if plain.numel() else b""


def _array(value: np.ndarray[Any, Any]) -> Iterator[bytes]:
    if value.dtype.hasobject:
        raise NoFingerprint("an array of objects")
    yield f"{value.dtype}{value.shape}".encode()
    yield value.tobytes()
