"""Dear PyGui's keys by the names that shortcuts use."""

from __future__ import annotations

from string import ascii_uppercase, digits

from app.editor.gui import dpg

_OTHERS = {
    "Escape": "Escape", "Enter": "Return", "Tab": "Tab", "Delete": "Delete", "Backspace": "Back",
    "Home": "Home", "End": "End", "Left": "Left", "Right": "Right", "Up": "Up", "Down": "Down",
    "Space": "Spacebar", "Plus": "Plus", "Minus": "Minus", "Comma": "Comma", "Period": "Period",
    "Slash": "Slash", "Insert": "Insert", "PageUp": "Prior", "PageDown": "Next",
}  # fmt: skip
_SAME = {"NumPadEnter": "Enter", "Add": "Plus", "Subtract": "Minus"}
CTRL = ("mvKey_LControl", "mvKey_RControl")
SHIFT = ("mvKey_LShift", "mvKey_RShift")
ALT = ("mvKey_LAlt", "mvKey_RAlt")


def names() -> dict[int, str]:
    """The name of every key that can be in a shortcut, by Dear PyGui's number."""
    wanted = {letter: letter for letter in ascii_uppercase + digits}
    wanted |= {f"F{n}": f"F{n}" for n in range(1, 13)} | _OTHERS
    found = {
        getattr(dpg, f"mvKey_{key}"): name
        for name, key in wanted.items()
        if hasattr(dpg, f"mvKey_{key}")
    }
    for key, name in _SAME.items():
        if hasattr(dpg, f"mvKey_{key}"):
            found[getattr(dpg, f"mvKey_{key}")] = name
    return found


def down(keys: tuple[str, ...]) -> bool:
    """Whether one of these is held."""
    return any(dpg.is_key_down(getattr(dpg, key)) for key in keys if hasattr(dpg, key))
