"""Fields of schemas: every kind has a widget, values go there and back, whatever the schema."""

from __future__ import annotations

import json
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, PositiveInt
from pydantic import Field as Setting

from app.editor.fonts import width
from app.editor.inspector.fields import Field, free
from app.editor.inspector.schema import fields_of
from app.editor.inspector.writing import Unreadable, read, spread, written
from app.editor.soft_breaks import broken, joined
from graphs.live.registry import Registry
from graphs.spec.plan import Plan, Rule
from graphs.spec.state import Cycle, Transition


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Inner(BaseModel):
    width: PositiveInt = 4
    names: tuple[str, ...] = ()


class Node(BaseModel):
    """A recursive one."""

    child: Node | None = None


class Everything(BaseModel):
    toggle: bool = True
    whole: int = 1
    slider: Annotated[int, Setting(ge=0, le=10)] = 3
    share: Annotated[float, Setting(ge=0, lt=1)] = 0.5
    number: float = 1.0
    either: int | float = 2
    choice: Literal["a", "b"] = "a"
    level: Literal[1, 3] = 3
    enum: Colour = Colour.RED
    text: Annotated[str, Setting(description="What is said.")] = "x"
    tint: Annotated[str, Setting(json_schema_extra={"format": "color"})] = "#ff8000"
    file: Annotated[str, Setting(json_schema_extra={"format": "file-path"})]
    sizes: tuple[int, ...] = (1, 2)
    pair: tuple[float, float] = (0.0, 1.0)
    mixed: tuple[int, str] = (1, "a")
    inner: Inner = Inner()
    several: list[Inner] = []
    named: dict[str, float] = {}
    maybe: PositiveInt | None = None
    maybe_inner: Inner | None = None
    ambiguous: int | str = 1
    anything: Any = None
    deep: list[list[int]] = []
    node: Node = Node()


KINDS = {
    "toggle": "toggle", "whole": "whole", "slider": "whole", "share": "number", "number": "number",
    "either": "number", "choice": "choice", "level": "choice", "enum": "choice", "text": "text",
    "tint": "colour", "file": "file", "sizes": "list", "pair": "tuple", "mixed": "json",
    "inner": "group", "several": "items", "named": "map", "maybe": "whole", "maybe_inner": "group",
    "ambiguous": "json", "anything": "json", "deep": "json", "node": "group",
}  # fmt: skip
EVERYTHING = {field.name: field for field in fields_of(Everything.model_json_schema())}
SCHEMAS = {
    kind.__name__: kind.model_json_schema() for kind in (Everything, Plan, Rule, Cycle, Transition)
}


def all_fields(fields: tuple[Field, ...]) -> list[Field]:
    return [f for each in fields for f in (each, *all_fields(each.inner))]


def test_every_kind_of_schema_has_its_kind_of_field() -> None:
    assert {name: field.kind for name, field in EVERYTHING.items()} == KINDS


def test_a_field_knows_its_limits_its_default_and_what_is_said_of_it() -> None:
    slider, share = EVERYTHING["slider"], EVERYTHING["share"]
    assert (slider.low, slider.high, slider.default, slider.bounded) == (0, 10, 3, True)
    assert (share.low, share.high) == (0, 1)
    assert share.refusal(1.0)
    assert not share.refusal(0.999)
    assert EVERYTHING["text"].help == "What is said."
    assert not EVERYTHING["file"].has_default
    assert EVERYTHING["maybe"].nullable
    assert not EVERYTHING["maybe"].refusal(None)
    assert EVERYTHING["maybe"].refusal(0) == "expected integer > 0 or null"
    assert EVERYTHING["enum"].options == ("red", "blue")
    assert EVERYTHING["inner"].inner[0].low == 1


@pytest.mark.parametrize("name", SCHEMAS)
def test_what_a_field_starts_from_fits_its_schema(name: str) -> None:
    for field in all_fields(fields_of(SCHEMAS[name])):
        value = field.blank()
        if field.kind in ("file", "text") and field.schema.get("pattern"):
            continue
        assert field.fits(value), (field.name, value)
        assert not field.refusal(value), (field.name, value)


def test_every_setting_of_every_installed_block_has_a_widget_and_comes_back_from_it() -> None:
    types = Registry.installed().catalogue().types.values()
    seen = set()
    for kind in types:
        for field in fields_of(kind.config):
            seen.add(field.kind)
            value = field.default if field.has_default else field.blank()
            value = json.loads(json.dumps(value))
            assert field.fits(value), (kind.name, field.name, value)
            if value is not None:
                assert read(field, written(field, value)) == value, (kind.name, field.name)
            if field.has_default:
                assert not field.refusal(value), (kind.name, field.name, value)
    assert {
        "toggle",
        "whole",
        "number",
        "choice",
        "text",
        "file",
        "folder",
        "list",
        "tuple",
    } <= seen


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
floats = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(texts, max_size=5))
def test_lists_of_any_text_come_back_from_a_line(items: list[str]) -> None:
    field = EVERYTHING["inner"].inner[1]
    assert read(field, written(field, items)) == items


@given(st.lists(st.integers(-99, 99), max_size=5), floats, floats)
def test_numbers_come_back_from_a_line(items: list[int], a: float, b: float) -> None:
    assert read(EVERYTHING["sizes"], written(EVERYTHING["sizes"], items)) == items
    assert read(EVERYTHING["pair"], written(EVERYTHING["pair"], [a, b])) == [a, b]
    assert read(EVERYTHING["number"], written(EVERYTHING["number"], a)) == a


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | floats | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


@given(plain)
def test_anything_comes_back_from_json_and_from_a_field_that_it_does_not_fit(value: Any) -> None:
    assert read(free("any"), written(free("any"), value)) == value
    for field in EVERYTHING.values():
        if not field.fits(value):
            assert (
                read(free("any"), written(field, value) if value is not None else "null") == value
            )


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("whole", "1.5", "expected a whole number"),
        ("number", "much", "expected a number"),
        ("sizes", "1, x", "expected a whole number, got 'x'"),
        ("sizes", "1,,2", "nothing between two commas"),
        ("anything", "{", "expected JSON"),
    ],
)
def test_what_cannot_be_read_says_what_was_expected(name: str, text: str, says: str) -> None:
    with pytest.raises(Unreadable, match=says):
        read(EVERYTHING[name], text)


def test_a_list_may_be_written_with_brackets_and_quotes() -> None:
    names = EVERYTHING["inner"].inner[1]
    assert read(EVERYTHING["sizes"], "[3, 28,28]") == [3, 28, 28]
    assert read(names, 'a, "b, c" , d,') == ["a", "b, c", "d"]
    with pytest.raises(Unreadable, match="comma"):
        read(names, '"a" b')


@given(
    st.text(st.characters(exclude_characters="\u200b", exclude_categories=["Cs"]), max_size=80),
    st.integers(10, 300),
)
def test_soft_breaks_are_taken_out_again_and_lines_keep_to_the_room(text: str, room: int) -> None:
    shown = broken(text, room, 17)
    assert joined(shown) == text
    for line in shown.split("\n"):
        plain = joined(line)
        assert len(plain) <= 1 or width(plain.rstrip(" "), 17) <= room, line


def test_what_is_left_of_a_soft_break_that_was_edited_is_no_part_of_the_text() -> None:
    assert joined(broken("one two three", 50, 17).replace("\n", "", 1)) == "one two three"


@given(st.dictionaries(texts, plain, max_size=4))
def test_named_values_spread_over_lines_are_read_back(value: dict[str, Any]) -> None:
    assert read(free("of"), spread(free("of"), value)) == value


def test_one_more_of_distinct_members_is_one_that_is_not_there_yet() -> None:
    stage = Field("item", "choice", "", {}, options=("a", "b"), distinct=True)
    assert stage.another(["a"]) == "b"
    assert stage.another(["a", "b"]) == "a"  # there is none: what is wrong is told by check
    assert Field("item", "choice", "", {}, options=("a", "b")).another(["a"]) == "a"
