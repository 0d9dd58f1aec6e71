"""The language of the interface. English is written in the code and is the key; gettext has the rest.

Words that people read pass through `_` where they are shown or made, never at import, so that a choice
made at start reaches them all. `ngettext` is for counts, whose forms differ by language.
"""

from __future__ import annotations

import gettext
import os
from importlib.resources import files

LANGUAGES = {"en": "English", "ru": "Русский"}


class _Spoken:
    """The one catalogue that is in use: the language of a process, like its locale."""

    catalogue = gettext.NullTranslations()


def choose(language: str) -> None:
    """Speak a language of LANGUAGES from now on; English where a translation is missing."""
    folder = str(files("assets") / "i18n")
    _Spoken.catalogue = gettext.translation("worldloom", folder, [language], fallback=True)


def of_system() -> str:
    """The language that the system speaks, English where we have no other."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if told := os.environ.get(name):
            found = told.partition(":")[0].partition("_")[0].partition(".")[0].lower()
            return found if found in LANGUAGES else "en"
    return "en"


def _(text: str) -> str:
    """The text in the chosen language."""
    return _Spoken.catalogue.gettext(text)


def ngettext(one: str, many: str, count: int) -> str:
    """The form of a text for a count, with `{count}` still to be filled in."""
    return _Spoken.catalogue.ngettext(one, many, count)


def p_(context: str, text: str) -> str:
    """The text in the chosen language, where one English word has several meanings."""
    return _Spoken.catalogue.pgettext(context, text)


def N_(text: str) -> str:
    """The text as it is: it is only marked here, and said through `_` where it is shown."""
    return text
