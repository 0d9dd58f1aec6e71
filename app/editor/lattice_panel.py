"""The energy lattice's viewer as a panel; what it needs is imported when it opens."""

from __future__ import annotations

from app.editor.areas import Panel, PanelView
from app.editor.language import _
from app.editor.shell import Shell


def _built(shell: Shell, parent: int) -> PanelView:
    from app.editor.lattice.panel import LatticePanel  # numpy

    return LatticePanel(shell, parent)


def lattice_panel() -> Panel:
    """Closed until people ask for it; it may cover the canvas, or stand beside it."""
    return Panel("lattice", _("Lattice"), "bottom", _built, "boxes", open=False)
