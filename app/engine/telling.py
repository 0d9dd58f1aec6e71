"""What a running job tells: nodes as they start and finish, and previews of what came out."""

from __future__ import annotations

from typing import Any

from app.engine.control import Work
from app.engine.events import NodeFinished, NodeStarted, Preview
from app.engine.previews import small
from graphs.live import execute as live

SELDOM = 0.5  # seconds between two states of one node, which in a loop has thousands


def tell_node(work: Work, event: live.Event) -> None:
    """What a node does goes out; of several states in one moment the last."""
    job, key = work.job.id, ("node", work.job.id, event.path)
    if isinstance(event, live.NodeStarted):
        started = NodeStarted(job=job, path=event.path, index=event.index, total=event.total)
        work.outbox.latest(key, started, every=SELDOM)
        return
    done = NodeFinished(
        job=job,
        path=event.path,
        index=event.index,
        total=event.total,
        seconds=event.seconds,
        outputs=event.outputs,
        reused=event.reused,
    )
    work.outbox.latest(key, done, every=SELDOM)


def show(work: Work, port: str, value: Any, step: int = 0) -> None:
    """A preview of a value goes out, if there is anything to see."""
    made = small(value)
    if made is not None:
        told = Preview(job=work.job.id, port=port, kind=made.kind, data=made.data, step=step)
        work.outbox.latest(("preview", port, step), told, made.blob)
