"""Mouse and keys from Dear PyGui, in the order in which they came."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import Any

from app.editor import keys
from app.editor.canvas.inputs import Button, Held, Mouse
from app.editor.doubles import Doubles
from app.editor.gui import dpg
from app.editor.shortcuts import combination

FIELDS = ("Input", "Drag", "Slider", "ColorEdit")  # into which keys may be written
BUTTONS: dict[int, Button] = {0: "left", 1: "right", 2: "middle"}


@dataclass(frozen=True)
class Key:
    """A key that went down, or was held long enough to come again."""

    name: str
    keys: str  # with its modifiers


class Pointer:
    """Collects events; `taken` gives those since the last frame, the mouse in the window's pixels."""

    def __init__(self) -> None:
        self._names = keys.names()
        self._came: list[Mouse | Key] = []
        self._at = (-1.0, -1.0)
        self._was = False
        self.typing = False  # whether the keys that were taken last went into a field
        self.doubles = Doubles()
        with dpg.handler_registry() as handlers:
            dpg.add_mouse_click_handler(callback=lambda _, button: self._mouse("press", button))
            dpg.add_mouse_release_handler(callback=lambda _, button: self._mouse("release", button))
            dpg.add_mouse_wheel_handler(callback=lambda _, turn: self._wheel(turn))
            dpg.add_key_press_handler(callback=lambda _, key: self._key(key))
        self._handlers = int(handlers)

    def close(self) -> None:
        """Nothing is collected any more."""
        dpg.delete_item(self._handlers)

    def taken(self) -> list[Mouse | Key]:
        """What came since this was asked last; a move is there whenever the mouse is elsewhere."""
        came, self._came = self._came, []
        now = typing()
        self.typing, self._was = now or self._was, now  # Enter and Escape leave the field first
        x, y = dpg.get_mouse_pos(local=False)
        if (x, y) != self._at:
            self._at = x, y
            came.insert(0, Mouse("move", x, y, held=held()))
        return came

    def _mouse(self, what: Any, button: Any) -> None:
        number = button[0] if isinstance(button, list | tuple) else button
        if number in BUTTONS:
            x, y = dpg.get_mouse_pos(local=False)
            now, name = held(), BUTTONS[number]
            self._came.append(Mouse(what, x, y, name, now))
            if what == "press" and self.doubles.press(name, x, y, perf_counter()):
                self._came.append(Mouse("double", x, y, name, now))

    def _wheel(self, turn: float) -> None:
        x, y = dpg.get_mouse_pos(local=False)
        self._came.append(Mouse("wheel", x, y, held=held(), turn=turn))

    def _key(self, key: Any) -> None:
        number = key[0] if isinstance(key, list | tuple) else key
        name = self._names.get(number)
        if name is not None:
            now = held()
            self._came.append(Key(name, combination(name, now.ctrl, now.shift, now.alt)))


def held() -> Held:
    """The modifiers that are down now."""
    return Held(
        shift=keys.down(keys.SHIFT),
        ctrl=keys.down(keys.CTRL),
        alt=keys.down(keys.ALT),
        space=bool(dpg.is_key_down(dpg.mvKey_Spacebar)),
    )


def typing() -> bool:
    """Whether keys go into a field."""
    item = dpg.get_focused_item()
    return bool(item) and dpg.does_item_exist(item) and _written_into(item)


def _written_into(item: int) -> bool:
    """Whether a field is active, or one inside: of a field in groups the outermost has the focus."""
    kind = dpg.get_item_type(item)
    if any(word in kind for word in FIELDS):
        return bool(dpg.is_item_active(item))
    slots = dpg.get_item_children(item)
    return any(_written_into(inner) for inners in slots.values() for inner in inners)
