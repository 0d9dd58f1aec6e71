"""Snapshots: what went in comes out, the oldest go, and damage is found."""

from __future__ import annotations

import pytest
import torch

from graphs.spec.problems import FileError
from graphs.spec.state import Storage
from graphs.store.snapshot import read_snapshot, replay, snapshots, write_snapshot

STATE = {
    "intent": {"text": ["a slanted 7"]},
    "artefacts": {"image": torch.arange(4.0).reshape(1, 1, 2, 2)},
}
CONTENT = {"counts": [0, 1], "gallery": [torch.ones(2), torch.zeros(2)], "story": {"title": "день"}}


def test_a_snapshot_gives_back_state_and_content(tmp_path):
    path = write_snapshot(Storage(), tmp_path, 7, STATE, CONTENT, "abc")
    found = read_snapshot(path)
    assert (found.turn, found.base_hash, path.name) == (7, "abc", "turn_000007.snapshot")
    assert found.state["intent"] == STATE["intent"]
    assert torch.equal(found.state["artefacts"]["image"], STATE["artefacts"]["image"])
    assert torch.equal(found.content["gallery"][0], torch.ones(2))
    assert found.content["story"] == CONTENT["story"]


def test_only_the_last_ones_are_kept_and_replay_goes_in_order(tmp_path):
    for turn in range(12):
        write_snapshot(Storage(naming="day {turn}", keep=3), tmp_path, turn, STATE, CONTENT, "")
    assert [path.stem for path in snapshots(tmp_path)] == ["day 9", "day 10", "day 11"]
    assert [shot.turn for shot in replay(tmp_path)] == [9, 10, 11]


def test_a_naming_that_would_leave_the_folder_or_repeat_itself_is_refused():
    for naming in ("../{turn}", "a/{turn}", "no turn", "{turn}{other}", "{turn!r}"):
        with pytest.raises(ValueError, match="naming"):
            Storage(naming=naming)


def test_damage_and_other_files_are_refused(tmp_path):
    path = write_snapshot(Storage(), tmp_path, 1, STATE, CONTENT, "")
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(FileError):
        read_snapshot(path)


def test_a_folder_that_cannot_be_written_is_an_error_and_keeps_what_is_there(tmp_path):
    (tmp_path / "file").write_text("here")
    with pytest.raises(FileError, match="a folder for snapshots"):
        write_snapshot(Storage(), tmp_path / "file", 1, STATE, CONTENT, "")
    assert (tmp_path / "file").read_text() == "here"


def test_one_element_out_of_a_larger_tensor_is_kept(tmp_path):
    odd = torch.arange(4.0)[::2][:1]
    assert odd.stride(-1) == 2
    path = write_snapshot(Storage(), tmp_path, 1, {"intent": {"n": odd}}, {}, "")
    assert torch.equal(read_snapshot(path).state["intent"]["n"], odd)
