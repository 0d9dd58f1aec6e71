"""The gallery of samples: what viewers and watched ports gave over a run, to be looked through."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from app.editor.canvas.activity import Look as Preview
from app.editor.canvas.pictures import Pictures
from app.editor.gui import dpg
from app.editor.heard.samples import Sample
from app.editor.jobs import words
from app.editor.language import _, ngettext

if TYPE_CHECKING:
    from app.editor.jobs.work import Work
    from app.editor.shell import Shell

SIDE, LARGE = 232, 380
THUMBS = 12  # of a strip
WIDE, HIGH = 132, 84  # of one of them at most


class SamplesPanel:
    """A port at the left, its sample large, others of the same run small beside it."""

    def __init__(self, shell: Shell, parent: int, work: Work) -> None:
        self.shell, self.work, self.look = shell, work, shell.look
        self.samples = work.link.heard.samples
        self.pictures = Pictures()
        self.root = int(dpg.add_child_window(parent=parent, border=False, no_scrollbar=True))
        self._key: tuple[object, ...] = ()
        self._shown: list[Sample] = []  # whose textures must stay
        with dpg.group(horizontal=True, parent=self.root):
            with dpg.child_window(width=self.look.px(SIDE), border=False):
                self.port = int(dpg.add_combo([], width=-1, callback=self._choose))
                self.slider = int(dpg.add_slider_int(width=-1, callback=self._scrub, clamped=True))
                self.words = int(dpg.add_text("", wrap=self.look.px(SIDE - 10)))
            self.large = int(
                dpg.add_child_window(width=self.look.px(LARGE), border=False, no_scrollbar=True)
            )
            self.strip = int(dpg.add_child_window(width=-1, border=False))

    def frame(self) -> None:
        """Show what came."""
        high = dpg.get_item_rect_size(self.root)[1]
        key = (self.samples.news, self.work.choices.port, self.work.choices.at, high,
               self.shell.look.theme.name)  # fmt: skip
        if key == self._key:
            return
        self._key = key
        self._show(max(int(high) - 8, 80))

    def _choices(self) -> list[tuple[str, str]]:
        """Ports of the newest job first."""
        return [
            (job, port) for job in reversed(self.samples.jobs) for port in self.samples.ports(job)
        ]

    def _title(self, job: str, port: str) -> str:
        facts = self.work.link.heard.jobs.find(job)
        return f"{port}   {facts.title if facts is not None else job}"

    def _show(self, high: int) -> None:
        choices = self._choices()
        if not choices:
            dpg.configure_item(self.port, show=False)
            dpg.configure_item(self.slider, show=False)
            words_ = _("What viewers and chosen nodes give while a training runs is kept here.")
            dpg.set_value(self.words, words_)
            dpg.configure_item(self.words, color=self.shell.look.theme.faint)
            return
        chosen = self.work.choices.port if self.work.choices.port in choices else choices[0]
        kept = self.samples.of(*chosen)
        last = len(kept) - 1
        at = last if self.work.choices.at is None else min(self.work.choices.at, last)
        dpg.configure_item(self.port, show=True, items=[self._title(*c) for c in choices])
        dpg.set_value(self.port, self._title(*chosen))
        dpg.configure_item(
            self.slider, show=len(kept) > 1, max_value=max(last, 1),
            format="",
        )  # fmt: skip
        dpg.set_value(self.slider, at)
        shown = _spread(kept, THUMBS)
        self._shown = [*shown, kept[at]]
        for sample in self._shown:  # looked at again, so that no texture in use is let go
            self.pictures.of(_preview(sample))
        self._large(kept, at, high)
        self._strip(shown, kept[at])

    def _large(self, kept: list[Sample], at: int, high: int) -> None:
        dpg.delete_item(self.large, children_only=True)
        sample = kept[at]
        known = self.pictures.of(_preview(sample))
        step = _("Step {step}").format(step=words.steps(sample.step, 0))
        dpg.set_value(self.words, f"{step}\n{_about(sample)}")
        dpg.configure_item(self.words, color=self.shell.look.theme.quiet)
        if known is not None:
            texture, width, height = known
            scale = min(self.look.px(LARGE) / width, high / height)
            dpg.add_image(
                texture, width=int(width * scale), height=int(height * scale), parent=self.large
            )
        elif sample.kind == "plot":
            values = [float(y) for y in sample.data.get("y", ())]
            dpg.add_simple_plot(default_value=values, width=-1, height=high, parent=self.large)
        elif sample.kind == "tensor":
            bins = [float(v) for v in sample.data.get("histogram", ())]
            dpg.add_simple_plot(
                default_value=bins, histogram=True, width=-1, height=high, parent=self.large
            )
        elif sample.kind == "number":
            values = [float(s.data["value"]) for s in kept[: at + 1]]
            dpg.add_simple_plot(default_value=values, width=-1, height=high, parent=self.large)
        else:
            dpg.add_text(
                str(sample.data.get("text", "")), wrap=self.look.px(LARGE - 10), parent=self.large
            )

    def _strip(self, shown: Sequence[Sample], now: Sample) -> None:
        dpg.delete_item(self.strip, children_only=True)
        if now.kind != "image" or len(shown) < 2:
            return
        theme = self.shell.look.theme
        texture, width, height = self.pictures.of(_preview(now)) or (0, 1, 1)
        thumb = min(self.look.px(WIDE) / width, self.look.px(HIGH) / height) * width + 28
        across = max(int(dpg.get_item_rect_size(self.strip)[0] / thumb), 1)
        for start in range(0, len(shown), across):
            with dpg.group(horizontal=True, parent=self.strip):
                for sample in shown[start : start + across]:
                    known = self.pictures.of(_preview(sample))
                    if known is None:
                        continue
                    with dpg.group():
                        texture, width, height = known
                        scale = min(self.look.px(WIDE) / width, self.look.px(HIGH) / height)
                        dpg.add_image_button(
                            texture, width=int(width * scale), height=int(height * scale),
                            user_data=sample, callback=self._picked,
                        )  # fmt: skip
                        tone = theme.accent if sample is now else theme.faint
                        dpg.add_text(words.steps(sample.step, 0), color=tone)

    def _choose(self, _: Any, title: str) -> None:
        self.work.choices.port = next(c for c in self._choices() if self._title(*c) == title)
        self.work.choices.at = None

    def _scrub(self, _: Any, at: int) -> None:
        kept = self.samples.of(*(self.work.choices.port or self._choices()[0]))
        self.work.choices.at = (
            None if at >= len(kept) - 1 else at
        )  # at its end it follows the newest

    def _picked(self, _: Any, __: Any, sample: Sample) -> None:
        self.work.choices.port = (sample.job, sample.port)
        self.work.choices.at = self.samples.of(sample.job, sample.port).index(sample)


def _preview(sample: Sample) -> Preview:
    return Preview(sample.kind, sample.data, sample.blob, sample.step)  # type: ignore[arg-type]


def _spread(kept: list[Sample], count: int) -> list[Sample]:
    """So many of them at most, from the first to the last."""
    if len(kept) <= count:
        return list(kept)
    return [kept[round(i * (len(kept) - 1) / (count - 1))] for i in range(count)]


def _about(sample: Sample) -> str:
    data = sample.data
    if sample.kind == "image":
        count = int(data.get("count", 1))
        return ngettext("{count} picture", "{count} pictures", count).format(count=count)
    if sample.kind == "tensor":
        shape = "×".join(map(str, data.get("shape", ())))
        mean, std = data.get("mean"), data.get("std")
        spread = f"\n{mean:.4g} ± {std:.4g}" if mean is not None and std is not None else ""
        return f"{data.get('dtype', '')} {shape}{spread}"
    if sample.kind == "number":
        return words.number(float(data["value"]))
    if sample.kind == "trajectory":
        return _("{count} flows: the lattice panel shows them").format(count=data.get("flows", 0))
    return ""
