"""A write leaves the old file or the new one, never a piece of either."""

from __future__ import annotations

import errno
import os
import resource
from pathlib import Path

import pytest

from graphs.spec.problems import FileError
from graphs.store.atomic import Sink, write_bytes, write_together


def full_disk(file: Sink) -> None:
    file.write(b"half of")
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_write_replaces_the_whole_file_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "ä 世界.json"
    write_bytes(path, b"old and long")
    write_bytes(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_said_and_the_old_files_are_intact(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    write_bytes(first, b"old")
    write_bytes(second, b"old")
    with pytest.raises(FileError, match="free some space") as caught:
        write_together({first: lambda file: file.write(b"new"), second: full_disk})
    assert isinstance(caught.value.__cause__, OSError)
    assert (first.read_bytes(), second.read_bytes()) == (b"old", b"old")
    assert sorted(tmp_path.iterdir()) == [first, second]


def test_a_limit_of_the_system_is_said_and_the_old_file_is_intact(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write_bytes(path, b"old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        with pytest.raises(FileError, match="too large"):
            write_bytes(path, b"x" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_of_the_writer_passes_through_unchanged(tmp_path: Path) -> None:
    def broken(file: Sink) -> None:
        file.write(b"half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_together({tmp_path / "a": broken})
    assert not list(tmp_path.iterdir())


def test_a_folder_in_the_way_is_refused_before_anything_changes(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    write_bytes(tmp_path / "a", b"old")
    with pytest.raises(FileError, match="a folder"):
        write_together({tmp_path / "a": lambda f: f.write(b"new"), tmp_path / "folder": full_disk})
    assert (tmp_path / "a").read_bytes() == b"old"


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="the folder must exist"):
        write_bytes(tmp_path / "none" / "a", b"x")
    with pytest.raises(FileError, match="shorter name"):
        write_bytes(tmp_path / ("a" * 300), b"x")


def test_permissions_and_links_of_the_old_file_stay(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    write_bytes(real, b"old")
    real.chmod(0o640)
    link.symlink_to(real)
    write_bytes(link, b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert real.stat().st_mode & 0o777 == 0o640


def test_a_new_file_is_as_public_as_the_system_says(tmp_path: Path) -> None:
    write_bytes(tmp_path / "ours", b"")
    (tmp_path / "plain").write_bytes(b"")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_read_only_files_and_folders_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write_bytes(path, b"old")
    path.chmod(0o444)
    with pytest.raises(FileError, match="read-only"):
        write_bytes(path, b"new")
    tmp_path.chmod(0o555)
    with pytest.raises(FileError, match="permission denied"):
        write_bytes(tmp_path / "b", b"new")
    tmp_path.chmod(0o755)
    assert path.read_bytes() == b"old"
