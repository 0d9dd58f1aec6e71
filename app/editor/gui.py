"""Dear PyGui, which has no types: the one module that imports it.

A call before `create_context`, or a second context in one process, ends the process.
"""

import dearpygui.dearpygui as dpg  # type: ignore[import-untyped]

__all__ = ["dpg"]
