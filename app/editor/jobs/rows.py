"""What can be run and trained, as rows of the table of actions: menu Run, palette and shortcuts."""

from __future__ import annotations

from collections.abc import Callable

from app.editor.actions import Action, Desk
from app.editor.canvas.activity import Heat
from app.editor.jobs.conduct import Conduct
from app.editor.language import _


def rows(conduct: Conduct) -> list[Action]:
    """The menu Run."""
    return [
        _row("run", _("Run"), conduct.run, conduct.why_not_run, "F5", "play"),
        _row("run branch", _("Run the chosen node"), conduct.run_branch, conduct.why_not_branch,
             "Shift+F5", "git-branch"),
        _row("train", _("Train…"), conduct.train, conduct.why_not_train, "F6", "graduation-cap"),
        _row("pause", _("Pause, or go on"), conduct.pause, conduct.why_not_pause, "F7", "pause"),
        _row("step", _("One step"), conduct.step, conduct.why_not_step, "F10", "step-forward"),
        _row("stop", _("Stop"), conduct.stop, conduct.why_not_stop, "Shift+F6", "circle-stop"),
        *_heats(conduct),
    ]  # fmt: skip


def _row(
    name: str, label: str, do: Callable[[], None], why: Callable[[], str], keys: str, icon: str
) -> Action:
    return Action(
        name, label, lambda _: do(), "Run", keys, lambda _: not why(), icon, why=lambda _: why()
    )


def _heats(conduct: Conduct) -> list[Action]:
    """How warm nodes look."""

    def heat(by: Heat, label: str) -> Action:
        def do(desk: Desk) -> None:
            activity = desk.studio.scene.activity
            activity.warm("" if activity.heat_by == by else by)

        return Action(
            f"heat {by}", label, do, "Run", icon="thermometer",
            ticked=lambda d: d.studio.scene.activity.heat_by == by,
        )  # fmt: skip

    return [
        heat("gradient", _("Warm by gradient")),
        heat("time", _("Warm by time")),
    ]
