"""Which block types exist: an object made at start-up, never a global.

Packs are found by the entry-point group `worldloom.blocks`; our own library is a pack like any other.
A broken pack is listed with its error and the program starts.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points
from types import ModuleType

from graphs.live.block import Block
from graphs.live.control import CONTROL
from graphs.live.graph import Graph
from graphs.live.source import Source
from graphs.spec.catalogue import BlockType, Catalogue
from graphs.spec.problems import WorldloomError, near
from graphs.spec.roles import unlike_role

GROUP = "worldloom.blocks"


class UnknownType(WorldloomError, KeyError):
    """No installed pack has a block type of this name."""

    def __str__(self) -> str:
        return str(self.args[0])


class Registry(Mapping[str, type[Block]]):
    """Block types by name, "pack/Class"; the composites are "graph", "repeat", "choose", ..."""

    def __init__(self, packs: Mapping[str, ModuleType] | None = None) -> None:
        """Collect the blocks that each module, and each module below it, defines itself.

        Raises: WorldloomError when two types of one pack have the same name.
        """
        self.broken: dict[str, str] = {}  # packs that failed, and why
        self._types: dict[str, type[Block]] = dict(CONTROL)
        self._former: dict[str, str] = {}
        for pack, module in (packs or {}).items():
            self._add(pack, module)

    @classmethod
    def installed(cls) -> Registry:
        """Every pack that an installed distribution declares."""
        registry, places = cls(), dict[str, str]()
        for entry in sorted(entry_points(group=GROUP), key=lambda e: (e.name, e.value)):
            name = entry.name
            if name in places:
                registry.broken[f"{name} ({entry.value})"] = f"{places[name]} has this name already"
                continue
            places[name] = entry.value
            try:
                registry._add(name, entry.load())
            except Exception as error:  # border: somebody else's pack must not stop the program
                registry.broken[name] = f"{type(error).__name__}: {error}"
        return registry

    def _add(self, pack: str, module: ModuleType) -> None:
        found: dict[str, type[Block]] = {}
        for block in _defined(module):
            name = f"{pack}/{block.__name__}"
            if found.get(name, block) is not block:
                raise WorldloomError(
                    f"{name} is defined in {found[name].__module__} and in {block.__module__}"
                )
            kind = describe(name, block)  # a signature that cannot be read fails here
            if fault := unlike_role(kind.role, kind.inputs, kind.outputs):
                raise WorldloomError(f"{name}: {fault}")
            found[name] = block
        self._types |= found
        self._former |= {old: name for name, cls in found.items() for old in cls.replaces}

    def __getitem__(self, name: str) -> type[Block]:
        """The type of this name or former name. Raises: UnknownType with near names."""
        found = self._types.get(name) or self._types.get(self._former.get(name, ""))
        if found is None:
            raise UnknownType(f"there is no block type {name!r}{near(name, self._types)}")
        return found

    def __iter__(self) -> Iterator[str]:
        """Current names; former ones resolve but are not listed."""
        return iter(self._types)

    def __len__(self) -> int:
        return len(self._types)

    def catalogue(self) -> Catalogue:
        """Ports, config schema and documentation of every type, as data."""
        types = {name: describe(name, cls) for name, cls in self._types.items()}
        return Catalogue(types=types, broken=self.broken)


def describe(name: str, block: type[Block]) -> BlockType:
    """A block type as data, read from its signatures and docstring."""
    inputs, outputs = block.signature_ports()
    doc = inspect.getdoc(block) or ""
    return BlockType(
        name=name,
        category=_category(block) if "/" in name else "control",
        summary=doc.split("\n", 1)[0],
        doc=doc,
        config=block.config_model().model_json_schema(),
        inputs=inputs,
        outputs=outputs,
        control=getattr(block, "control", "") if issubclass(block, Graph) else "",
        role=block.role,
        effects=block.effects,
        source=issubclass(block, Source),
        stops_gradient=block.stops_gradient,
        replaces=block.replaces,
    )


def _category(block: type[Block]) -> str:
    """The folder of the module, or the module itself where it is a pack of one file."""
    return block.__module__.split(".")[-2:][0]


def _defined(module: ModuleType) -> Iterator[type[Block]]:
    modules = [module]
    if hasattr(module, "__path__"):
        walk = pkgutil.walk_packages(module.__path__, f"{module.__name__}.")
        modules += [importlib.import_module(found.name) for found in walk]
    for each in modules:
        for value in vars(each).values():
            if (
                isinstance(value, type)
                and issubclass(value, Block)
                and value.__module__ == each.__name__
                and not value.__dict__.get("hidden", False)
                and not value.__name__.startswith("_")
            ):
                yield value
