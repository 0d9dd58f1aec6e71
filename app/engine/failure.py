"""From exceptions to what a front end is told: the one border of jobs and commands."""

from __future__ import annotations

import traceback
from collections.abc import Iterator

import torch
from pydantic import ValidationError

from app.engine.events import Fault, JobFacts, JobFailed, Refused
from graphs.spec.problems import DocumentError, Problem, RunError, WorldloomError

TRACE = 8000  # letters of a traceback at most


def refused(command: str, error: Exception) -> Refused:
    """Why a command was not done."""
    problems = error.problems if isinstance(error, DocumentError) else ()
    return Refused(command=command, reason=said(error), problems=faults(problems))


def failed(job: JobFacts, error: Exception) -> JobFailed:
    """How a job ended."""
    problems = error.problems if isinstance(error, DocumentError) else ()
    memory = out_of_memory(error)
    advice = "there was not enough memory; use a smaller batch or a smaller world\n"
    return JobFailed(
        job=job,
        where=error.path if isinstance(error, RunError) else "",
        message=(advice if memory else "") + said(error),
        problems=faults(problems),
        memory=memory,
        trace="".join(traceback.format_exception(error))[-TRACE:],
    )


def said(error: Exception) -> str:
    """The message of an error; for one that is not ours its type as well."""
    if isinstance(error, WorldloomError):
        return str(error)
    if isinstance(error, ValidationError):
        return f"{error.title}: {error.errors(include_url=False)[0]['msg']}"
    return f"{type(error).__name__}: {error}"


def faults(problems: list[Problem] | tuple[Problem, ...]) -> tuple[Fault, ...]:
    """Problems as messages."""
    return tuple(
        Fault(path=p.path, code=p.code, message=p.message, port=p.port, severity=p.severity)
        for p in problems
    )


def out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out, here or where this came from."""
    return any(
        isinstance(each, MemoryError | torch.OutOfMemoryError)
        or (isinstance(each, RuntimeError) and "can't allocate memory" in str(each))
        for each in _causes(error)
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__
