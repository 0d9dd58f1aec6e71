"""Values as text."""

import pprint
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

from pydantic import PositiveInt
from torch import Tensor

from graphs.live import Block


class TextView(Block):
    """Any value as text: a tensor by dtype, shape and numbers, text as it is; cut off at `limit`.

    Shapes: x anything -> out text.
    Source: Python's pprint, torch's printing.

    >>> import torch
    >>> print(TextView()(x=torch.tensor([1.0, 2.0])))
    float32 (2)
    tensor([1., 2.])
    """

    role: ClassVar[str] = "viewer"
    stops_gradient: ClassVar[bool] = True

    def __init__(self, limit: PositiveInt = 2000) -> None:
        super().__init__()
        self.limit = limit

    def forward(self, x: Any) -> str:
        """Write."""
        text = x if isinstance(x, str) else _shown(x)
        left = len(text) - self.limit
        return text if left <= 0 else f"{text[: self.limit]}\n... and {left} characters more"


class Table(Block):
    """Wires as the columns of a text table, each under the name of the node that it comes from.

    A column is a tensor, of which one row goes into each line, a list, or one value. Short columns
    end with empty cells.

    Shapes: x tensors (n, ...), lists or values by node -> out text of at most `limit` rows.
    Source: ours.

    >>> import torch
    >>> print(Table()(x={"id": torch.tensor([1, 2]), "name": ["one", "two"]}))
    id | name
    ---+-----
    1  | one
    2  | two
    """

    role: ClassVar[str] = "viewer"
    stops_gradient: ClassVar[bool] = True

    def __init__(self, limit: PositiveInt = 50, digits: PositiveInt = 4) -> None:
        """`digits` are the significant digits of fractions."""
        super().__init__()
        self.limit, self.digits = limit, digits

    def forward(self, x: dict[str, Any]) -> Annotated[str, ""]:
        """Write."""
        header, rows = list(x), cells(x, self.digits)
        lines = [header, *rows[: self.limit]]
        widths = [max(len(line[at]) for line in lines) for at in range(len(header))]
        shown = [
            " | ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip()
            for line in lines
        ]
        shown.insert(1, "-+-".join("-" * w for w in widths))
        if len(rows) > self.limit:
            shown.append(f"... and {len(rows) - self.limit} rows more")
        return "\n".join(shown)


def cells(columns: dict[str, Any], digits: int) -> list[list[str]]:
    """The rows of a table as text.

    >>> cells({"a": [1, 2], "b": 0.123456}, 3)
    [['1', '0.123'], ['2', '']]
    """
    parts = [_entries(column) for column in columns.values()]
    longest = max(map(len, parts), default=0)
    return [
        [_cell(part[row], digits) if row < len(part) else "" for part in parts]
        for row in range(longest)
    ]


def _entries(column: Any) -> Sequence[Any]:
    if isinstance(column, Tensor):
        entries = column.detach().cpu().tolist()
        return entries if isinstance(entries, list) else [entries]
    return column if isinstance(column, list | tuple) else [column]


def _cell(value: Any, digits: int) -> str:
    if isinstance(value, Tensor):
        value = value.detach().cpu().tolist()
    if isinstance(value, float):
        return f"{value:.{digits}g}"
    if isinstance(value, list):
        return " ".join(_cell(item, digits) for item in value)
    return str(value)


def _shown(value: Any) -> str:
    if not isinstance(value, Tensor):
        return pprint.pformat(value, width=100, sort_dicts=False)
    dtype = str(value.dtype).removeprefix("torch.")
    shape = ", ".join(map(str, value.shape))
    return f"{dtype} ({shape})\n{value.detach().cpu()}"
