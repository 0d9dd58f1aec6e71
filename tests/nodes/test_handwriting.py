"""The digits world's own blocks: what is measured is true, and what is said is what was measured."""

import itertools

import pytest
import torch

from app.workspace import from_template
from graphs.live import Run
from nodes.data.digits import Digits, slanted
from nodes.handwriting import words as world_words
from nodes.handwriting.chronicle import Chronicle
from nodes.handwriting.conditioner import TraitConditioner
from nodes.handwriting.digits import MeasuredDigits, ranks
from nodes.handwriting.measures import StrokeMeasures, lean, width
from nodes.handwriting.narration import AuthorPrompt, Narration, told
from nodes.handwriting.phrases import SeenText, WishText
from nodes.handwriting.wishes import AskedWishes, row, scored
from nodes.handwriting.words import FORMS, NUMBERS, OPENINGS, UNSAID, wish
from nodes.language.texts import words
from nodes.learning.agreement import Agreement
from nodes.tensor.chance import RandomIds, SampleClass, Stray

ALL = Run(split="all", batch=10**6)


def bar(height: int, wide: int) -> torch.Tensor:
    ink = torch.zeros(1, 1, height, 16)
    ink[..., 5 : 5 + wide] = 1.0
    return ink


def test_a_leaned_bar_has_the_lean_that_it_was_given() -> None:
    upright = bar(9, 3)
    assert lean(upright[:, 0]).abs() < 1e-6
    for by in (-0.5, 0.25):
        assert lean(slanted(upright, by)[:, 0]).item() == pytest.approx(by, abs=1e-4)


def test_a_long_bar_is_as_wide_as_it_is_and_paler_ink_is_no_thinner() -> None:
    wide = width(bar(400, 3)[:, 0])
    assert wide.item() == pytest.approx(3.0, rel=0.02)
    assert width(bar(400, 3)[:, 0] * 0.5).item() == pytest.approx(wide.item(), rel=1e-5)


def test_an_empty_image_has_no_lean_and_no_width() -> None:
    found = StrokeMeasures()(ink=torch.zeros(1, 1, 8, 8))
    assert (found.slant.item(), found.thickness.item()) == (0.0, 0.0)


def test_ranks_count_the_known_values_below_of_the_same_kind() -> None:
    values, kind = torch.tensor([1.0, 3.0, 2.0, 70.0, 50.0]), torch.tensor([0, 0, 0, 1, 1])
    found = ranks(values, kind, torch.tensor([0, 1, 3]))
    assert found.tolist() == [-0.5, 0.5, 0.0, 0.0, -1.0]


def test_measured_digits_are_those_of_scikit_learn() -> None:
    plain = Digits(range="symmetric")(run=ALL)
    found = MeasuredDigits()(run=ALL)
    assert found.image.equal(plain.image)
    assert found.digit.equal(plain.label)


def test_all_versions_of_an_image_are_in_one_split() -> None:
    source = MeasuredDigits(leans=[-0.3, 0.3], pens=[0.5, 2.0], inverted="both")
    train, test = source.index("train") % 1797, source.index("test") % 1797
    assert not set(train.tolist()) & set(test.tolist())
    assert test.bincount().unique().tolist() == [0, 8]
    assert test[: len(test) // 8].unique().shape == test.unique().shape


def test_inverted_images_are_the_others_turned_and_measured_alike() -> None:
    day, night = MeasuredDigits()(run=ALL), MeasuredDigits(inverted="yes")(run=ALL)
    assert night.image.equal(-day.image)
    assert night.slant.equal(day.slant)
    assert (day.inverted.sum(), night.inverted.sum()) == (0, 1797)


def test_words_are_thirds_of_the_training_images_of_each_digit() -> None:
    source = MeasuredDigits(leans=[-0.3, -0.1, 0.1, 0.3])
    train = source(run=Run(batch=10**6, split="train"))
    for digit in range(10):
        for word in (train.slant_word, train.thickness_word):
            shares = word[train.digit == digit].bincount().float()
            assert (shares / shares.sum() - 1 / 3).abs().max() < 0.01


def test_a_leaned_digit_has_a_higher_rank_and_a_fuller_pen_a_thicker_stroke() -> None:
    left, upright, right = MeasuredDigits(leans=[-0.3, 0.0, 0.3]).data.slant.view(3, -1)
    assert (left < upright).all()
    assert (upright < right).all()
    thin, thick = MeasuredDigits(pens=[0.5, 2.0]).data.thickness.view(2, -1)
    assert (thin < thick).float().mean() > 0.99


def test_every_wish_says_what_is_wished_and_leaves_open_what_is_not() -> None:
    for digit, slant, thickness, form, opening in itertools.product(
        (1, 8), range(-1, 3), range(-1, 3), range(FORMS), OPENINGS
    ):
        said = words(wish(digit, slant, thickness, form, opening))
        assert str(digit) in said
        for names, id_ in ((world_words.SLANTS, slant), (world_words.THICKNESSES, thickness)):
            assert set(names).intersection(said) == ({names[id_]} if id_ != UNSAID else set())


def test_texts_follow_the_ids_of_each_sample() -> None:
    digit, trait = torch.tensor([7, 8]), torch.tensor([2, 0])
    assert WishText(varied=False)(digit=digit, slant=trait, thickness=trait) == [
        "a slanted 7, thick",
        "a left-leaning 8, thin",
    ]
    seen = SeenText()(digit=digit, slant=trait, thickness=trait, inverted=torch.tensor([0, 1]))
    assert seen == ["a slanted 7, thick", "a left-leaning 8, thin, inverted"]


def test_a_narration_names_the_digit_that_came_and_no_other() -> None:
    for form, digit, wished in itertools.product(range(6), range(10), range(10)):
        said = words(told(form, 2, 1, digit, 0, 1, wished, 2, -1))
        assert set(NUMBERS).intersection(said) == {NUMBERS[digit]}
        assert ("inverted" in said, "third" in said) == (True, True)


def test_a_narration_tells_a_wish_that_came_true_from_one_that_did_not() -> None:
    true = told(0, 0, 0, 7, 2, 0, 7, 2, UNSAID)
    assert "wished" in true
    assert "but" not in words(true)
    assert "3" in words(told(0, 0, 0, 7, 2, 0, 3, 2, 0))
    assert "left-leaning" in words(told(0, 0, 0, 7, 2, 0, 7, 0, 0))
    with_none = Narration()(
        digit=torch.tensor([7]),
        slant=torch.tensor([1]),
        thickness=torch.tensor([1]),
        wished_digit=torch.tensor([7]),
    )
    assert "first" in words(with_none[0])


def test_the_author_is_told_how_many_came_before() -> None:
    counts = torch.zeros(2, 10)
    counts[0, 7], counts[1, 3] = 2, 40
    prompts = AuthorPrompt()(
        wish=["a 7", "a 3"],
        seen=["a thin 7", "a thin 3"],
        digit=torch.tensor([7, 3]),
        counts=counts,
    )
    assert [prompt.split()[1] for prompt in prompts] == ["2", "many"]


def test_the_template_knows_every_word_that_is_said() -> None:
    document = from_template("digits-world")
    known = set(document.definitions["words"].config["vocabulary"])
    said = {w for n in range(2000) for w in words(row(n).action)}
    for form, trait in itertools.product(range(FORMS * len(OPENINGS)), range(3)):
        said.update(words(wish(8, trait, trait, form, form // FORMS)))
        for digit, wished in ((1, 1), (1, 2)):
            said.update(words(told(form, trait, trait % 2, digit, trait, trait, wished, 0, 2)))
    assert said <= known


def test_what_is_asked_for_gets_the_best_score_and_what_is_refused_the_worst() -> None:
    moments = [row(number) for number in range(500)]
    assert {"", "fewer", "more"} <= {m.action.split(" ")[0] for m in moments}
    for moment in moments:
        digits, slants, thicknesses = scored(moment)
        if moment.digit >= 0:
            best = digits.argmin() if moment.fewer else digits.argmax()
            assert best == moment.digit
        for scores, asked in ((slants, moment.slant), (thicknesses, moment.thickness)):
            assert asked < 0 or scores.argmax() == asked
        if not moment.action:
            assert digits.argmax() == torch.tensor(moment.counts).argmin()


def test_moments_are_the_same_whenever_they_are_asked_for() -> None:
    run = Run(split="test", batch=16)
    one, two = AskedWishes(count=200)(run=run), AskedWishes(count=200)(run=run)
    assert one.action == two.action
    assert one.digit_scores.equal(two.digit_scores)


def test_a_chronicle_counts_keeps_the_last_and_changes_nothing_that_came() -> None:
    block = Chronicle(kinds=10, images=2, lines=3)
    counts, chronicle, gallery = [0] * 10, ["one", "two", "three"], torch.zeros(2, 1, 8, 8)
    found = block(
        image=torch.ones(1, 1, 8, 8),
        digit=torch.tensor([4]),
        text=["four"],
        counts=counts,
        gallery=gallery,
        chronicle=chronicle,
    )
    assert (found.counts[4], counts[4]) == (1, 0)
    assert found.chronicle == ["two", "three", "four"]
    assert chronicle == ["one", "two", "three"]
    assert found.gallery.mean((1, 2, 3)).tolist() == [0.0, 1.0]
    with pytest.raises(ValueError, match="expected 10 counts, got 3"):
        block(image=gallery, digit=torch.tensor([1]), text="x", counts=[0, 0, 0])


def test_no_condition_drops_class_and_traits_together() -> None:
    block = TraitConditioner(10, 2, 6, drop=0.5).train()
    torch.manual_seed(0)
    found = block(input=torch.full((64,), 3), traits=torch.ones(64, 2))
    dropped = (found.embedding == found.unconditional).all(1)
    assert 10 < dropped.sum() < 54
    kept = found.embedding[~dropped]
    assert kept.allclose(kept[:1].expand_as(kept))


def test_agreement_asks_only_for_what_is_asked() -> None:
    said = [torch.tensor([1, 2, 3]), torch.tensor([0, 0, 0])]
    asked = [torch.tensor([1, 2, -1]), torch.tensor([0, 1, -1])]
    assert Agreement()(x=said, target=asked) == pytest.approx(2 / 3)
    with pytest.raises(ValueError, match="pair them up"):
        Agreement()(x=said, target=asked[:1])


def test_chance_draws_as_often_as_it_is_told() -> None:
    torch.manual_seed(0)
    ids = torch.full((4000,), 3)
    strayed = Stray(10, rate=0.3, blank=0.2)(x=ids)
    assert (strayed == -1).float().mean().item() == pytest.approx(0.2, abs=0.03)
    assert (strayed == 3).float().mean().item() == pytest.approx(0.8 * 0.7, abs=0.03)
    scores = torch.tensor([[0.0, 1.0, 2.0]]).expand(4000, 3)
    shares = SampleClass()(x=scores).bincount() / 4000
    assert shares.allclose(scores[0].softmax(0), atol=0.03)
    assert set(RandomIds(3, [2])(like=ids).unique().tolist()) == {0, 1, 2}
