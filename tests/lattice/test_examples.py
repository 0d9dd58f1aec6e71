"""The documents that ship with lattices in them, and the blocks made for them."""

from pathlib import Path

import pytest
import torch

import assets
from graphs.learn.training import Training
from graphs.live.build import build
from graphs.live.context import Run
from graphs.live.infer import count
from graphs.spec.check import check
from graphs.spec.plan import Data, Stopping
from graphs.store import read_document
from nodes.data.topics import PythonTopics
from nodes.lattice.presets import PRESETS, document
from nodes.learning.retrieval import Retrieval
from tests.lattice.boxes import registry

FOLDER = Path(assets.__file__).parent / "templates"
EXAMPLES = ("lattice-digits", "lattice-channels", "lattice-text")


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_a_preset_that_ships_is_the_one_in_the_code(name: str) -> None:
    from graphs.spec.document import Document
    from graphs.store.document_file import normalised

    made = normalised(Document.model_validate(document(name)))
    assert read_document(FOLDER / f"lattice-{name}.json") == made


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_plan_of_an_example_takes_a_step(name: str) -> None:
    shipped = read_document(FOLDER / f"{name}.json")
    assert check(shipped, registry().catalogue()) == []
    for plan in shipped.plans.values():
        short = plan.model_copy(
            update={
                "steps": 1,
                "validation": None,
                "stopping": Stopping(),
                "settings": {},
                "data": Data(batch=4),
            }
        )
        (done,) = Training(build(shipped, registry()), short).steps()
        assert done.loss == done.loss


def test_the_rivals_of_the_digits_have_as_many_parameters() -> None:
    graph = build(read_document(FOLDER / "lattice-digits.json"), registry())
    sizes = [
        count(graph.at("lattice"))[0],
        count(graph.at("mlp"))[0],
        count(graph.at("gru"))[0] + count(graph.at("gru_head"))[0],
    ]
    assert max(sizes) <= 1.03 * min(sizes)


def test_retrieval_counts_equal_targets_as_one_and_ties_as_misses() -> None:
    target = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    assert Retrieval()(x=torch.tensor([[2.0, 0.1], [1.0, 0.0], [1.0, 0.0]]), target=target) == 2 / 3
    assert Retrieval()(x=torch.zeros(3, 2), target=target) == 0
    assert Retrieval(3)(x=torch.tensor([[0.0, 1.0]] * 3), target=target) == 1


def test_no_topic_is_both_trained_on_and_tested() -> None:
    topics = PythonTopics()
    train, test = topics.index("train"), topics.index("test")
    assert min(len(train), len(test)) > 100
    assert not set(train.tolist()) & set(test.tolist())
    assert not set((train + 1).tolist()) & set(test.tolist())
    rows = topics(run=Run(batch=3, split="test"))
    following = topics(run=Run(batch=3, split="all"))
    assert torch.equal(rows.number, test[:3])
    assert torch.equal(following.next_words[0], following.words[1])
