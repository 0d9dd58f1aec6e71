"""Settings of a block that name a file or a folder to read, for which a form offers a dialog.

They are plain text to the block; only the schema says what they are.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

FilePath = Annotated[str, Field(json_schema_extra={"format": "file-path"})]
FolderPath = Annotated[str, Field(json_schema_extra={"format": "directory-path"})]
