"""A project: name.json (the document) beside name.safetensors (its weights by node path).

The weights say which structure they were saved with, never the other way: the document stays free
for editors and hands. When both agree every weight must fit; when the document has changed since
(by hand, by an editor without the engine, or because a crash fell between the two files) weights
are loaded where they fit and the caller is told, so a mismatch is never silent and never fatal.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

from torch import Tensor

from graphs.live.build import build
from graphs.live.graph import Graph
from graphs.live.registry import Registry
from graphs.live.weights import base_tensors, load_tensors, walk
from graphs.spec.definitions import expand
from graphs.spec.document import Document, GraphSpec
from graphs.spec.problems import near
from graphs.store.atomic import write_together
from graphs.store.digests import digest
from graphs.store.document_file import document_bytes, read_document
from graphs.store.faults import fault, listed
from graphs.store.jsonfile import format_json
from graphs.store.tensors import read_metadata, read_tensors, tensors_writer, write_tensors

STRUCTURE = "worldloom_structure"
Tell = Callable[[str], None]


def project_files(path: Path) -> tuple[Path, Path]:
    """The document's and the weights' file of a project named with or without ".json".

    >>> [file.name for file in project_files(Path("my.world"))]
    ['my.world.json', 'my.world.safetensors']
    """
    stem = path.name.removesuffix(".json")
    return path.with_name(f"{stem}.json"), path.with_name(f"{stem}.safetensors")


def save(path: Path, document: Document, graph: Graph) -> None:
    """Both files hold the document and the weights of its graph, or both are as before.

    Settings may differ, since a plan may change some while it runs; the nodes may not.
    Raises: FileError when the graph was built from other nodes or the disk refuses.
    """
    if _places(expand(document)) != _places(graph.spec):
        raise fault(
            path, "the graph of this document", "a graph of other nodes", "build it again first"
        )
    write_project(path, document, base_tensors(graph))


def write_project(path: Path, document: Document, tensors: Mapping[str, Tensor]) -> None:
    """Both files hold the document and these weights of it, or both are as before.

    Nothing is built, so blocks that are not installed here are no obstacle.
    Raises: FileError when the disk refuses.
    """
    json_file, weights_file = project_files(path)
    data = document_bytes(document, json_file)
    structure = {STRUCTURE: fingerprint(expand(document))}
    weights = tensors_writer(tensors, structure, weights_file)
    # The document first: after a crash between the two it is the user's own work that is newest.
    write_together({json_file: lambda file: file.write(data), weights_file: weights})


def warn(message: str) -> None:
    """Tell through Python's warnings."""
    warnings.warn(message, stacklevel=4)


def load(path: Path, registry: Registry, tell: Tell = warn) -> tuple[Document, Graph]:
    """The document and its live graph, with its weights where there are any.

    `tell` gets a message when the document has changed since its weights were saved.
    Raises: FileError when a file is damaged; DocumentError when the document cannot be built.
    """
    document = read_document(project_files(path)[0])
    graph = build(document, registry)
    load_weights(path, graph, tell)
    return document, graph


def load_weights(path: Path, graph: Graph, tell: Tell = warn) -> bool:
    """The graph has the project's saved weights; whether there were any.

    The graph may have other settings than the document, when a plan asks for some; then only weights
    that do not fit are told of.
    Raises: FileError when they are damaged or, saved with this very structure, do not fit it; the
    graph is then unchanged.
    """
    json_file, file = project_files(path)
    if not file.exists():
        return False
    tensors, structure = read_tensors(file), read_metadata(file).get(STRUCTURE)
    if structure == fingerprint(graph.spec):
        load_tensors(graph, tensors, str(file))
        return True
    fitting, misfits = _fitting(graph, tensors)
    changed = not json_file.exists() or structure != fingerprint(expand(read_document(json_file)))
    if changed or misfits:
        why = "the document has changed since these weights were saved"
        tell(
            f"{file}: {why if changed else 'the graph differs from its document'}; "
            f"{len(fitting)} fit, {len(misfits)} do not\n{listed(misfits)}".rstrip()
        )
    load_tensors(graph, {**base_tensors(graph), **fitting}, str(file))
    return True


def save_part(path: Path, graph: Graph, node_path: str) -> None:
    """The file holds the weights of one node, at any level, under names relative to it. Atomic.

    Raises: KeyError when there is no such node.
    """
    write_tensors(path, base_tensors(graph.at(node_path)))


def load_part(path: Path, graph: Graph, node_path: str) -> None:
    """The node has the weights of the file, wherever its parents are.

    Raises: KeyError when there is no such node; FileError when the file is damaged or does not fit,
    the graph is then unchanged.
    """
    part = graph.at(node_path)  # not by prefix: a shared weight may have its first name elsewhere
    load_tensors(part, read_tensors(path), f"{path}, into {node_path or 'the root'}")


def fingerprint(root: GraphSpec) -> str:
    """One digest of what gives weights their meaning: types, configs, ties, wires at every depth.

    Titles, labels, layout, plans and the order of nodes do not count.
    """
    bodies = {"": root}
    nodes = {}
    for path, node in root.walk():
        nodes[path] = [node.type, node.config, node.tied_to]
        if node.body is not None:
            bodies[path] = node.body
    wiring = {
        path: [
            body.level,
            [str(wire) for wire in body.wires],
            {name: [str(pin) for pin in pins] for name, pins in body.inputs.items()},
            {name: str(pin) for name, pin in body.outputs.items()},
        ]
        for path, body in bodies.items()
    }
    return digest(format_json([nodes, wiring], "structure", compact=True))


def _places(root: GraphSpec) -> dict[str, tuple[str, str]]:
    return {path: (node.type, node.tied_to) for path, node in root.walk()}


def _fitting(graph: Graph, tensors: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], list[str]]:
    left = dict(tensors)
    fitting: dict[str, Tensor] = {}
    misfits: list[str] = []
    wanted = list(walk(graph))
    for named in wanted:
        came = next((left.pop(n) for n in (named.name, *named.others) if n in left), None)
        if came is None:
            misfits.append(f"{named.name}: keeps its own values, the file has none")
        elif came.shape != named.tensor.shape or came.dtype != named.tensor.dtype:
            want = f"{tuple(named.tensor.shape)} {named.tensor.dtype}"
            misfits.append(f"{named.name}: expected {want}, got {tuple(came.shape)} {came.dtype}")
        else:
            fitting[named.name] = came
    known = [named.name for named in wanted]
    misfits += [f"{name}: the document has no such weight{near(name, known)}" for name in left]
    return fitting, misfits
