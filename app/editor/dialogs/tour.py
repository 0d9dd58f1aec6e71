"""The tour: one screen that says what can be done and how; shown at the first start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.editor.dialogs.dialog import Dialog
from app.editor.gui import dpg
from app.editor.icons import ICONS
from app.editor.language import _
from app.editor.wishes import Answer, Show

if TYPE_CHECKING:
    from app.editor.shell import Shell

COLUMN = 288.0


class Tour(Dialog):
    """Nine things in three columns: build, teach, keep."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell.look, _("Draw a world, and teach it"), 3 * COLUMN + 40)
        self.shell = shell
        with dpg.table(
            parent=self.body, header_row=False, policy=dpg.mvTable_SizingFixedSame, pad_outerX=False
        ):
            for _column in range(3):
                dpg.add_table_column(init_width_or_weight=self.px(COLUMN), width_fixed=True)
            for row in self._rows():
                with dpg.table_row():
                    for icon, title, words in row:
                        self._tile(icon, title, words)
        keys = self.shell.actions.keys
        words = _("{palette} finds every command. This page is in Help.")
        self._quiet(words.format(palette=keys("palette") or _("The menu")))
        self.buttons(
            Answer(_("Begin"), self._seen),
            Answer(_("Begin with a template…"), self._from_template),
        )
        self._keys["Escape"] = self._seen

    def _rows(self) -> tuple[tuple[tuple[str, str, str], ...], ...]:
        keys = self.shell.actions.keys
        group = keys("group") or "–"
        return (
            (
                ("mouse-pointer-2", _("Drag a block"),
                 _("From the palette at the left onto the canvas, or double-click the canvas and "
                   "write what you need.")),
                ("flame", _("Choose what learns"),
                 _("Click the chip on a block: trained, frozen, or LoRA – small adapters beside "
                   "frozen weights.")),
                ("play", _("Run"),
                 _("The engine runs the graph and shows what comes out on the blocks themselves.")),
            ),
            (
                ("cable", _("Wire it"),
                 _("Drag from an output to an input. What does not fit is grey and says why; let "
                   "go on nothing to see what fits.")),
                ("group", _("Group"),
                 _("{keys} makes one block of those you chose; a double click looks inside, Esc "
                   "leaves.").format(keys=group)),
                ("graduation-cap", _("Train"),
                 _("A plan says what learns from what. Pause, go on and compare at any step; "
                   "nothing is lost when you stop.")),
            ),
            (
                ("triangle-alert", _("See what is wrong"),
                 _("Shapes are known before you run. The count at the lower right lists every "
                   "problem; a click goes there.")),
                ("undo-2", _("Nothing is final"),
                 _("Every edit can be taken back, and is kept in a draft even if the program is "
                   "killed.")),
                ("globe", _("Give it away"),
                 _("File exports a world with its weights, a light world of adapters alone, or a "
                   "picture.")),
            ),
        )  # fmt: skip

    def _tile(self, icon: str, title: str, words: str) -> None:
        look = self.look
        with dpg.group():
            with dpg.group(horizontal=True):
                dpg.add_text(ICONS[icon], color=look.theme.accent)
                head = dpg.add_text(title)
                dpg.bind_item_font(head, look.font("strong"))
            dpg.add_text(words, wrap=self.px(COLUMN - 24), color=look.theme.quiet)
            dpg.add_spacer(height=self.px(8))

    def _quiet(self, words: str) -> None:
        dpg.add_text(words, parent=self.body, color=self.look.theme.faint)

    def _seen(self) -> None:
        self.shell.settings.change(tour_seen=True)

    def _from_template(self) -> None:
        self._seen()
        self.shell.studio.request(Show("templates"))
