"""A definition's text as a script has it: torch's Module for our Block, plain annotations, no examples.

The text is changed only at these places, so comments and layout stay as their author wrote them.
"""

from __future__ import annotations

import ast
import re
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from torch import Tensor

from graphs.live.block import Block
from graphs.live.source import Source

CONTRACT = ("draws", "effects", "hidden", "recompute", "replaces", "role", "stops_gradient")
PLAIN = (int, float, bool, str, Tensor)
Edit = tuple[int, int, str]  # from, to (in characters), what stands there instead


@dataclass
class Rewriting:
    """What is exchanged: engine classes for their stand-ins."""

    instead: Mapping[type, type] = field(default_factory=dict)


def rewritten(node: ast.stmt, source: str, module: ModuleType, rewriting: Rewriting) -> str:
    """The text of one definition at the top of a module, as a script has it."""
    text = _Text(source, node)
    said = _contract(node, getattr(module, node.name)) if isinstance(node, ast.ClassDef) else []
    edits = [((s.lineno, 0), ((s.end_lineno or 0) + 1, 0), "") for s in said]
    edits += _annotations(node, module, text, said)
    for inner in ast.walk(node):
        if isinstance(inner, ast.ClassDef | ast.FunctionDef):
            edits += _docstring(inner, text)
    if isinstance(node, ast.ClassDef):
        edits += _bases(node, getattr(module, node.name), module)
    changed = text.with_edits([(text.at(*a), text.at(*b), new) for a, b, new in edits])
    changed = re.sub(r" *# type: ignore.*", "", changed)
    return re.sub(r"\n{3,}", "\n\n", changed)


Place = tuple[int, int]  # line and column of bytes, as ast counts
Change = tuple[Place, Place, str]


class _Text:
    """A part of a source, in which ast's places are places."""

    def __init__(self, source: str, node: ast.stmt) -> None:
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
        lines = source.splitlines(keepends=True)
        self.first: int = first
        self.lines: list[str] = lines[first - 1 : node.end_lineno]
        self.text = "".join(self.lines)
        self.starts: list[int] = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line))

    def at(self, line: int, column: int) -> int:
        """Where in the text."""
        number = line - self.first
        if number >= len(self.lines):
            return len(self.text)
        return self.starts[number] + len(self.lines[number].encode()[:column].decode())

    def arrow(self, returns: ast.expr) -> Place:
        """Where the arrow before a result's annotation starts, on the same line or one above."""
        number, column = returns.lineno, returns.col_offset
        while (found := self.line(number).encode()[:column].rfind(b" ->")) < 0:
            number, column = number - 1, len(self.line(number - 1).encode())
        return number, found

    def line(self, number: int) -> str:
        """A line by its number in the source."""
        return self.lines[number - self.first]

    def with_edits(self, edits: list[Edit]) -> str:
        """The text with every edit done."""
        text = self.text
        for start, end, new in sorted(edits, reverse=True):
            text = text[:start] + new + text[end:]
        return text.rstrip() + "\n"


def _end(node: ast.AST) -> Place:
    return node.end_lineno, node.end_col_offset  # type: ignore[attr-defined]


def _annotations(
    node: ast.stmt, module: ModuleType, text: _Text, gone: list[ast.stmt]
) -> Iterator[Change]:
    """Every annotation said plainly, or left out where a script could not say it."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.arg) and inner.annotation is not None:
            said = plain(_meaning(inner.annotation, module))
            start = (inner.lineno, inner.col_offset + len(inner.arg.encode()))
            line, column = _end(inner.annotation)
            spaced = text.line(line).encode()[column:].startswith(b" = ")
            if said or not spaced:
                yield start, (line, column), f": {said}" if said else ""
            else:
                yield start, (line, column + 3), "="
        elif isinstance(inner, ast.FunctionDef) and inner.returns is not None:
            said = plain(_meaning(inner.returns, module))
            start = text.arrow(inner.returns)
            yield start, _end(inner.returns), f" -> {said}" if said else ""
        elif isinstance(inner, ast.AnnAssign) and inner not in gone:
            said = plain(_meaning(inner.annotation, module))
            named = f": {said}" if said else "" if inner.value else ": object"
            yield _end(inner.target), _end(inner.annotation), named


def _meaning(annotation: ast.expr, module: ModuleType) -> Any:
    written = ast.unparse(annotation)
    try:
        found = eval(written, dict(vars(module)))
        return eval(found, dict(vars(module))) if isinstance(found, str) else found
    except (NameError, TypeError, AttributeError, SyntaxError):
        return Any  # a name for type checkers alone


def plain(hint: Any) -> str:
    """An annotation in words that every script has; "" for what they cannot say.

    >>> plain(Annotated[int, "from 1"]), plain(Literal["a", "b"]), plain(tuple[int, ...] | None)
    ('int', 'str', 'tuple | None')
    """
    if hint is None or hint is type(None):
        return "None"
    if get_origin(hint) is Annotated:
        return plain(get_args(hint)[0])
    if get_origin(hint) is Literal:
        kinds = dict.fromkeys(type(value).__name__ for value in get_args(hint))
        return " | ".join(kinds)
    if get_origin(hint) in (Union, types.UnionType):
        parts = [plain(part) for part in get_args(hint)]
        return "" if "" in parts else " | ".join(dict.fromkeys(parts))
    origin = get_origin(hint) or hint
    if origin in (list, tuple, dict):
        return str(origin.__name__)
    return origin.__name__ if origin in PLAIN else ""


def _docstring(node: ast.ClassDef | ast.FunctionDef, text: _Text) -> Iterator[Change]:
    """Examples go: they are tests of the library."""
    match node.body:
        case [ast.Expr(value=ast.Constant(value=str())) as said, *_]:
            for number in range(said.lineno, said.end_lineno or 0):
                if text.line(number).lstrip().startswith(">>>"):
                    last = text.line(said.end_lineno or 0)
                    end = len(last.rstrip()[:-3].encode())
                    start = number
                    while not text.line(start - 1).strip():
                        start -= 1
                    above = len(text.line(start - 1).rstrip().encode())
                    short = start - 1 == said.lineno
                    rest = "" if short else "\n" + " " * node.body[0].col_offset
                    yield (start - 1, above), (said.end_lineno or 0, end), rest
                    return


def _bases(node: ast.ClassDef, cls: type, module: ModuleType) -> Iterator[Change]:
    for base in node.bases:
        meant = eval(ast.unparse(base), dict(vars(module)))
        if meant in (Block, Source) or _only_a_contract(meant, cls):
            yield (base.lineno, base.col_offset), _end(base), "nn.Module"


def _only_a_contract(base: Any, cls: type) -> bool:
    """Whether a base says what a kind of block is like, and does nothing for this one."""
    if not (isinstance(base, type) and issubclass(base, Block)) or not base.__dict__.get("hidden"):
        return False
    does = {n for n, v in vars(base).items() if callable(v) and not n.startswith("__")}
    return does <= set(vars(cls)) and base.__bases__ == (Block,) and "__init__" not in vars(base)


def _contract(node: ast.ClassDef, cls: type) -> list[ast.stmt]:
    """What a block says to the engine about itself says nothing in a script."""
    if not issubclass(cls, Block):
        return []
    found: list[ast.stmt] = []
    for inner in node.body:
        match inner:
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                found += [inner] if name in CONTRACT else []
            case _:
                pass
    return found
