"""The jobs that the engine knows of: what runs, what waits, and what ended and how."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.engine.events import Event, JobFacts

ENDED = 30  # jobs that are over and still listed
LIVE = ("running", "paused")
AGAIN = ("failed", "interrupted")  # may be gone on with


class Jobs:
    """Every job by its name, in the engine's order; those that are over come last."""

    def __init__(self) -> None:
        self.news = 0
        self.held = False
        self._listed: dict[str, JobFacts] = {}
        self._over: dict[str, JobFacts] = {}

    @property
    def listed(self) -> list[JobFacts]:
        """Those that wait, run, or can be gone on with."""
        return list(self._listed.values())

    @property
    def over(self) -> list[JobFacts]:
        """Those that came to their end while this window was open, the last first."""
        return list(reversed(self._over.values()))

    @property
    def active(self) -> JobFacts | None:
        """What runs or is paused."""
        return next((job for job in self._listed.values() if job.state in LIVE), None)

    @property
    def waiting(self) -> list[JobFacts]:
        """What will run, in its order."""
        return [job for job in self._listed.values() if job.state == "queued"]

    def find(self, job: str) -> JobFacts | None:
        """A job by its name."""
        return self._listed.get(job) or self._over.get(job)

    def hear(self, event: Event) -> None:
        """Take in one event; those that say nothing of jobs are passed over."""
        if event.event == "JobsListed":
            self.held = event.held
            self._listed = {job.job: job for job in event.jobs}
            self._over = {n: job for n, job in self._over.items() if n not in self._listed}
        elif event.event == "JobQueued":
            self._put(event.job)
        elif event.event == "JobStarted":
            self._put(event.job.model_copy(update={"state": "running"}))
        elif event.event == "JobPaused":
            self._change(event.job, state="paused", step=event.step)
        elif event.event == "JobResumed":
            self._change(event.job, state="running")
        elif event.event == "StepsDone" and event.figures:
            self._change(event.job, step=event.figures[-1].step, steps=event.steps)
        elif event.event == "JobFinished":
            self._end(event.job, "finished" if event.job.state in LIVE else event.job.state)
        elif event.event == "JobFailed":
            self._end(event.job, "failed")
        elif event.event == "Died":
            for job in [*self._listed.values()]:
                if job.state in LIVE:
                    self._change(job.job, state="interrupted", message=event.reason)
        else:
            return
        self.news += 1

    def forget(self) -> None:
        """Another project: none of these jobs are its own."""
        self._listed, self._over, self.held = {}, {}, False
        self.news += 1

    def _put(self, job: JobFacts) -> None:
        self._over.pop(job.job, None)
        self._listed[job.job] = job

    def _change(self, name: str, **change: object) -> None:
        if name in self._listed:
            self._listed[name] = self._listed[name].model_copy(update=change)

    def _end(self, job: JobFacts, state: str) -> None:
        ended = job.model_copy(update={"state": state})
        if state in AGAIN:
            self._listed[job.job] = ended
            return
        self._listed.pop(job.job, None)
        self._over.pop(job.job, None)
        self._over[job.job] = ended
        while len(self._over) > ENDED:
            self._over.pop(next(iter(self._over)))
