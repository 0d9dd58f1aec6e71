"""How a row of the outline looks: mode, parameters, run state, problems, from what is known of a path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.editor import terms
from app.editor.canvas.art import CATEGORY_ICONS, MODE_ICONS
from app.editor.canvas.cards import WAITING, counted
from app.editor.canvas.chips import Chip
from app.editor.canvas.making import category_of, mode_of
from app.editor.colours import CLEAR, Theme
from app.editor.icons import ICONS
from app.editor.language import _, ngettext
from app.editor.lists.row import Mark, Row
from app.editor.outline.tree import DEFINITIONS, Branch
from app.editor.places import resolved
from graphs.spec.document import GRAPH_TYPE, NodeSpec

if TYPE_CHECKING:
    from app.editor.studio import Studio

INHERITED = 0.5  # how much is seen of a mode that something around it decides
STATES = {"running": "loader-circle", "error": "circle-alert", "stale": "history", "done": "check"}


@dataclass(frozen=True)
class Shown:
    """What of the row depends on the list: its fold, and whether it is chosen or looked at."""

    fold: bool | None = None
    chosen: bool = False
    here: bool = False
    flat: bool = False  # of a search: where it is stands beside it


def row(studio: Studio, theme: Theme, branch: Branch, shown: Shown) -> Row:
    """The row of a branch."""
    if branch.path == DEFINITIONS:
        return Row(
            title=_("Definitions"), ink=theme.text, icon=ICONS["link-2"], tone=theme.quiet,
            face="strong", fold="open" if shown.fold else "closed",
            marks=(Mark(str(len(studio.document.definitions)), theme.faint),),
        )  # fmt: skip
    block = block_of(studio, branch) if branch.path else branch.node
    kind = studio.catalogue.find(block.type or GRAPH_TYPE)
    unknown = kind is None and bool(studio.catalogue.types)
    category = category_of(block, kind, unknown)
    faulty = branch.path and any(
        p.code not in WAITING for p in studio.scene.problems_at(branch.path)
    )
    return Row(
        title=branch.title or _("Untitled"),
        ink=theme.bad if faulty else theme.text,
        icon=ICONS[CATEGORY_ICONS.get(category, "box")],
        tone=theme.category(category),
        depth=-1 if shown.flat else branch.depth,
        fold=None if shown.fold is None else "open" if shown.fold else "closed",
        face="strong" if shown.here else "text",
        sign=_sign(branch),
        quiet=_quiet(branch, shown),
        quiet_ink=theme.faint,
        marks=() if branch.path.startswith("@") else _marks(studio, theme, branch),
        chosen=shown.chosen,
    )


def _sign(branch: Branch) -> str:
    """Whether it is an instance, or shares the block of another."""
    node = branch.node
    return ICONS["link-2"] if node.uses else ICONS["link"] if node.tied_to else ""


def _quiet(branch: Branch, shown: Shown) -> str:
    """What stands beside the title: whose instance it is, what it shares, or where it is."""
    return branch.path.rpartition(".")[0] if shown.flat else branch.node.uses or branch.node.tied_to


def _marks(studio: Studio, theme: Theme, branch: Branch) -> tuple[Mark, ...]:
    """From the right: the mode, how many parameters, what it is doing, what is wrong."""
    doing = studio.scene.activity.of(branch.path)
    chip = mode(studio, branch) if branch.path else None
    parameters = counted(doing.parameters).replace(" ", "") if doing.parameters else ""
    marks = [_mode_mark(chip, theme, studio.plan_name)]
    marks.append(Mark(parameters, theme.faint, room=38, about=_("Parameters")))
    state = _state(studio, branch.path)
    if state in STATES:
        tones = {"running": theme.accent, "error": theme.bad, "done": theme.good}
        marks.append(Mark(ICONS[STATES[state]], tones.get(state, theme.faint), size=14))
    wrong = len(studio.scene.problems_at(branch.path)) + studio.scene.inner_at(branch.path)
    if wrong and branch.path:
        words = ngettext("{count} problem", "{count} problems", wrong).format(count=wrong)
        own = [terms.sentence(p.message) for p in studio.scene.problems_at(branch.path)]
        waits = all(p.code in WAITING for p in studio.scene.problems_at(branch.path))
        tone = theme.warning if waits and not studio.scene.inner_at(branch.path) else theme.bad
        about = "\n".join([words, *own[:4]])
        marks.append(Mark(ICONS["triangle-alert"], tone, "problems", 14, about=about))
    return tuple(marks)


def _mode_mark(chip: Chip | None, theme: Theme, plan: str) -> Mark:
    if chip is None:
        return Mark("", CLEAR, room=16)
    tone = theme.mode(chip.mode)
    how = _("its own rule") if chip.own else _("inherited")
    about = _("{mode} in plan {plan}: {how}").format(mode=chip.text, plan=plan, how=how)
    icon = ICONS[MODE_ICONS[chip.mode]]
    return Mark(icon, tone if chip.own else tone.faint(INHERITED), "mode", 15, room=16, about=about)


def mode(studio: Studio, branch: Branch) -> Chip | None:
    """How a node trains under the plan that is shown; None where it has nothing to train."""
    block = block_of(studio, branch)
    kind = studio.catalogue.find(block.type or GRAPH_TYPE)
    parameters = studio.scene.activity.of(branch.path).parameters
    return mode_of(studio.plan, branch.node, block, kind, parameters, branch.path)


def block_of(studio: Studio, branch: Branch) -> NodeSpec:
    """The node whose block runs there: through instances and shared blocks."""
    return resolved(studio.scene.inspection.root, branch.path) or branch.node


def _state(studio: Studio, path: str) -> str:
    """What a node is doing; one in which something runs is running."""
    activity = studio.scene.activity
    inner = f"{path}." if path else ""
    if any(other.startswith(inner) for other in activity.running):
        return "running"
    return activity.of(path).state if path else ""
