"""Rows of a sheet that are only looked at or pressed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.editor.fonts import legible
from app.editor.gui import dpg
from app.editor.icons import ICONS
from app.editor.inspector.acts import Act
from app.editor.inspector.rows import Button, Buttons, Fact, PortRow, Row, Tensors, Title, Words
from app.editor.language import _
from app.editor.theme import Look

Press = Callable[[Act], None]
TAIL = 24  # how wide the column of little buttons is
SHARES = (0.42, 0.58)  # of labels, and of what belongs to them
WAYS = 24  # how far the ways of a port stand to the right


@contextmanager
def columns(look: Look, *shares: float) -> Iterator[None]:
    """A table to be filled, whose columns have these shares of the width; little buttons at the right."""
    with dpg.table(header_row=False, policy=dpg.mvTable_SizingStretchProp, pad_outerX=False):
        for share in shares:
            dpg.add_table_column(init_width_or_weight=share)
        dpg.add_table_column(width_fixed=True, init_width_or_weight=look.px(TAIL))
        yield


def draw(look: Look, row: Row, press: Press) -> int:
    """Put a row that has no place in a table where something is being built; its first item."""
    match row:
        case Title():
            return _title(look, row)
        case Words():
            item = int(dpg.add_text("", wrap=0))
            say(look, item, row)
            return item
        case Buttons():
            return _buttons(look, row, press)
        case PortRow():
            return _port(look, row, press)
        case Tensors():
            return _tensors(look, row)
    raise TypeError(f"{type(row).__name__} stands in a table")


def say(look: Look, item: int, row: Words) -> None:
    """Let an item say these words."""
    icon = f"{ICONS[row.icon]}  " if row.icon else ""
    dpg.set_value(item, legible(f"{icon}{row.text}"))
    dpg.configure_item(item, color=getattr(look.theme, row.tone))


def fact(look: Look, row: Fact, press: Press) -> None:
    """A row of a table that says something, and may lead somewhere."""
    with dpg.table_row():
        dpg.add_text(row.label, wrap=0, color=look.theme.quiet)
        if row.does is None:
            item = dpg.add_text(row.text, wrap=0, color=getattr(look.theme, row.tone))
        else:
            item = _link(look, row.text, row.does, press)
        if row.help:
            with dpg.tooltip(item, delay=0.4):
                dpg.add_text(row.help, wrap=look.px(320))
        dpg.add_text("")


def _title(look: Look, row: Title) -> int:
    theme = look.theme
    with dpg.group() as made:
        with dpg.group(horizontal=True):
            icon = dpg.add_text(ICONS[row.icon], color=theme.category(row.category))
            name = dpg.add_text(row.text, wrap=0, color=theme.text)
            for item in (icon, name):
                dpg.bind_item_font(item, look.font("title"))
        if row.under:
            dpg.add_text(row.under, color=theme.faint, wrap=0)
    return int(made)


def _link(look: Look, text: str, does: Act, press: Press) -> int:
    item = int(dpg.add_button(label=text, small=True, callback=lambda: press(does)))
    dpg.bind_item_theme(item, look.link())
    return item


def _buttons(look: Look, row: Buttons, press: Press) -> int:
    with dpg.group(horizontal=True, horizontal_spacing=6) as made:
        for each in row.each:
            _button(look, each, press)
    return int(made)


def _button(look: Look, each: Button, press: Press) -> None:
    icon = f"{ICONS[each.icon]}  " if each.icon else ""
    item = dpg.add_button(label=f"{icon}{each.label}", callback=lambda: press(each.does))
    if each.on:
        dpg.bind_item_theme(item, look.pressed())
    if each.help:
        with dpg.tooltip(item, delay=0.4):
            dpg.add_text(each.help, wrap=look.px(320))


def _port(look: Look, row: PortRow, press: Press) -> int:
    theme = look.theme
    tone = theme.bad if row.problem else theme.kind(row.kind)
    with dpg.group() as made:
        dpg.bind_item_theme(made, look.close())
        with columns(look, 1), dpg.table_row():
            with dpg.group(horizontal=True, horizontal_spacing=6):
                way = "log-in" if row.side == "in" else "log-out"
                dpg.add_text(ICONS[way], color=tone)
                name = dpg.add_text(row.name, color=theme.text)
                dpg.add_text(f"{row.kind} {row.shape}".strip(), wrap=0, color=theme.quiet)
            if row.toggle is not None:
                _eye(look, row, press)
        with dpg.group(indent=look.px(WAYS)):
            _ways(look, row, press)
    if row.help or row.problem:
        with dpg.tooltip(name, delay=0.4):
            dpg.add_text("\n".join(filter(None, (row.problem, row.help))), wrap=look.px(320))
    return int(made)


def _ways(look: Look, row: PortRow, press: Press) -> None:
    arrow = ICONS["arrow-left" if row.side == "in" else "arrow-right"]
    for way in row.ways:
        _link(look, f"{arrow} {way.text}", way.does, press)
    if row.outside and row.outside != row.name:
        said = _("outside: {name}").format(name=row.outside)
        dpg.add_text(said, wrap=0, color=look.theme.faint)


def _eye(look: Look, row: PortRow, press: Press) -> None:
    does = row.toggle
    assert does is not None
    icon = "eye" if row.outside else "eye-off"
    item = dpg.add_button(label=ICONS[icon], small=True, callback=lambda: press(does))
    dpg.bind_item_theme(item, look.words("accent" if row.outside else "faint"))
    with dpg.tooltip(item, delay=0.4):
        text = _("Seen outside as {name}: hide it").format(name=row.outside)
        dpg.add_text(text if row.outside else _("Show it outside"))


def _tensors(look: Look, row: Tensors) -> int:
    theme = look.theme
    with dpg.table(
        header_row=False, policy=dpg.mvTable_SizingStretchProp, pad_outerX=False
    ) as made:
        for weight in (0.5, 0.3, 0.2):
            dpg.add_table_column(init_width_or_weight=weight)
        for name, shape, count, note in row.each:
            with dpg.table_row():
                plain = theme.quiet if note else theme.text
                tone = theme.mode("train") if name in row.trained else plain
                item = dpg.add_text(name, wrap=0, color=tone)
                dpg.add_text(shape, wrap=0, color=theme.quiet)
                dpg.add_text(count, wrap=0, color=theme.quiet)
            if note:
                with dpg.tooltip(item, delay=0.4):
                    dpg.add_text(note)
    return int(made)
