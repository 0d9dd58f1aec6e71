"""The energy lattice's viewer as a panel; what it needs is imported when it opens."""

from __future__ import annotations

from app.editor.areas import Panel, PanelView
from app.editor.language import _
from app.editor.lattice.kept import Kept
from app.editor.shell import Shell


def lattice_panel() -> Panel:
    """Closed until people ask for it; it may cover the canvas, or stand beside it."""
    kept = Kept()

    def built(shell: Shell, parent: int) -> PanelView:
        from app.editor.lattice.panel import LatticePanel  # numpy

        return LatticePanel(shell, parent, kept)

    return Panel("lattice", _("Lattice"), "bottom", built, "boxes", open=False)
