"""How an engine fell, in words: what happened, what is lost, and what can be gone on with. Plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.editor.heard.heard import Heard
from app.editor.language import _

if TYPE_CHECKING:
    from app.engine.events import Died

OUT_OF_MEMORY = -9  # what the system does when memory runs out


@dataclass(frozen=True)
class Fall:
    """`job` is the training that was interrupted, "" none; `step` that of its last checkpoint."""

    title: str
    text: str
    log: str
    job: str = ""
    step: int = 0


def fall(heard: Heard) -> Fall | None:
    """How the engine ended, None while there is one or none ever was."""
    died = heard.died
    if died is None:
        return None
    lost = next((j for j in heard.jobs.listed if j.state == "interrupted"), None)
    text = [_why(died), _("The document and its history are all there.")]
    if lost is not None and lost.kind == "run" and heard.world.turns:
        text.append(_("What hangs in the gallery stays; the world begins anew, or goes on from a "
                      "snapshot."))  # fmt: skip
        return Fall(_("The engine stopped while the world turned"), " ".join(text), died.log)
    if lost is None or lost.kind != "train":
        return Fall(_("The engine has stopped"), " ".join(text), died.log)
    run = heard.runs.of.get(lost.job)
    saved = [s.step for s in run.saved] if run is not None else []
    step, done = max(saved, default=0), max(lost.step, run.step if run is not None else 0)
    where = _("{title} was at step {step}; its last checkpoint is of step {saved}.")
    text.append(where.format(title=lost.title, step=done, saved=step) if saved else
                _("{title} had no checkpoint yet.").format(title=lost.title))  # fmt: skip
    title = _("The engine stopped in the middle of a training")
    return Fall(title, " ".join(text), died.log, lost.job if saved else "", step)


def _why(died: Died) -> str:
    if died.code == OUT_OF_MEMORY:
        return _("It was killed; the system does this when memory runs out.")
    if died.code is not None and died.code < 0:
        return _("It was ended by signal {number}.").format(number=-died.code)
    if died.code:
        return _("It ended with code {code}.").format(code=died.code)
    return _("It is not there any more: {reason}.").format(reason=died.reason)
