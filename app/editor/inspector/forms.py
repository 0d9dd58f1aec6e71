"""Forms: fields and values as a flat list of entries, one for each line of a form.

An entry's `path` says where in the values it is: a setting, then keys and numbers inside it. Setting
it is making the value of that setting anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from app.editor.inspector.fields import Field, free
from app.editor.inspector.targets import Target
from app.editor.language import _

Path = tuple[str | int, ...]
Mark = Literal["", "own", "override"]
NESTED = ("group", "items", "map")


@dataclass(frozen=True)
class Entry:
    """A line of a form. `mark` says whose value it is when it is not the default.

    `mixed`: several nodes have several values. `member`: one of several, which may be taken out, moved,
    or (in a map) named otherwise.
    """

    path: Path
    field: Field
    value: Any
    target: Target
    depth: int = 0
    label: str = ""
    mark: Mark = ""
    problem: str = ""
    mixed: bool = False
    member: Literal["", "item", "pair"] = ""
    last: bool = True
    inherited: bool = False
    whole: Any = None  # the value of the setting that this is in
    place: str = ""  # of the setting, "node.path.key", where it may be promoted

    @property
    def name(self) -> str:
        """The setting."""
        return str(self.path[0])

    @property
    def open(self) -> bool:
        """Whether lines of its own stand below it."""
        return self.field.kind in NESTED and self.value is not None and not self.mixed


def entries(
    fields: Iterable[Field],
    values: Mapping[str, Any],
    target: Target,
    said: Mapping[str, Any] | None = None,
    below: Mapping[str, Any] | None = None,
) -> Iterator[Entry]:
    """A line for each field and what is inside it, and for each value that no field is for.

    `said` are the values that were given here (all, when not said), `below` what would hold without:
    with it what was given is an override.
    """
    known = {f.name for f in fields}
    given = values if said is None else said
    for each in fields:
        has = each.name in values
        under = below.get(each.name, each.default) if below is not None else each.default
        value = values.get(each.name, under if each.has_default or below else None)
        top = Entry(
            (each.name,), each, value, target, label=each.label, whole=value,
            mark=_mark(each, given, under, below is not None),
            problem=_problem(each, value, has),
        )  # fmt: skip
        yield from _lines(top)
    for name, value in values.items():
        if name not in known:
            problem = _("there is no such setting")
            yield Entry((name,), free(name), value, target, label=name, mark="own", problem=problem)


def placed(value: Any, path: Sequence[str | int], new: Any) -> Any:
    """The value with another one at a place inside it."""
    if not path:
        return new
    first, *rest = path
    if isinstance(first, int):
        made = list(value)
        made[first] = placed(made[first], rest, new)
        return made
    inner = dict(value or {})
    inner[first] = placed(inner.get(first), rest, new)
    return inner


def exchanged(members: Sequence[Any], number: int, value: Any) -> list[Any]:
    """The members with a value at a place; the one that had this value has what was there.

    >>> exchanged(["a", "b", "c"], 0, "c"), exchanged(["a", "b"], 0, "x")
    (['c', 'b', 'a'], ['x', 'b'])
    """
    made = list(members)
    if value in made:
        made[made.index(value)] = made[number]
    made[number] = value
    return made


def at(values: Mapping[str, Any], path: Sequence[str | int]) -> Any:
    """The value at a place, None where there is none."""
    found: Any = values
    for part in path:
        if isinstance(found, Mapping):
            found = found.get(str(part))
        elif isinstance(found, list | tuple) and isinstance(part, int) and part < len(found):
            found = found[part]
        else:
            return None
    return found


def differs(a: Any, b: Any) -> bool:
    """Whether two values are not the same one: true is not 1, but 1.0 is."""
    if isinstance(a, bool) != isinstance(b, bool):
        return True
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) != len(b) or any(map(differs, a, b))
    return bool(a != b)


def _lines(top: Entry) -> Iterator[Entry]:
    yield top
    if not top.open or not top.field.fits(top.value):
        return
    match top.field.kind:
        case "group":
            for each in top.field.inner:
                has = each.name in top.value
                value = top.value.get(each.name, each.default)
                changed = has and each.has_default and differs(value, each.default)
                if not changed and not top.field.matters(each.name, top.value):
                    continue
                yield from _lines(
                    replace(
                        _below(top, each, each.name, value), label=each.label,
                        mark="own" if changed else "", problem=_problem(each, value, has),
                    )
                )  # fmt: skip
        case "items":
            for number, value in enumerate(top.value):
                line = _below(top, top.field.inner[0], number, value)
                last = number + 1 == len(top.value)
                yield from _lines(replace(line, label=str(number + 1), member="item", last=last))
        case "map":
            for name, value in top.value.items():
                line = _below(top, top.field.inner[0], str(name), value)
                yield from _lines(replace(line, label=str(name), member="pair"))


def _below(top: Entry, of: Field, part: str | int, value: Any) -> Entry:
    return Entry(
        (*top.path, part), of, value, top.target, top.depth + 1,
        problem=_problem(of, value, True), whole=top.whole,
    )  # fmt: skip


def _mark(of: Field, given: Mapping[str, Any], under: Any, over: bool) -> Mark:
    if of.name not in given:
        return ""
    if over:
        return "override"
    return "own" if of.has_default and differs(given[of.name], under) else ""


def _problem(of: Field, value: Any, has: bool) -> str:
    if has:
        return of.refusal(value)
    needed = not of.has_default and not of.nullable and value is None
    return _("needs a value") if needed and of.schema else ""
