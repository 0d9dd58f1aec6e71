"""Plays of giving away: worlds, light worlds and scripts out of the window, and back into it or another."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from graphs.learn.exchange import export_peft
from graphs.learn.modes import Modes
from graphs.live.build import build
from graphs.live.registry import Registry
from graphs.spec.document import Document
from graphs.spec.plan import Plan, Rule
from graphs.store import import_world, write_document
from tests.engine.desk import chain, linear, plan
from tests.window.playbill import play
from tests.window.plays_panels import spot
from tests.window.plays_story import Whole

STEPS = 12


def tiny() -> Document:
    """Two maps that a plan adapts."""
    night = plan(Rule(mode="lora", rank=2), steps=STEPS, every=STEPS)
    return chain({"lin": linear(), "again": linear()}, night=night)


@play
def giving(folder: Path) -> None:
    """A light world is trained and given away, so are its base and a script; all come back."""
    home = Path(tempfile.mkdtemp())
    project = home / "tiny.json"
    write_document(project, tiny())
    s = Whole(folder)
    opened(s, project)
    s.until(lambda: s.link.heard.inspected is not None)
    learned(s)
    world, light, script = home / "tiny.world", home / "night.world", home / "tiny.py"
    given(s, "export world", world)
    given(s, "export light", light)
    given(s, "export script", script)
    s.picture("given")
    assert sorted(import_world(world).tensors) == [
        f"{node}.map.{part}" for node in ("again", "lin") for part in ("bias", "weight")
    ]
    ran_alone(script)
    asked(s, "import light", light)
    s.until(lambda: sorted(s.link.heard.variants.of) == ["night", "night_2"])
    s.shell.docks.focus("variants")
    s.frames(20)
    s.picture("taken-in")
    opened(s, world)
    s.until(lambda: s.studio.path == world)
    assert s.studio.document.root == tiny().root
    s.until(lambda: not s.link.heard.variants.of)
    asked(s, "import light", light)  # its base is the world that was given away with it
    s.until(lambda: s.link.heard.variants.of)
    s.close()


@play
def adapters(folder: Path) -> None:
    """A folder of PEFT is recognised in the files panel, and is a variant of the node that is chosen."""
    home = Path(tempfile.mkdtemp())
    project = home / "tiny.json"
    write_document(project, tiny())
    made = build(tiny().root, Registry.installed())
    Modes(made, Plan(rules=(Rule(mode="lora", rank=2),)), "there")
    export_peft(made, "again", "there", home / "from peft")
    s = Whole(folder)
    opened(s, project)
    s.until(lambda: s.link.heard.inspected is not None)
    view: Any = s.shell.docks.view("files")
    view.looking.go(home)
    s.shell.docks.focus("files")
    s.until(lambda: view.looking.listing.folder == home)
    s.frames(6)
    s.point(*spot(s, "files", lambda key: getattr(key, "name", "") == "from peft"))
    s.frames(60)
    s.picture("adapter-folder")
    s.double_here()
    s.frames(8)
    s.picture("adapter-node")
    assert s.shell.requests.open  # no node is chosen, so it asks
    s.write("lin")
    s.keys("Enter")
    s.until(lambda: s.studio.notice.text == "from peft is the variant from_peft now")
    s.click(s.seen.card("again"))
    s.point(*spot(s, "files", lambda key: getattr(key, "name", "") == "from peft"))
    s.double_here()
    s.until(lambda: len(s.link.heard.variants.of) == 2)
    s.shell.docks.focus("variants")
    s.frames(20)
    s.picture("adapters-taken-in")
    assert sorted(s.link.heard.variants.of) == ["from_peft", "from_peft_2"]
    s.close()


def asked(s: Whole, action: str, path: Path) -> None:
    """An action out of the list of all commands, and a path into its dialog; all with keys."""
    s.keys("Ctrl+P")
    s.write(action)
    s.keys("Enter")
    s.frames(8)
    assert s.shell.requests.open, s.studio.notice.text
    s.tool("key", "ctrl+a")
    s.write(str(path))
    s.keys("Enter")


def given(s: Whole, action: str, path: Path) -> None:
    asked(s, action, path)
    s.until(lambda: path.exists() and str(path.name) in s.studio.notice.text)
    s.until(lambda: s.studio.notice.text.startswith("Wrote"))


def opened(s: Whole, path: Path) -> None:
    s.keys("Ctrl+O")
    s.frames(6)
    s.write(str(path))
    s.keys("Enter")
    s.until(lambda: s.studio.path == path)


def learned(s: Whole) -> None:
    s.press(s.work.bar.buttons["train"])
    s.frames(30)
    s.keys("Enter")
    s.until(lambda: s.step == STEPS and not s.link.busy)
    s.until(lambda: any(fact.exportable for fact in s.link.heard.variants.of.values()))


def ran_alone(script: Path) -> None:
    """Python that has nothing of ours runs it."""
    outside = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    ended = subprocess.run(
        [sys.executable, "-I", script.name], cwd=script.parent, env=outside,
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert "numbers" in ended.stdout, ended.stdout
