"""The studio without its window: the open document, where people look, and what they chose.

Views read it and make edits through `do`; the counters of `news` say what to look at again. Only the
thread of the window touches it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from app.document import OpenDocument
from app.editor.canvas.arrangement import followed
from app.editor.canvas.camera import Camera, Point, Rect, around, fitted
from app.editor.canvas.scene import Scene
from app.editor.canvas.staleness import affected
from app.editor.checking import Checking
from app.editor.language import _
from app.editor.places import TOP, Place, body_of, holder, inside
from app.editor.steps import said
from app.editor.wishes import Wish
from graphs.spec.catalogue import Catalogue
from graphs.spec.check import Inspection
from graphs.spec.document import Document, Pin, Wire
from graphs.spec.edits import Edit, Group, Many, MoveNodes, RemoveNodes, RenameNode, Ungroup
from graphs.spec.events import Event
from graphs.spec.plan import Plan
from graphs.spec.problems import EditError

if TYPE_CHECKING:
    from app.engine.events import Event as EngineEvent

Topic = Literal[
    "document", "selection", "place", "catalogue", "checked", "plan", "engine", "notice", "theme",
    "opened", "saved", "jobs",
]  # fmt: skip
_MOVING = (RenameNode, Group, Ungroup, MoveNodes, RemoveNodes)


@dataclass(frozen=True)
class Selection:
    """What is chosen in the body that is shown."""

    nodes: frozenset[str] = frozenset()
    wires: frozenset[Wire] = frozenset()
    decor: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.nodes or self.wires or self.decor)


NOTHING = Selection()
ORIGIN = Point(0, 0)


@dataclass(frozen=True)
class Notice:
    """A line for the status bar."""

    text: str
    level: Literal["info", "warning", "error"] = "info"


@dataclass(frozen=True)
class Search:
    """Please let a block be chosen, for a place in the world; with a pin only what fits it."""

    at: Point
    pin: Pin | None = None
    side: Literal["in", "out"] = "out"


@dataclass(frozen=True)
class Ask:
    """Please let a text be written."""

    title: str
    value: str
    accept: Callable[[str], None]
    lines: int = 1


@dataclass(frozen=True)
class Menu:
    """Please show what can be done with what is under the cursor: names of actions, "" a line."""

    actions: tuple[str, ...]
    at: Point | None = None  # of the window; else under the cursor on the canvas


@dataclass(frozen=True)
class Palette:
    """Please let an action be chosen."""


Request = Search | Ask | Menu | Palette | Wish


@dataclass
class Board:
    """Of the canvas: the camera, the size of the view in pixels, what is under the cursor."""

    camera: Camera = field(default_factory=Camera)
    width: float = 1.0
    height: float = 1.0
    cursor: Point = ORIGIN
    snap: bool = True
    minimap: bool = True

    @property
    def view(self) -> Rect:
        """The part of the world that is seen."""
        return self.camera.view(self.width, self.height)

    @property
    def world_cursor(self) -> Point:
        """The world point under the cursor."""
        return self.camera.to_world(*self.cursor)


class Studio:
    """One open document and what people see of it."""

    def __init__(self, document: Document, catalogue: Catalogue, path: Path | None = None) -> None:
        self.path = path
        self.open = OpenDocument(document)
        self.board = Board()
        self.scene = Scene(catalogue)
        self.place: Place = TOP
        self.selection = NOTHING
        self.plan_name = next(iter(document.plans), "")
        self.notice = Notice("")
        self.theme = "dark"
        self.closing = False
        self.progress = ""  # of what runs, for the title of the window
        self.news: Counter[Topic] = Counter()
        self.requests: list[Request] = []
        self._checking = Checking()
        self._cameras: dict[Place, Camera] = {}
        self._unfitted = True
        self._fitted: Camera | None = None  # where the camera was left when it showed all
        self.scene.show(document, TOP)
        self.scene.choose(self.plan)
        self._deaf = self.open.listen(self._hear)

    # the document

    def load(self, document: Document, path: Path | None = None, *, saved: bool = True) -> None:
        """Another document is open from now on: its history, cameras and facts begin anew.

        Views that listen to the document are told the difference; `news["opened"]` says that it is
        another one. `saved` says whether a file holds it.
        """
        self._checking.close()
        self._checking = Checking()
        self._cameras = {}
        self.path, self.place, self.selection = path, TOP, NOTHING
        self.requests.clear()
        self.plan_name = next(iter(document.plans), "")
        self.scene.begin(document)
        self.scene.choose(self.plan_of(document))
        self.open.load(document, saved=saved)
        self._check()
        self._unfitted = True
        self.fit()
        self.news.update(("opened", "document", "place", "selection", "plan", "checked"))

    def saved(self, document: Document, path: Path) -> None:
        """A file holds this document, which may be an earlier state than the present."""
        self.path = path
        self.open.mark_saved(document)
        self.news.update(("saved", "place"))

    @property
    def document(self) -> Document:
        """The present document."""
        return self.open.value

    @property
    def name(self) -> str:
        """What people call the document."""
        return self.document.title or (self.path.stem if self.path else _("Untitled"))

    @property
    def catalogue(self) -> Catalogue:
        """The block types that exist."""
        return self.scene.catalogue

    def do(self, edit: Edit | None, *, merge: bool = False) -> bool:
        """Make an edit; whether it was made. Why not is said in the status bar."""
        if edit is None:
            return False
        try:
            whole = followed(self.document, edit) if _moves(edit) else edit
            self.open.do(whole, merge=merge)
        except EditError as error:
            self.say(str(error), "error")
            return False
        if self.notice.text:
            self.say("")  # it was said of an earlier step
        return True

    def undo(self) -> None:
        """Take the last edit back."""
        step = self.open.history[self.open.position]
        if self.open.undo():
            self.say(_("Undid: {step}").format(step=said(step.label)))

    def redo(self) -> None:
        """Make again what was taken back."""
        if self.open.redo():
            label = self.open.history[self.open.position].label
            self.say(_("Did again: {step}").format(step=said(label)))

    def _hear(self, events: tuple[Event, ...]) -> None:
        if self.scene.document is not self.document:
            if self.scene.activity.ran:
                old = self.scene.document
                self.scene.activity.stale(*affected(old, self.document, events))
            self.scene.hear(self.document, events)
        if body_of(self.document, self.place) is None:
            self.go(holder(self.document, self.place))
        self._keep_what_is_left()
        if self.plan_name not in self.document.plans:
            self.plan_name = next(iter(self.document.plans), "")
        if self.plan is not self.scene.plan:
            self.scene.choose(self.plan)
            self.news["plan"] += 1
        self._check()
        self.news["document"] += 1

    def _keep_what_is_left(self) -> None:
        s = self.selection
        keys = {d.key for d in self.scene.decor}
        left = Selection(
            frozenset(n for n in s.nodes if n in self.scene),
            frozenset(w for w in s.wires if self.scene.view_of(w) is not None),
            s.decor & keys,
        )
        if left != s:
            self.select(left)

    def know(self, catalogue: Catalogue) -> None:
        """These block types exist."""
        self.scene.know(catalogue)
        self._check()
        self.news["catalogue"] += 1

    def _check(self) -> None:
        """Ask for a check, once it is known what blocks there are."""
        if self.catalogue.types:
            self._checking.ask(self.document, self.catalogue)

    # what people look at

    @property
    def plan(self) -> Plan | None:
        """The plan whose modes the chips show."""
        return self.plan_of(self.document)

    def plan_of(self, document: Document) -> Plan | None:
        """The chosen plan as a document has it."""
        return document.plans.get(self.plan_name)

    def choose_plan(self, name: str) -> None:
        """Chips show the modes of this plan."""
        self.plan_name = name
        self.scene.choose(self.plan)
        self.news["plan"] += 1

    def go(self, place: Place) -> None:
        """Look at another body; the camera is where it was left there, else shows all."""
        self._cameras[self.place] = self.board.camera
        came_from = self.place
        self.place = place
        self.select(NOTHING)
        self.scene.show(self.document, place)
        known = self._cameras.get(place)
        if known is not None:
            self.board.camera = known
        else:
            self.fit()
        name = came_from.path.removeprefix(f"{place.path}." if place.path else "")
        if name and "." not in name and name in self.scene:
            self.select(Selection(frozenset({name})))
        self.news["place"] += 1

    def enter(self, name: str) -> bool:
        """Look inside a node; whether there is anything to see."""
        place = inside(self.document, self.place, name)
        if place is None:
            return False
        self.go(place)
        return True

    def leave(self) -> bool:
        """Look at the body around this one; False at the top."""
        if self.place == TOP:
            return False
        self.go(holder(self.document, self.place))
        return True

    def jump(self, path: str) -> None:
        """Show and choose the node at a path of the expanded root, as a row of the problems does."""
        outer, _, name = path.rpartition(".")
        place = TOP
        for part in outer.split(".") if outer else ():
            place = inside(self.document, place, part) or place
        if place != self.place:
            self.go(place)
        if name in self.scene:
            self.select(Selection(frozenset({name})))
            self.fit(self.scene.card(name).rect)

    def select(self, selection: Selection) -> None:
        """Choose these things and no others."""
        if selection != self.selection:
            self.selection = selection
            self.news["selection"] += 1

    def fit(self, rect: Rect | None = None) -> None:
        """Show all, or a part of the world."""
        board = self.board
        self._unfitted = board.width < 8
        board.camera = fitted(rect or self.scene.bounds, board.width, board.height)
        self._fitted = board.camera if rect is None else None

    def reveal(self, rect: Rect) -> None:
        """A part of the world is seen; the camera stays where it is when it is."""
        board = self.board
        if not board.view.covers(rect):
            board.camera = board.camera.centred(*rect.centre, board.width, board.height)

    def fit_selection(self) -> None:
        """Show what is chosen, or all."""
        rects = [*self.scene.rects(self.selection.nodes).values()]
        rects += [d.box for d in self.scene.decor if d.key in self.selection.decor]
        self.fit(around(rects))

    def resize(self, width: float, height: float) -> None:
        """The canvas has this size now; the first time it shows all."""
        board = self.board
        board.width, board.height = max(width, 1.0), max(height, 1.0)
        if self._unfitted:
            self.fit()

    # what goes on

    def say(self, text: str, level: Literal["info", "warning", "error"] = "info") -> None:
        """Put a line into the status bar."""
        self.notice = Notice(text, level)
        self.news["notice"] += 1

    def request(self, request: Request) -> None:
        """Ask the window for something."""
        self.requests.append(request)

    def hear_engine(self, event: EngineEvent, blob: bytes = b"") -> None:
        """Take in what the engine said; the panels look at `news["engine"]`."""
        self.scene.activity.hear(event, blob)
        self.news["engine"] += 1

    def frame(self) -> None:
        """Once a frame: what was found meanwhile comes in."""
        self.scene.pulse()
        if (found := self._checking.taken()) is not None:
            self._examine(found.inspection, found.changed)

    def _examine(self, inspection: Inspection, changed: Iterable[str] | None) -> None:
        first = not self.scene.inspection.outputs
        self.scene.examine(inspection, changed)
        if first and self.board.camera == self._fitted:
            self.fit()  # cards are wider now that shapes are known
        self.news["checked"] += 1

    def check_now(self) -> None:
        """Wait for check and take it in, where nothing may come later."""
        if (found := self._checking.wait()) is not None:
            self._examine(found.inspection, None)
            self.scene.settle()

    def close(self) -> None:
        """Let go of the document."""
        self._deaf()
        self._checking.close()


def _moves(edit: Edit) -> bool:
    """Whether an edit may move, rename or remove nodes, whose places then follow."""
    if isinstance(edit, Many):
        return any(_moves(inner) for inner in edit.edits)
    return isinstance(edit, _MOVING)
