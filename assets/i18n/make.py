"""Bring the catalogues of translations up to date; run by hand whenever words in the editor changed.

    python assets/i18n/make.py

It reads every `_()`, `N_()` and `ngettext()` of app/editor, every `Sentence()` of graphs/spec, and the
titles that blocks, plans and levels bring, puts what is new into each catalogue without a translation,
takes out what is gone, and compiles what programs read (.mo). A test says that nothing is missing.
"""

from __future__ import annotations

import ast
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from app.editor.inspector.fields import Field
from app.editor.inspector.schema import fields_of, fields_of_model
from graphs.live.registry import Registry
from graphs.spec.levels import LEVELS
from graphs.spec.plan import Plan
from graphs.spec.roles import ROLES
from graphs.spec.state import Cycle, Transition

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
EDITOR, RULES = ROOT / "app" / "editor", ROOT / "graphs" / "spec"
WHEN = datetime(2026, 1, 1, tzinfo=UTC)  # equal words give equal files
Said = tuple[str | tuple[str, ...], str | None]  # with its context
Words = dict[Said, list[tuple[str, int]]]


def words() -> Words:
    """What is said in the editor, and where; a pair is one thing and many.

    Python's own parser finds it: that of Babel passes over what stands inside an f-string.
    """
    found: Words = {}
    for path in [*sorted(EDITOR.rglob("*.py")), *sorted(RULES.rglob("*.py"))]:
        place = (path.relative_to(ROOT).as_posix(), 0)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (said := _said(node)) is not None:
                found.setdefault(said, []).append(place)
    for said in terms():
        found.setdefault(said, []).append(("graphs", 0))
    return found


def terms() -> set[Said]:
    """What app/editor/terms.py says of settings, categories, levels and roles, each in its context."""
    catalogue = Registry.installed().catalogue()
    fields = [f for model in (Plan, Transition, Cycle) for f in fields_of_model(model)]
    fields += [f for block in catalogue.types.values() for f in fields_of(block.config)]
    found: set[Said] = {(label, "setting") for f in fields for label in _labels(f)}
    found |= {(text, "help") for f in fields for text in _helps(f)}
    roles = {block.role for block in catalogue.types.values() if block.role} | ROLES.keys()
    found |= {(name.replace("_", " "), "role") for name in roles}
    found |= {(role.meaning, "role") for role in ROLES.values()}
    kinds = {block.category for block in catalogue.types.values()} | LEVELS.keys()
    found |= {(name, "kind") for name in kinds if name}
    return found | {(level.meaning, "level") for level in LEVELS.values()}


def _labels(field: Field) -> set[str]:
    """The titles of a setting and of those inside it; a number is none."""
    inner = {label for each in field.inner for label in _labels(each)}
    return inner | ({field.label} if not field.label.isdigit() else set())


def _helps(field: Field) -> set[str]:
    """What is said of a setting and of those inside it; what is longer than a line is documentation."""
    inner = {text for each in field.inner for text in _helps(each)}
    return inner | ({field.help} if field.help and "\n" not in field.help else set())


def _said(node: ast.AST) -> Said | None:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return None
    texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    match node.func.id, texts:
        case "_" | "N_" | "Sentence", [text]:
            return text, None
        case "ngettext", [one, many]:
            return (one, many), None
        case "p_", [context, text]:
            return text, context
    return None


def catalogue_file(language: str, ending: str = "po") -> Path:
    """Where a language's words are."""
    return HERE / language / "LC_MESSAGES" / f"worldloom.{ending}"


def read(language: str) -> Catalog:
    """The words of a language as they are kept."""
    with catalogue_file(language).open("rb") as file:
        return read_po(file, locale=language)


def update(language: str, found: Words) -> list[str]:
    """The catalogue of a language holds these words; those that nobody translated yet."""
    old = read(language) if catalogue_file(language).exists() else Catalog(locale=language)
    new = Catalog(
        locale=language, project="Worldloom", version="", header_comment="", fuzzy=False,
        msgid_bugs_address="", last_translator="", language_team=language,
        creation_date=WHEN, revision_date=WHEN,
    )  # fmt: skip
    for (said, context), places in sorted(found.items(), key=str):
        known = old.get(said if isinstance(said, str) else said[0], context)
        string = known.string if known is not None else None
        new.add(said, string, locations=sorted(set(places)), context=context)
    with catalogue_file(language).open("wb") as file:
        write_po(file, new, width=100, include_lineno=False, omit_header=False)
    with catalogue_file(language, "mo").open("wb") as file:
        write_mo(file, new)
    return [str(m.id) for m in new if m.id and not whole(m.string)]


def whole(said: object) -> bool:
    """Whether a translation is there, in all its forms."""
    return all(said) if isinstance(said, tuple) else bool(said)


if __name__ == "__main__":
    spoken = words()
    for folder in sorted(HERE.glob("*/LC_MESSAGES")):
        lacking = update(folder.parent.name, spoken)
        print(f"{folder.parent.name}: {len(spoken)} texts, {len(lacking)} without a translation")
        for text in lacking:
            print(f"  {text}")
