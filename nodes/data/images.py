"""Pictures in folders."""

from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import numpy as np
import torch
from pydantic import PositiveInt
from torch import Tensor

from graphs.live import FolderPath, Run, Source, held_out_split
from graphs.spec.problems import FileError
from nodes.data.reading import Share, reading

SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".webp")


class FolderImages(NamedTuple):
    """Images and the class of each."""

    image: Annotated[Tensor, "b channels size size"]
    label: Annotated[Tensor, "b"]


class ImageFolder(Source):
    """The pictures of `path`/class/*; a class is a folder, numbered in the order of sorted names.

    A picture is read when its batch is, cut to a square around the middle, or pressed into one with
    `fit` "stretch", and resampled.

    Units: "unit" [0, 1], "symmetric" [-1, 1].
    Shapes: image (b, channels, size, size), label (b,) int64.
    Source: the layout of torchvision.datasets.ImageFolder; pictures are read by Pillow.

    >>> import tempfile, pathlib, PIL.Image
    >>> folder = pathlib.Path(tempfile.mkdtemp(), "cat")
    >>> folder.mkdir()
    >>> PIL.Image.new("RGB", (40, 30), "red").save(folder / "a.png")
    >>> source = ImageFolder(str(folder.parent), size=16)
    >>> source(run=Run(batch=1, split="all")).image.shape, source.classes
    (torch.Size([1, 3, 16, 16]), ('cat',))
    """

    def __init__(
        self,
        path: FolderPath,
        size: PositiveInt = 64,
        channels: Literal[1, 3] = 3,
        range: Literal["unit", "symmetric"] = "unit",
        fit: Literal["crop", "stretch"] = "crop",
        held_out: Share = 0.2,
        split_seed: int = 0,
    ) -> None:
        super().__init__()
        self.path, self.size, self.channels, self.range = path, size, channels, range
        self.fit, self.held_out, self.split_seed = fit, held_out, split_seed

    @cached_property
    def files(self) -> tuple[tuple[Path, int], ...]:
        """Every picture with its class id, sorted by class and name.

        Raises: FileError when there is no folder, or no picture in folders in it.
        """
        found = tuple(
            (file, number)
            for number, name in enumerate(self.classes)
            for file in sorted(Path(self.path, name).iterdir())
            if file.suffix.lower() in SUFFIXES
        )
        if not found:
            raise FileError(
                f"{self.path}: expected pictures in a folder for each class, such as cat/one.png, "
                f"found none; pictures end in {', '.join(SUFFIXES)}"
            )
        return found

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes; an id is a place in it."""
        with reading(self.path) as path:
            return tuple(sorted(folder.name for folder in path.iterdir() if folder.is_dir()))

    def index(self, split: str) -> Tensor:
        """Rows of "train", "test" or "all"."""
        return held_out_split(len(self.files), self.held_out, self.split_seed, split)

    def forward(self, run: Run) -> FolderImages:
        """The pictures of this batch."""
        chosen = [self.files[row] for row in self.rows(run).tolist()]
        image = torch.stack([self._picture(file) for file, _ in chosen])
        label = torch.tensor([number for _, number in chosen])
        return FolderImages(image.to(run.device), label.to(run.device))

    def _picture(self, file: Path) -> Tensor:
        from PIL import Image, ImageOps

        square = (self.size, self.size)
        with reading(file), Image.open(file) as opened:
            upright = ImageOps.exif_transpose(opened).convert("L" if self.channels == 1 else "RGB")
            if self.fit == "crop":
                picture = ImageOps.fit(upright, square, Image.Resampling.BICUBIC)
            else:
                picture = upright.resize(square, Image.Resampling.BICUBIC)
        pixels = torch.from_numpy(np.array(picture)).view(self.size, self.size, self.channels)
        unit = pixels.permute(2, 0, 1).float() / 255
        return unit * 2 - 1 if self.range == "symmetric" else unit
