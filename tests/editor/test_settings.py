"""How a person likes the studio, and what happens to a file of it that cannot be taken."""

from __future__ import annotations

import json
from pathlib import Path

from app.editor.settings import DEFAULTS, RECENT, Settings, SettingsFile


def test_settings_come_back_as_they_were_left(tmp_path):
    path = tmp_path / "deep" / "settings.json"
    kept = SettingsFile(path)
    assert kept.value == DEFAULTS
    kept.change(theme="light", shortcuts={"undo": "Ctrl+U"}, favourites=("toy/Linear",))
    kept.close()
    again = SettingsFile(path)
    assert (again.value, again.faults) == (kept.value, [])
    assert again.value.shortcuts == {"undo": "Ctrl+U"}


def test_the_last_of_many_changes_is_on_the_disk(tmp_path):
    kept = SettingsFile(tmp_path / "settings.json")
    for size in range(12, 29):
        kept.change(text_size=size)
    kept.close()
    assert SettingsFile(kept.path).value.text_size == 28


def test_a_broken_file_is_set_aside_and_said(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text('{"theme": "light"')
    kept = SettingsFile(path)
    assert kept.value == DEFAULTS
    assert "settings.json.aside" in kept.faults[0]
    kept.change(theme="light")
    kept.close()
    assert path.with_name("settings.json.aside").read_text() == '{"theme": "light"'
    assert SettingsFile(path).value.theme == "light"


def test_a_newer_file_is_kept_and_not_read(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"version": 99, "theme": "light"}))
    kept = SettingsFile(path)
    assert kept.value == DEFAULTS
    assert "version 99" in kept.faults[0]
    assert json.loads(path.with_name("settings.json.aside").read_text())["version"] == 99


def test_one_setting_that_does_not_fit_falls_back_alone(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"theme": "pink", "text_size": 20, "of a newer one": 1}))
    kept = SettingsFile(path)
    assert kept.value == Settings(text_size=20)
    assert "theme" in kept.faults[0]
    assert path.exists()


def test_recent_files_are_few_the_newest_first_and_each_once():
    kept = SettingsFile()
    for number in range(RECENT + 3):
        kept.opened(Path(f"/worlds/{number}.json"))
    kept.opened(Path("/worlds/7.json"))
    assert kept.value.recent[0] == str(Path("/worlds/7.json").absolute())
    assert len(kept.value.recent) == len(set(kept.value.recent)) == RECENT


def test_listeners_are_told_of_changes_and_of_nothing_else():
    kept, told = SettingsFile(), []
    kept.listen(told.append)
    kept.change(snap=False)
    kept.change(snap=False)
    assert told == [Settings(snap=False)]
