"""Which rule reaches which node, and which of several holds."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.spec.patterns import matches, reach, regex, unmatched, winner
from graphs.spec.plan import Rule

NAMES = st.sampled_from(["a", "b", "ab", "lin"])
PATHS = st.lists(NAMES, min_size=1, max_size=4).map(".".join)
PATTERNS = st.lists(
    st.sampled_from(["a", "b", "ab", "lin", "*", "a*", "*b", "**"]), min_size=1, max_size=4
).map(".".join)
RULES = st.builds(
    Rule,
    where=PATTERNS,
    exclude=st.lists(PATTERNS, max_size=1).map(tuple),
    types=st.lists(st.sampled_from(["x", "y"]), max_size=1).map(tuple),
    lr=st.floats(0, 1),
)


def naive(pattern: list[str], path: list[str]) -> bool:
    """The meaning of patterns, said by recursion."""
    if not pattern:
        return not path
    if pattern[0] == "**":
        return any(naive(pattern[1:], path[n:]) for n in range(len(path) + 1))
    if not path or not re.fullmatch(pattern[0].replace("*", ".*"), path[0]):
        return False
    return naive(pattern[1:], path[1:])


@given(PATTERNS, PATHS)
def test_a_star_is_one_name_and_two_are_any_number(pattern: str, path: str) -> None:
    assert matches(pattern, path) == naive(pattern.split("."), path.split("."))


@pytest.mark.parametrize("pattern", ["a.c", "a+b", "a|b", "(", "a.*.[x]"])
def test_other_signs_mean_themselves(pattern: str) -> None:
    assert matches(pattern, pattern)
    assert not matches(pattern, "a.b.c") or "*" in pattern
    assert regex(pattern).pattern


def test_the_root_is_named_by_nothing_and_by_everything() -> None:
    assert matches("", "")
    assert matches("**", "")
    assert not matches("*", "")


@given(PATTERNS, PATHS)
def test_reach_is_the_depth_of_the_deepest_holder_that_is_named(pattern: str, path: str) -> None:
    names = path.split(".")
    stem = re.sub(r"(\.\*\*)+$", "", pattern)
    if stem == "**" or not stem:
        assert reach(pattern, path) == 0
        return
    named = [n for n in range(1, len(names) + 1) if naive(stem.split("."), names[:n])]
    assert reach(pattern, path) == max(named, default=-1)


@given(PATTERNS, PATHS, NAMES)
def test_what_reaches_a_node_reaches_everything_inside(pattern: str, path: str, name: str) -> None:
    assert reach(pattern, f"{path}.{name}") >= reach(pattern, path)


def test_everything_inside_is_the_node_itself() -> None:
    assert reach("a.**", "a") == reach("a", "a") == 1
    assert reach("a.**", "a.b.c") == 1
    assert reach("a.**.**", "a.b") == 1
    assert reach("**", "a.b") == reach("", "a.b") == reach("**.**", "a.b") == 0
    assert reach("a.**", "ab") == reach("a", "ab") == -1
    assert reach("**.lin.**", "a.lin.b") == 2


def holds(rules: list[Rule], path: str, kind: str = "", step: int | None = None) -> int | None:
    found = winner(rules, path, kind, step)
    return None if found is None else next(n for n, rule in enumerate(rules) if rule is found)


def test_an_inner_rule_beats_an_outer_one_wherever_it_stands() -> None:
    inner, outer = Rule(where="a.b", lr=0.1), Rule(where="a", lr=0.2)
    for rules in ([inner, outer], [outer, inner]):
        assert winner(rules, "a.b.c") is inner
        assert winner(rules, "a.c") is outer
        assert winner(rules, "b") is None


def test_among_equals_the_later_rule_wins() -> None:
    assert holds([Rule(where="a"), Rule(where="a"), Rule(where="**")], "a.b") == 1
    assert holds([Rule(where="a.*"), Rule(where="*.b")], "a.b") == 1
    assert holds([Rule(where="*.b"), Rule(where="a.*")], "a.b.c") == 1


def test_types_name_the_blocks_themselves() -> None:
    rules = [Rule(types=("x",)), Rule(where="a", mode="frozen")]
    assert holds(rules, "a.b", "x") == 0, "as deep as the block"
    assert holds(rules, "a.b", "y") == 1
    assert holds(rules, "b", "y") is None
    assert holds([Rule(where="a", types=("x",))], "b", "x") is None
    assert holds([Rule(types=("x",)), Rule(where="a.b")], "a.b", "x") == 1


def test_exclude_leaves_out_a_node_and_all_inside() -> None:
    rule = Rule(exclude=("a.b", "**.norm"))
    assert [holds([rule], path) for path in ("a.b", "a.b.c", "a.norm", "norm.x")] == [None] * 4
    assert holds([rule], "a.c") == 0


def test_a_rule_exists_from_its_first_step_until_its_last() -> None:
    rules = [Rule(), Rule(mode="frozen", from_step=3, until_step=6)]
    assert [holds(rules, "a", step=n) for n in range(8)] == [0, 0, 0, 1, 1, 1, 0, 0]
    assert holds(rules, "a") == 1, "without a step all rules count"


def test_a_shared_block_is_reached_and_excluded_at_any_of_its_places() -> None:
    rules = [Rule(where="a"), Rule(where="b", mode="frozen")]
    assert winner(rules, ("a.x", "b.x")) is rules[1]
    assert winner(rules[::-1], ("a.x", "b.x")) is rules[0]
    assert winner([Rule(where="a.x"), rules[1]], ("a.x", "b.x")) == Rule(where="a.x")
    assert winner([Rule(exclude=("b",))], ("a.x", "b.x")) is None
    assert winner(rules, ("c", "d")) is None


@given(st.lists(RULES, max_size=5), RULES, st.integers(0, 5), PATHS, st.sampled_from(["x", "y"]))
def test_rules_that_reach_nothing_change_nothing(
    rules: list[Rule], other: Rule, place: int, path: str, kind: str
) -> None:
    found = winner(rules, path, kind)
    if winner([other], path, kind) is None:
        assert winner([*rules[:place], other, *rules[place:]], path, kind) is found


@given(st.lists(RULES, min_size=1, max_size=5), PATHS, st.sampled_from(["x", "y"]))
def test_the_winner_is_one_of_those_that_reach_the_node(
    rules: list[Rule], path: str, kind: str
) -> None:
    reaching = [rule for rule in rules if winner([rule], path, kind)]
    found = winner(rules, path, kind)
    assert (found is None) == (not reaching)
    assert found is None or any(found is rule for rule in reaching)


def test_what_reaches_nothing_is_told_with_near_names() -> None:
    nodes = {"reader": "graph", "reader.lin": "core/Linear", "reader.norm": "core/Norm"}
    rules = [
        Rule(where="reader"),
        Rule(where="raeder.lin", mode="frozen"),
        Rule(types=("core/Conv",)),
        Rule(where="reader.lin", exclude=("reader",)),
        Rule(exclude=("reader.nrom",)),
    ]
    assert unmatched(rules, nodes) == [
        (
            1,
            "rule 2 (frozen 'raeder.lin') reaches no node; did you mean reader.lin, reader.norm, reader?",
        ),
        (2, "rule 3 (train '**') reaches no node of type core/Conv"),
        (3, "rule 4 (train 'reader.lin') reaches no node outside reader"),
        (
            4,
            "rule 5 (train '**') excludes 'reader.nrom', which is no node; "
            "did you mean reader.norm, reader.lin, reader?",
        ),
    ]
