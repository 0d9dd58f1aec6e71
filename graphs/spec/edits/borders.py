"""What crosses the border of a selection, and how the ports that stand for it are called."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass, field

from graphs.spec.document import GraphSpec, Pin, Wire
from graphs.spec.edits.places import ordered_pins, refuse

Feed = Pin | str  # what feeds an inner port from outside: an output, or an exposed input by name


@dataclass
class Border:
    """The exposed ports of a new group, and which of them stand for what.

    `inner` are the wires inside. `entries` maps a wire that comes in to its input, `shared` an
    exposed input of the outer body to the one that it now leads to.
    """

    inner: list[Wire] = field(default_factory=list)
    inputs: dict[str, tuple[Pin, ...]] = field(default_factory=dict)
    outputs: dict[str, Pin] = field(default_factory=dict)
    entries: dict[Wire, str] = field(default_factory=dict)
    shared: dict[str, str] = field(default_factory=dict)


def border(body: GraphSpec, names: Set[str], where: str, any_order: bool = False) -> Border:
    """The border of these nodes in their body.

    Raises: EditError when the order of wires into a port would change, unless `any_order`.
    """
    found = Border()
    feeds: dict[Pin, list[Feed]] = {}  # into each port from outside, in the order they are read
    for outer, pins in body.inputs.items():
        for pin in pins:
            if pin.node in names:
                feeds.setdefault(pin, []).append(outer)
    late: list[Wire] = []
    begun: set[Pin] = set()
    for wire in body.wires:
        if wire.target.node not in names:
            continue
        if wire.source.node in names:
            found.inner.append(wire)
            begun.add(wire.target)
        else:
            feeds.setdefault(wire.target, []).append(wire.source)
            if wire.target in begun:
                late.append(wire)
    called = _input_names(feeds)
    if not any_order:
        _refuse_disorder(where, feeds, called, late)
    led: dict[str, list[Pin]] = {}
    for pin, sources in feeds.items():
        for feed in sources:
            led.setdefault(called[feed], []).append(pin)
            if isinstance(feed, str):
                found.shared[feed] = called[feed]
            else:
                found.entries[Wire(feed, pin)] = called[feed]
    found.inputs = {name: ordered_pins(pins) for name, pins in led.items()}
    found.outputs = _outputs(body, names)
    return found


def _input_names(feeds: dict[Pin, list[Feed]]) -> dict[Feed, str]:
    """A name for each feed; those into one port get numbers, as inputs are read by name."""
    called: dict[Feed, str] = {}
    taken = {"run"}
    for pin in sorted(feeds):
        several = feeds[pin]
        for number, feed in enumerate(several if len(several) > 1 else (), start=1):
            if feed not in called:
                width = len(str(len(several)))
                called[feed] = _free(f"{pin.node}_{pin.port}_{number:0{width}}", taken)
    wanted = {
        feeds[pin][0]: (pin, feeds[pin][0] if isinstance(feeds[pin][0], str) else pin.port)
        for pin in sorted(feeds, reverse=True)
        if feeds[pin][0] not in called
    }
    often = [_readable(str(name)) for _, name in wanted.values()]
    for feed, (pin, name) in sorted(wanted.items(), key=lambda item: item[1][0]):
        plain = _readable(str(name))
        unique = often.count(plain) == 1 or isinstance(feed, str)
        called[feed] = _free(plain if unique else f"{pin.node}_{pin.port}", taken)
    return called


def _refuse_disorder(
    where: str, feeds: dict[Pin, list[Feed]], called: dict[Feed, str], late: list[Wire]
) -> None:
    do = "select its source too, or say that any order will do (as it will for a sum)"
    for wire in late:
        refuse(where, f"'{wire}' comes after a wire from inside, and would come before it", do)
    for pin, sources in feeds.items():
        names = [called[feed] for feed in sources]
        if names != sorted(names):
            refuse(where, f"the wires into '{pin}' would change their order", do)


def _outputs(body: GraphSpec, names: Set[str]) -> dict[str, Pin]:
    used: dict[Pin, str] = {}
    for outer, pin in sorted(body.outputs.items()):
        if pin.node in names:
            used.setdefault(pin, outer)
    shown = dict(used)
    for wire in body.wires:
        if wire.source.node in names and wire.target.node not in names:
            used.setdefault(wire.source, wire.source.port)
    taken: set[str] = set()
    often = [_readable(name) for name in used.values()]
    found: dict[str, Pin] = {}
    for pin in sorted(used, key=lambda pin: (pin not in shown, pin)):
        plain = _readable(used[pin])
        unique = often.count(plain) == 1 or pin in shown
        found[_free(plain if unique else f"{pin.node}_{pin.port}", taken)] = pin
    return found


def _free(name: str, taken: set[str]) -> str:
    """The name made readable, with a number if it is taken; taken from now on."""
    plain = free = _readable(name)
    number = 2
    while free in taken:
        free, number = f"{plain}_{number}", number + 1
    taken.add(free)
    return free


def _readable(text: str) -> str:
    """A port's name as an outer name may be written.

    >>> _readable("K"), _readable("_hidden")
    ('k', 'hidden')
    """
    return re.sub(r"[^a-z0-9_]", "_", text.lower()).lstrip("_0123456789")[:56] or "port"
