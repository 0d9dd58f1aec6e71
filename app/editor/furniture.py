"""The panels at the sides: palette, outline, files, inspector, plan, lattice; and what belongs to them."""

from __future__ import annotations

from pathlib import Path

from app.editor.acts.library import library_actions
from app.editor.files_panel import Door, Marked, files_panel
from app.editor.folders import block_folder
from app.editor.inspector.panel import inspector_panel, plan_panel
from app.editor.lattice_panel import lattice_panel
from app.editor.library.shelves import Shelf, template_folder
from app.editor.library.stock import Liked, Stock
from app.editor.outline_panel import outline_panel
from app.editor.palette_panel import palette_panel
from app.editor.shell import Shell


def furnish(shell: Shell, liked: Liked, door: Door, marked: Marked, folder: Path) -> Stock:
    """The window has the panels; the stock is what the palette shows, `folder` where files begin."""
    own = Shelf(block_folder(), "saved")
    stock = Stock(shell.studio, Shelf(template_folder(), "template"), own, liked)
    shell.add_panel(palette_panel(stock))
    shell.add_panel(outline_panel())
    shell.add_panel(files_panel(folder, door, marked))
    shell.add_panel(inspector_panel())
    shell.add_panel(plan_panel())
    shell.add_panel(lattice_panel())
    shell.add_actions(library_actions(shell, stock))
    return stock
