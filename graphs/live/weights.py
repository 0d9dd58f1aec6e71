"""The weights of a live graph by name: what files hold and what loading checks.

A name is the node path and the tensor's name inside the block ("reader.head.map.weight"). Adapters
wrap a layer and keep it as `base_layer`; that word never appears in a name, so the base of a world
has the same names with and without adapters. A shared tensor has one name, the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import torch
from torch import Tensor, nn

from graphs.live.graph import Graph
from graphs.spec.problems import FileError, near

WRAPPED = "base_layer"
SMALL = 4096  # numbers in a tensor that is looked at together with others


class Named(NamedTuple):
    """One tensor of a graph: its names (several when shared), and where it lives."""

    name: str
    tensor: Tensor
    owner: nn.Module
    attribute: str
    others: tuple[str, ...] = ()


def base_tensors(graph: nn.Module) -> dict[str, Tensor]:
    """Parameters and persistent buffers without adapters, by name, detached; shared ones once."""
    return {named.name: named.tensor.detach() for named in walk(graph)}


def walk(graph: nn.Module, adapters: bool = False) -> Iterator[Named]:
    """Base tensors in the order of the modules; with `adapters` theirs too, by their full names.

    A shared tensor goes by its name where the document defines it, by the first in the alphabet if
    there are several, so that names, and with them content hashes, do not depend on any order.
    """
    found: dict[int, tuple[list[tuple[bool, str]], Tensor, nn.Module, str]] = {}
    for path, module, tied in _modules(graph, adapters):
        for attribute, tensor in (*module._parameters.items(), *module._buffers.items()):
            if tensor is not None and attribute not in module._non_persistent_buffers_set:
                name = f"{path}.{attribute}" if path else attribute
                known = found.setdefault(id(tensor), ([], tensor, module, attribute))
                known[0].append((tied, name))
    for names, tensor, module, attribute in found.values():
        first, *others = [name for _, name in sorted(names)]
        yield Named(first, tensor, module, attribute, tuple(others))


def _modules(root: nn.Module, adapters: bool) -> Iterator[tuple[str, nn.Module, bool]]:
    """Every module with its path, and whether the path leads through a node that shares its block."""
    waiting = [("", root, False)]
    while waiting:
        here, current, tied = waiting.pop()
        wrapped = current._modules.get(WRAPPED)
        if wrapped is not None and not adapters:
            waiting.append((here, wrapped, tied))
            continue
        yield here, current, tied
        if not current._modules:
            continue
        nodes = current.spec.nodes if isinstance(current, Graph) else {}
        children = [(n, c) for n, c in current._modules.items() if c is not None]
        waiting += [
            (
                here if n == WRAPPED else f"{here}.{n}" if here else n,
                c,
                tied or (n in nodes and bool(nodes[n].tied_to)),
            )
            for n, c in reversed(children)
        ]


def adapted(root: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """Every layer with adapters on it, a shared one once, with its path; in the order of the modules.

    Modules without any inside are passed over unseen: torch's own walk takes most of a loading.
    """
    seen: set[nn.Module] = set()
    waiting = [("", root)]
    while waiting:
        here, current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        if WRAPPED in current._modules:
            yield here, current
        waiting += [
            (here if n == WRAPPED else f"{here}.{n}" if here else n, c)
            for n, c in reversed(current._modules.items())
            if c is not None and c._modules
        ]


def load_tensors(
    graph: nn.Module, tensors: Mapping[str, Tensor], where: str, part: str = ""
) -> None:
    """Copy tensors into the graph by name; everything is checked before anything is copied.

    `part` loads only what lies below that node path, from names relative to it.

    Raises: FileError naming every missing, unknown, misshapen, mistyped or non-finite tensor.
    """
    prefix = f"{part}." if part else ""
    wanted: dict[str, Named] = {}
    alias: dict[str, str] = {}  # other names of shared tensors
    for named in walk(graph):
        names = [n for n in (named.name, *named.others) if n.startswith(prefix)]
        if names:
            first, *rest = (name.removeprefix(prefix) for name in names)
            wanted[first] = named
            alias |= dict.fromkeys(rest, first)
    given = {alias.get(name, name): tensor for name, tensor in tensors.items()}
    faults = [f"  {name}: missing" for name in wanted if name not in given]
    sound = finite(given.values())
    for name, tensor in given.items():
        target = wanted.get(name)
        if target is None:
            faults.append(f"  {name}: no such weight here{near(name, wanted)}")
        elif fault := unfit(tensor, target.tensor, sound):
            faults.append(f"  {name}: {fault}")
    if faults:
        shown = "\n".join(faults[:20]) + (
            f"\n  and {len(faults) - 20} more" if len(faults) > 20 else ""
        )
        raise FileError(
            f"{where}: the weights do not fit this document; nothing was loaded\n{shown}"
        )
    with torch.no_grad():
        for name, tensor in given.items():
            wanted[name].tensor.copy_(tensor)


def finite(tensors: Iterable[Tensor]) -> bool:
    """Whether every number in these tensors is finite; many small ones are looked at together."""
    groups: dict[tuple[torch.dtype, torch.device], list[Tensor]] = {}
    for tensor in tensors:
        if not tensor.is_floating_point():
            continue
        if tensor.numel() > SMALL:
            if not bool(torch.isfinite(tensor).all()):
                return False
        else:
            groups.setdefault((tensor.dtype, tensor.device), []).append(tensor.reshape(-1))
    return all(bool(torch.isfinite(torch.cat(group)).all()) for group in groups.values())


def unfit(tensor: Tensor, target: Tensor, finite: bool = False) -> str:
    """Why a tensor cannot take a target's place, "" when it can; a `finite` one is known to be so."""
    if tensor.shape != target.shape:
        return f"expected shape {tuple(target.shape)}, got {tuple(tensor.shape)}"
    if tensor.dtype != target.dtype:
        return f"expected {target.dtype}, got {tensor.dtype}"
    if not finite and tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
        return "holds NaN or infinity"
    return ""
