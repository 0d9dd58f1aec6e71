"""Patterns over dotted paths, and which rule of a plan reaches which node.

`*` is one name or part of one, `**` any number of names. A rule names nodes and holds inside them,
so the rule whose named node sits deepest wins, and among equals the later one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from graphs.spec.plan import Rule


@lru_cache(maxsize=4096)
def regex(pattern: str) -> re.Pattern[str]:
    """The pattern as a regular expression over a whole dotted path."""
    parts = []
    for name in pattern.split("."):
        if name == "**":
            parts.append(r"(?:[^.]+\.)*")
        else:
            parts.append(re.escape(name).replace(r"\*", "[^.]*") + r"\.")
    return re.compile("".join(parts))


def matches(pattern: str, path: str) -> bool:
    """Whether the pattern names exactly this path; "" and "**" name the root.

    >>> matches("creator.*", "creator.backbone"), matches("**.lin", "a.b.lin")
    (True, True)
    """
    return regex(pattern).fullmatch(f"{path}.") is not None if path else pattern in ("", "**")


def reach(pattern: str, path: str) -> int:
    """How deep the node named by the pattern sits that is `path` or holds it; -1 when none does.

    A trailing `**` means everything inside, so "a.**" names `a`.

    >>> reach("a.*", "a.b.c"), reach("**", "a.b"), reach("x", "a.b")
    (2, 0, -1)
    """
    stem = pattern
    while stem == "**" or stem.endswith(".**"):
        stem = stem[:-2].rstrip(".")
    if not stem:
        return 0
    if "*" not in stem:
        inside = path == stem or path.startswith(stem + ".")
        return stem.count(".") + 1 if inside else -1
    names = path.split(".")
    deepest = (n for n in range(len(names), 0, -1) if matches(stem, ".".join(names[:n])))
    return next(deepest, -1)


def winner(
    rules: Sequence[Rule], path: str, block_type: str = "", step: int | None = None
) -> Rule | None:
    """The rule that holds for the node at `path`, or None when none reaches it.

    With `step` given only rules that exist at that step count.
    """
    best, depth = None, -1
    for rule in rules:
        if step is not None and not rule.active(step):
            continue
        if rule.types and block_type not in rule.types:
            continue
        if any(reach(pattern, path) >= 0 for pattern in rule.exclude):
            continue
        found = (
            path.count(".") + 1
            if rule.types and reach(rule.where, path) >= 0
            else reach(rule.where, path)
        )
        if found >= depth and found >= 0:
            best, depth = rule, found
    return best


def unmatched(rules: Iterable[Rule], nodes: Mapping[str, str]) -> list[tuple[int, Rule]]:
    """Rules that reach none of the nodes (path -> type), with their numbers."""
    rules = list(rules)
    return [
        (number, rule)
        for number, rule in enumerate(rules)
        if not any(winner([rule], path, kind) for path, kind in nodes.items())
    ]
