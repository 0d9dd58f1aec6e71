"""Acts: what a click on a sheet does, as data, so that equal sheets are equal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from app.editor.inspector.targets import RuleOf
from app.editor.places import Place
from app.editor.studio import Selection, Studio
from graphs.spec.edits import Edit

Act = Callable[[Studio], None]


@dataclass(frozen=True)
class Do:
    """Make an edit."""

    edit: Edit

    def __call__(self, studio: Studio) -> None:
        """Make it."""
        studio.do(self.edit)


@dataclass(frozen=True)
class Jump:
    """Show and choose the node at a path of the expanded root."""

    path: str

    def __call__(self, studio: Studio) -> None:
        """Go there."""
        studio.jump(self.path)


@dataclass(frozen=True)
class Go:
    """Look at another body."""

    place: Place

    def __call__(self, studio: Studio) -> None:
        """Go there."""
        studio.go(self.place)


@dataclass(frozen=True)
class Choose:
    """Choose these nodes of the body that is shown."""

    names: frozenset[str]

    def __call__(self, studio: Studio) -> None:
        """Choose them."""
        studio.select(Selection(self.names))


@dataclass(frozen=True)
class ClearRule:
    """Take the rules that nodes have of their own away."""

    target: RuleOf

    def __call__(self, studio: Studio) -> None:
        """Clear them."""
        self.target.clear(studio)


@dataclass(frozen=True)
class MakePlan:
    """A plan is there and chosen."""

    name: str
    edit: Edit

    def __call__(self, studio: Studio) -> None:
        """Make and choose it."""
        if studio.do(self.edit):
            studio.choose_plan(self.name)


@dataclass
class Scope:
    """Whose settings are changed inside an instance: only this one's, or all instances'."""

    here: bool = False


@dataclass(frozen=True)
class Narrow:
    """Change the settings of this instance only, or of all."""

    scope: Scope = field(compare=False)
    here: bool = False

    def __call__(self, studio: Studio) -> None:
        """From now on."""
        self.scope.here = self.here
        studio.news["plan"] += 1  # the sheet is another one now
