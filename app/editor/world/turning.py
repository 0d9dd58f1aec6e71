"""What people ask of the world: turn, play, pause, stages alone, snapshots; and what that needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from app.editor.heard.world import WorldTold
from app.editor.icons import ICONS
from app.editor.language import _
from app.editor.wishes import Choose, Row

if TYPE_CHECKING:
    from app.editor.shell import Shell
    from app.engine.commands import Run
    from app.engine.events import Event


class Turning:
    """Asks the engine. The text of the action stands until it is changed."""

    def __init__(self, shell: Shell, told: WorldTold) -> None:
        self.shell, self.told = shell, told
        self.keep = False  # a snapshot after each turn
        self.asked = False  # a run is on its way to the engine
        self.ending = False  # asked to end after this turn
        self.fresh = False  # the next run begins a new state
        self.intent: str | None = None  # written by hand, for the next stages

    @property
    def turns(self) -> bool:
        """Whether the world turns, or is about to."""
        return bool(self.told.job) or self.asked

    def turn(self, count: int = 1, *, endless: bool = False) -> None:
        """So many turns, or as many as there is time for."""
        if self.turns:
            return
        from app.engine.commands import Run

        order = Run(
            turns=0 if endless else count,
            endless=endless,
            action=self.told.action or None,
            keep=self.keep and self._kept(),
            fresh=self.fresh,
        )
        self._run(order)

    def play(self) -> None:
        """Turn until it is asked again; asked a third time it ends at once."""
        if self.turns:
            self.pause()
        else:
            self.turn(endless=True)

    def pause(self) -> None:
        """End after this turn, or at once where that was asked before."""
        from app.engine.commands import CancelJob  # and not Stop: a training may run before it

        if self.told.job:
            self.ending = True
            self.shell.engine.ask(CancelJob(job=self.told.job))

    def stages(self, names: tuple[str, ...], intent: str | None = None) -> None:
        """Only these stages, on the state as it stands; an intent written by hand goes in first."""
        if self.turns or not names:
            return
        from app.engine.commands import Run

        inputs: Mapping[str, str] = {"intent.text": intent} if intent is not None else {}
        order = Run(stages=names, action=self.told.action or None, inputs=inputs, fresh=self.fresh)
        self._run(order)

    def act(self, action: str) -> None:
        """Development hears this from its next turn on."""
        self.told.action = action.strip()
        if self.told.job:
            from app.engine.commands import Act

            self.shell.engine.ask(Act(action=self.told.action or None), lambda _: True)

    def begin_anew(self) -> None:
        """The next turn begins with nothing; what hangs in the gallery stays."""
        if not self.turns:
            self.fresh = True
            self.told.clear()

    def list_snapshots(self) -> None:
        """Let one of the snapshots be chosen, once the engine has told which there are."""
        from app.engine.commands import AskSnapshots

        self.shell.engine.ask(AskSnapshots(), self._choose_snapshot)

    def _choose_snapshot(self, event: Event) -> None:
        if event.event != "SnapshotsListed":
            return
        studio = self.shell.studio
        if not event.snapshots:
            studio.say(_("There are no snapshots yet: tick Keep, then turn"))
            return
        rows = tuple(
            Row(
                shot.path,
                _("Turn {turn}").format(turn=shot.turn + 1),
                "" if shot.fits else _("other weights"),
                shot.state.get("intent.text", ""),
                ICONS["history"],
            )
            for shot in reversed(event.snapshots)
        )
        studio.request(Choose(_("Go on from a snapshot"), rows, self.open_snapshot))

    def open_snapshot(self, path: str) -> None:
        """The world stands where it stood then."""
        from app.engine.commands import OpenSnapshot

        self.fresh = False
        self.shell.engine.ask(OpenSnapshot(path=path))

    def hear(self) -> None:
        """After news: what was asked to end has ended."""
        if not self.told.job:
            self.ending = False

    def _kept(self) -> bool:
        if self.shell.studio.path is None:
            self.shell.studio.say(
                _("Snapshots are kept beside the project; save it first. Turning without them."),
                "warning",
            )
            return False
        return True

    def _run(self, order: Run) -> None:
        self.asked, self.ending = True, False
        self.shell.engine.ask(order, self._answered)
        self.fresh = False

    def _answered(self, event: Event) -> bool:
        """JobQueued, or a refusal, which is said in the status bar."""
        self.asked = False
        if event.event == "JobQueued":
            self.told.begin(event.job.job)
        return False
