"""`worldloom adapt`: one command from a frozen base to a variant among its variants."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from app.errors import UsageError
from app.shelf import Shelf
from app.training import Request, Trained, train_file
from app.workspace import open_workspace
from graphs.live.weights import base_tensors
from graphs.store import content_hash, import_light


def adapt_file(file: Path, name: str, asked: Request, force: bool) -> Trained:
    """Train a variant under a plan of adapters; the base is not written.

    Raises: UsageError when the plan trains more than adapters, or the name is taken.
    """
    work, shelf = open_workspace(file), Shelf(file)
    plan_name, plan = work.plan(asked.plan)
    if any(rule.mode not in ("lora", "frozen") for rule in plan.rules):
        raise UsageError(
            f"plan {plan_name!r} trains weights of the base\n  → a variant needs rules of mode lora"
        )
    if name in shelf.names() and not force:
        raise UsageError(f"there is a variant {name!r}\n  → choose another name or give --force")
    folder = asked.output or work.path.parent / "runs" / f"{work.path.stem}-variant-{name}"
    done = train_file(file, replace(asked, plan=plan_name, output=folder))
    light = next((path for path in done.files.values() if path.suffix == ".world"), None)
    if light is not None:
        base = content_hash(base_tensors(work.build()))
        placed = shelf.add(name, import_light(light), base, replace=force)
        done.files = {**done.files, "variant": placed}
    return done
