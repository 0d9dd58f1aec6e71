"""build: from a document to live blocks, keeping every block that did not change.

Blocks are kept by identity (see spec.identity), so weights follow a node through rename, group,
ungroup, delete and undo. Each new block draws its first weights from a stream of its own, so that
adding a node never changes how another one starts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

from graphs.live.block import Block, Ports
from graphs.live.context import Run, seeded
from graphs.live.graph import Body, Graph, exposed
from graphs.live.registry import Registry
from graphs.live.weights import base_tensors
from graphs.live.world import World
from graphs.spec.catalogue import Catalogue
from graphs.spec.check import check
from graphs.spec.collector import held_back
from graphs.spec.definitions import expand
from graphs.spec.document import GRAPH_TYPE, Document, GraphSpec, NodeSpec, join, node_at
from graphs.spec.identity import identities
from graphs.spec.levels import LEVELS
from graphs.spec.problems import DocumentError, Problem


@dataclass
class Attic:
    """The blocks that a document has and had, by identity; owned by whoever edits the document."""

    blocks: dict[str, tuple[str, Mapping[str, Any], Block]] = field(default_factory=dict)

    def same(self, identity: str, type_name: str, config: Mapping[str, Any]) -> Block | None:
        """The block of this identity if its type and config are unchanged."""
        known = self.blocks.get(identity)
        return known[2] if known and known[:2] == (type_name, config) else None

    def keep(self, identity: str, type_name: str, config: Mapping[str, Any], block: Block) -> None:
        """Remember a block; what its predecessor learned is copied where names and shapes agree."""
        known = self.blocks.get(identity)
        if known and known[0] == type_name and known[2] is not block:
            inherit(block, known[2])
        self.blocks[identity] = (type_name, dict(config), block)


def inherit(new: Block, old: Block) -> list[str]:
    """Copy what is saved and agrees in name and shape; the names that were copied.

    Buffers that are not saved are made from the config, so the new ones are right. Adapters are
    passed over, and the layers that they wrap are not.
    """
    before, copied = base_tensors(old), []
    with torch.no_grad():
        for name, tensor in base_tensors(new).items():  # shares memory with the new block
            source = before.get(name)
            if source is not None and source.shape == tensor.shape:
                tensor.copy_(source)
                copied.append(name)
    return copied


@held_back()
def build(
    document: Document | GraphSpec,
    registry: Registry,
    *,
    attic: Attic | None = None,
    seed: int = 0,
    catalogue: Catalogue | None = None,
) -> Graph:
    """The live root of a document.

    With an `attic` blocks that did not change are the same objects as in the last build.
    Raises: DocumentError with every problem of the graph; plans are judged when one is used.
    """
    if isinstance(document, GraphSpec):
        document = Document(root=document)
    problems = check(document, catalogue or registry.catalogue(), plans=False)
    errors = [p for p in problems if p.severity == "error"]
    if errors:
        raise DocumentError(errors)
    return _Builder(expand(document), registry, attic or Attic(), seed).root()


class _Unbuilt(Block):
    """Stands where a block could not be made, so that all problems are found in one go."""

    hidden = True

    def __init__(self, ports: Ports) -> None:
        super().__init__()
        self._ports = ports

    def ports(self) -> Ports:
        return self._ports


def _composite(cls: type[Block], body: Body, config: Mapping[str, Any]) -> Graph:
    """A body's live block; a level that turns stages around a state is a World."""
    if cls is Graph and LEVELS[body.spec.level].cycle:
        return World(body)
    if not issubclass(cls, Graph):
        raise TypeError(f"{cls.__name__} takes no body")
    return cls(body, **config)


class _Builder:
    def __init__(self, root: GraphSpec, registry: Registry, attic: Attic, seed: int) -> None:
        self.spec, self.registry, self.attic = root, registry, attic
        self.run = Run(seed=seed)
        self.names = identities(root)
        self.built: dict[str, Block] = {}
        self.fresh: list[tuple[str, str, Mapping[str, Any], Block]] = []
        self.problems: list[Problem] = []

    def root(self) -> Graph:
        body = self.body(self.spec, "")
        if self.problems:
            raise DocumentError(self.problems)
        for made in self.fresh:
            self.attic.keep(*made)
        return _composite(Graph, body, {})

    def body(self, spec: GraphSpec, path: str) -> Body:
        return Body(spec, {n: self.block(join(path, n), node) for n, node in spec.nodes.items()})

    def block(self, path: str, node: NodeSpec) -> Block:
        if path not in self.built:
            tied = node_at(self.spec, node.tied_to) if node.tied_to else None
            self.built[path] = self.block(node.tied_to, tied) if tied else self.make(path, node)
        return self.built[path]

    def make(self, path: str, node: NodeSpec) -> Block:
        kind, identity = node.type or GRAPH_TYPE, self.names[path]
        cls = self.registry[kind]
        body = (self.body(node.body, path),) if node.body is not None else ()
        known = None if body else self.attic.same(identity, kind, node.config)
        if known is not None:
            return known
        try:
            with seeded(self.run.key(identity), torch.get_default_device()):
                config = dict(cls.config_model()(**node.config))
                block = _composite(cls, *body, config) if body else cls(**config)
        except Exception as error:  # border: somebody else's block must not hide other problems
            expected = isinstance(error, ValueError | TypeError)
            message = str(error) if expected else f"{type(error).__name__}: {error}"
            self.problems.append(Problem(path, "config", message))
            return _Unbuilt(exposed(body[0], cls) if body else cls.signature_ports())
        if not body:
            self.fresh.append((identity, kind, node.config, block))
        return block
