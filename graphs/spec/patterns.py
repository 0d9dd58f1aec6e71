"""Patterns over dotted paths, and which rule of a plan reaches which node.

`*` is one name or part of one, `**` any number of names. A rule names nodes and holds inside them,
so the rule whose named node sits deepest wins, and among equals the later one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from graphs.spec.plan import Rule
from graphs.spec.problems import near


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
    rules: Sequence[Rule],
    path: str | Sequence[str],
    block_type: str = "",
    step: int | None = None,
) -> Rule | None:
    """The rule that holds for the node at `path`, or None when none reaches it.

    A shared block has several paths: reached or excluded at one is so at all, and its deepest
    counts. With `step` given only rules that exist at that step count.
    """
    paths = (path,) if isinstance(path, str) else path
    best, depth = None, 0
    for rule in rules:
        if step is not None and not rule.active(step):
            continue
        if rule.types and block_type not in rule.types:
            continue
        if any(reach(pattern, each) >= 0 for pattern in rule.exclude for each in paths):
            continue
        found = max(_depth(rule, each) for each in paths)
        if found >= depth:
            best, depth = rule, found
    return best


def _depth(rule: Rule, path: str) -> int:
    """How deep the node sits by which a rule reaches `path`; -1 when it does not reach it."""
    found = reach(rule.where, path)
    return path.count(".") + 1 if rule.types and found >= 0 else found


def unmatched(rules: Iterable[Rule], nodes: Mapping[str, str]) -> list[tuple[int, str]]:
    """What in the rules reaches none of the nodes (path -> type): each rule's number and why."""
    found = []
    for number, rule in enumerate(rules):
        name = f"rule {number + 1} ({rule.mode} {rule.where!r})"
        if not any(winner([rule], path, kind) for path, kind in nodes.items()):
            of = f" of type {', '.join(rule.types)}" if rule.types else ""
            out = f" outside {', '.join(rule.exclude)}" if rule.exclude else ""
            somewhere = any(reach(rule.where, path) >= 0 for path in nodes)
            hint = "" if somewhere else near(rule.where, nodes)
            found.append((number, f"{name} reaches no node{of}{out}{hint}"))
        for pattern in rule.exclude:
            if not any(reach(pattern, path) >= 0 for path in nodes):
                hint = near(pattern, nodes)
                found.append((number, f"{name} excludes {pattern!r}, which is no node{hint}"))
    return found
