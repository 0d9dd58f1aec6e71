"""The source of classes and functions with everything that it refers to, as far as it is not torch.

Names are found in compiled code, where nothing is guessed: an annotation is no reference, a local
variable neither. The text itself is kept, comments and all.
"""

from __future__ import annotations

import ast
import builtins
import dis
import importlib
import inspect
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.util import resolve_name
from types import CodeType, ModuleType
from typing import Any

from graphs.script.rewrite import Rewriting, rewritten
from graphs.spec.problems import WorldloomError

TORCH = ("torch", "safetensors")
Import = tuple[str, str, str]  # module, name in it ("" for the module itself), name here


class NotPortable(WorldloomError):
    """A block's source needs what a script cannot bring along; the message says what."""


@dataclass
class Sources:
    """The definitions and imports that a script needs, in an order in which they can stand."""

    rewriting: Rewriting
    definitions: dict[str, str] = field(default_factory=dict)  # name -> source
    imports: set[Import] = field(default_factory=set)
    homes: dict[str, tuple[str, str]] = field(default_factory=dict)  # name -> module, name there
    packages: set[str] = field(default_factory=lambda: {"graphs"})  # whose source may be taken

    def add(self, thing: type | Any) -> str:
        """The name under which a class or function stands in the script, with all it refers to.

        Raises: NotPortable, and then nothing was added.
        """
        before = dict(self.definitions), set(self.imports), dict(self.homes)
        self.packages.add(thing.__module__.partition(".")[0])
        try:
            return self._need(sys.modules[thing.__module__], thing.__name__)
        except NotPortable:
            self.definitions, self.imports, self.homes = before
            raise

    def _need(self, module: ModuleType, name: str) -> str:
        """Bring along what a name means in a module; the name itself."""
        known = _contents(module.__name__)
        if name in known.definitions:
            if self._new(name, module.__name__, name):
                self._define(module, name, known.definitions[name])
        elif name in known.imports:
            self._import(module, *known.imports[name])
        else:
            raise NotPortable(f"{module.__name__} gets {name!r} from somewhere that is not plain")
        return name

    def _import(self, module: ModuleType, source: str, original: str, name: str) -> None:
        root = source.partition(".")[0]
        if root in TORCH or root in sys.stdlib_module_names:
            if self._new(name, source, original):
                self.imports.add((source, original, name))
            return
        home = importlib.import_module(source)
        meant = getattr(home, original, home)
        if stand_in := self.rewriting.instead.get(meant if isinstance(meant, type) else object):
            self._need(sys.modules[stand_in.__module__], stand_in.__name__)
        elif isinstance(meant, ModuleType) or root not in self.packages:
            raise NotPortable(f"{module.__name__} uses {root}")
        elif original != name:
            raise NotPortable(f"{module.__name__} knows {original} of {source} as {name}")
        else:
            self._need(home, original)

    def _new(self, name: str, module: str, original: str) -> bool:
        """Whether the name is not there yet. Raises: NotPortable when it means something else."""
        home = module, original
        if self.homes.setdefault(name, home) != home:
            there = self.homes[name][0]
            raise NotPortable(f"{name!r} means one thing in {there} and another in {module}")
        return name not in self.definitions and (*home, name) not in self.imports

    def _define(self, module: ModuleType, name: str, node: ast.stmt) -> None:
        text = rewritten(node, inspect.getsource(module), module, self.rewriting)
        if text in self.definitions.values():
            return  # one line that defines several names
        self.definitions[name] = ""  # a name that refers to itself is there already
        flags = _future_annotations()
        code = compile(text, module.__name__, "exec", flags=flags, dont_inherit=True)
        for reference in dict.fromkeys(_globals(code)):
            if reference == name or (
                hasattr(builtins, reference) and not hasattr(module, reference)
            ):
                continue
            if reference == "nn" and not hasattr(module, "nn"):
                self.imports.add(("torch", "nn", "nn"))  # which stands in for our Block
            else:
                self._need(module, reference)
        for inner in ast.walk(ast.parse(text)):
            for root in _imported(inner):
                if root not in TORCH and root not in sys.stdlib_module_names:
                    raise NotPortable(f"{module.__name__} uses {root}")
        del self.definitions[name]  # behind everything that it needs
        self.definitions[name] = text


@dataclass(frozen=True)
class _Contents:
    definitions: dict[str, ast.stmt]
    imports: dict[str, Import]


@cache
def _contents(module: str) -> _Contents:
    """What stands at the top of a module."""
    definitions: dict[str, ast.stmt] = {}
    imports: dict[str, Import] = {}
    for node in ast.parse(inspect.getsource(sys.modules[module])).body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                definitions[name] = node
            case ast.AnnAssign(target=ast.Name(id=name)):
                definitions[name] = node
            case ast.Assign(targets=[target]):
                named = (t.id for t in ast.walk(target) if isinstance(t, ast.Name))
                definitions |= dict.fromkeys(named, node)
            case ast.Import(names=names):
                for alias in names:
                    plain = alias.asname or alias.name.partition(".")[0]
                    imports[plain] = (alias.name, "", plain)
            case ast.ImportFrom(module=written, names=names, level=level):
                package = sys.modules[module].__package__
                source = resolve_name("." * level + (written or ""), package)
                for alias in names:
                    plain = alias.asname or alias.name
                    imports[plain] = (source, alias.name, plain)
            case _:
                pass
    return _Contents(definitions, imports)


def _globals(code: CodeType) -> Iterator[str]:
    steps = list(dis.get_instructions(code))
    own = {step.argval for step in steps if step.opname == "STORE_NAME"}
    for step in steps:
        name = str(step.argval)
        plain = step.opname == "LOAD_NAME" and name not in own
        if (plain or step.opname == "LOAD_GLOBAL") and not name.startswith("__"):
            yield name
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _globals(inner)


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name.partition(".")[0] for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield (node.module or "").partition(".")[0]


def _future_annotations() -> int:
    import __future__

    return __future__.annotations.compiler_flag
