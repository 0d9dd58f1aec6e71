"""`worldloom lattice show`: run a document with an energy lattice once and draw what its flows did."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import UsageError
from app.workspace import Workspace
from graphs.spec.problems import near
from graphs.store import write_bytes

if TYPE_CHECKING:
    from torch import Tensor

    from graphs.live.graph import Graph

TYPE = "EnergyLattice"


def show(
    work: Workspace,
    output: Path,
    *,
    node: str = "",
    sample: int = 0,
    split: str = "test",
    seed: int = 0,
    animate: bool = True,
) -> dict[str, Path]:
    """Write NODE.png and NODE.gif of one sample into `output`; the files by what they are.

    `node` may be left out where there is one lattice. Inputs of the document that nothing feeds get
    random embeddings from `seed`.

    Raises: UsageError when there is no such lattice or sample; what building and running raise.
    """
    from app.lattice.film import film
    from app.lattice.sheet import sheet
    from app.lattice.story import Story
    from graphs.live.context import Run
    from graphs.live.execute import execute

    graph = work.build().eval()
    name = _chosen(graph, node)
    batch = sample + 1
    inputs = _embeddings(graph, name, batch, seed)
    targets = [f"{name}.trajectory"]
    faced = "face" in graph.at(name).ports()[1]
    run = Run(seed=seed, batch=batch, split=split)
    made = execute(graph, inputs, targets=targets + [f"{name}.face"] * faced, run=run)
    path = made[targets[0]]
    if sample >= path.position.shape[1]:
        raise UsageError(
            f"split {split!r} has {path.position.shape[1]} samples, there is no {sample}"
        )
    story = Story.of(path, (sample,))
    face = made[f"{name}.face"][sample].float().norm(dim=-1).numpy() if faced else None
    title = work.document.title or name
    output.mkdir(parents=True, exist_ok=True)
    files = {"sheet": output / f"{name}.png"}
    write_bytes(files["sheet"], sheet(story, title, face))
    if animate:
        files["film"] = output / f"{name}.gif"
        write_bytes(files["film"], film(story, title))
    return files


def _chosen(graph: Graph, node: str) -> str:
    found = [path for path, block in graph.blocks() if type(block).__name__ == TYPE]
    if not found:
        raise UsageError("the document has no energy lattice\n  → start one: worldloom new")
    if node and node not in found:
        raise UsageError(
            f"there is no lattice {node!r}{near(node, found)}; there is {', '.join(found)}"
        )
    if not node and len(found) > 1:
        raise UsageError(f"which lattice?\n  → choose with --node: {', '.join(found)}")
    return node or found[0]


def _embeddings(graph: Graph, name: str, batch: int, seed: int) -> dict[str, Tensor]:
    """Random embeddings for every input that the lattice needs from outside."""
    import torch

    from graphs.live.compiler import Compiler
    from graphs.live.graph import Graph

    given = list(graph.ports()[0])
    needed = Compiler(graph, given, [f"{name}.trajectory"]).program().inputs
    generator = torch.Generator().manual_seed(seed)
    lattice = graph.at(name)
    assert isinstance(lattice, Graph)
    width = int(lattice.spec.nodes["face_in"].config["d_in"])
    return {n: torch.randn(batch, width, generator=generator) for n in needed}
