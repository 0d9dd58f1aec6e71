"""The light worlds on the base."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.engine.events import Event, VariantFacts


class Variants:
    """By name, as the engine listed them last."""

    def __init__(self) -> None:
        self.news = 0
        self.of: Mapping[str, VariantFacts] = {}

    def hear(self, event: Event) -> None:
        """Take in one event; those that list no variants are passed over."""
        if event.event == "VariantsListed":
            self.of = event.variants
            self.news += 1

    def forget(self) -> None:
        """Another project, or another engine, which has none yet."""
        self.of = {}
        self.news += 1
