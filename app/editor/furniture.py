"""The panels at the sides: palette, outline, files, inspector, plan, lattice; and what belongs to them."""

from __future__ import annotations

from pathlib import Path

from app.editor.acts.library import library_actions
from app.editor.exporting import take_in
from app.editor.files_panel import files_panel
from app.editor.filing import Filing
from app.editor.folders import block_folder
from app.editor.inspector.panel import inspector_panel, plan_panel
from app.editor.lattice_panel import lattice_panel
from app.editor.library.shelves import Shelf, template_folder
from app.editor.library.stock import Stock
from app.editor.outline_panel import outline_panel
from app.editor.palette_panel import palette_panel
from app.editor.shell import Shell


def furnish(shell: Shell, blocks: Path | None = None) -> Stock:
    """The window has the panels; the stock is what the palette shows.

    `blocks` is the folder of the blocks that the person saved, their own where it is not said.
    """
    own = Shelf(blocks or block_folder(), "saved")
    templates = Shelf(template_folder(), "template")
    stock = Stock(shell.studio, templates, own, shell.settings)
    shell.add_panel(palette_panel(stock))
    shell.add_panel(outline_panel())
    shell.add_panel(files_panel(shell.files.folder, FilingDoor(shell.files)))
    shell.add_panel(inspector_panel())
    shell.add_panel(plan_panel())
    shell.add_panel(lattice_panel())
    shell.add_actions(library_actions(shell, stock))
    menus = shell.gestures.menus
    menus["card"] = (*menus["card"], "save block")
    return stock


class FilingDoor:
    """Files go the way of the File menu: unsaved work is asked for first."""

    def __init__(self, filing: Filing) -> None:
        self.filing = filing

    def open(self, path: Path) -> None:
        """A document or a world is open instead of what is."""
        self.filing.leaving(lambda: self.filing.open_path(path))

    def take_in(self, path: Path) -> None:
        """The adapters of a light world, or of a PEFT folder, are a variant of this one."""
        take_in(self.filing, path)
