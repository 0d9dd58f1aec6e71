"""The window that offers what was not saved when the program was killed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.editor.dialogs.dialog import Dialog
from app.editor.folders import shown
from app.editor.gui import dpg
from app.editor.icons import ICONS
from app.editor.language import _
from app.editor.recovery import Draft
from app.editor.wishes import Answer
from graphs.spec.problems import FileError

if TYPE_CHECKING:
    from app.editor.shell import Shell


class Recover(Dialog):
    """Every draft with its time and file; one can be opened now, the others stay until they are."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell.look, _("Work that was not saved"), 620)
        self.shell = shell
        words = _("The studio did not end as it should. This was kept:")
        dpg.add_text(words, parent=self.body, wrap=self.wide, color=shell.look.theme.quiet)
        self._list = int(dpg.add_group(parent=self.body))
        self._fill()
        self.buttons(Answer(_("Later")), accent=False)

    def _fill(self) -> None:
        dpg.delete_item(self._list, children_only=True)
        for draft in self.shell.drafts:
            self._row(draft)

    def _row(self, draft: Draft) -> None:
        theme, look = self.shell.look.theme, self.shell.look
        dpg.add_separator(parent=self._list)
        with dpg.table(
            parent=self._list, header_row=False, policy=dpg.mvTable_SizingFixedFit, pad_outerX=False
        ):
            dpg.add_table_column(width_stretch=True)
            dpg.add_table_column()
            with dpg.table_row():
                with dpg.group():
                    name = draft.title or (draft.path.stem if draft.path else _("Untitled"))
                    title = dpg.add_text(f"{ICONS['file-json']}  {name}")
                    dpg.bind_item_font(title, look.font("strong"))
                    where = shown(draft.path) if draft.path else _("in no file yet")
                    when = f"{draft.time.astimezone():%Y-%m-%d  %H:%M:%S}"
                    dpg.add_text(f"{where}\n{when}", color=theme.quiet)
                with dpg.group(horizontal=True):
                    take = dpg.add_button(
                        label=_("Recover"), callback=self._take, user_data=draft, height=self.px(30)
                    )
                    dpg.bind_item_theme(take, look.button("accent"))
                    dpg.add_button(
                        label=_("Discard"), callback=self._discard, user_data=draft,
                        height=self.px(30),
                    )  # fmt: skip

    def _take(self, _: Any, __: Any, draft: Draft) -> None:
        self.close()
        self.shell.files.leaving(lambda: recover(self.shell, draft))

    def _discard(self, _: Any, __: Any, draft: Draft) -> None:
        draft.discard()
        self.shell.drafts.remove(draft)
        if self.shell.drafts:
            self._fill()
        else:
            self.close()


def recover(shell: Shell, draft: Draft) -> None:
    """The draft is open, unsaved; it is let go of when our own draft of it is on the disk."""
    try:
        document = draft.document()
    except FileError as error:
        shell.studio.say(str(error), "error")
        return
    shell.files.recover(document, draft.path)
    if shell.autosave is not None:
        shell.autosave.now(document, draft.path)
    draft.discard()
    shell.drafts.remove(draft)
    shell.studio.say(_("Recovered; it is not saved yet"))
