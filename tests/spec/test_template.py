"""Templates: what a placeholder becomes, and every way in which it can be wrong."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from graphs.spec.problems import TemplateError
from graphs.spec.template import Parameter, chosen, filled, placeholders, template_faults

WIDE = Parameter(
    type="integer", default=8, minimum=4, maximum=64, multiple_of=4, description="wide"
)
NAME = Parameter(default="Home", description="what it is called")
WORDS = Parameter(type="texts", default=["a"], description="words")


def test_a_placeholder_alone_keeps_the_type_of_its_value() -> None:
    data = {"width": "${w}", "twice": ["${2 * w}"], "words": "${t}", "on": "${b}"}
    values = {"w": 8, "t": ["a", "b"], "b": False}
    assert filled(data, values) == {"width": 8, "twice": [16], "words": ["a", "b"], "on": False}


def test_a_placeholder_inside_a_text_becomes_text() -> None:
    assert (
        filled("${n}: ${w} wide, ${t}", {"n": "Home", "w": 8, "t": ["a", "b"]})
        == "Home: 8 wide, a, b"
    )


def test_what_is_no_placeholder_stays() -> None:
    data = {"text": "$5 and {w} and $w", "number": 1.5, "none": None, "list": [True]}
    assert filled(data, {}) == data


def test_what_is_not_chosen_has_its_default() -> None:
    assert chosen({"w": WIDE, "n": NAME}, {"w": 16}) == {"w": 16, "n": "Home"}


@pytest.mark.parametrize("value", ["8", 8.0, True, 2, 68, 9, None])
def test_a_value_that_does_not_fit_is_refused_with_what_would(value: object) -> None:
    with pytest.raises(
        TemplateError, match="'w': expected an integer from 4 to 64, a multiple of 4"
    ):
        chosen({"w": WIDE}, {"w": value})


def test_every_wrong_value_is_named_at_once() -> None:
    with pytest.raises(TemplateError) as error:
        chosen({"width": WIDE, "words": WORDS}, {"widht": 8, "words": [1]})
    assert "no parameter 'widht'; did you mean width?" in str(error.value)
    assert "'words': expected a list of texts" in str(error.value)


def test_choices_are_the_only_values() -> None:
    parameter = Parameter(default="a", choices=("a", "b"), description="one of two")
    assert parameter.fault("b") == ""
    assert parameter.fault("c") == "expected one of a, b, got 'c'"


def test_a_default_that_does_not_fit_is_no_parameter() -> None:
    with pytest.raises(ValidationError, match="the default does not fit"):
        Parameter(type="integer", default="8", description="wide")
    with pytest.raises(ValidationError, match="a text has no minimum"):
        Parameter(default="a", minimum=1, description="wide")


def test_placeholders_and_parameters_must_agree() -> None:
    data = {"a": {"b": ["${widht}"]}, "c": "${2 * name}"}
    assert template_faults(data, {"width": WIDE, "name": NAME}) == [
        "a.b.0: there is no parameter 'widht'; did you mean width?",
        "c: 'name' is a text and takes no factor",
        "parameters.width: no place of the document names it",
    ]


def test_places_are_found_with_factor_and_name() -> None:
    assert list(placeholders({"a": ["${w} by ${3*h}"]})) == [("a.0", "", "w"), ("a.0", "3", "h")]
