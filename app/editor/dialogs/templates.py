"""The window in which a new document is begun: empty, or from one of those that ship."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.editor.canvas.sketch import Sketch
from app.editor.dialogs.dialog import Dialog
from app.editor.fonts import fit
from app.editor.gui import dpg
from app.editor.icons import ICONS
from app.editor.language import _, ngettext
from app.editor.wishes import Answer
from graphs.spec.document import Document
from graphs.spec.problems import FileError
from graphs.store.template_file import read_template

if TYPE_CHECKING:
    from app.editor.shell import Shell

SIDE, HIGH = 330.0, 230.0
LEVELS = {
    "graph": "workflow", "pipeline": "git-merge", "stage": "square-stack", "world": "globe",
}  # fmt: skip


def shipped() -> list[Path]:
    """The documents that ship."""
    folder = Path(str(files("assets") / "templates"))
    return sorted(folder.glob("*.json"))


class Templates(Dialog):
    """A list at the left; what is chosen is drawn and described at the right."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell.look, _("New document"), 920)
        self.shell = shell
        empty = Document(description=_("An empty canvas: add blocks with Shift+A."))
        self._found: list[tuple[str, Document]] = [(_("Empty"), empty)]
        for path in shipped():
            try:
                document = read_template(path).document()
            except (
                FileError
            ) as error:  # of a newer version, or edited by hand: the others are there
                shell.studio.say(str(error), "warning")
                continue
            self._found.append((document.title or path.stem, document))
        self._rows: list[int] = []
        self._place = 0
        with dpg.group(horizontal=True, parent=self.body):
            side = dpg.add_child_window(width=self.px(SIDE), height=self.px(HIGH + 170))
            right = int(dpg.add_child_window(width=-1, height=self.px(HIGH + 170)))
        wide = self.wide - self.px(SIDE + 12)
        self._sketch = Sketch(shell.look, shell.studio.catalogue, (wide, self.px(HIGH)), right)
        self._title = dpg.add_text("", parent=right)
        dpg.bind_item_font(self._title, shell.look.font("title"))
        self._facts = dpg.add_text("", parent=right, color=shell.look.theme.faint)
        self._about = dpg.add_text("", parent=right, wrap=wide, color=shell.look.theme.quiet)
        self._fill(side)
        self.buttons(Answer(_("Create"), self._take), Answer(_("Cancel")))
        self._choose(0)

    def key(self, name: str) -> bool:
        """Up and Down choose."""
        if name in ("Up", "Down"):
            self._choose((self._place + (1 if name == "Down" else -1)) % len(self._found))
            return True
        return super().key(name)

    def _fill(self, side: Any) -> None:
        room = self.px(SIDE - 40)
        for number, (title, document) in enumerate(self._found):
            sign = ICONS["file-plus" if not number else LEVELS.get(document.root.level, "box")]
            words = fit(title, room, self.look.text)
            row = dpg.add_selectable(
                label=f"{sign}   {words}##{number}", parent=side, callback=self._clicked,
                user_data=number, height=self.px(26),
            )  # fmt: skip
            self._rows.append(int(row))

    def _clicked(self, _: Any, __: Any, number: int) -> None:
        if number == self._place:
            self.close()
            self._take()
        else:
            self._choose(number)

    def _choose(self, number: int) -> None:
        self._place = number
        for other, row in enumerate(self._rows):
            dpg.set_value(row, other == number)
        title, document = self._found[number]
        dpg.set_value(self._title, title)
        dpg.set_value(self._facts, _facts(document) if number else "")
        dpg.set_value(self._about, document.description)
        self._sketch.show(document)

    def _take(self) -> None:
        document = self._found[self._place][1] if self._place else Document()
        self.shell.files.leaving(lambda: self.shell.files.begin(document))


def _facts(document: Document) -> str:
    nodes = sum(1 for _path, _node in document.root.walk())
    words = [ngettext("{count} node", "{count} nodes", nodes).format(count=nodes)]
    if document.plans:
        words.append(_("plans: {names}").format(names=", ".join(document.plans)))
    return "   ·   ".join(words)
