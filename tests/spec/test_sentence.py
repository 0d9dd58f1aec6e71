"""A sentence is a text like any other, and keeps how it was made."""

from __future__ import annotations

import copy
import pickle

from graphs.spec.problems import near
from graphs.spec.sentence import Sentence

TOLD = Sentence("no node {name!r}{near}", name="Liner", near=near("Liner", ["Linear"]))


def test_a_sentence_is_its_text():
    assert TOLD == "no node 'Liner'; did you mean Linear?"
    assert {TOLD: 1}[str(TOLD)] == 1


def test_a_copy_keeps_the_form_and_the_parts():
    for other in (pickle.loads(pickle.dumps(TOLD)), copy.deepcopy(TOLD)):
        assert (other, other.form, other.parts) == (TOLD, TOLD.form, TOLD.parts)
        assert other.parts["near"].form == "; did you mean {names}?"
