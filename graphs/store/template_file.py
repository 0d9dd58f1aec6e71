"""Templates as files: a document's JSON with placeholders, and "parameters" that say what fills them.

A document without parameters is a template of one document. A template with some calls its format
"worldloom template", so that nobody opens it as a document by mistake.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphs.spec.document import Document, MadeFrom
from graphs.spec.problems import FileError
from graphs.spec.template import Parameter, Parameters, chosen, filled, template_faults
from graphs.store.faults import fault, listed, shown
from graphs.store.jsonfile import read_json
from graphs.store.migrations import FORMAT, TEMPLATE_FORMAT, upgrade
from graphs.store.plain import validated


@dataclass(frozen=True)
class Template:
    """A template that was read: `fields` are those of a document, with placeholders in them."""

    name: str
    path: Path
    fields: Mapping[str, Any]
    parameters: Parameters

    @property
    def description(self) -> str:
        """What its documents say of themselves when nothing is chosen."""
        return self.document().description

    def document(self, values: Mapping[str, Any] | None = None) -> Document:
        """The document with these values, and the defaults for the rest; it says where it is from.

        Raises: TemplateError for a value that does not fit; FileError when no document comes of it.
        """
        all_values = chosen(self.parameters, values or {})
        document = validated(Document, filled(self.fields, all_values), self.path)
        origin = MadeFrom(template=self.name, values=all_values)
        root = document.root.model_copy(update={"made_from": origin})
        return document.model_copy(update={"root": root})


def read_template(path: Path) -> Template:
    """The template in a file, with parameters that fit its placeholders.

    Raises: FileError when it is not ours, newer, damaged, or its placeholders and parameters disagree.
    """
    raw = read_json(path)
    header = raw.get("format") if isinstance(raw, dict) else None
    ours = header in (FORMAT, TEMPLATE_FORMAT)
    fields = upgrade({**raw, "format": FORMAT} if ours else raw, path)
    given = fields.pop("parameters", {})
    if header == FORMAT and given:
        advice = f'write "format": "{TEMPLATE_FORMAT}"'
        raise fault(path, "a document without parameters", shown(list(given)), advice)
    if not isinstance(given, dict):
        raise fault(path, "an object as 'parameters'", shown(given), "write name: parameter")
    parameters = {n: validated(Parameter, p, f"{path}, parameter {n!r}") for n, p in given.items()}
    if header == TEMPLATE_FORMAT and (faults := template_faults(fields, parameters)):
        raise FileError(f"{path}: its placeholders and parameters disagree\n{listed(faults)}")
    return Template(path.stem, path, fields, parameters)
