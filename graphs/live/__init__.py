"""Live blocks: what a document becomes when it is built. Needs torch."""

from graphs.live.block import Block
from graphs.live.context import Run
from graphs.live.paths import FilePath, FolderPath
from graphs.live.source import Source, held_out_split

__all__ = ["Block", "FilePath", "FolderPath", "Run", "Source", "held_out_split"]
