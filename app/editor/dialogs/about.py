"""The window that says what this program is, and of what it is made."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from app.editor.dialogs.dialog import Dialog
from app.editor.folders import recovery_folder, settings_file, shown
from app.editor.gui import dpg
from app.editor.language import _
from app.editor.wishes import Answer

if TYPE_CHECKING:
    from app.editor.shell import Shell


class About(Dialog):
    """Versions, folders and licences, to be copied into a report."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell.look, "Worldloom", 520)
        words = _("A studio in which people draw trainable worlds.")
        dpg.add_text(words, parent=self.body, color=shell.look.theme.quiet)
        told = "\n".join(f"{name}: {what}" for name, what in self._facts(shell).items())
        dpg.add_text(told, parent=self.body, wrap=self.wide)
        licence = _("MIT licence. Fonts: Inter and JetBrains Mono (OFL), icons: Lucide (ISC).")
        dpg.add_text(licence, parent=self.body, wrap=self.wide, color=shell.look.theme.quiet)

        def copy() -> None:
            dpg.set_clipboard_text(told)
            shell.studio.say(_("Copied"))

        self.buttons(Answer(_("Close")), Answer(_("Copy"), copy))
        self._keys["Escape"] = lambda: None

    def _facts(self, shell: Shell) -> dict[str, str]:
        ready = shell.engine.heard.ready
        engine = ", ".join(f"{k} {v}" for k, v in ready.versions.items()) if ready else "–"
        return {
            "Worldloom": _version("worldloom"),
            "Dear PyGui": _version("dearpygui"),
            "Python": f"{platform.python_version()}, {platform.system()} {platform.machine()}",
            _("Engine"): f"{engine}, {ready.device}" if ready else engine,
            _("Settings"): shown(settings_file()),
            _("Drafts"): shown(recovery_folder()),
        }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "?"
