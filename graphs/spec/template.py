"""Templates: documents with placeholders, and the parameters that fill them.

A placeholder is a text of the document, "${width}" or "${2 * width}", and stands for a whole value of
the parameter's type; inside a longer text it stands for the value as text. There are no expressions
beyond a whole factor: a template is data, and what it can become can be read off it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, model_validator

from graphs.spec.problems import TemplateError, near

PLACEHOLDER = re.compile(r"\$\{\s*(?:(?P<times>\d+)\s*\*\s*)?(?P<name>\w*)\s*\}")
Kind = Literal["text", "texts", "integer", "number", "boolean"]
_FITS: Mapping[str, Callable[[Any], bool]] = {
    "text": lambda v: isinstance(v, str),
    "texts": lambda v: isinstance(v, list | tuple) and all(isinstance(each, str) for each in v),
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "number": lambda v: isinstance(v, int | float) and not isinstance(v, bool),
    "boolean": lambda v: isinstance(v, bool),
}


class Parameter(BaseModel):
    """What a person may choose when a document is started from a template."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    type: Kind = "text"
    default: Any
    description: Annotated[str, Field(min_length=1)]
    minimum: float | None = None
    maximum: float | None = None
    multiple_of: PositiveInt | None = None
    choices: tuple[Any, ...] = ()

    @model_validator(mode="after")
    def _bounds_are_for_numbers(self) -> Self:
        bounds = (self.minimum, self.maximum, self.multiple_of)
        if any(b is not None for b in bounds) and self.type not in ("integer", "number"):
            raise ValueError(f"a {self.type} has no minimum, maximum or multiple_of")
        return self

    @model_validator(mode="after")
    def _default_fits(self) -> Self:
        if (why := self.fault(self.default)) and self.default not in self.choices:
            raise ValueError(f"the default does not fit: {why}")
        return self

    def fault(self, value: Any) -> str:
        """Why a value does not fit, "" when it does."""
        fits = _FITS[self.type](value) and (not self.choices or value in self.choices)
        if fits and self.type in ("integer", "number"):
            fits = (
                (self.minimum is None or value >= self.minimum)
                and (self.maximum is None or value <= self.maximum)
                and (self.multiple_of is None or value % self.multiple_of == 0)
            )
        return "" if fits else f"expected {self.expected}, got {value!r}"

    @property
    def expected(self) -> str:
        """What fits, in words.

        >>> Parameter(type="integer", default=8, description="wide", minimum=4).expected
        'an integer, 4 or more'
        """
        said = {"integer": "an integer", "texts": "a list of texts"}.get(
            self.type, f"a {self.type}"
        )
        if self.choices:
            return f"one of {', '.join(map(str, self.choices))}"
        if self.minimum is not None and self.maximum is not None:
            said += f" from {self.minimum:g} to {self.maximum:g}"
        elif self.minimum is not None:
            said += f", {self.minimum:g} or more"
        elif self.maximum is not None:
            said += f", at most {self.maximum:g}"
        return said + (f", a multiple of {self.multiple_of}" if self.multiple_of else "")


Parameters = Mapping[str, Parameter]


def template_faults(data: Any, parameters: Parameters) -> list[str]:
    """What is wrong with a template: places that name no parameter, parameters that no place names."""
    faults, named = [], set()
    for where, times, name in placeholders(data):
        named.add(name)
        if name not in parameters:
            hint = near(name, parameters)
            faults.append(f"{where}: there is no parameter {name!r}{hint}")
        elif times and parameters[name].type not in ("integer", "number"):
            faults.append(f"{where}: {name!r} is a {parameters[name].type} and takes no factor")
    unused = [name for name in parameters if name not in named]
    return faults + [f"parameters.{name}: no place of the document names it" for name in unused]


def placeholders(data: Any, where: str = "") -> Iterator[tuple[str, str, str]]:
    """Every placeholder in plain data: its place, its factor ("" for none), and the name in it.

    >>> list(placeholders({"a": ["${2 * width}"]}))
    [('a.0', '2', 'width')]
    """
    if isinstance(data, str):
        for found in PLACEHOLDER.finditer(data):
            yield where, found["times"] or "", found["name"]
    elif isinstance(data, Mapping):
        for key, value in data.items():
            yield from placeholders(value, f"{where}.{key}" if where else str(key))
    elif isinstance(data, list | tuple):
        for number, value in enumerate(data):
            yield from placeholders(value, f"{where}.{number}" if where else str(number))


def chosen(parameters: Parameters, values: Mapping[str, Any]) -> dict[str, Any]:
    """The value of every parameter, its default where none is given.

    Raises: TemplateError naming every value that does not fit.
    """
    faults = []
    for name, value in values.items():
        if name not in parameters:
            there = f"there are {', '.join(parameters)}" if parameters else "the template has none"
            faults.append(f"there is no parameter {name!r}{near(name, parameters)}; {there}")
        elif why := parameters[name].fault(value):
            faults.append(f"parameter {name!r}: {why}")
    if faults:
        raise TemplateError("\n  ".join(faults))
    return {name: values.get(name, parameter.default) for name, parameter in parameters.items()}


def filled(data: Any, values: Mapping[str, Any]) -> Any:
    """Plain data with every placeholder replaced.

    >>> filled({"width": "${2 * w}", "title": "a ${w} wide world"}, {"w": 8})
    {'width': 16, 'title': 'a 8 wide world'}
    """
    if isinstance(data, str):
        whole = PLACEHOLDER.fullmatch(data)
        if whole is not None:
            return _value(whole, values)
        return PLACEHOLDER.sub(lambda found: _text(_value(found, values)), data)
    if isinstance(data, Mapping):
        return {key: filled(value, values) for key, value in data.items()}
    return [filled(value, values) for value in data] if isinstance(data, list | tuple) else data


def _value(found: re.Match[str], values: Mapping[str, Any]) -> Any:
    value = values[found["name"]]
    return int(found["times"]) * value if found["times"] else value


def _text(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list | tuple) else str(value)
