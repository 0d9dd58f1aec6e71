"""What all sources of files do alike: say plainly which file is missing or broken."""

import csv
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from pydantic import Field

from graphs.spec.problems import FileError

Share = Annotated[float, Field(ge=0, lt=1)]  # of the rows, held out for the split "test"
BROKEN = (OSError, ValueError, EOFError, csv.Error, zipfile.BadZipFile, zlib.error, SyntaxError)


@contextmanager
def reading(path: str | Path) -> Iterator[Path]:
    """The path, if something is there; what goes wrong inside becomes an error that names it.

    Raises: FileError when nothing is there or the reader refuses what is.
    """
    if not Path(path).exists():
        raise FileError(
            f"{path}: expected a file or folder to read, found nothing (from {Path.cwd()}); "
            "set the path of this source"
        )
    try:
        yield Path(path)
    except BROKEN as error:
        raise FileError(f"{path}: cannot be read: {error}") from error
