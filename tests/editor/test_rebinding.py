"""Shortcuts that people give anew, and those of a file that no longer fit."""

from __future__ import annotations

from tests.editor.toys import chain, hands


def test_shortcuts_of_a_file_take_the_place_of_the_first_ones():
    h = hands(chain("a"))
    first = h.actions.bound()
    h.actions.rebind({**first, "undo": "ctrl+u", "redo": ""})
    h.keys("Ctrl+U")
    assert h.actions.keys("undo") == "Ctrl+U"
    assert h.actions.keys("redo") == ""
    assert h.actions.default("redo") == "Ctrl+Shift+Z"
    h.actions.rebind(first)
    assert h.actions.bound() == first


def test_what_names_no_action_no_key_or_one_twice_is_passed_over():
    h = hands(chain("a"))
    first = h.actions.bound()
    h.actions.rebind({**first, "gone": "Ctrl+G", "undo": "A+B", "redo": "Ctrl+C"})
    assert h.actions.keys("undo") == "Ctrl+Z"
    bound = [keys for keys in h.actions.bound().values() if keys]
    assert len(bound) == len(set(bound))


def test_a_shortcut_that_is_bound_anew_is_heard():
    h = hands(chain("a", "b"))
    h.actions.bind("select all", "F9")
    h.keys("F9")
    assert h.chosen == ["a", "b", "source"]
