"""The inspector and the plan as panels of the window."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.editor.areas import Panel
from app.editor.gui import dpg
from app.editor.inspector.acts import Scope
from app.editor.inspector.plan_sheet import plan_sheet
from app.editor.inspector.rows import Sheet
from app.editor.inspector.sheets import sheet
from app.editor.inspector.view import SheetView
from app.editor.language import _
from app.editor.shell import Shell
from app.editor.studio import Topic

if TYPE_CHECKING:
    from app.engine.events import Event, TensorsListed

TOPICS: tuple[Topic, ...] = (
    "document", "selection", "place", "catalogue", "checked", "plan", "theme"
)  # fmt: skip


class SheetPanel:
    """A sheet that is made anew when the news say that it is old, and only while it is seen."""

    def __init__(self, shell: Shell, parent: int, make: Callable[[], Sheet]) -> None:
        self.shell, self._tab = shell, parent
        self._make = make
        self._window = int(dpg.add_child_window(parent=parent, border=False))
        self.view = SheetView(shell.studio, shell.look, self._window, shell.menus.offer)
        self._seen: tuple[int, ...] = ()

    def frame(self) -> None:
        """Bring it up to date."""
        if self._seen and dpg.get_value(dpg.get_item_parent(self._tab)) != self._tab:
            return  # another panel is in front
        news = self._news()
        if news != self._seen:
            self._seen = news
            self.view.show(self._make())
        self.view.frame()

    def _news(self) -> tuple[int, ...]:
        return tuple(self.shell.studio.news[topic] for topic in TOPICS)


class InspectorPanel(SheetPanel):
    """What is chosen, or the body that is seen. It asks for the tensors when the engine has counted anew."""

    def __init__(self, shell: Shell, parent: int) -> None:
        self.scope = Scope()
        self.tensors: dict[str, TensorsListed] = {}
        self._asked: tuple[str, int] | None = None
        self._told = 0
        super().__init__(shell, parent, lambda: sheet(shell.studio, self.scope, self.tensors))

    def _news(self) -> tuple[int, ...]:
        self._ask()
        return (*super()._news(), self._told)

    def _ask(self) -> None:
        studio, engine = self.shell.studio, self.shell.engine
        counted, chosen = engine.heard.inspected, studio.selection.nodes
        if counted is None or len(chosen) > 1 or not engine.ready:
            return
        path = studio.scene.path(next(iter(chosen))) if chosen else studio.place.path
        if (path, id(counted)) == self._asked or path not in counted.nodes:
            return
        self._asked = path, id(counted)
        from app.engine.commands import AskTensors

        engine.ask(AskTensors(path=path), self._hear)

    def _hear(self, event: Event) -> bool:
        if event.event == "TensorsListed":
            self.tensors = {event.path: event}  # of what is chosen; others may be old
            self._told += 1
        return True  # that there is none is no news: the node is gone, or cannot be built


class PlanPanel(SheetPanel):
    """The chosen plan."""

    def __init__(self, shell: Shell, parent: int) -> None:
        super().__init__(shell, parent, lambda: plan_sheet(shell.studio))


def inspector_panel() -> Panel:
    """The inspector, for a window to have."""
    return Panel("inspector", _("Inspector"), "right", InspectorPanel, "sliders-horizontal")


def plan_panel() -> Panel:
    """The form of the chosen plan, for a window to have."""
    return Panel("plan", _("Plan"), "right", PlanPanel, "graduation-cap")
