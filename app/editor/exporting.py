"""Giving away and taking in: world files, light worlds, scripts. The engine does it; this asks for names."""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from pathlib import Path
from typing import TYPE_CHECKING

from app.editor.browser.listing import ADAPTER
from app.editor.filing import WORLD, Filing, with_ending
from app.editor.folders import shown
from app.editor.language import _
from app.editor.wishes import Choose, Draw, Kind, Pick, Row

if TYPE_CHECKING:
    from app.editor.engine_link import EngineLink
    from app.engine.commands import Command
    from app.engine.events import Event


def export_world(filing: Filing) -> None:
    """Ask for a name; one .world file has the document and its weights."""
    from app.engine.commands import ExportWorld

    _save(filing, _("Export world"), _worlds(), WORLD, lambda path: ExportWorld(path=str(path)))


def export_light(filing: Filing) -> None:
    """Let a variant be chosen and ask for a name; the file has its adapters and names their base."""
    engine = _engine(filing)
    if engine is None:
        return
    variants = engine.heard.variants.of
    names = [name for name, fact in variants.items() if fact.exportable]
    if not names:
        filing.studio.say(
            _("There is no light world yet: train a plan whose rule is LoRA"), "warning"
        )
        return

    def take(variant: str) -> None:
        export_variant(filing, variant)

    if len(names) == 1:
        take(names[0])
        return
    rows = tuple(
        Row(name, name, _("{count} parameters").format(count=f"{variants[name].parameters:,}"))
        for name in names
    )
    filing.studio.request(Choose(_("Which light world?"), rows, take))


def export_variant(filing: Filing, variant: str) -> None:
    """Ask for a name for this variant's file."""
    from app.engine.commands import ExportLight

    def order(path: Path) -> Command:
        return ExportLight(path=str(path), variant=variant)

    _save(filing, _("Export light world"), _worlds(), WORLD, order, f"{variant}{WORLD}")


def export_script(filing: Filing) -> None:
    """Ask for a name; the file is Python that needs nothing but PyTorch and gives the same."""
    from app.engine.commands import ExportScript

    kind = Kind(_("Python files"), (".py",))
    _save(
        filing, _("Export as a PyTorch script"), kind, ".py",
        lambda path: ExportScript(path=str(path)),
    )  # fmt: skip


def picture(filing: Filing) -> None:
    """Ask for a name; the file is a picture of the whole canvas."""

    def accept(path: Path) -> None:
        filing.studio.request(Draw(with_ending(path, ".png")))

    kinds = (Kind(_("Pictures"), (".png",)),)
    name = f"{filing.studio.path.stem if filing.studio.path else filing.name}.png"
    filing.studio.request(
        Pick(_("Picture of the canvas"), _("Save"), kinds, accept, True, name, filing.folder)
    )


def import_light(filing: Filing, heard: Callable[[Event], object] | None = None) -> None:
    """Ask for a light world of this base; its adapters are a variant then.

    `heard` is told what the engine answers.
    """

    def accept(path: Path) -> None:
        take_in(filing, path, heard)

    kinds = (Kind(_("Light worlds and adapters"), (WORLD, ADAPTER[0])), Kind(_("Every file")))
    title = _("Import light world or adapters")
    filing.studio.request(Pick(title, _("Import"), kinds, accept, folder=filing.folder))


def take_in(filing: Filing, path: Path, heard: Callable[[Event], object] | None = None) -> None:
    """The adapters of a light world, or of a PEFT folder, are a variant under a name that was free.

    Those of a folder are for one node: the chosen one, else one that is asked for.
    """
    from app.engine.commands import ImportAdapters, ImportLight

    engine = _engine(filing)
    if engine is None:
        return
    folder = path.parent if path.name in ADAPTER else path
    name = free_name(folder.stem, engine.heard.variants.of)

    def answered(event: Event) -> None:
        if event.event == "VariantsListed":
            filing.studio.say(
                _("{file} is the variant {name} now").format(file=folder.name, name=name)
            )
        if heard is not None:
            heard(event)

    def onto(node: str) -> None:
        engine.ask(ImportAdapters(path=str(folder), node=node, variant=name), answered)

    if folder.is_dir():
        _ask_node(filing, onto)
    else:
        engine.ask(ImportLight(path=str(path), variant=name), answered)


def _ask_node(filing: Filing, then: Callable[[str], None]) -> None:
    """The chosen node, if it is one; else one of those that are seen, or what holds them, is asked for."""
    scene = filing.studio.scene
    chosen = sorted(filing.studio.selection.nodes)
    if len(chosen) == 1:
        then(scene.path(chosen[0]))
        return
    whole = Row(scene.place.path, _("Everything here"))
    rows = [
        Row(card.path, card.title, "", card.line)
        for card in scene.cards()
        if card.chip is not None or card.doing.parameters
    ]
    filing.studio.request(Choose(_("The adapters are for which node?"), (whole, *rows), then))


def free_name(name: str, taken: Container[str]) -> str:
    """A name that a variant may have, with a number where it is taken.

    >>> free_name("night", ()), free_name("my night!", ("my_night", "my_night_2"))
    ('night', 'my_night_3')
    """
    name = re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_-") or "variant"
    number, free = 2, name
    while free in taken:
        number, free = number + 1, f"{name}_{number}"
    return free


def _worlds() -> Kind:
    return Kind(_("World files"), (WORLD,))


def _engine(filing: Filing) -> EngineLink | None:
    if filing.engine is None:
        filing.studio.say(_("This needs the engine, and there is none"), "error")
    return filing.engine


def _save(
    filing: Filing,
    title: str,
    kind: Kind,
    ending: str,
    order: Callable[[Path], Command],
    name: str = "",
) -> None:
    """Ask for a name and then the engine; what was written is said."""
    engine = _engine(filing)
    if engine is None:
        return

    def answered(event: Event) -> None:
        if event.event == "Saved":
            size = f"{event.bytes / 2**20:.1f}"
            words = _("Wrote {path}, {size} MB").format(path=shown(Path(event.path)), size=size)
            filing.studio.say("; ".join([words, *event.notes]))

    def accept(path: Path) -> None:
        filing.studio.say(_("Writing {path}…").format(path=shown(path)))
        engine.ask(order(with_ending(path, ending)), answered)

    stem = filing.studio.path.stem if filing.studio.path else filing.name
    filing.studio.request(
        Pick(title, _("Export"), (kind,), accept, True, name or f"{stem}{ending}", filing.folder)
    )
