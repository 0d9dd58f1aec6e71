"""What the owner of a selection of an X server offers, asked over a connection of our own."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any

SELECTION_NOTIFY, ATOM, NOW = 31, 4, 0
PATIENCE = 2.0  # seconds that an owner may take; one that hangs offers nothing
MOST = 256  # names that are read

_INT, _ID, _POINTER = ctypes.c_int, ctypes.c_ulong, ctypes.c_void_p
FUNCTIONS: dict[str, tuple[Any, ...]] = {  # what they give, and what they take
    "XOpenDisplay": (_POINTER, ctypes.c_char_p),
    "XCloseDisplay": (_INT, _POINTER),
    "XInternAtom": (_ID, _POINTER, ctypes.c_char_p, _INT),
    "XDefaultRootWindow": (_ID, _POINTER),
    "XCreateSimpleWindow": (_ID, _POINTER, _ID, *[_INT] * 5, _ID, _ID),
    "XConvertSelection": (_INT, _POINTER, *[_ID] * 5),
    "XCheckTypedWindowEvent": (_INT, _POINTER, _ID, _INT, _POINTER),
    "XGetWindowProperty": (
        _INT, _POINTER, _ID, _ID, ctypes.c_long, ctypes.c_long, _INT, _ID, *[_POINTER] * 5,
    ),
    "XGetAtomName": (_POINTER, _POINTER, _ID),
    "XFree": (_INT, _POINTER),
}  # fmt: skip


class _Event(ctypes.Structure):
    """XSelectionEvent, as long as an XEvent."""

    _fields_ = (
        ("type", _INT), ("serial", _ID), ("sent", _INT), ("display", _POINTER), ("requestor", _ID),
        ("selection", _ID), ("target", _ID), ("property", _ID), ("time", _ID),
        ("rest", ctypes.c_long * 24),
    )  # fmt: skip


def offers(selection: str) -> frozenset[str]:
    """The forms in which a selection can be had; none without an owner that answers."""
    with _connected() as (x, display):
        if display is None:
            return frozenset()
        names = (selection, "TARGETS", "WORLDLOOM_OFFERS")
        asked, form, answer = (x.XInternAtom(display, name.encode(), 0) for name in names)
        root = x.XDefaultRootWindow(display)
        window = x.XCreateSimpleWindow(display, root, 0, 0, 1, 1, 0, 0, 0)
        x.XConvertSelection(display, asked, form, answer, window, NOW)
        if not _answered(x, display, window):
            return frozenset()
        return frozenset(_names(x, display, window, answer))


@contextmanager
def _connected() -> Iterator[tuple[Any, int | None]]:
    try:
        x = ctypes.CDLL("libX11.so.6")
    except OSError:
        yield None, None
        return
    for name, (result, *takes) in FUNCTIONS.items():
        function = getattr(x, name)
        function.restype, function.argtypes = result, takes
    display = x.XOpenDisplay(None)
    try:
        yield x, display
    finally:
        if display is not None:
            x.XCloseDisplay(display)


def _answered(x: Any, display: int, window: int) -> bool:
    """Whether the owner put its answer there; without an owner the server says that there is none."""
    event, end = _Event(), monotonic() + PATIENCE
    while not x.XCheckTypedWindowEvent(display, window, SELECTION_NOTIFY, ctypes.byref(event)):
        if monotonic() > end:
            return False
        sleep(0.002)
    return bool(event.property)


def _names(x: Any, display: int, window: int, answer: int) -> Iterator[str]:
    kind, size, count, left, data = _ID(), _INT(), _ID(), _ID(), ctypes.POINTER(_ID)()
    found = [ctypes.byref(each) for each in (kind, size, count, left, data)]
    x.XGetWindowProperty(display, window, answer, 0, MOST, 0, ATOM, *found)
    if data and size.value == 32:  # Xlib gives longs then
        for atom in data[: count.value]:
            if name := x.XGetAtomName(display, atom):
                yield ctypes.cast(name, ctypes.c_char_p).value.decode("latin-1")  # type: ignore[union-attr]
                x.XFree(name)
    if data:
        x.XFree(data)
