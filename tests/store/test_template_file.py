"""Templates as files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.workspace import templates
from graphs.spec.document import Document
from graphs.spec.problems import FileError
from graphs.store import read_document, read_template, write_document

TEMPLATE: dict[str, Any] = {
    "format": "worldloom template",
    "version": 1,
    "title": "${name}",
    "parameters": {
        "name": {"type": "text", "default": "Line", "description": "what it is called"},
        "width": {"type": "integer", "default": 4, "minimum": 1, "description": "how wide"},
    },
    "root": {"nodes": {"map": {"type": "core/Linear", "config": {"d_in": "${width}", "d_out": 2}}}},
}


def written(path: Path, **changes: Any) -> Path:
    path.write_text(json.dumps({**TEMPLATE, **changes}))
    return path


def test_a_template_becomes_a_document_that_says_where_it_is_from(tmp_path: Path) -> None:
    found = read_template(written(tmp_path / "line.json"))
    document = found.document({"width": 8})
    assert document.title == "Line"
    assert document.root.nodes["map"].config == {"d_in": 8, "d_out": 2}
    assert document.root.made_from is not None
    assert document.root.made_from.template == "line"
    assert document.root.made_from.values == {"name": "Line", "width": 8}
    write_document(tmp_path / "mine.json", document)
    assert read_document(tmp_path / "mine.json") == document


def test_a_document_is_a_template_without_parameters(tmp_path: Path) -> None:
    write_document(tmp_path / "plain.json", Document(title="Plain"))
    assert read_template(tmp_path / "plain.json").document().title == "Plain"


def test_a_template_is_not_opened_as_a_document(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"worldloom new .*line\.json -o NAME\.json"):
        read_document(written(tmp_path / "line.json"))


def test_a_placeholder_without_a_parameter_is_refused_with_its_place(tmp_path: Path) -> None:
    path = written(tmp_path / "line.json", description="so ${wide}")
    with pytest.raises(FileError, match="description: there is no parameter 'wide'"):
        read_template(path)


def test_parameters_in_a_document_and_wrong_ones_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="a document without parameters"):
        read_template(written(tmp_path / "line.json", format="worldloom"))
    with pytest.raises(FileError, match="an object as 'parameters'"):
        read_template(written(tmp_path / "line.json", parameters=[1]))
    wrong = {"width": {"type": "integer", "default": "x", "description": "wide"}}
    with pytest.raises(FileError, match="parameter 'width'"):
        read_template(written(tmp_path / "line.json", parameters=wrong))


def test_a_value_that_no_document_may_have_names_the_template(tmp_path: Path) -> None:
    path = written(
        tmp_path / "line.json", root={"level": "${name}", "outputs": {"${width}": "a.b"}}
    )
    with pytest.raises(FileError, match=r"line\.json: "):
        read_template(path).document()


@pytest.mark.parametrize("name", sorted(templates()))
def test_every_template_that_ships_makes_a_document(name: str) -> None:
    found = read_template(templates()[name])
    assert found.document().root.nodes
    assert all(parameter.description.endswith(".") for parameter in found.parameters.values())
