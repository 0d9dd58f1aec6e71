"""Where writers may write: inside the output directory of the run, whole files or nothing.

A document may come from anybody, so a path in it is never absolute and never climbs out.
"""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import BinaryIO

from graphs.live import Run
from graphs.spec.problems import FileError

POSITION = "{position}"


def relative(path: str, suffix: str) -> str:
    """`path` as it stands, if it names a file of this kind inside whatever the output directory is.

    Raises: ValueError when it is absolute, climbs out with "..", or ends otherwise.
    """
    for flavour in (PurePosixPath(path), PureWindowsPath(path)):
        if flavour.anchor or ".." in flavour.parts:
            raise ValueError(
                f"path must lie inside the output directory, without a leading slash, drive or "
                f"'..', got {path!r}"
            )
    if PurePosixPath(path).suffix.lower() != suffix:
        raise ValueError(f"path must end in {suffix}, got {path!r}")
    return path


@contextmanager
def whole_file(path: str, run: Run | None) -> Iterator[tuple[Path, BinaryIO]]:
    """The file's place and a stream that becomes the file at the end; after an error it never was.

    "{position}" in the path becomes the number of the batch. Missing folders are made.
    Raises: FileError when a link leads out of the output directory, or the disk refuses.
    """
    run = run or Run()
    root = Path(run.output).resolve()
    place = (root / path.replace(POSITION, f"{run.position:06d}")).resolve()
    if not place.is_relative_to(root):
        raise FileError(f"{path}: expected a file inside {root}, but it leads to {place}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = place.with_name(
            f".{uuid.uuid4().hex}"
        )  # beside it: a rename within one disk is whole
        try:
            with draft.open("xb") as stream:
                yield place, stream
            os.replace(draft, place)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise FileError(f"{place}: cannot be written: {error}") from error
