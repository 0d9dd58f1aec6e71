"""What the steps of the history are called, in the language of the interface.

Edits name themselves in English, as the command line and files do; here their sentences are known
again by their form, and said in another language.
"""

from __future__ import annotations

import re
from functools import lru_cache

from app.editor.language import N_, _

FORMS = (
    N_("{a} and {b} more"),
    N_("Open"),
    N_("Add {a}"),
    N_("Add"),
    N_("Remove plan {a}"),
    N_("Remove the frame"),
    N_("Remove the note"),
    N_("Remove {a}"),
    N_("Rename {a} to {b}"),
    N_("Rename {a}"),
    N_("Label {a} {b}"),
    N_("Set plan {a}"),
    N_("Set the transition of {a}"),
    N_("Set the cycle of {a}"),
    N_("Set {a} to {b} in {c}"),
    N_("Set {a} of {b}"),
    N_("Set {a}"),
    N_("Make {a} a {b}"),
    N_("Loop {a} {b} times"),
    N_("Group {a} into {b}"),
    N_("Group {a}"),
    N_("Ungroup {a}"),
    N_("Move {a} nodes"),
    N_("Move {a} to {b}"),
    N_("Move {a}"),
    N_("Move"),
    N_("Promote {a} as {b}"),
    N_("Demote {a}"),
    N_("Define {a} from {b}"),
    N_("Bring definition {a}"),
    N_("Bring {a}"),
    N_("Undefine {a}"),
    N_("Detach {a}"),
    N_("Override {a}"),
    N_("Tie {a} to {b}"),
    N_("Untie {a}"),
    N_("Arrange {a}"),
    N_("Arrange"),
    N_("Title {a}"),
    N_("Change the description"),
    N_("Connect {a}"),
    N_("Disconnect {a}"),
    N_("Expose {a} as {b}"),
    N_("Hide {a}"),
    N_("Rewire {a}"),
    N_("Cut {a} wires"),
    N_("Insert {a} into {b}"),
    N_("Fold {a} nodes"),
    N_("Unfold {a} nodes"),
    N_("Bend {a}"),
    N_("Straighten {a}"),
    N_("Paste {a}"),
    N_("Colour"),
    N_("Write"),
    N_("Resize"),
    N_("Duplicate {a}"),
)


def said(label: str) -> str:
    """A step's label as people read it; one of no known form stays as it is.

    >>> said("Add linear")
    'Add linear'
    """
    for form, pattern in zip(FORMS, _patterns(), strict=True):
        if (found := pattern.fullmatch(label)) is not None:
            parts = {n: said(v) if form.startswith("{a}") and n == "a" else v
                     for n, v in found.groupdict().items()}  # fmt: skip
            return _(form).format(**parts)
    return label


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(
        re.compile(re.sub(r"\\{(\w)\\}", r"(?P<\1>.+?)", re.escape(form)), re.DOTALL)
        for form in FORMS
    )
