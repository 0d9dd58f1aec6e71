"""The folders of the files panel: what is listed, of which kind, and how it is walked."""

from __future__ import annotations

import subprocess
import sys

import torch

from app.editor.browser.listing import listed, sized
from app.editor.browser.looking import Looking
from graphs.spec.document import Document
from graphs.spec.plan import Plan
from graphs.store import export_light, export_world, write_document


def filled(folder):
    (folder / "inner").mkdir()
    (folder / ".hidden").mkdir()
    (folder / "notes.txt").write_text("no")
    (folder / "other.json").write_text('{"format": "another"}')
    (folder / "broken.world").write_bytes(b"\xff" * 40)
    write_document(folder / "doc.json", Document(title="A"))
    weights = {"a.weight": torch.zeros(2)}
    base = export_world(folder / "big.world", Document(), weights)
    export_light(folder / "Light.world", base, "A", Plan(), weights)
    adapter = folder / "adapter"
    adapter.mkdir()
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        (adapter / name).write_text("{}")
    (folder / "half").mkdir()
    (folder / "half" / "adapter_config.json").write_text("{}")
    return folder


def test_folders_come_first_and_only_what_is_ours_is_listed(tmp_path):
    found = listed(filled(tmp_path))
    assert [(e.name, e.kind) for e in found.entries] == [
        ("half", "folder"), ("inner", "folder"), ("adapter", "adapter"), ("big.world", "world"),
        ("doc.json", "document"), ("Light.world", "light world"),
    ]  # fmt: skip


def test_a_folder_that_cannot_be_read_says_why(tmp_path):
    assert listed(tmp_path / "nowhere").fault


def test_where_people_were_is_recent_and_up_goes_around(tmp_path):
    looking = Looking(filled(tmp_path))
    looking.wait()
    looking.go(tmp_path / "inner")
    looking.wait()
    looking.up()
    looking.wait()
    assert looking.folder == tmp_path
    assert looking.recent == [tmp_path, tmp_path / "inner"]
    looking.go(tmp_path / "nowhere")
    looking.wait()
    assert looking.listing.fault
    assert looking.recent[0] == tmp_path
    looking.close()


def test_kinds_are_told_without_torch():
    code = "import sys, app.editor.browser.looking; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_sizes_are_read_at_a_glance():
    assert [sized(n) for n in (0, 999, 1000, 9949, 10_000, 2_500_000_000)] == [
        "0 B", "999 B", "1 kB", "9.95 kB", "10 kB", "2.5 GB",
    ]  # fmt: skip
