"""A sentence that keeps how it was made, so that whoever shows it may say it in another language.

It is an ordinary text, in English; nothing here knows of languages.
"""

from __future__ import annotations

from collections.abc import Mapping


class Sentence(str):
    """The text of a form that is filled in with parts, which may be sentences themselves.

    >>> told = Sentence("takes one wire, got {count}", count=2)
    >>> told, told.form, told.parts
    ('takes one wire, got 2', 'takes one wire, got {count}', {'count': 2})
    """

    form: str
    parts: Mapping[str, object]

    def __new__(cls, form: str, **parts: object) -> Sentence:
        """Raises: KeyError when the form names a part that is not given."""
        made = super().__new__(cls, form.format(**parts))
        made.form, made.parts = form, parts
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, object]]:
        """How a copy of it is made."""
        return (self.form,), dict(self.parts)
