"""The mixture of variants, the plans that make them, and what the panel says of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.editor.variants.mixing import PAUSE, Mixing
from app.editor.variants.panel import size_in_words
from app.editor.variants.plans import everywhere, light_plans, plan_name, plan_of
from graphs.spec.plan import Loss, Plan, Rule

LIGHT = Plan(rules=(Rule(mode="lora", where="creator"),))
LOSS = Plan(losses=(Loss(port="loss.out"),), only=("creator",), steps=7)


def test_a_drawn_slider_tells_the_engine_now_and_then_and_in_the_end():
    mixing = Mixing()
    mixing.slide("night", 0.1)
    assert mixing.due(10.0) == {"night": 0.1}
    mixing.slide("night", 0.2)
    mixing.slide("night", 0.3)
    assert mixing.due(10.0 + PAUSE / 2) is None
    assert mixing.due(10.0 + 2 * PAUSE) == {"night": 0.3}
    assert mixing.due(20.0) is None


def test_an_old_answer_does_not_move_the_slider_back():
    mixing = Mixing()
    mixing.slide("night", 0.1)
    mixing.due(0.0)
    mixing.slide("night", 0.9)
    mixing.hear({"night": 0.1})
    assert mixing.weight("night") == 0.9
    mixing.due(1.0)
    mixing.answered()
    mixing.hear({"night": 0.1})
    assert mixing.weight("night") == 0.9
    mixing.answered()
    mixing.hear({"night": 0.9, "dusk": 0.0})
    assert mixing.weights == {"night": 0.9, "dusk": 0.0}


def test_what_was_refused_goes_back_to_what_the_engine_says():
    mixing = Mixing()
    mixing.hear({"night": 1.0})
    mixing.slide("night", 0.5)
    assert mixing.due(0.0) == {"night": 0.5}
    mixing.answered()
    mixing.hear({"night": 1.0})
    assert mixing.weight("night") == 1.0


def test_a_switch_puts_one_on_alone_and_the_base_is_none():
    mixing = Mixing()
    assert mixing.alone == ""
    mixing.slide("night", 0.5)
    assert mixing.alone is None
    mixing.switch("dusk")
    assert (mixing.alone, mixing.due(0.0)) == ("dusk", {"dusk": 1.0})
    mixing.switch("")
    assert (mixing.alone, mixing.due(1.0)) == ("", {})


@given(st.lists(st.floats(0, 1), max_size=20))
def test_the_last_word_is_always_said(values):
    mixing, said, now = Mixing(), None, 0.0
    for value in values:
        mixing.slide("night", value)
        now += PAUSE / 3
        word = mixing.due(now)
        said = said if word is None else word
    word = mixing.due(now + 2 * PAUSE)
    said = said if word is None else word
    assert (said or {}) == mixing.used


def test_a_plan_for_everything_learns_what_another_learns():
    made = everywhere(4, LOSS)
    assert made.rules == (Rule(mode="lora", where="**", rank=4, alpha=8.0),)
    assert (made.losses, made.steps, made.only) == (LOSS.losses, 7, ())
    assert everywhere(4, None).losses == ()


def test_a_variant_learns_by_the_plan_it_was_added_with_or_is_called_like():
    plans = {"read": LOSS, "night": LIGHT, "dusk": LIGHT}
    assert light_plans(plans) == ["night", "dusk"]
    assert plan_of("night", {}, plans) == "night"
    assert plan_of("night", {"night": "dusk"}, plans) == "dusk"
    assert plan_of("read", {}, plans) == ""
    assert plan_of("fog", {"fog": "gone"}, plans) == ""
    assert plan_name("Night", plans) == "night_2"
    assert plan_name("7 seas", {}) == "light_7_seas"


def test_sizes_are_said_as_files_have_them():
    assert size_in_words(900) == "900 parameters, 4 KB"
    assert size_in_words(2_500_000) == "2.5 M parameters, 9.5 MB"
