"""What is done with files: new, open, save, give away, take in."""

from __future__ import annotations

from app.editor import exporting
from app.editor.actions import Action
from app.editor.language import _
from app.editor.wishes import Show


def table() -> list[Action]:
    """The actions of the File menu."""
    return [
        Action("new", _("New…"), lambda d: d.studio.request(Show("templates")), "File", "Ctrl+N",
               icon="file-plus"),
        Action("open", _("Open…"), lambda d: d.files.open(), "File", "Ctrl+O", icon="folder-open"),
        Action("open recent", _("Open recent…"), lambda d: d.files.open_recent(), "File", "Ctrl+R",
               icon="clock"),
        Action("save", _("Save"), lambda d: d.files.save(), "File", "Ctrl+S", icon="save", line=True),
        Action("save as", _("Save as…"), lambda d: d.files.save_as(), "File", "Ctrl+Shift+S"),
        Action("export world", _("Export world…"), lambda d: exporting.export_world(d.files), "File",
               icon="globe", line=True),
        Action("export light", _("Export light world…"), lambda d: exporting.export_light(d.files),
               "File", icon="layers-2"),
        Action("export script", _("Export as a PyTorch script…"),
               lambda d: exporting.export_script(d.files), "File", icon="file-code"),
        Action("picture", _("Picture of the canvas…"), lambda d: exporting.picture(d.files), "File",
               icon="file-image"),
        Action("import light", _("Import light world or adapters…"),
               lambda d: exporting.import_light(d.files), "File", icon="import"),
        Action("settings", _("Settings…"), lambda d: d.studio.request(Show("settings")), "Edit",
               "Ctrl+Comma", icon="settings"),
        Action("shortcuts", _("Keyboard shortcuts…"), lambda d: d.studio.request(Show("shortcuts")),
               "Help", "Ctrl+K", icon="keyboard"),
        Action("tour", _("Tour"), lambda d: d.studio.request(Show("tour")), "Help", "F1",
               icon="lightbulb"),
        Action("about", _("About Worldloom"), lambda d: d.studio.request(Show("about")), "Help",
               icon="info", line=True),
        Action("quit", _("Quit"), lambda d: d.files.quit(), "File", "Ctrl+Q", icon="log-out",
               line=True),
    ]  # fmt: skip
