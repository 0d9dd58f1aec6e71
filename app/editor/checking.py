"""Checking beside the window: check runs in a thread, so that a large document never stops a frame."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from graphs.spec.catalogue import Catalogue
from graphs.spec.check import Inspection, inspect
from graphs.spec.document import Document, GraphSpec


@dataclass(frozen=True)
class Found:
    """What check found in a document, and the paths of which it says something new."""

    document: Document
    inspection: Inspection
    changed: frozenset[str]


class Checking:
    """Checks the newest document; those that were passed over meanwhile are never checked."""

    def __init__(self) -> None:
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="check")
        self._running: Future[Found] | None = None
        self._next: tuple[Document, Catalogue] | None = None
        self._last = Inspection(GraphSpec())

    def ask(self, document: Document, catalogue: Catalogue) -> None:
        """Check this document as soon as may be."""
        self._next = document, catalogue
        self._start()

    def taken(self) -> Found | None:
        """What was found since the last time, if anything was."""
        if self._running is None or not self._running.done():
            return None
        found, self._running = self._running.result(), None
        self._last = found.inspection
        self._start()
        return found

    def wait(self) -> Found | None:
        """The same, but wait until the newest document is checked."""
        found = self.taken()
        while self._running is not None:
            self._running.result()
            newer = self.taken()
            if newer is not None and found is not None:
                changed = newer.changed | found.changed
                newer = Found(newer.document, newer.inspection, changed)
            found = newer
        return found

    def close(self) -> None:
        """End the thread; a check that runs is not waited for."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    def _start(self) -> None:
        if self._running is None and self._next is not None:
            (document, catalogue), self._next = self._next, None
            self._running = self._worker.submit(_checked, document, catalogue, self._last)


def _checked(document: Document, catalogue: Catalogue, before: Inspection) -> Found:
    now = inspect(document, catalogue)
    return Found(document, now, frozenset(_news(before, now)))


def _news(old: Inspection, new: Inspection) -> set[str]:
    """Nodes whose ports, shapes or problems are others, and those that they feed by wire."""
    changed = set(old.inputs.keys() ^ new.inputs.keys())
    for before, after in ((old.inputs, new.inputs), (old.outputs, new.outputs)):
        changed |= {path for path, ports in after.items() if before.get(path) != ports}
    ports = [p for p, shape in new.shapes.items() if old.shapes.get(p) != shape]
    ports += old.shapes.keys() - new.shapes.keys()
    shaped = {port.rpartition(".")[0] for port in ports}
    changed |= shaped | {p.path for p in set(old.problems) ^ set(new.problems)}
    return changed | _fed(new.root, shaped)


def _fed(root: GraphSpec, sources: set[str]) -> set[str]:
    """The nodes that take a wire from one of these: their inputs show its shape."""
    if not sources:
        return set()
    bodies = [("", root)]
    bodies += [(path, node.body) for path, node in root.walk() if node.body is not None]
    found = set()
    for path, body in bodies:
        before = f"{path}." if path else ""
        for source, target in body.wires:
            if f"{before}{source.node}" in sources:
                found.add(f"{before}{target.node}")
    return found
