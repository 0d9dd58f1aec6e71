"""Fields: what a form shows for one setting, as data. No Dear PyGui here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from graphs.spec.configs import unfit

Schema = Mapping[str, Any]
Kind = Literal[
    "toggle",  # true or false
    "whole",  # an integer
    "number",
    "choice",  # one of `options`
    "text",
    "file",
    "folder",
    "colour",  # "#rrggbb"
    "list",  # scalars, written in a line
    "tuple",  # a few numbers side by side; `size` of them
    "flags",  # some of `options`
    "items",  # `inner[0]`, any number of times
    "map",  # `inner[0]` by name
    "group",  # `inner` together
    "json",  # anything else, as it is written in a file
]
ABBREVIATED: Mapping[str, str] = {"lr": "Learning rate", "ema": "EMA", "where": "For"}


@dataclass(frozen=True)
class Field:
    """One setting. `low` and `high` are what a slider runs between; the schema says what is fit.

    `hints` are values that may be meant where any text is allowed. A `nullable` field may be null.
    In a group the value of the part `by` is a case, and `cases` says which parts matter in which.
    Of members that are `distinct` no two may be the same.
    """

    name: str
    kind: Kind
    label: str
    schema: Schema
    help: str = ""
    has_default: bool = False
    default: Any = None
    nullable: bool = False
    options: tuple[Any, ...] = ()
    low: float | None = None
    high: float | None = None
    size: int = 0
    inner: tuple[Field, ...] = ()
    hints: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)  # of options, for people
    distinct: bool = False
    by: str = ""
    cases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def bounded(self) -> bool:
        """Whether it runs between two ends."""
        return self.low is not None and self.high is not None

    def matters(self, part: str, value: Mapping[str, Any]) -> bool:
        """Whether a part of a group with this value does anything."""
        if not any(part in parts for parts in self.cases.values()):
            return True
        plain = next((f.default for f in self.inner if f.name == self.by), None)
        return part in self.cases.get(str(value.get(self.by, plain)), ())

    def refusal(self, value: Any) -> str:
        """Why a value is not fit, "" when it is."""
        return unfit(self.schema, self.schema.get("$defs"), value)

    def fits(self, value: Any) -> bool:
        """Whether the widget of this kind can show a value, fit or not."""
        if value is None:
            return self.nullable or self.kind == "json"
        return _holds(self, value)

    def another(self, members: Sequence[Any]) -> Any:
        """A value for one more member beside these."""
        free = [option for option in self.options if option not in members]
        return free[0] if self.distinct and free else self.blank()

    def blank(self) -> Any:
        """A value to start from where there was none."""
        if self.has_default and self.default is not None:
            return self.default
        return _blank(self)


def free(name: str) -> Field:
    """A field of which nothing is known."""
    return Field(name, "json", spoken(name), {})


def spoken(name: str) -> str:
    """A setting's name for people.

    >>> spoken("split_seed"), spoken("d_in")
    ('Split seed', 'd in')
    """
    if name in ABBREVIATED:
        return ABBREVIATED[name]
    words = name.replace("_", " ").strip()
    first = words.partition(" ")[0]
    return words if len(first) == 1 else words[:1].upper() + words[1:]


def _holds(of: Field, value: Any) -> bool:
    match of.kind:
        case "toggle":
            return isinstance(value, bool)
        case "whole":
            return _is_whole(value)
        case "number":
            return _is_number(value)
        case "choice":
            return any(option == value and type(option) is type(value) for option in of.options)
        case "text" | "file" | "folder":
            return isinstance(value, str)
        case "colour":
            return isinstance(value, str) and len(value) == 7 and value.startswith("#")
        case "list":
            return isinstance(value, list | tuple) and all(of.inner[0].fits(v) for v in value)
        case "tuple":
            sized = isinstance(value, list | tuple) and len(value) == of.size
            return sized and all(f.fits(v) for f, v in zip(of.inner, value, strict=True))
        case "flags":
            return isinstance(value, list | tuple) and all(v in of.options for v in value)
        case "items":
            return isinstance(value, list | tuple)
        case "map" | "group":
            return isinstance(value, Mapping)
    return True


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**31


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _blank(of: Field) -> Any:
    match of.kind:
        case "toggle":
            return False
        case "whole" | "number":
            low = of.low if of.low is not None else min(0, of.high if of.high is not None else 0)
            if of.refusal(low) and of.kind == "number":
                low = (low + of.high) / 2 if of.high is not None else low + 1.0
            return int(low) if of.kind == "whole" else float(low)
        case "choice":
            return of.options[0]
        case "text" | "file" | "folder":
            return ""
        case "colour":
            return "#000000"
        case "list" | "flags" | "items":
            return []
        case "tuple":
            return [part.blank() for part in of.inner]
        case "map":
            return {}
        case "group":
            needed = of.schema.get("required", ())
            return {part.name: part.blank() for part in of.inner if part.name in needed}
    return {} if of.schema.get("type") == "object" else None
