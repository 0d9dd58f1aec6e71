"""The field over a list into which people write what they look for."""

from __future__ import annotations

from app.editor.gui import dpg
from app.editor.icons import ICONS


class SearchField:
    """One line; `text` is what is written, without the spaces around it."""

    def __init__(self, parent: int, hint: str) -> None:
        self.text = ""
        self._active = (False, False)  # in the frame before, and in this one
        self._item = int(
            dpg.add_input_text(hint=f"{ICONS['search']}  {hint}", width=-1, parent=parent)
        )

    def frame(self) -> None:
        """Look at what is written; once a frame."""
        self.text = str(dpg.get_value(self._item)).strip()
        self._active = (self._active[1], bool(dpg.is_item_active(self._item)))

    @property
    def focused(self) -> bool:
        """Whether keys go into it, or did until Enter or Escape ended that a frame ago."""
        return any(self._active)

    def focus(self) -> None:
        """Keys go into it from now on."""
        dpg.focus_item(self._item)

    def leave(self, to: int) -> None:
        """It is empty, and keys go elsewhere."""
        self._active = (False, False)
        dpg.set_value(self._item, "")
        dpg.focus_item(to)

    def write(self, text: str) -> None:
        """The text is this."""
        dpg.set_value(self._item, text)
