"""Words and ids, prompts and answers, and writing one word after another."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch._subclasses.fake_tensor import FakeTensorMode

from graphs.live import Run
from nodes.language.saying import NamesRight, TextOr
from nodes.language.texts import lines, sentence, words
from nodes.language.tokenizer import END, PAD, START, UNKNOWN, Detokenizer, WordTokenizer
from nodes.language.writing import NextToken, PromptAndAnswer, RoomToWrite

VOCABULARY = ("a", "seven", "left-leaning", "7", ",", ".")
texts = st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=6)


@given(texts)
def test_words_that_the_vocabulary_holds_come_back(said: list[str]) -> None:
    ids = WordTokenizer(VOCABULARY, 8)(text=" ".join(said)).token_ids
    assert words(Detokenizer(VOCABULARY)(token_ids=ids)[0]) == said


@given(texts)
def test_a_sentence_reads_as_the_words_that_made_it(said: list[str]) -> None:
    assert words(sentence(said)) == said


def test_an_unknown_word_is_marked_and_a_long_text_is_cut() -> None:
    tokens = WordTokenizer(VOCABULARY, 3)(text=["a purple 7", "7 7 7 7 7", ""])
    assert tokens.token_ids.tolist() == [[4, UNKNOWN, 7], [7, 7, 7], [PAD] * 3]
    assert tokens.attention_mask.tolist() == [[1, 1, 1], [1, 1, 1], [0, 0, 0]]


def test_a_marked_text_keeps_its_end_when_it_is_cut() -> None:
    tokenizer = WordTokenizer(VOCABULARY, 4, marked=True)
    ids = tokenizer(text=["a seven", "a a a a a"]).token_ids.tolist()
    assert ids == [[START, 4, 5, END], [START, 4, 4, END]]
    with pytest.raises(ValueError, match="length must hold"):
        WordTokenizer(VOCABULARY, 2, marked=True)


@pytest.mark.parametrize(
    ("vocabulary", "message"),
    [(("a", "a"), "'a' twice"), (("two words",), "single words"), (("A",), "lower case")],
)
def test_a_vocabulary_holds_each_word_once(vocabulary: tuple[str, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        WordTokenizer(vocabulary, 4)


def test_one_text_is_a_batch_of_one() -> None:
    assert lines("a 7") == lines(["a 7"]) == ["a 7"]
    assert TextOr("nothing")() == ["nothing"]
    assert TextOr("nothing")(text="more") == ["more"]


def test_only_the_answer_teaches() -> None:
    prompt, answer = torch.tensor([[9, 8, 7]]), torch.tensor([[START, 5, END, PAD]])
    lesson = PromptAndAnswer()(prompt=prompt, answer=answer)
    assert lesson.token_ids.tolist() == [[9, 8, 7, START, 5, END]]
    assert lesson.following.tolist() == [[-100, -100, START, 5, END, -100]]


def test_a_lesson_asks_at_each_place_for_what_stands_next() -> None:
    lesson = PromptAndAnswer()(
        prompt=torch.randint(4, 9, (3, 5)), answer=torch.randint(4, 9, (3, 6))
    )
    taught = lesson.following[:, 4:-1]
    assert taught.equal(lesson.token_ids[:, 5:])


def write(scores: torch.Tensor, steps: int, **config: object) -> torch.Tensor:
    page = RoomToWrite(4)(prompt=torch.tensor([[9, 9], [9, 9]]))
    for _ in range(steps):
        page = NextToken(**config)(  # type: ignore[arg-type]
            logits=scores, token_ids=page.token_ids, position=page.position
        )
    return page.token_ids[:, 2:]


def test_writing_takes_the_best_word_and_stops_at_the_end() -> None:
    scores = torch.zeros(2, 6, 10)
    scores[0, 1, 5] = scores[0, 2, END] = scores[0, 3, 6] = 9.0
    scores[1, 1:, 7] = 9.0
    assert write(scores, 4).tolist() == [[5, END, PAD, PAD], [7, 7, 7, 7]]


def test_a_full_page_stays_as_it_is() -> None:
    scores = torch.zeros(2, 6, 10)
    scores[..., 7] = 9.0
    assert write(scores, 9).equal(write(scores, 4))


def test_drawing_stays_among_the_best_and_follows_the_seed() -> None:
    scores = torch.arange(10.0).expand(2, 6, 10)

    def drawn(seed: int) -> torch.Tensor:
        torch.manual_seed(seed)
        return write(scores, 4, temperature=50.0, top_k=3)

    found = torch.stack([drawn(seed) for seed in range(20)])
    assert set(found.unique().tolist()) == {7, 8, 9}
    assert drawn(3).equal(drawn(3))


def test_a_text_names_rightly_what_it_names_alone() -> None:
    metric = NamesRight(["one", "two"])
    told = ["One came.", "One and two came.", "Nothing came.", "two"]
    share = metric(text=told, target=torch.tensor([0, 0, 0, 1]), run=Run())
    assert share == 0.5
    with pytest.raises(ValueError, match="one text for each of 1"):
        metric(text=told, target=torch.tensor([0]))


def test_texts_have_a_length_where_numbers_are_not_known() -> None:
    with FakeTensorMode():
        ids = torch.zeros(3, 5, dtype=torch.long)
        assert Detokenizer(VOCABULARY)(token_ids=ids) == ["", "", ""]
