"""The digits world as a job: from the template to a world that has turned twenty times.

Every stage learns under its own plan, the world turns, and a light variant turns it inverted. All of
it is ordinary commands' work: build, fit, turn, export.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from rich.console import Console

from app.contact_sheet import Card, contact_sheet
from app.jobs import METRICS
from app.plots import loss_plot
from app.shelf import Shelf
from app.show import number
from app.training import progress, stoppable
from app.workspace import Workspace, from_template
from app.worlds import export_adapters
from graphs.learn.adapters import activate
from graphs.learn.fit import fit, use_best
from graphs.learn.journal import LINES
from graphs.learn.training import Training
from graphs.live.context import Run
from graphs.live.execute import best_device, execute
from graphs.live.infer import count
from graphs.live.weights import base_tensors
from graphs.live.world import StageFinished, TurnFinished, World, WorldEvent, turns
from graphs.spec.settings import configured
from graphs.store import content_hash, export_world, save, write_json
from nodes.handwriting.words import NUMBERS
from nodes.language.texts import words

TEMPLATE = "digits-world"
STAGES = ("describe", "design", "create", "narrate", "develop")  # plans, in the order of training
NIGHT = "night"
ACTIONS = (("", 8), ("more sevens", 6), ("thin digits please", 6))  # who says what, for how long
TURNS = sum(length for _, length in ACTIONS)
WISHES = 500  # how many wishes an action is judged by
SEVEN, THIN = 7, 0
TRIALS = ("", "more sevens", "fewer sevens", "thin digits please")


@dataclass
class DigitsWorld:
    """One run of the job: where it writes, and what it has measured so far."""

    folder: Path
    share: float
    console: Console
    work: Workspace
    device: str = field(default_factory=best_device)
    figures: dict[str, Any] = field(default_factory=dict)

    def train(self, name: str) -> Training:
        """Fit one plan; its training, at the best of what it learned.

        What an interrupted run of the job had learned already is not learned again.
        """
        plan = self.work.document.plans[name]
        steps = max(1, round(plan.steps * self.share))
        warmup = min(plan.schedule.warmup, steps // 2)
        plan = plan.model_copy(
            update={
                "steps": steps,
                "schedule": plan.schedule.model_copy(update={"warmup": warmup}),
            }
        )
        graph = self.work.build(self.work.under(plan))
        training = Training(graph, plan, device=self.device, variant=name)
        rows = training.explain()
        self.console.print(
            f"[bold]{name}[/]  {plan.description}  "
            f"[dim]{number(sum(row.count for row in rows))} numbers train[/]"
        )
        folder = self.folder / "runs" / name
        with stoppable() as stop, progress(name, plan, self.console) as tick:
            done = fit(training, folder, resume=True, watch=tick, stop=stop)
        if done.interrupted:
            raise KeyboardInterrupt
        use_best(training, folder)
        self.figures[name] = {
            "steps": done.steps,
            "seconds": round(done.seconds, 1),
            "validation": best_of(training),
        }
        return training

    def learning(self) -> float:
        """How long all stages learned, also those of an earlier run that was interrupted."""
        return float(sum(self.figures[name]["seconds"] for name in (*STAGES, NIGHT)))

    def world(self) -> World:
        """The document's live world, on the device, ready to turn."""
        graph = self.work.build().to(self.device).eval()
        assert isinstance(graph, World)
        return graph

    def turn(self, world: World, title: str, name: str) -> list[Card]:
        """Turn the world, write its contact sheet; a card for each turn.

        What a turn drew is described and told of in the next one, so there is one turn more.
        """
        cards: list[Card] = []
        for action, event in lived(world, self.device):
            if isinstance(event, StageFinished) and event.stage == "philosopher":
                cards[-1] = replace(cards[-1], description=event.outputs["text"][0])
            elif isinstance(event, StageFinished) and event.stage == "author":
                cards[-1] = replace(cards[-1], narration=event.outputs["text"][0])
            elif isinstance(event, TurnFinished):
                intent, image = event.state["intent"]["text"][0], event.state["artefacts"]["image"]
                cards.append(Card(event.turn + 1, intent, image[0], "", "", action))
        cards = cards[:TURNS]
        asked = ", ".join(f"“{action}”" for action, _ in ACTIONS if action)
        contact_sheet(
            self.folder / f"{name}.png", title, f"{TURNS} turns; asked for: {asked}", cards
        )
        return cards

    def shifted(self, world: World) -> dict[str, dict[str, float]]:
        """What each action makes of the next wishes: the shares of sevens and of thin digits."""
        stage, found = world.at("development"), {}
        counts = torch.full((WISHES, 10), 2.0, device=self.device)
        for action in TRIALS:
            with torch.no_grad():
                where = Run(device=self.device).at(f"trial/{action}")
                wished = stage(counts=counts, action=[action] * WISHES, run=where)
            found[action or "nothing"] = {
                "sevens": float((wished["digit"] == SEVEN).float().mean()),
                "thin": float((wished["thickness"] == THIN).float().mean()),
            }
        return found

    def on_originals(self) -> float:
        """How many held-out digits are described rightly as scikit-learn has them, unleaned."""
        changed = configured(self.work.document, {"digits": {"leans": [0.0]}})
        plain = self.work.build(changed).to(self.device).eval()
        found = execute(
            plain,
            targets=["digit_right.out"],
            run=Run(batch=360, split="test", device=self.device),
        )
        return float(found["digit_right.out"])


def lived(world: World, device: str) -> Iterator[tuple[str, WorldEvent]]:
    """The events of all turns, each with the action of its turn; the last turn is nobody's."""
    state, content, first = None, None, 0
    for action, length in (*ACTIONS, ("", 1)):
        stream = turns(
            world,
            state,
            action or None,
            length,
            content=content,
            first=first,
            run=Run(device=device),
        )
        for event in stream:
            yield action, event
            if isinstance(event, TurnFinished):
                state, content, first = event.state, event.content, event.turn + 1


def best_of(training: Training) -> dict[str, float]:
    """What the validation said that kept the weights."""
    state = training.state
    return next(found for found in state.history if found["step"] == state.best_step)


def described(card: Card) -> dict[str, Any]:
    """A turn in words, for metrics.json."""
    kept = ("turn", "action", "intent", "description", "narration")
    return {name: getattr(card, name) for name in kept}


def told_rightly(card: Card) -> bool:
    """Whether the narration names the digit that was described, and no other."""
    said = [number for number in words(card.description) if number.isdigit()]
    return set(NUMBERS).intersection(words(card.narration)) == {
        NUMBERS[int(number)] for number in said
    }


def share_of(cards: list[Card], right: Callable[[Card], bool]) -> float:
    """The share of turns of which something is so."""
    return sum(map(right, cards)) / len(cards)


def live(folder: Path, share: float, *, quiet: bool) -> dict[str, Any]:
    """Do the whole job in `folder`, or go on with it there; the figures that metrics.json holds."""
    folder.mkdir(parents=True, exist_ok=True)
    start = time.perf_counter()
    console = Console(stderr=True, quiet=quiet, highlight=False)
    path = folder / f"{TEMPLATE}.json"
    work = Workspace(path, from_template(TEMPLATE))
    job = DigitsWorld(folder, share, console, work)

    for name in STAGES:
        job.train(name)
    world = job.world()
    began = time.perf_counter()
    cards = job.turn(world, "Digits world", "contact_sheet")
    job.figures["seconds_of_turns"] = round(time.perf_counter() - began, 1)
    job.figures["action_shift"] = job.shifted(world)
    job.figures["digit_right_on_originals"] = job.on_originals()
    save(path, work.document, world)
    export_world(folder / f"{TEMPLATE}.world", work.document, base_tensors(world))
    base = content_hash(base_tensors(world))

    training = job.train(NIGHT)
    light = Shelf(path).folder / f"{NIGHT}.world"
    light.parent.mkdir(parents=True, exist_ok=True)
    export_adapters(training, light, work.document.title)
    dark = job.turn(job.world(), "Digits world, by night", NIGHT)
    same = content_hash(base_tensors(training.graph)) == base
    activate(training.graph, {})
    sizes = os.path.getsize(light), os.path.getsize(folder / f"{TEMPLATE}.safetensors")
    names = (*STAGES, NIGHT)
    loss_plot(folder / "loss.png", {n: folder / "runs" / n / LINES for n in names})
    job.figures |= {
        "parameters": count(world)[0],
        "turns": [described(card) for card in cards],
        "night_turns": [described(card) for card in dark],
        "told_rightly_in_turns": share_of(cards, told_rightly),
        "night_inverted": share_of(dark, lambda card: "inverted" in card.description),
        "night_wishes_kept": sum(a.intent == b.intent for a, b in zip(cards, dark, strict=True))
        / len(cards),
        "night_bytes": sizes[0],
        "base_bytes": sizes[1],
        "night_share_of_base": sizes[0] / sizes[1],
        "base_unchanged_by_night": same,
        "seconds": round(max(time.perf_counter() - start, job.learning()), 1),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "device": job.device,
    }
    write_json(folder / METRICS, job.figures)
    return job.figures
