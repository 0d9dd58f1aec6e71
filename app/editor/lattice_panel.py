"""The energy lattice's viewer as a panel; what it needs is imported when it opens."""

from __future__ import annotations

from app.editor.areas import Panel, PanelView
from app.editor.shell import Shell


def _built(shell: Shell, parent: int) -> PanelView:
    from app.editor.lattice.panel import LatticePanel  # numpy

    return LatticePanel(shell, parent)


LATTICE = Panel("lattice", "Lattice", "bottom", _built, "boxes", open=False)
