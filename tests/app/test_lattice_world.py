"""The digits world whose architect thinks through an energy lattice."""

from pathlib import Path

import pytest
import torch

from app.workspace import Workspace, templates
from graphs.learn.training import Training
from graphs.live.weights import base_tensors
from graphs.live.world import TurnFinished, World, turns
from graphs.store import content_hash, read_document

LATTICE = "architect.planning.planner.lattice"


@pytest.fixture(scope="module")
def work() -> Workspace:
    return Workspace(
        Path("digits-world-lattice.json"), read_document(templates()["digits-world-lattice"])
    )


def trained(work: Workspace, name: str) -> tuple[Training, dict[str, torch.Tensor]]:
    plan = work.document.plans[name]
    plan = plan.model_copy(update={"steps": 2, "validation": None})
    training = Training(work.build(work.under(plan)), plan, variant=name)
    before = {n: t.clone() for n, t in base_tensors(training.graph).items()}
    done = list(training.steps())
    assert done[-1].logged["convergence/arrived"] == 1
    return training, before


def test_the_lattice_learns_together_with_the_architect(work: Workspace) -> None:
    training, before = trained(work, "design")
    changed = {n for n, t in base_tensors(training.graph).items() if not torch.equal(t, before[n])}
    assert {name.split(".")[0] for name in changed} == {"architect"}
    for part in ("face_in", "neuron", "carrier", "face_out"):
        assert any(name.startswith(f"{LATTICE}.{part}.") for name in changed)


def test_a_light_variant_adapts_the_lattice_alone_and_leaves_the_base(work: Workspace) -> None:
    mine = Workspace(work.path, work.document)
    training, before = trained(mine, "lattice_light")
    assert content_hash(base_tensors(training.graph)) == content_hash(before)
    adapted = {target.node for target in training.modes.adaptation.targets}
    assert adapted
    assert all(node.startswith(LATTICE) for node in adapted)


def test_the_world_turns_through_its_lattice(work: Workspace) -> None:
    world = Workspace(work.path, work.document).build().eval()
    assert isinstance(world, World)
    finished = [event for event in turns(world, None, None, 1) if isinstance(event, TurnFinished)]
    assert finished[0].state["artefacts"]["image"].shape[-2:] == (8, 8)
