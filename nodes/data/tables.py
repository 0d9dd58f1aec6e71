"""Tables of numbers with a header line."""

import csv
import math
from functools import cached_property
from typing import Annotated, Literal, NamedTuple

import torch
from torch import Tensor

from graphs.live import FilePath, Run, Source, held_out_split
from graphs.spec.problems import FileError, near
from nodes.data.reading import Share, reading


class TableRows(NamedTuple):
    """Features and, where a target column is named, targets."""

    features: Annotated[Tensor, "b _"]
    target: Annotated[Tensor, "b"] | None


class CSVTable(Source):
    """Rows of a .csv file. `features` are columns of numbers: all but the target if none is named.

    `standardise` brings each feature to mean 0 and deviation 1 over the train rows. The target is
    numbers (float32) or categories (int64, numbered in sorted order); "auto" takes numbers if every
    cell is one. Without `target` that output is None.

    Shapes: features (b, columns) float32, target (b,).
    Source: RFC 4180 as read by Python's csv.

    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp(), "pets.csv")
    >>> _ = path.write_text("weight,pet\\n4,cat\\n30,dog\\n5,cat\\n")
    >>> table = CSVTable(str(path), target="pet", standardise=False)
    >>> rows = table(run=Run(batch=3, split="all"))
    >>> rows.features.tolist(), rows.target.tolist(), table.classes
    ([[4.0], [30.0], [5.0]], [0, 1, 0], ('cat', 'dog'))
    """

    def __init__(
        self,
        path: FilePath,
        features: tuple[str, ...] = (),
        target: str = "",
        target_kind: Literal["auto", "number", "category"] = "auto",
        standardise: bool = True,
        delimiter: str = ",",
        held_out: Share = 0.2,
        split_seed: int = 0,
    ) -> None:
        """Raises: ValueError for a delimiter that is not one character."""
        super().__init__()
        if len(delimiter) != 1:
            raise ValueError(f"delimiter is one character, got {delimiter!r}")
        self.path, self.features, self.target = path, tuple(features), target
        self.target_kind, self.standardise, self.delimiter = target_kind, standardise, delimiter
        self.held_out, self.split_seed = held_out, split_seed

    @cached_property
    def columns(self) -> dict[str, list[str]]:
        """Every column as text, by its name in the header.

        Raises: FileError when there is no file, no header, or a row of another length.
        """
        with reading(self.path) as path, path.open(newline="", encoding="utf-8-sig") as file:
            rows = [row for row in csv.reader(file, delimiter=self.delimiter) if row]
        if len(rows) < 2:
            raise FileError(f"{self.path}: expected a header and rows, got {len(rows)} lines")
        header, *body = rows
        if len(set(header)) != len(header):
            raise FileError(f"{self.path}: two columns have one name in {header}; rename one")
        for number, row in enumerate(body, 1):
            if len(row) != len(header):
                raise FileError(
                    f"{self.path}: row {number} must have {len(header)} cells, got {len(row)}"
                )
        return {name: [row[at] for row in body] for at, name in enumerate(header)}

    @cached_property
    def data(self) -> TableRows:
        """All rows as tensors, features standardised."""
        names = self.features or tuple(n for n in self.columns if n != self.target)
        if not names:
            raise FileError(f"{self.path}: there is no column besides {self.target!r}")
        features = torch.stack([self._numbers(name) for name in names], 1)
        if self.standardise:
            train = features[held_out_split(len(features), self.held_out, self.split_seed, "train")]
            deviation = train.std(0, correction=0)
            features = (features - train.mean(0)) / torch.where(deviation > 0, deviation, 1)
        target: Tensor | None = None
        if self.classes:
            ids = {name: number for number, name in enumerate(self.classes)}
            target = torch.tensor([ids[cell] for cell in self._column(self.target)])
        elif self.target:
            target = self._numbers(self.target).float()
        return TableRows(features.float(), target)

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """The categories of the target in the order of their ids; empty when it is numbers."""
        if not self.target or self.target_kind == "number":
            return ()
        cells = self._column(self.target)
        if self.target_kind == "auto" and all(number(cell) is not None for cell in cells):
            return ()
        return tuple(sorted(set(cells)))

    def index(self, split: str) -> Tensor:
        """Rows of "train", "test" or "all"."""
        return held_out_split(len(self.data.features), self.held_out, self.split_seed, split)

    def forward(self, run: Run) -> TableRows:
        """The rows of this batch."""
        rows = self.rows(run)
        features, target = self.data
        chosen = None if target is None else target[rows].to(run.device)
        return TableRows(features[rows].to(run.device), chosen)

    def _column(self, name: str) -> list[str]:
        if name not in self.columns:
            known = ", ".join(self.columns)
            raise FileError(
                f"{self.path}: there is no column {name!r}, there are {known}"
                f"{near(name, self.columns)}"
            )
        return self.columns[name]

    def _numbers(self, name: str) -> Tensor:
        """A column in float64: means of large numbers must not lose digits."""
        cells = self._column(name)
        values = [number(cell) for cell in cells]
        if None in values:
            row = values.index(None)
            raise FileError(
                f"{self.path}: column {name!r}, row {row + 1}: expected a number, got "
                f"{cells[row]!r}; leave the column out of features, or mend the file"
            )
        return torch.tensor(values, dtype=torch.float64)


def number(cell: str) -> float | None:
    """The finite number in a cell, or None."""
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
