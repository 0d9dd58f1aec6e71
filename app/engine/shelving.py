"""Variants between the model and the shelf beside its project, where the command line keeps them too.

They come with the first build of a project that has them, and go back when it is saved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from app.shelf import Shelf
from graphs.learn.adapters import load_adapters
from graphs.learn.merging import remove
from graphs.learn.modes import Modes
from graphs.learn.variants import adapters_of, variants_of
from graphs.live.graph import Graph
from graphs.live.weights import base_tensors
from graphs.spec.plan import Plan
from graphs.spec.problems import WorldloomError
from graphs.store import LightWorld, content_hash, require_base


def taken_down(
    project: Path, graph: Graph, tell: Callable[[str], None]
) -> tuple[dict[str, Plan], dict[str, float]]:
    """The shelf's variants are on the graph: their plans, and the weights of those in use.

    One of another base, or a damaged one, stays where it is and is told of.
    """
    shelf, plans = Shelf(project), dict[str, Plan]()
    names = shelf.names()
    base = content_hash(base_tensors(graph)) if names else ""
    for name in names:
        try:
            light = shelf.read(name)
            require_base(light, base)
            Modes(graph, light.plan, name)
            load_adapters(graph, dict(light.tensors), name, name)
        except WorldloomError as error:
            if name in variants_of(graph):
                remove(graph, name)
            tell(f"variant {name!r} stays on its shelf: {error}")
        else:
            plans[name] = light.plan
    try:
        used = dict(shelf.used().everywhere) if names else {}
    except WorldloomError as error:
        tell(str(error))
        used = {}
    return plans, {name: weight for name, weight in used.items() if name in plans}


def put_up(
    project: Path,
    graph: Graph,
    title: str,
    plans: Mapping[str, Plan],
    active: Mapping[str, float],
    gone: set[str],
) -> None:
    """The graph's variants are on the shelf, those in use marked, and those that are gone are not.

    Raises: FileError when the disk refuses.
    """
    shelf = Shelf(project)
    for name in gone.intersection(shelf.names()):
        shelf.remove(name)
    if not plans and not shelf.names():
        return
    base = content_hash(base_tensors(graph))
    for name, plan in plans.items():
        tensors = {n: p.detach() for n, p in adapters_of(graph, name).items()}
        shelf.add(name, LightWorld(base, title, plan, tensors, "", {}), base, replace=True)
    used = {name: weight for name, weight in active.items() if name in plans}
    shelf.use(used, keep_places=True)
