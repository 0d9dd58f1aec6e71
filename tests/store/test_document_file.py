"""Documents survive their files exactly, and nothing else gets in."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs.spec.document import Document, GraphSpec, NodeSpec
from graphs.spec.problems import FileError
from graphs.store.document_file import (
    document_bytes,
    document_from,
    normalised,
    read_document,
    write_document,
)
from graphs.store.migrations import upgrade

NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,5}", fullmatch=True)
TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
CONFIGS = st.dictionaries(NAMES, VALUES, max_size=3)
PINS = st.builds("{}.{}".format, NAMES, NAMES)
LEAVES = st.builds(NodeSpec, type=st.just("core/Linear"), config=CONFIGS, label=TEXT)
LINKS = st.builds(NodeSpec, uses=NAMES, overrides=st.dictionaries(TEXT, CONFIGS, max_size=2))


def graphs(nodes: st.SearchStrategy[NodeSpec]) -> st.SearchStrategy[GraphSpec]:
    return st.builds(
        GraphSpec,
        level=st.sampled_from(["graph", "pipeline", "stage", "world"]),
        nodes=st.dictionaries(NAMES, nodes, max_size=4),
        wires=st.lists(st.builds("{} -> {}".format, PINS, PINS), max_size=4),
        inputs=st.dictionaries(NAMES, st.lists(PINS, min_size=1, max_size=2), max_size=2),
        outputs=st.dictionaries(NAMES, PINS, max_size=2),
    )


NODES = st.recursive(LEAVES | LINKS, lambda n: st.builds(NodeSpec, body=graphs(n)), max_leaves=6)
PLANS = st.fixed_dictionaries(
    {},
    optional={
        "steps": st.integers(1, 10**6),
        "seed": st.integers(0, 2**63),
        "rules": st.lists(st.fixed_dictionaries({"where": PINS, "alpha": st.floats(0.1, 99)})),
        "losses": st.lists(st.fixed_dictionaries({"port": PINS})),
        "optimiser": st.fixed_dictionaries({"options": CONFIGS}),
        "clip_norm": st.none() | st.floats(0.1, 10),
    },
)
DOCUMENTS = st.builds(
    Document,
    title=TEXT,
    description=TEXT,
    root=graphs(NODES),
    definitions=st.dictionaries(NAMES, LEAVES, max_size=2),
    plans=st.dictionaries(NAMES, PLANS, max_size=2),
    layout=st.dictionaries(TEXT, VALUES, max_size=3),
)


def orders(document: Document) -> list[list[str]]:
    return [list(document.root.nodes), list(document.plans), list(document.definitions)]


@settings(max_examples=60, deadline=None)
@given(DOCUMENTS, st.booleans())
def test_a_document_comes_back_equal_and_writes_the_same_bytes(
    doc: Document, compact: bool
) -> None:
    data = document_bytes(doc, "here", compact)
    again = document_from(data, "here")
    assert again == doc == normalised(doc)
    assert document_bytes(again, "here", compact) == data
    assert orders(again) == [sorted(names) for names in orders(doc)]
    assert list(again.root.walk()) == list(normalised(doc).root.walk())


def test_equal_documents_give_equal_files_whatever_the_order_of_nodes(tmp_path: Path) -> None:
    leaf = NodeSpec(type="core/Relu")
    one = Document(root=GraphSpec(nodes={"b": leaf, "a": leaf}))
    two = Document(root=GraphSpec(nodes={"a": leaf, "b": leaf}))
    write_document(tmp_path / "one.json", one)
    write_document(tmp_path / "two.json", two)
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()
    assert list(read_document(tmp_path / "one.json").root.nodes) == ["a", "b"]


def test_defaults_are_left_out_and_the_header_is_there(tmp_path: Path) -> None:
    path = tmp_path / "пустой.json"
    write_document(path, Document(title="мир", plans={"p": {}}))
    assert path.read_text("utf-8") == (
        '{\n  "format": "worldloom",\n  "plans": {\n    "p": {}\n  },\n  "title": "мир",\n  "version": 1\n}\n'
    )


def test_nan_in_a_config_is_refused_and_not_turned_into_null(tmp_path: Path) -> None:
    node = NodeSpec(type="core/Scale", config={"by": float("nan")})
    with pytest.raises(FileError, match="plain data"):
        write_document(tmp_path / "a.json", Document(root=GraphSpec(nodes={"a": node})))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ([], "a list"),
        ({}, "None"),
        ({"format": "comfy", "version": 1}, "'comfy'"),
        ({"format": "worldloom"}, "a version number"),
        ({"format": "worldloom", "version": True}, "True"),
        ({"format": "worldloom", "version": 0}, "from 1 up"),
        ({"format": "worldloom", "version": 2}, "install a newer Worldloom"),
    ],
)
def test_what_is_not_ours_or_newer_is_refused(raw: Any, says: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(raw))
    with pytest.raises(FileError, match=says):
        read_document(path)


def test_every_wrong_place_is_named_in_one_error(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    raw = {
        "format": "worldloom",
        "version": 1,
        "root": {
            "level": "wrld",
            "nodes": {"Bad Name": {}, "../../etc": {}, "a": {"confg": {}}},
            "wires": ["a -> b"],
        },
        "plans": {"p": {"steps": -1}},
    }
    path.write_text(json.dumps(raw))
    with pytest.raises(FileError) as caught:
        read_document(path)
    text = str(caught.value)
    for words in (
        "a.json",
        "root.level: there is no level",
        "root.nodes.Bad Name: expected a name",
        "root.nodes.../../etc: expected a name",
        "root.nodes.a.confg: there is no such field; did you mean config?",
        "root.wires: a pin is written",
        "plans.p.steps: expected greater than 0, got -1",
    ):
        assert words in text
    assert "pydantic" not in text


def nested(bodies: int) -> bytes:
    body = b'{"nodes":{"a":{"body":' * bodies + b"{}" + b"}}}" * bodies
    return b'{"format":"worldloom","version":1,"root":' + body + b"}"


def test_bodies_nest_deep_and_a_bomb_of_them_is_refused() -> None:
    document = document_from(nested(120), "here")
    assert document_from(document_bytes(document, "here"), "here") == document
    with pytest.raises(FileError, match="nested"):
        document_from(nested(50_000), "here")


def test_old_versions_go_through_every_migration_in_order() -> None:
    steps = {
        1: lambda fields: {"title": fields["name"]},
        2: lambda fields: {"title": fields["title"].upper()},
    }
    raw = {"format": "worldloom", "version": 1, "name": "sea"}
    assert upgrade(raw, "here", version=3, migrations=steps) == {"title": "SEA"}


def test_a_migration_that_cannot_be_done_is_a_file_error() -> None:
    raw = {"format": "worldloom", "version": 1}
    with pytest.raises(FileError, match="KeyError") as caught:
        upgrade(raw, "here", version=2, migrations={1: lambda fields: {"title": fields["name"]}})
    assert isinstance(caught.value.__cause__, KeyError)
    with pytest.raises(FileError, match="older Worldloom"):
        upgrade(raw, "here", version=2, migrations={})


def test_documents_are_read_and_written_without_torch(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from graphs.store import read_document, write_document\n"
        "from graphs.spec.document import Document; path = pathlib.Path(sys.argv[1])\n"
        "write_document(path, Document(title='x')); assert read_document(path).title == 'x'\n"
        "assert 'torch' not in sys.modules, 'torch was imported'"
    )
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", code, tmp_path / "a.json"], check=True, cwd=root)
