"""The window of settings. What can be is changed at once; language and sizes when it is closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.editor.colours import THEMES
from app.editor.dialogs.dialog import Dialog
from app.editor.gui import dpg
from app.editor.icons import ICONS
from app.editor.language import LANGUAGES, _
from app.editor.settings import DEFAULTS
from app.editor.wishes import Answer, Show

if TYPE_CHECKING:
    from app.editor.shell import Shell

SCALES = (0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0)
SIZES = tuple(range(12, 29))
LABELS = 210.0  # how wide the names of settings are


def theme_names() -> dict[str, str]:
    """What themes are called, by name."""
    named = {"dark": _("Dark"), "light": _("Light"), "high contrast": _("High contrast")}
    return {name: named.get(name, name) for name in THEMES}


class Preferences(Dialog):
    """Looks, language, keeping, the canvas."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell.look, _("Settings"), 520)
        self.shell, self.settings = shell, shell.settings
        now = shell.settings.value
        self._later: dict[str, Any] = {}  # what changes when it is closed
        self._looks(now.language, now.text_size, now.scale)
        self._heading(_("Canvas"))
        board = shell.studio.board
        self._tick(_("Snap to the grid"), board.snap, lambda on: setattr(board, "snap", on))
        self._tick(_("Minimap"), board.minimap, lambda on: setattr(board, "minimap", on))
        self._heading(_("Keeping"))
        self._tick(
            _("Keep every edit in a draft, for when the program is killed"), now.autosave,
            lambda on: self.settings.change(autosave=on),
        )  # fmt: skip
        self._heading(_("Keyboard"))
        dpg.add_button(
            label=f"{ICONS['keyboard']}  {_('Shortcuts…')}", parent=self.body,
            callback=self._shortcuts, height=self.px(30),
        )  # fmt: skip
        self.buttons(Answer(_("Done"), self._done), Answer(_("Back to defaults"), self._reset))
        self._keys["Escape"] = self._done

    def _looks(self, language: str, size: int, scale: float) -> None:
        themes = theme_names()
        self._heading(_("Looks"))
        self._choice(_("Theme"), list(themes.values()), themes[self.shell.studio.theme], self._wear)
        languages = {"": _("As the system says"), **LANGUAGES}
        self._choice(
            _("Language"), list(languages.values()), languages[language],
            lambda words: self._at_the_end("language", _key(languages, words)),
        )  # fmt: skip
        self._choice(
            _("Size of text"), [str(n) for n in SIZES], str(size),
            lambda words: self._at_the_end("text_size", int(words)),
        )  # fmt: skip
        scales = {one: f"{one:.0%}" for one in SCALES} | {scale: f"{scale:.0%}"}
        self._choice(
            _("Scale of the interface"), list(scales.values()), scales[scale],
            lambda words: self._at_the_end("scale", _key(scales, words)),
        )  # fmt: skip

    # rows

    def _heading(self, words: str) -> None:
        item = dpg.add_text(words, parent=self.body)
        dpg.bind_item_font(item, self.look.font("strong"))

    def _choice(self, label: str, items: list[str], now: str, take: Any) -> None:
        with dpg.group(horizontal=True, parent=self.body):
            dpg.add_text(label, color=self.look.theme.quiet)
            wide = self.wide - self.px(LABELS + 50)
            dpg.add_combo(
                items, default_value=now, width=wide, indent=self.px(LABELS + 50),
                callback=lambda _, words: take(words),
            )  # fmt: skip

    def _tick(self, label: str, on: bool, take: Any) -> None:
        dpg.add_checkbox(
            label=label, default_value=on, parent=self.body, callback=lambda _, on: take(on)
        )

    # what people do

    def _wear(self, words: str) -> None:
        self.shell.studio.theme = _key(theme_names(), words)
        self.shell.studio.news["theme"] += 1

    def _at_the_end(self, name: str, value: Any) -> None:
        self._later[name] = value

    def _shortcuts(self) -> None:
        self.close()
        self._done()
        self.shell.studio.request(Show("shortcuts"))

    def _done(self) -> None:
        """What was chosen holds; another window is made where that is needed."""
        before = self.settings.value
        self.settings.change(**self._later)
        now = self.settings.value
        told = [(s.language, s.text_size, s.scale) for s in (before, now)]
        self.shell.rebuild |= told[0] != told[1]

    def _reset(self) -> None:
        self._later = {name: getattr(DEFAULTS, name) for name in ("language", "text_size", "scale")}
        self._wear(theme_names()[DEFAULTS.theme])
        self._done()


def _key(table: dict[Any, str], words: str) -> Any:
    return next(key for key, value in table.items() if value == words)
