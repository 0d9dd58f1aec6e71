"""`worldloom lattice example`: that the lattice learns, beside what it must be compared with.

Each example is a template, a contest between its plans, references that need no training, a plot and
figures as JSON; what comes out is told as it is.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch
from rich.console import Console
from rich.table import Table

from app.errors import UsageError
from app.lattice.contest import Contest, Ran, summed
from app.lattice.plots import contest_plot
from app.lattice.references import images, sentences
from app.show import duration, number
from app.workspace import templates
from graphs.learn.training import StepDone, Training
from graphs.live.context import Run
from graphs.live.execute import execute
from graphs.live.graph import Graph
from graphs.store import read_document, save, write_bytes, write_json
from nodes.pretrained.minilm import installed

Reference = Callable[[Graph], dict[str, dict[str, float]]]
DECODED = "decoded.txt"


@dataclass(frozen=True)
class Example:
    """What is compared, and how it is told. `figures` are held-out figures, the first decides."""

    template: str
    title: str
    plans: Mapping[str, str]  # plan -> what people call it
    figures: tuple[str, ...]
    better: Literal["max", "min"]
    sources: tuple[str, ...]  # nodes whose rows are split
    before: str = ""  # a plan that all others stand on
    references: Reference | None = None
    decoded: str = ""  # a port that says in words how far it has come


DIGITS = Example(
    "lattice-digits",
    "Digits: retrieval of the class embedding, held-out images",
    {"lattice": "energy lattice", "mlp": "MLP", "gru": "GRU over rows"},
    ("top1",),
    "max",
    ("digits",),
)
SENTENCES = Example(
    "lattice-sentences",
    "Next sentence of the Python documentation, held-out topics",
    {"lattice": "energy lattice", "mlp": "MLP", "linear": "linear map"},
    ("top5", "top1"),
    "max",
    ("sentences",),
    references=sentences,
    decoded="decoded.out",
)
WORDS = Example(
    "lattice-text",
    "Next sentence of the Python documentation, encoder trained here",
    {"lattice": "energy lattice", "linear": "linear map"},
    ("top5", "top1"),
    "max",
    ("topics",),
    before="encoder",
)
CHANNELS = Example(
    "lattice-channels",
    "Channels: a digit must come out slanted, held-out error",
    {"learned": "routing learned", "random": "random routing", "straight": "straight ahead"},
    ("loss",),
    "min",
    ("digits", "slanted"),
    references=images,
)
EXAMPLES: Mapping[str, Example] = {"digits": DIGITS, "text": SENTENCES, "channels": CHANNELS}


@dataclass
class Told:
    """A contest that was held: figures by contender, the reference ones, and who is ahead."""

    example: Example
    contest: Contest
    references: dict[str, dict[str, float]] = field(default_factory=dict)
    tuned: dict[str, dict[float, float]] = field(default_factory=dict)
    seconds: float = 0.0

    def rows(self) -> list[tuple[str, int, dict[str, tuple[float, float]]]]:
        """Contenders, then references: a name, numbers that train, and figures with their spread."""
        told = []
        for name, label in self.example.plans.items():
            trained = next(run.trained for run in self.contest.ran if run.name == name)
            summary = {f: summed(self.contest.ran, name, f) for f in self.example.figures}
            told.append((label, trained, summary))
        for name, found in self.references.items():
            told.append((name, 0, {f: (v, 0.0) for f, v in found.items()}))
        return told

    def as_data(self) -> dict[str, Any]:
        """What metrics.json holds."""
        return {
            "title": self.example.title,
            "figures": {
                name: {f: {"mean": m, "spread": s} for f, (m, s) in found.items()}
                | ({"numbers": trained} if trained else {})
                for name, trained, found in self.rows()
            },
            "runs": [asdict(run) for run in self.contest.ran],
            "trials": {name: {f"{r:g}": v for r, v in f.items()} for name, f in self.tuned.items()},
            "seconds": round(self.seconds, 1),
            "torch": torch.__version__,
            "threads": torch.get_num_threads(),
            "device": self.contest.device,
            "machine": platform.machine(),
        }


def chosen(name: str) -> Example:
    """The example of a name; text without the pretrained encoder trains a small one of its own."""
    if name not in EXAMPLES:
        raise UsageError(f"there is no example {name!r}\n  → there are {', '.join(EXAMPLES)}")
    return WORDS if name == "text" and installed() is None else EXAMPLES[name]


def hold(
    name: str, folder: Path, *, share: float, seeds: int, tune: bool, quiet: bool
) -> dict[str, Any]:
    """Hold the contest of an example in `folder`; the figures that metrics.json holds."""
    if (folder / "runs").exists():
        raise UsageError(f"{folder} holds an earlier run; choose another --output or remove it")
    example, console = chosen(name), Console(stderr=True, quiet=quiet, highlight=False)
    folder.mkdir(parents=True, exist_ok=True)
    start = time.perf_counter()
    document = read_document(templates()[example.template])
    contest = Contest(document, folder, console, share)
    told = Told(example, contest)
    if example.decoded:
        contest.looks = Decoder(example.decoded, folder / DECODED, console)
    console.print(f"[bold]{example.title}[/]")
    rates = _rates(told) if tune else {}
    for seed in range(seeds):
        _round(told, seed, rates)
    told.seconds = time.perf_counter() - start
    write_json(folder / "metrics.json", told.as_data())
    labels = dict(example.plans)
    contest_plot(folder / "plot.png", told.as_data(), contest.ran, labels, example)
    _report(told)
    return told.as_data()


def _rates(told: Told) -> dict[str, float]:
    """Each contender's own learning rate, from trials on another split of the rows."""
    example, found = told.example, {}
    settings = {node: {"split_seed": 1} for node in example.sources}
    for name in example.plans:
        found[name], told.tuned[name] = told.contest.tune(
            name, example.figures[0], example.better, settings
        )
    return found


def _round(told: Told, seed: int, rates: Mapping[str, float]) -> None:
    """Every contender by one seed; the first contender of the first seed is kept as a document."""
    example, contest = told.example, told.contest
    shared = contest.workspace() if example.before else None
    if shared is not None:
        contest.train(shared, example.before, seed)
    for number_, name in enumerate(example.plans):
        ran, graph = contest.train(shared or contest.workspace(), name, seed, rates.get(name))
        if seed or number_:
            continue
        save(contest.folder / f"{example.template}.json", contest.document, graph)
        if example.references is not None:
            told.references = example.references(graph)
        contest.console.print(f"[dim]{number(ran.trained)} numbers train in the {name}[/]")


@dataclass
class Decoder:
    """Says at every look at held-out data what the output means, by its nearest known text."""

    port: str
    file: Path
    console: Console

    def __call__(self, training: Training, done: StepDone) -> None:
        """Only plans on which the port depends have something to say."""
        rule = training.plan.rules[0].where
        if rule not in self.port_nodes(training.graph):
            return
        modes = [(module, module.training) for module in training.graph.modules()]
        training.graph.eval()
        try:
            where = Run(split="test", batch=training.plan.validation.batch)  # type: ignore[union-attr]
            said = execute(training.graph, targets=[self.port], run=where)[self.port]
        finally:
            for module, mode in modes:
                module.training = mode
        text = f"step {done.index}\n\n{said}\n"
        known = self.file.read_text(encoding="utf-8") if self.file.exists() else ""
        write_bytes(self.file, f"{known}{text}\n".encode())
        self.console.print(text.split("\n\n")[1], style="dim", markup=False)

    def port_nodes(self, graph: Graph) -> set[str]:
        """The nodes that the port is made from."""
        return {step.path.split(".")[0] for step in graph.program([self.port]).steps}


def _report(told: Told) -> None:
    console, figures = told.contest.console, told.example.figures
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    table.add_column("numbers", justify="right")
    for figure in figures:
        table.add_column(figure, justify="right")
    for name, trained, found in told.rows():
        cells = [_cell(figure, *found[figure]) if figure in found else "" for figure in figures]
        table.add_row(name, number(trained) if trained else "", *cells)
    console.print(table)
    seconds = duration(told.seconds)
    console.print(f"{seconds}, {torch.get_num_threads()} threads, {told.contest.device}")
    for file in ("metrics.json", "plot.png", DECODED, f"{told.example.template}.json"):
        if (told.contest.folder / file).exists():
            console.print(f"  {told.contest.folder / file}", soft_wrap=True)


def _cell(figure: str, value: float, spread: float) -> str:
    """A figure for people; shares as percent.

    >>> _cell("top1", 0.97512, 0.002), _cell("loss", 0.01234, 0.0)
    ('97.5% ± 0.2', '0.0123')
    """
    share = figure.startswith("top")
    text = f"{value:.1%}" if share else f"{value:.3g}"
    return (
        text
        if not spread
        else f"{text} ± {spread * 100:.1f}"
        if share
        else f"{text} ± {spread:.2g}"
    )


__all__ = ["EXAMPLES", "Example", "Ran", "Told", "chosen", "hold"]
