"""Old formats become the present one: dict -> dict, one function per version, applied in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graphs.store.faults import Where, fault, shown

FORMAT = "worldloom"
TEMPLATE_FORMAT = "worldloom template"  # of documents with placeholders; see template_file
VERSION = 1

Migration = Callable[[dict[str, Any]], dict[str, Any]]
MIGRATIONS: Mapping[int, Migration] = {}  # from this version to the next


def upgrade(
    raw: Any,
    where: Where,
    version: int = VERSION,
    migrations: Mapping[int, Migration] = MIGRATIONS,
) -> dict[str, Any]:
    """The fields of a document in the present format, without the header.

    Raises: FileError when the data is not ours, too new, or cannot be brought forward.
    """
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        came = raw.get("format") if isinstance(raw, dict) else None
        got = shown(came) if isinstance(raw, dict) else f"a {type(raw).__name__}"
        advice = "open a file that this program saved"
        if came == TEMPLATE_FORMAT:
            advice = f"start a document from it: worldloom new {where} -o NAME.json"
        raise fault(where, f'a document with "format": "{FORMAT}"', got, advice)
    came = raw.get("version")
    if not isinstance(came, int) or isinstance(came, bool) or came < 1:
        raise fault(where, "a version number from 1 up", shown(came), f'write "version": {version}')
    if came > version:
        raise fault(
            where,
            f"format version {version} or older",
            f"version {came}",
            "install a newer Worldloom",
        )
    fields = {key: value for key, value in raw.items() if key not in ("format", "version")}
    for old in range(came, version):
        fields = _step(fields, old, where, migrations)
    return fields


def _step(
    fields: dict[str, Any], old: int, where: Where, migrations: Mapping[int, Migration]
) -> dict[str, Any]:
    if old not in migrations:
        advice = "open it with an older Worldloom and save it again"
        raise fault(where, "a version that can be brought forward", f"version {old}", advice)
    try:
        return migrations[old](fields)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        got = f"{type(error).__name__}: {error}"
        raise fault(
            where, f"a whole document of version {old}", got, "restore an undamaged copy"
        ) from error
