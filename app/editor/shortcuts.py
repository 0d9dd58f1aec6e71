"""Shortcuts: combinations of keys as text, "Ctrl+Shift+Z", in one order, so that equal ones are equal."""

from __future__ import annotations

from collections.abc import Mapping

MODIFIERS = ("Ctrl", "Shift", "Alt")


def shortcut(text: str) -> str:
    """A combination as it is kept.

    Raises: ValueError when it names no key, or two.

    >>> shortcut("shift+ctrl+z")
    'Ctrl+Shift+Z'
    """
    parts = [part.strip() for part in text.replace("++", "+Plus").split("+")]
    named = {part.capitalize() for part in parts}
    keys = [part for part in parts if part.capitalize() not in MODIFIERS]
    if len(keys) != 1 or not keys[0]:
        raise ValueError(f"expected one key with {', '.join(MODIFIERS)} before it, got {text!r}")
    key = keys[0]
    key = key.upper() if len(key) == 1 else key[:1].upper() + key[1:]
    return "+".join([*(m for m in MODIFIERS if m in named), key])


def combination(key: str, ctrl: bool, shift: bool, alt: bool) -> str:
    """What is pressed, as a shortcut is kept."""
    held = zip(MODIFIERS, (ctrl, shift, alt), strict=True)
    return "+".join([*(name for name, down in held if down), key])


def conflicts(bound: Mapping[str, str]) -> dict[str, list[str]]:
    """The shortcuts that several actions have, from a table of action to shortcut."""
    users: dict[str, list[str]] = {}
    for action, keys in bound.items():
        if keys:
            users.setdefault(keys, []).append(action)
    return {keys: actions for keys, actions in users.items() if len(actions) > 1}
