"""The flows of a lattice on their way to the studio: when it is run, and live while it trains."""

from pathlib import Path

from app.engine.commands import Run, Train, Watch
from app.engine.events import JobFinished, Preview
from app.lattice.scene import unpacked
from app.workspace import templates
from graphs.spec.settings import configured
from graphs.store import read_document, write_document
from tests.engine.desk import Desk

PORT = "lattice.trajectory"


def opened(folder: Path) -> Path:
    """The digits template, its lattice small enough for a test."""
    document = read_document(templates()["lattice-digits"])
    parts = {
        f"lattice.{part}": {"width": 3, "height": 2} for part in ("face_in", "neuron", "face_out")
    }
    small = configured(document, {"lattice": {"width": 3, "height": 2}, **parts})
    plans = {n: p.model_copy(update={"validation": None}) for n, p in small.plans.items()}
    write_document(folder / "flows.json", small.model_copy(update={"plans": plans}))
    return folder / "flows.json"


def test_flows_are_sent_when_the_lattice_is_run_and_live_while_it_trains(
    desk: Desk, tmp_path: Path
) -> None:
    desk.open(opened(tmp_path))
    desk.send(Run(targets=(PORT,), split="test", batch=3))
    letter = desk.letter(Preview, lambda event: event.port == PORT)
    scene = unpacked(letter.body.data, letter.blob)
    assert (scene.samples, scene.flows) == (3, 18)
    assert scene.counts[0].tolist() == [6, 0, 0, 0]
    desk.until(JobFinished)

    desk.send(Watch(ports=(PORT,), seconds=0.0001, share=1))
    desk.send(Train(plan="lattice", steps=3, tensorboard=False))
    letters = [desk.letter(Preview, lambda event: event.port == PORT) for _ in range(2)]
    assert [letter.body.step for letter in letters] == [1, 2]
    assert unpacked(letters[1].body.data, letters[1].blob).samples == 16
    desk.until(JobFinished)
    desk.send(Watch())
