"""Moves: where nodes went, and what plans say of them said anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphs.spec.document import join
from graphs.spec.patterns import matches
from graphs.spec.plan import Plan, Rule


@dataclass(frozen=True)
class Moves:
    """Where nodes went: old path -> new path, each standing for all inside it.

    `gone` maps a dissolved node to its members (name inside, new path), `ports` its outputs
    ("g.out") to the pins that they showed.
    """

    paths: Mapping[str, str] = field(default_factory=dict)
    gone: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    ports: Mapping[str, str] = field(default_factory=dict)

    def below(self, holder: str) -> Moves:
        """The same moves inside a node at this path."""
        return Moves(
            {join(holder, old): join(holder, new) for old, new in self.paths.items()},
            {
                join(holder, old): tuple((name, join(holder, new)) for name, new in members)
                for old, members in self.gone.items()
            },
            {join(holder, old): join(holder, new) for old, new in self.ports.items()},
        )

    def path(self, path: str) -> str:
        """Where a node is now."""
        names = path.split(".")
        for n in range(len(names), 0, -1):
            new = self.paths.get(".".join(names[:n]))
            if new is not None:
                return join(new, *names[n:])
        return path

    def port(self, port: str) -> str:
        """Where "path.port" is now."""
        if port in self.ports:
            return self.ports[port]
        path, _, name = port.rpartition(".")
        return f"{self.path(path)}.{name}" if path else port

    def patterns(self, pattern: str) -> tuple[str, ...]:
        """A pattern whose literal beginning names what moved, as one or more new patterns."""
        names = pattern.split(".")
        literal = next((n for n, name in enumerate(names) if "*" in name), len(names))
        for n in range(literal, 0, -1):
            head, rest = ".".join(names[:n]), names[n:]
            if head in self.paths:
                return (join(self.paths[head], *rest),)
            if head in self.gone:
                return tuple(_members(self.gone[head], rest)) or (pattern,)
        return (pattern,)


def _members(members: Iterable[tuple[str, str]], rest: list[str]) -> Iterable[str]:
    """What "g" followed by `rest` named, said of the members of g."""
    for name, path in members:
        if not rest or rest[0] == "**":
            yield join(path, *rest)
            if len(rest) > 1 and matches(rest[1], name):  # "**" may also be no name at all
                yield join(path, *rest[2:])
        elif matches(rest[0], name):
            yield join(path, *rest[1:])


def together(moves: Iterable[Moves]) -> Moves:
    """All these moves as one."""
    paths: dict[str, str] = {}
    gone: dict[str, tuple[tuple[str, str], ...]] = {}
    ports: dict[str, str] = {}
    for each in moves:
        paths.update(each.paths)
        gone.update(each.gone)
        ports.update(each.ports)
    return Moves(paths, gone, ports)


def followed(plan: Plan, moves: Moves) -> Plan:
    """The plan with every path in it where its node is now; settings of what is gone go."""
    now: dict[str, Any] = {
        "rules": _rules(plan.rules, moves),
        "recompute": tuple(p for pattern in plan.recompute for p in moves.patterns(pattern)),
        "compile": {
            p: mode for pattern, mode in plan.compile.items() for p in moves.patterns(pattern)
        },
        "settings": {
            moves.path(path): values
            for path, values in plan.settings.items()
            if path not in moves.gone
        },
        "losses": tuple(
            loss.model_copy(update={"port": moves.port(loss.port)}) for loss in plan.losses
        ),
    }
    if plan.validation:
        ports = {name: moves.port(port) for name, port in plan.validation.ports.items()}
        now["validation"] = plan.validation.model_copy(update={"ports": ports})
    if plan.log:
        now["log"] = {name: moves.port(port) for name, port in plan.log.items()}
    change = {key: value for key, value in now.items() if value != getattr(plan, key)}
    return plan.model_copy(update=change) if change else plan


def _rules(rules: Iterable[Rule], moves: Moves) -> tuple[Rule, ...]:
    """Rules about a dissolved node become rules about its members.

    They go before those that named its inside: once on one level the later would win, and the
    inner ones were stronger.
    """
    found: list[Rule] = []
    first_inner: dict[str, int] = {}
    for rule in rules:
        wheres = moves.patterns(rule.where)
        exclude = tuple(p for pattern in rule.exclude for p in moves.patterns(pattern))
        made = [
            rule
            if (where, exclude) == (rule.where, rule.exclude)
            else rule.model_copy(update={"where": where, "exclude": exclude})
            for where in wheres
        ]
        holder = next((g for g in moves.gone if _names(rule.where, g)), "")
        if holder and holder in first_inner:
            place = first_inner[holder]
            found[place:place] = made
            first_inner = {g: n + len(made) if n >= place else n for g, n in first_inner.items()}
            continue
        for gone in moves.gone:
            if rule.where.startswith(f"{gone}.") and not _names(rule.where, gone):
                first_inner.setdefault(gone, len(found))
        found += made
    return tuple(found)


def _names(pattern: str, path: str) -> bool:
    """Whether a pattern is about this very node and so all inside it."""
    return pattern == path or set(pattern.removeprefix(path).split(".")) == {"", "**"}
