"""Python's collector of garbage, held back while very many small objects that stay are made.

It walks over everything alive whenever enough objects were made. Reading ten thousand nodes sets it off
again and again though nothing there is garbage: a third of the time of opening a large document.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def held_back() -> Iterator[None]:
    """Inside, and in a function that this decorates, nothing is collected that refers to itself.

    Afterwards it is as before. Where several threads are inside, the first one out ends it for all:
    they are slower then, and that is all.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
