"""A plot: keeps its lines in step with curves. It follows the newest step until somebody zooms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.editor.gui import dpg
from app.editor.jobs.curves import Curve, Range, level, positive
from app.editor.theme import Look

COVER = {"faint": 70, "unseen": 0}  # of 255
SETTLE = 3  # frames after which limits that were set are the limits that are seen


class Plot:
    """One plot of several curves. Built under a parent; `show` is told only when there is news."""

    def __init__(self, look: Look, parent: int, title: str) -> None:
        self.look, self.following = look, True
        self.log = False
        self._lines: dict[str, tuple[int, str, str]] = {}
        self._themes: dict[tuple[str, int, str], int] = {}
        self._limits: tuple[Any, ...] = ()
        self._settling = SETTLE
        self.item = int(
            dpg.add_plot(
                parent=parent, label=title, no_menus=True, no_box_select=False, width=-1,
                height=-1, no_mouse_pos=True,
            )
        )  # fmt: skip
        self._legend: int | None = None
        self._x = int(
            dpg.add_plot_axis(dpg.mvXAxis, parent=self.item, no_label=True, no_menus=True)
        )
        self._y = int(
            dpg.add_plot_axis(dpg.mvYAxis, parent=self.item, no_label=True, no_menus=True)
        )

    @property
    def within(self) -> Range | None:
        """The steps that are seen, None while all are."""
        if self.following:
            return None
        low, high = dpg.get_axis_limits(self._x)
        return float(low), float(high)

    def name(self, title: str, legend: bool) -> None:
        """It has this title, and a legend where its lines are not known by the colours of their runs."""
        dpg.configure_item(self.item, label=title)
        if legend and self._legend is None:
            self._legend = int(dpg.add_plot_legend(parent=self.item, no_menus=True))
        elif not legend and self._legend is not None:  # hidden it would still be drawn
            dpg.delete_item(self._legend)
            self._legend = None

    def show(self, curves: Sequence[Curve]) -> None:
        """These curves are seen, and no others."""
        curves = [*curves, *level(curves)]
        curves = positive(curves) if self.log else curves
        wanted = {c.key for c in curves}
        for key in [key for key in self._lines if key not in wanted]:
            dpg.delete_item(self._lines.pop(key)[0])
        for curve in curves:
            known = self._lines.get(curve.key)
            if known is None:
                self._add(curve)
            else:
                dpg.set_value(known[0], [curve.steps, curve.values])
                self._dress(curve, known)
        if self.following:
            self._fit()

    def scale(self, log: bool) -> None:
        """Its values stand on a logarithmic axis, or on a plain one."""
        self.log = log
        dpg.configure_item(self._y, scale=dpg.mvPlotScale_Log10 if log else dpg.mvPlotScale_Linear)

    def fit(self) -> None:
        """All is seen, and the newest step from now on."""
        self.following = True
        self._fit()

    def frame(self) -> bool:
        """Notice whether somebody zoomed; whether other steps are seen now."""
        limits = (*dpg.get_axis_limits(self._x), *dpg.get_axis_limits(self._y))
        if self._settling > 0:
            self._settling -= 1
            self._limits = limits
            return False
        if limits == self._limits:
            return False
        self._limits = limits
        twice = dpg.is_item_hovered(self.item) and dpg.is_mouse_button_double_clicked(0)
        self.following = bool(twice)  # a double click shows all, anything else is a look at a part
        return True

    def _fit(self) -> None:
        self._settling = SETTLE
        if any(self._lines):
            dpg.fit_axis_data(self._x)
            dpg.fit_axis_data(self._y)

    def _add(self, curve: Curve) -> None:
        add = dpg.add_scatter_series if curve.form == "marks" else dpg.add_line_series
        label = curve.label or f"##{curve.key}"
        line = int(add(curve.steps, curve.values, label=label, parent=self._y))
        self._lines[curve.key] = known = line, "", ""
        self._dress(curve, known)

    def _dress(self, curve: Curve, known: tuple[int, str, str]) -> None:
        """Give a line its colour, where it has another one."""
        dress = f"{self.look.theme.name} {curve.tone} {curve.form}"
        if known[1] == dress and known[2] == curve.label:
            return
        if known[2] not in ("", curve.label):
            dpg.configure_item(known[0], label=curve.label or f"##{curve.key}")
        dpg.bind_item_theme(known[0], self._theme(curve))
        self._lines[curve.key] = known[0], dress, curve.label

    def _theme(self, curve: Curve) -> int:
        theme = self.look.theme
        key = (theme.name, curve.tone, curve.form)
        if key not in self._themes:
            tone = theme.frames[curve.tone % len(theme.frames)]
            self._themes[key] = dress(list(tone), curve.form, theme.thick, list(theme.text))
        return self._themes[key]


def dress(colour: list[int], form: str, thick: float, ink: list[int]) -> int:
    """A theme for one line; marks have an edge of ink, to be seen on lines of their colour."""
    plots = dpg.mvThemeCat_Plots
    with dpg.theme() as made, dpg.theme_component(dpg.mvAll):
        if form in COVER:
            colour = [*colour[:3], COVER[form]]
        dpg.add_theme_color(dpg.mvPlotCol_Line, colour, category=plots)
        dpg.add_theme_color(dpg.mvPlotCol_MarkerFill, colour, category=plots)
        dpg.add_theme_color(dpg.mvPlotCol_MarkerOutline, ink, category=plots)
        weight = 1.0 if form == "faint" else 2.0
        dpg.add_theme_style(dpg.mvPlotStyleVar_LineWeight, weight * thick, category=plots)
        dpg.add_theme_style(dpg.mvPlotStyleVar_MarkerSize, 4.0 * thick, category=plots)
        marker = dpg.mvPlotMarker_Diamond if form == "marks" else dpg.mvPlotMarker_None
        dpg.add_theme_style(dpg.mvPlotStyleVar_Marker, marker, category=plots)
    return int(made)


def ground(look: Look) -> int:
    """The theme of plots themselves: quiet, on the ground of fields."""
    t, plots = look.theme, dpg.mvThemeCat_Plots
    colours = {
        "FrameBg": (0, 0, 0, 0), "PlotBg": t.field, "PlotBorder": t.line, "AxisText": t.quiet,
        "AxisGrid": t.line, "AxisTick": t.line, "LegendBg": t.window.faint(0.85),
        "LegendBorder": t.line, "LegendText": t.text, "TitleText": t.quiet, "InlayText": t.text,
        "Selection": t.accent, "Crosshairs": t.accent, "AxisBgHovered": t.raised,
        "AxisBgActive": t.raised,
    }  # fmt: skip
    styles = {
        "PlotPadding": (6, 4), "LabelPadding": (5, 3), "LegendPadding": (6, 6),
        "LegendInnerPadding": (6, 4), "MinorAlpha": (0.25,), "PlotMinSize": (80, 60),
        "FitPadding": (0.0, 0.08),
    }  # fmt: skip
    with dpg.theme() as made, dpg.theme_component(dpg.mvAll):
        for name, colour in colours.items():
            dpg.add_theme_color(getattr(dpg, f"mvPlotCol_{name}"), list(colour), category=plots)
        for name, sizes in styles.items():
            dpg.add_theme_style(getattr(dpg, f"mvPlotStyleVar_{name}"), *sizes, category=plots)
    return int(made)
