"""Frame times of the world's room: main-thread milliseconds a frame while a world plays.

    DISPLAY=:1 python -m tests.window.world_frames

An engine that answers at once is told for: three frames a stage, so that every frame has news or motion.
"busy" is our own part of a frame, "whole" is that and the drawing.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from io import BytesIO
from itertools import cycle
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

from PIL import Image

from app.editor.gui import dpg
from app.editor.studio import Studio
from app.editor.window import shown
from app.editor.world.visit import Visit
from app.engine.events import Event, Preview, StageTold, TurnFinished
from app.engine.protocol import Letter
from graphs.spec.state import CONTENT
from graphs.store.template_file import read_template
from tests.editor.toys import CATALOGUE
from tests.window.frames import Figure

WORLD = Path(__file__).parents[2] / "assets" / "templates" / "digits-world.json"
FRAMES, WAIT = 240, 0.016  # frames of a measure; seconds between two, as a screen has them
WORDS = "three sevens and a nine in a row, written with a broad pen"


class Playing:
    """A window in the world's room, and an engine's part read out to it."""

    def __init__(self) -> None:
        self.studio = Studio(read_template(WORLD).document(), CATALOGUE)
        self.shell = shown(self.studio, 1440, 900)
        self.visit = Visit(self.shell)
        self.shell.each_frame(self.visit.frame)
        self.turn = 0
        self.frames(20)
        assert self.visit.seen

    def frames(self, count: int) -> None:
        """Let the window live so long."""
        for _ in range(count):
            self.shell.frame()
            dpg.render_dearpygui_frame()

    def heard(self, event: Event, blob: bytes = b"") -> None:
        """The engine says this."""
        self.shell.engine.take(Letter(event, blob=blob))

    def stages(self) -> Iterator[None]:
        """Turn after turn, an event at a time."""
        contract = self.visit.told.contract
        assert contract is not None
        for stage in cycle(contract.stages):
            told = {"job": "1", "turn": self.turn, "stage": stage.name}
            self.heard(StageTold.model_validate({**told, "what": "started"}))
            yield
            places = [f"{block}.{slot}" for block in stage.fills for slot in contract.slots[block]]
            values = dict.fromkeys(places, f"{WORDS}, turn {self.turn}")
            for place in places:
                if contract.kind(place) == "image":
                    self.picture(place)
            self.heard(StageTold.model_validate(
                {**told, "what": "finished", "seconds": 0.1, "values": values}))  # fmt: skip
            if stage is contract.stages[-1]:
                state = {place: held.text for place, held in self.visit.told.state.items()}
                content = {f"{CONTENT}.counts": f"[{self.turn}, 2, 3]"}
                self.heard(TurnFinished(job="1", turn=self.turn, state=state, content=content,
                                        updated=True))  # fmt: skip
                self.turn += 1
            yield

    def picture(self, place: str) -> None:
        """One that no turn before had."""
        held = BytesIO()
        Image.new("L", (56, 56), self.turn % 256).save(held, "PNG")
        self.heard(Preview(job="1", port="", place=place, kind="image", data={}), held.getvalue())

    def figure(self, what: str, every: int) -> Figure:
        """What frames take while something is heard in each so many; 0 is never."""
        busy, whole, stages = [], [], self.stages()
        for number in range(FRAMES):
            if every and number % every == 0:
                next(stages)
            start = perf_counter()
            self.frames(1)
            whole.append((perf_counter() - start) * 1000)
            busy.append(self.shell.busy * 1000)
            sleep(max(WAIT - (perf_counter() - start), 0))
        return Figure(what, median(busy), sorted(busy)[int(FRAMES * 0.95)], median(whole))

    def all(self) -> Iterator[Figure]:
        """Every measure."""
        yield self.figure("a world stands still", 0)
        self.figure("a gallery is filled", 2)
        yield self.figure("a world plays", 3)
        yield self.figure("a stage works", 10**6)
        self.studio.close()
        dpg.destroy_context()


def figures(screen: str) -> list[Figure]:
    """The measures, in a process of its own on a display."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.window.world_frames", "--json"],
        check=True, stdout=subprocess.PIPE, text=True, env=os.environ | {"DISPLAY": screen},
    )  # fmt: skip
    return [Figure(**item) for item in json.loads(ended.stdout.splitlines()[-1])]


def main() -> None:
    """Print them."""
    made = list(Playing().all())
    if "--json" in sys.argv:
        print(json.dumps([asdict(figure) for figure in made]))
        return
    print(f"  {'':24} busy   worst   whole (ms)")
    for figure in made:
        print(f"  {figure.what:22} {figure.busy:6.2f} {figure.worst:7.2f} {figure.whole:7.1f}")


if __name__ == "__main__":
    main()
