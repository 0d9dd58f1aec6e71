"""The table of actions, shortcuts, finding by letters, areas, colours and fonts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.editor import fonts
from app.editor.actions import Action
from app.editor.acts.table import table
from app.editor.areas import Areas, Panel
from app.editor.canvas.boxes import Form, measured
from app.editor.canvas.camera import Rect
from app.editor.canvas.gestures import MENUS
from app.editor.colours import THEMES, contrast
from app.editor.doubles import Doubles
from app.editor.fuzzy import ranked
from app.editor.icons import ICONS
from app.editor.shortcuts import combination, conflicts, shortcut
from tests.editor.toys import chain, hands

# two clicks as one


def test_two_presses_in_one_place_and_time_are_a_double_click_and_a_third_begins_anew():
    doubles = Doubles()
    assert [doubles.press("left", 5, 5, at) for at in (0.0, 0.4, 0.5, 0.7)] == [
        False,
        True,
        False,
        True,
    ]
    assert not doubles.press("left", 5, 5, 2.0)
    assert not doubles.press("right", 5, 5, 2.1)
    assert not doubles.press("right", 40, 5, 2.2)
    assert not doubles.press("right", 40, 5, 2.9)
    assert doubles.count == 2


# actions and shortcuts


def test_every_action_can_be_asked_whether_it_can_be_done_and_those_that_can_be_do():
    h = hands(chain("a", "b"))
    for action in table():
        h.actions.can(action.name)
    for action in table():
        h.studio.requests.clear()
        h.actions.run(action.name)
        h.studio.check_now()


def test_menus_name_actions_that_exist_and_icons_that_exist():
    rows = {row.name: row for row in table()}
    assert {name for menu in MENUS.values() for name in menu if name} <= rows.keys()
    assert {row.icon for row in rows.values() if row.icon} <= ICONS.keys()


def test_a_shortcut_given_anew_is_taken_from_the_other():
    h = hands(chain("a"))
    assert h.actions.bind("frame", "ctrl+z") == "undo"
    assert h.actions.keys("undo") == ""
    assert h.actions.keys("frame") == "Ctrl+Z"


def test_an_action_or_shortcut_is_not_given_twice():
    h = hands(chain("a"))
    with pytest.raises(ValueError, match="already"):
        h.actions.add([Action("undo", "Undo", lambda d: None)])
    with pytest.raises(ValueError, match="twice"):
        h.actions.add([Action("other", "Other", lambda d: None, keys="Ctrl+Z")])


@given(st.booleans(), st.booleans(), st.booleans(), st.sampled_from(["A", "F5", "Delete", "Plus"]))
def test_what_is_pressed_is_what_was_written(ctrl, shift, alt, key):
    text = combination(key, ctrl, shift, alt)
    assert shortcut(text.lower()) == shortcut(text)
    assert conflicts({"one": text, "two": text, "three": ""}) == {text: ["one", "two"]}


@pytest.mark.parametrize("text", ["", "Ctrl", "Ctrl+", "A+B"])
def test_a_shortcut_names_one_key(text):
    with pytest.raises(ValueError, match="expected one key"):
        shortcut(text)


def test_a_few_letters_find_what_was_meant():
    names = ["Conv2d", "ConvTranspose2d", "CrossEntropyLoss", "Linear", "LayerNorm", "Concat"]
    things = [(name, (name, "layers", "a norm" if "Norm" in name else "")) for name in names]
    assert ranked("cel", things)[0] == "CrossEntropyLoss"
    assert ranked("conv", things)[:2] == ["Conv2d", "ConvTranspose2d"]
    assert ranked("ln", things)[0] == "LayerNorm"
    assert ranked("a norm", things) == ["LayerNorm"]
    assert ranked("", things) == names
    assert ranked("zzz", things) == []


# areas

panel_sets = st.sets(st.sampled_from(["left", "right", "bottom"]))


@given(panel_sets, st.integers(640, 4000), st.integers(420, 3000), st.floats(-2000, 2000))
def test_areas_fill_the_window_and_never_overlap(held, width, height, pull):
    areas = Areas()
    for area in sorted(held):
        areas.add(Panel(area, area, area, lambda shell, parent: None))
        areas.resize(area, pull)
    rects = areas.rects(width, height, 30)
    assert rects.keys() == {"bar", "status", "canvas", *held}
    found = list(rects.values())
    for i, a in enumerate(found):
        assert a.width > 0
        assert a.height > 0
        assert Rect(0, 0, width, height).covers(a)
        for b in found[i + 1 :]:
            assert not a.grown(-0.5).meets(b.grown(-0.5))
    for area in held:
        assert areas.border(area, rects) is not None


def test_a_panel_registers_once_and_can_be_hidden():
    areas = Areas()
    areas.add(Panel("p", "P", "left", lambda shell, parent: None))
    with pytest.raises(ValueError, match="already"):
        areas.add(Panel("p", "P", "left", lambda shell, parent: None))
    areas.shown.clear()
    assert areas.rects(800, 600, 0)["canvas"].x == 0


# looks


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda t: t.name)
def test_text_can_be_read_on_every_ground(theme):
    least = 7.0 if theme.name == "high contrast" else 4.5
    for ground in (theme.card, theme.window, theme.ground, theme.field):
        for ink in (theme.text, theme.quiet):
            assert contrast(ink, ground) >= least, (theme.name, ink, ground)
    for ground in (theme.card, theme.window):
        assert contrast(theme.faint, ground) >= 4.5
        for ink in (theme.accent, theme.bad, theme.warning, theme.good, *theme.modes.values()):
            assert contrast(ink, ground) >= 4.5, (theme.name, ink, ground)
    for category in theme.categories.values():
        assert contrast(theme.quiet, category.over(theme.card, 0.16)) >= 4.5, (theme.name, category)
    assert contrast(theme.on_note, theme.note) >= 4.5


def test_a_category_that_nobody_named_always_has_the_same_colour():
    theme = THEMES["dark"]
    assert theme.category("weather") == theme.category("weather")
    assert theme.kind("weather") == theme.kinds[""]


@pytest.mark.parametrize("face", ["text", "strong"])
def test_fonts_have_the_letters_that_people_here_read_and_every_icon(face):
    lacking = fonts.width("\U0010fffd", 100, face)
    text = "Az ÄößÇŁŐ Жящёїґ Ωπλ → × · … – “ ” ✓"
    for letter in text.replace(" ", "") + "".join(ICONS.values()):
        font = fonts._measuring(face)
        assert font.getmask(letter).getbbox() is not None, letter
    assert lacking > 0


@given(st.text("abc def ghij", max_size=60), st.floats(10, 300))
def test_text_that_is_fitted_fits(text, room):
    fitted = fonts.fit(text, room, 14)
    assert fitted == text or fonts.width(fitted, 14) <= max(room, fonts.width("…", 14))
    for line in fonts.wrapped(text, room, 14):
        assert fonts.width(line, 14) <= max(room, fonts.width("…", 14)) + 1e-6


@given(
    st.text("abcdef ", max_size=40),
    st.lists(st.tuples(st.text("xyz", max_size=12), st.text("b×48", max_size=20)), max_size=5),
    st.booleans(),
)
def test_ports_are_on_the_edges_in_their_order_and_inside_the_card(title, rows, folded):
    box = measured(Form(title, "line", "Train", tuple(rows), tuple(rows), True, True, folded))
    for ends, x in ((box.inputs, 0), (box.outputs, box.width)):
        assert all(end.x == x and 0 < end.y < box.height for end in ends)
        assert sorted(ends, key=lambda e: e.y) == list(ends)
