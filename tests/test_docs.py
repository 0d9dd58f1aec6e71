"""What the documentation shows is done here as it is written there."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from graphs.live.registry import Registry
from graphs.spec.check import check
from graphs.spec.plan import Plan
from graphs.store.document_file import document_from

DOCS = Path(__file__).parent.parent / "assets" / "docs"


def shown(page: str, language: str) -> list[str]:
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


def blocks(tmp_path: Path, entry: str, *words: str) -> subprocess.CompletedProcess[str]:
    """`worldloom blocks` where the pack of the page is installed with this entry point."""
    pack = tmp_path / "my_blocks"
    pack.mkdir()
    (pack / "__init__.py").touch()
    (pack / "gates.py").write_text(shown("writing-blocks.md", "python")[0], encoding="utf-8")
    installed = tmp_path / "my_blocks-0.1.dist-info"  # what pip leaves of a pyproject.toml
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: my-blocks\nVersion: 0.1\n")
    (installed / "entry_points.txt").write_text(entry)
    paths = os.pathsep.join([str(tmp_path), str(DOCS.parent.parent)])
    words = ("blocks", *words)
    code = f"import sys; from app.cli import main; sys.argv[1:] = {[*words]}; main()"
    environment = {**os.environ, "PYTHONPATH": paths, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment
    )


def test_the_pack_of_the_page_is_found_when_it_is_installed(tmp_path: Path) -> None:
    project = tomllib.loads(shown("writing-blocks.md", "toml")[0])["project"]
    ((group, entries),) = project["entry-points"].items()
    lines = "".join(f"{name} = {value}\n" for name, value in entries.items())
    done = blocks(tmp_path, f"[{group}]\n{lines}", "mine/Gate", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["category"], list(found["inputs"])) == ("my_blocks", ["x"])
    assert found["config"]["required"] == ["width"]


def test_a_pack_with_a_wrongly_written_entry_point_is_named_and_all_else_works(
    tmp_path: Path,
) -> None:
    done = blocks(tmp_path, '[worldloom.blocks]\nmine = "my_blocks"\n', "Linear")
    assert done.returncode == 0, done.stderr
    assert "pack mine could not be loaded" in done.stderr
    assert "core/Linear" in done.stdout


def test_the_document_of_the_page_has_no_problems() -> None:
    (text,) = shown("documents.md", "json")
    document = document_from(text.encode(), "documents.md")
    assert check(document, Registry.installed().catalogue()) == []


def test_the_edits_of_the_page_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "two.json").write_text(shown("documents.md", "json")[0], encoding="utf-8")
    (code,) = shown("documents.md", "python")
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(DOCS.parent.parent)},
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert '"first"' in (tmp_path / "two.json").read_text()


def test_the_plan_of_the_page_is_one() -> None:
    (text,) = shown("training.md", "json")
    assert Plan.model_validate_json(text).rules[1].rank == 4
