"""Every word of the editor is said in every language, and what programs read is what people wrote."""

from __future__ import annotations

import gettext
import re
from string import Formatter

import pytest

from app.editor import language
from app.editor.acts.table import table
from app.editor.language import LANGUAGES, _, ngettext, p_
from app.editor.steps import FORMS, said
from app.editor.terms import sentence
from assets.i18n import make
from graphs.spec.check import check
from graphs.spec.document import Document, GraphSpec, NodeSpec
from tests.editor.toys import CATALOGUE

OTHERS = [name for name in LANGUAGES if name != "en"]
HELP = (
    "run python assets/i18n/make.py and write the translation into worldloom.po, then run it again"
)


@pytest.fixture
def russian():
    language.choose("ru")
    yield
    language.choose("en")


def fields(text: str) -> set[str | None]:
    """What is filled in; a text of printf has none."""
    return {name for _text, name, _form, _how in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("name", OTHERS)
def test_every_word_of_the_editor_is_translated(name):
    catalogue, lacking = make.read(name), []
    for words, context in make.words():
        found = catalogue.get(words if isinstance(words, str) else words[0], context)
        if found is None or not make.whole(found.string):
            lacking.append(words)
    assert not lacking, HELP


@pytest.mark.parametrize("name", OTHERS)
def test_translations_are_filled_in_with_the_same_things(name):
    for message in make.read(name):
        if not message.id:
            continue
        english = message.id if isinstance(message.id, str) else message.id[-1]
        for text in message.string if isinstance(message.string, tuple) else (message.string,):
            assert fields(text) == fields(english), f"{english!r}: {text!r}"
            assert re.findall(r"%[.0-9]*[a-z]", text) == re.findall(r"%[.0-9]*[a-z]", english)


@pytest.mark.parametrize("name", OTHERS)
def test_what_programs_read_is_what_was_written(name):
    with make.catalogue_file(name, "mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for message in make.read(name):
        if message.id and isinstance(message.id, str):
            context = message.context
            now = (
                compiled.pgettext(context, message.id) if context else compiled.gettext(message.id)
            )
            assert now == message.string, HELP


def test_counts_have_the_forms_of_the_language(russian):
    forms = [ngettext("{count} node", "{count} nodes", n).format(count=n) for n in (1, 3, 11, 21)]
    assert forms == ["1 узел", "3 узла", "11 узлов", "21 узел"]


def test_one_english_word_may_be_two(russian):
    assert p_("mode", "Train") == "Учится"


def test_actions_are_made_in_the_chosen_language(russian):
    assert {row.label for row in table()} >= {"Отменить", "Сохранить", "Выход"}
    language.choose("en")
    assert {row.label for row in table()} >= {"Undo", "Save", "Quit"}


def test_steps_of_the_history_are_said_by_their_form(russian):
    assert said("Add linear") == "Добавить linear"
    assert said("Rename a to b") == "Переименовать a в b"
    assert said("Add a and 2 more") == "Добавить a и ещё 2"
    assert said("Frobnicate a") == "Frobnicate a"
    language.choose("en")
    for form in FORMS:
        label = form.format(a="x", b="y", c="z")
        assert said(label) == label


def test_what_is_wrong_is_said_with_its_parts(russian):
    document = Document(root=GraphSpec(nodes={"a": NodeSpec(type="Linaer")}))
    [problem] = check(document, CATALOGUE)
    assert problem.message == "there is no block type 'Linaer'; did you mean linear, toy/Linear?"
    assert sentence(problem.message) == "нет блока 'Linaer'; может быть, linear, toy/Linear?"
    assert sentence("of a foreign pack {x}") == "of a foreign pack {x}"


def test_a_language_that_nobody_translated_is_english():
    language.choose("eo")
    assert _("Undo") == "Undo"


@pytest.mark.parametrize(
    ("name", "told"), [("ru_RU.UTF-8", "ru"), ("de_DE.UTF-8", "en"), ("C", "en"), ("", "en")]
)
def test_the_language_of_the_system_is_ours_where_we_speak_it(monkeypatch, name, told):
    for variable in ("LANGUAGE", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("LANG", name)
    assert language.of_system() == told
