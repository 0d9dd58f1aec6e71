"""Rows of numpy files."""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from graphs.live import FilePath, Run, Source, held_out_split
from graphs.spec.problems import FileError, near
from nodes.data.reading import Share, reading

Array = np.ndarray[Any, np.dtype[Any]]


class Rows(NamedTuple):
    """Values and, where the file has them, labels."""

    value: Annotated[Tensor, "b ..."]
    label: Annotated[Tensor, "b"] | None


class ArrayFile(Source):
    """The rows of an array in a .npy or .npz file; the first axis counts them.

    A .npy file is not read as a whole: only the rows of a batch are. In a .npz file `array` names
    the array (it may be left out when there is one) and `label` a second one; without `label` that
    output is None. float64 becomes float32; integer labels become int64.

    Shapes: value (b, ...), label (b,).
    Source: numpy.load; files with pickled objects are refused.

    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp(), "points.npz")
    >>> np.savez(path, points=np.zeros((10, 3)), kind=np.arange(10))
    >>> rows = ArrayFile(str(path), "points", "kind")(run=Run(batch=4, split="all"))
    >>> rows.value.shape, rows.label.tolist()
    (torch.Size([4, 3]), [0, 1, 2, 3])
    """

    def __init__(
        self,
        path: FilePath,
        array: str = "",
        label: str = "",
        held_out: Share = 0.2,
        split_seed: int = 0,
    ) -> None:
        super().__init__()
        self.path, self.array, self.label = path, array, label
        self.held_out, self.split_seed = held_out, split_seed

    @cached_property
    def data(self) -> tuple[Array, Array | None]:
        """The array and its labels, opened once.

        Raises: FileError when the file, or an array of that name, is missing or cannot be used.
        """
        with reading(self.path) as path:
            found = np.load(path, mmap_mode="r", allow_pickle=False)
            if isinstance(found, np.ndarray):
                arrays: dict[str, Array] = {"": found}
            else:
                with found:
                    arrays = dict(found)
        only = next(iter(arrays)) if len(arrays) == 1 else ""
        value = self._usable(arrays, self.array or only)
        if not self.label:
            return value, None
        label = self._usable(arrays, self.label)
        if label.shape != value.shape[:1]:
            raise FileError(
                f"{self.path}: labels must have the shape {value.shape[:1]}, got {label.shape}"
            )
        return value, label

    def index(self, split: str) -> Tensor:
        """Rows of "train", "test" or "all"."""
        return held_out_split(len(self.data[0]), self.held_out, self.split_seed, split)

    def forward(self, run: Run) -> Rows:
        """The rows of this batch."""
        rows = self.rows(run).numpy()
        value, label = self.data
        chosen = tensor(value[rows]).to(run.device)
        if label is None:
            return Rows(chosen, None)
        kind = tensor(label[rows]).to(run.device)
        return Rows(chosen, kind if kind.is_floating_point() else kind.long())

    def _usable(self, arrays: Mapping[str, Array], name: str) -> Array:
        if name not in arrays:
            raise FileError(
                f"{self.path}: there is no array {name!r}, it holds "
                f"{', '.join(sorted(arrays)) or 'one array without a name'}{near(name, arrays)}"
            )
        if arrays[name].ndim == 0 or arrays[name].dtype.kind not in "fiub":
            raise FileError(
                f"{self.path}: array {name!r} must hold rows of numbers, got "
                f"{arrays[name].dtype} of shape {arrays[name].shape}"
            )
        return arrays[name]


def tensor(array: Array) -> Tensor:
    """The array as a tensor; dtypes that torch computes badly with become their usual relative."""
    wide = {"float64": np.float32, "uint16": np.int32, "uint32": np.int64, "uint64": np.int64}
    native = array.astype(wide.get(array.dtype.name, array.dtype.newbyteorder("=")))
    return torch.from_numpy(native)
