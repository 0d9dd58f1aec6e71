"""B12: what a world costs: its turns over modules called by hand, its variants to switch and to keep."""

import gc
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from app.workspace import from_template
from graphs.learn.modes import Modes
from graphs.learn.variants import activate, adapters_of, load_adapters
from graphs.live.context import Run
from graphs.live.graph import Graph
from graphs.live.weights import base_tensors, load_tensors
from graphs.live.world import TurnFinished, World, turns
from graphs.spec.plan import Plan, Rule
from graphs.spec.state import ACTION, CONTENT
from graphs.store import read_tensors, write_tensors
from tests.bench import flat, nested
from tests.bench.measure import Row, Times, interleaved, once, ratio, seconds
from tests.bench.size import Size
from tests.bench.worlds import live
from tests.live.worlds import CYCLE, small_world

LIGHT = Plan(rules=(Rule(mode="lora", rank=4, alpha=8.0),))
VARIANTS = (1, 10, 100)


def rows(size: Size) -> Iterator[Row]:
    yield from _memory(size)  # first, while the process holds nothing else
    yield _small_turn(7 if size.quick else 31)
    yield _digits_turn(5 if size.quick else 15)
    yield _switching(5 if size.quick else 15)
    yield from _at_scale(size)


def _small_turn(rounds: int) -> Row:
    """The smallest world against its six blocks, called one behind the other."""
    world, again = _world(live(small_world())), 200
    blocks = [world.at(f"{name}.pipeline.graph.block") for name in CYCLE]
    start = {"n": torch.zeros(1)}
    state = {block: dict(start) for block in ("intent", "configuration", "artefacts")}

    def ours() -> Any:
        for event in turns(world, state, num_steps=again, content=start):
            if isinstance(event, TurnFinished):
                last = event.state
        return last

    def hand() -> None:
        artefact, content = start["n"], start["n"]
        for _ in range(again):
            description = blocks[0](artefact)
            content = blocks[2](blocks[1](description))
            artefact = blocks[5](blocks[4](blocks[3](content)))

    with torch.no_grad():
        mine, rival = interleaved([ours, hand], rounds)
    over = Times(tuple((a - b) / again for a, b in zip(mine.rounds, rival.rounds, strict=True)))
    return Row(
        "B12",
        "a turn of six stages of one block each",
        seconds(mine.median / again),
        seconds(rival.median / again),
        f"+{seconds(over.median)}",
        "≤ +0.5 ms",
        over.median <= 5e-4,
    )


def _digits_turn(rounds: int) -> Row:
    """The digits world against its stages, called by hand."""
    world = _world(live(from_template("digits-world")))
    run = Run(batch=1)

    def ours() -> None:
        for _ in turns(world, num_steps=2, run=run):
            pass

    def hand() -> None:
        held: dict[str, Any] = {f"{CONTENT}.{k}": v for k, v in world.first_content().items()}
        for number, names in enumerate((world.cycle.stages[3:], world.cycle.stages)):
            at = Run(batch=1, position=number)
            for name in names:
                moved = world.transitions[name]
                given = {
                    port: held[place] for port, place in moved.reads.items() if place != ACTION
                }
                given = {port: value for port, value in given.items() if value is not None}
                outputs = world.child(name)(run=at.at(name), **given)
                held |= {place: outputs[port] for place, port in moved.writes.items()}

    with torch.no_grad():
        mine, rival = interleaved([ours, hand], rounds)
    found = ratio(mine, rival)
    return Row(
        "B12",
        "two turns of the digits world",
        str(mine),
        str(rival),
        str(found),
        "≤ 1.03×",
        found.median <= 1.03,
    )


def _switching(rounds: int) -> Row:
    """One variant of ten for another on the live digits world, against building it with that one."""
    document = from_template("digits-world")
    world = live(document)
    for number in range(10):
        Modes(world, LIGHT, f"v{number}")
    weights = {n: t.clone() for n, t in base_tensors(world).items()}
    adapters = {n: p.detach().clone() for n, p in adapters_of(world, "v0").items()}
    again = iter(range(10**9))

    def build() -> None:
        fresh = live(document)
        load_tensors(fresh, weights, "bench")
        Modes(fresh, LIGHT, "v0")
        load_adapters(fresh, adapters, "v0", "bench")

    mine, rival = interleaved(
        [lambda: activate(world, {f"v{next(again) % 10}": 1.0}), build], rounds
    )
    times = rival.median / mine.median
    return Row(
        "B12",
        "switch between ten variants of the live digits world; rival: build it with one",
        str(mine),
        str(rival),
        f"{times:.3g}× faster",
        "≤ 10 ms",
        mine.median <= 0.01,
    )


def _at_scale(size: Size) -> Iterator[Row]:
    """B3 and B4 on a world of five levels instead of a flat graph."""
    import peft
    from safetensors.torch import load_file, save_file

    count = nested.count(size)
    worlds = [nested.world(size) for _ in range(4)]
    left, model = iter(worlds), nested.plain(size)
    mine = interleaved([lambda: flat.adapt(next(left))], 3)[0]
    rival = once(lambda: _adapt_by_peft(model))
    assert flat.learning(worlds[-1]) == flat.learning(model), "both sides train as many numbers"
    yield _faster(
        f"freeze a world of {count} blocks, and adapt each at the root",
        mine,
        rival,
        "≤ 3 s",
        None if size.quick else mine.median <= 3,
    )
    world = worlds[-1]
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = Path(folder, "ours.safetensors"), Path(folder, "theirs.safetensors")
        wanted = flat.randomised({n: p.detach() for n, p in adapters_of(world, "default").items()})
        write_tensors(ours, wanted)
        save_file(flat.randomised(peft.get_peft_model_state_dict(model)), theirs)
        mine = interleaved(
            [lambda: load_adapters(world, read_tensors(ours), "default", str(ours))], 5
        )[0]
        rival = once(lambda: peft.set_peft_model_state_dict(model, load_file(theirs)))
    yield _faster(
        f"load a light variant of {count} blocks, each checked",
        mine,
        rival,
        "≤ 0.5 s",
        None if size.quick else mine.median <= 0.5,
    )


def _adapt_by_peft(model: torch.nn.Module) -> None:
    import peft

    names = r"(n\d+\.){3}n\d+"
    config = peft.LoraConfig(r=flat.RANK, lora_alpha=flat.ALPHA, target_modules=names)
    peft.inject_adapter_in_model(config, model)


def _faster(what: str, mine: Times, rival: float, limit: str, met: bool | None) -> Row:
    times = rival / mine.median
    return Row("B12", what, str(mine), seconds(rival), f"{times:.3g}× faster", limit, met)


def _memory(size: Size) -> Iterator[Row]:
    """What the digits world holds with 1, 10 and 100 variants on it, over what its base holds."""
    world = live(from_template("digits-world"))
    base, done, before = _held(world), 0, _resident()
    for wanted in VARIANTS[:2] if size.quick else VARIANTS:
        for number in range(done, wanted):
            Modes(world, LIGHT, f"v{number}")
        done = wanted
        gc.collect()
        own = sum(p.nbytes for p in adapters_of(world, "v0").values())
        extra, resident = _held(world) - base, _resident() - before
        yield Row(
            "B12",
            f"memory of {wanted} variants, each of {own / 1000:.0f} kB of adapters; base {base / 1e6:.2g} MB",
            f"{extra / 1e6:.3g} MB of tensors, {resident / 1e6:.3g} MB of process",
            f"{own * wanted / 1e6:.3g} MB",
            f"{extra / (own * wanted):.4g}×",
            "1× (tensors)",
            extra == own * wanted,
        )


def _held(graph: Graph) -> int:
    """The bytes of every tensor that the graph keeps, each storage once."""
    found = {t.untyped_storage().data_ptr(): t.untyped_storage().nbytes() for t in _tensors(graph)}
    return sum(found.values())


def _tensors(graph: Graph) -> Iterator[torch.Tensor]:
    for module in graph.modules():
        for value in [
            *vars(module).values(),
            *module._parameters.values(),
            *module._buffers.values(),
        ]:
            if isinstance(value, torch.Tensor):
                yield value


def _resident() -> int:
    """The bytes of memory that the process has; 0 where the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
    except OSError:
        return 0


def _world(graph: Graph) -> World:
    assert isinstance(graph, World)
    graph.eval()
    return graph
