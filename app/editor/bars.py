"""The bar above the canvas (where we are, the plan) and the one below (what happened, what is wrong)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.editor import terms
from app.editor.gui import dpg
from app.editor.icons import ICONS
from app.editor.language import _, ngettext
from app.editor.outline.tree import instances
from app.editor.places import TOP, Place, body_of, trail
from app.editor.studio import Studio, Topic
from graphs.spec.document import GraphSpec

if TYPE_CHECKING:
    from app.editor.shell import Shell

LEVEL_ICONS = {
    "graph": "workflow",
    "pipeline": "git-merge",
    "stage": "square-stack",
    "world": "globe",
}
TONES = {"info": "quiet", "warning": "warning", "error": "bad"}
EDGE = 14


class Bars:
    """Both bars; they look at the news once a frame."""

    def __init__(self, shell: Shell) -> None:
        self.shell, self.studio, self.look = shell, shell.studio, shell.look
        self._seen: dict[str, object] = {}
        bar, status = (shell.docks.items[name] for name in ("bar", "status"))
        self._trail = dpg.add_group(
            horizontal=True,
            horizontal_spacing=0,
            parent=bar,
            pos=[self.look.px(5), self.look.px(6)],
        )
        with dpg.group(horizontal=True, parent=bar) as self._right:
            self.tools = int(dpg.add_group(horizontal=True))
            self._plan_icon = dpg.add_text(ICONS["graduation-cap"])
            self._plan = dpg.add_combo(width=self.look.px(150), callback=self._choose_plan)
        self._tip(self._plan, _("The plan whose train modes the chips show"))
        self._notice = dpg.add_text("", parent=status, pos=[self.look.px(EDGE), self.look.px(5)])
        with dpg.group(horizontal=True, parent=status) as self._facts_row:
            self._facts = dpg.add_text("")
            self._problems = dpg.add_button(small=True, callback=self._toggle_problems)
        self._tip(self._facts, _("What is chosen, the nodes on this level, and the zoom"))
        self._tip(self._problems, _("The list of problems, or away with it"))

    def frame(self) -> None:
        """Bring up to date what the news say is old."""
        studio = self.studio
        self._to_the_right()
        worn = self._new("worn", "theme")
        if self._new("trail", "place", "document", "opened", "saved") or worn:
            self._show_trail()
        if (title := _title(studio)) != self._seen.get("title"):
            self._seen["title"] = title
            dpg.set_viewport_title(title)
        if self._new("plans", "plan", "document"):
            plans = list(studio.document.plans)
            dpg.configure_item(self._plan, items=plans, show=bool(plans))
            dpg.configure_item(self._plan_icon, show=bool(plans))
            dpg.set_value(self._plan, studio.plan_name)
        if self._new("notice", "notice") or worn:
            tone = getattr(self.look.theme, TONES[studio.notice.level])
            dpg.configure_item(self._notice, color=tone)
            dpg.set_value(self._notice, studio.notice.text.replace("\n", "  "))
        facts = (self.shell.studio.board.camera.zoom, len(studio.scene.names))
        changed = self._new("facts", "checked", "document", "selection", "place")
        if changed or worn or facts != self._seen.get("seen facts"):
            self._seen["seen facts"] = facts
            self._show_facts()

    def _new(self, who: str, *topics: Topic) -> bool:
        """Whether there is news of these since this was asked last."""
        count = sum(self.studio.news[topic] for topic in topics)
        old, self._seen[who] = self._seen.get(who), count
        return old != count

    def _choose_plan(self, _: int, name: str) -> None:
        self.studio.choose_plan(name)

    def _toggle_problems(self) -> None:
        self.shell.docks.toggle("problems")

    def _to_the_right(self) -> None:
        """Rows that end at the right edge: their width is known a frame after they were filled."""
        for row, top in ((self._right, self.look.px(6)), (self._facts_row, self.look.px(4))):
            wide = dpg.get_item_rect_size(row)[0]
            left = max(int(self.shell.docks.width - wide - self.look.px(EDGE)), 300)
            if self._seen.get(f"left {row}") != left:
                self._seen[f"left {row}"] = left
                dpg.configure_item(row, pos=[left, top])

    def _show_trail(self) -> None:
        dpg.delete_item(self._trail, children_only=True)
        for number, (place, label, level) in enumerate(
            trail(self.studio.document, self.studio.place)
        ):
            here = place == self.studio.place
            label = self.studio.name if place == TOP else label
            if number:
                gap = dpg.add_button(label=ICONS["chevron-right"], parent=self._trail)
                dpg.bind_item_theme(gap, self.look.words("faint"))
            step = dpg.add_button(
                label=f"{ICONS[LEVEL_ICONS.get(level, 'box')]}  {label}", parent=self._trail,
                user_data=place, callback=self._go,
            )  # fmt: skip
            dpg.bind_item_theme(step, self.look.words("text" if here else "quiet"))
            if here:
                dpg.bind_item_font(step, self.look.font("strong"))
            self._tip(step, _step_in_words(self.studio, place))
        if self.studio.place.at.startswith("@"):
            note = dpg.add_button(label=self._definition_note(), parent=self._trail)
            dpg.bind_item_theme(note, self.look.words("warning"))
            name = self.studio.place.at[1:].partition(".")[0]
            places = ", ".join(instances(self.studio.document, name))
            self._tip(note, _("Used at {places}").format(places=places))

    def _definition_note(self) -> str:
        """What is changed in a definition is changed wherever it is used."""
        name = self.studio.place.at[1:].partition(".")[0]
        count = len(instances(self.studio.document, name))
        words = ngettext("changes {count} place", "changes {count} places", count)
        return f"   {ICONS['link-2']}  {name}: {words.format(count=count)}"

    def _tip(self, item: int | str, text: str) -> None:
        with dpg.tooltip(item, delay=0.4) as tip:
            dpg.add_text(text, wrap=self.look.px(320))
        dpg.bind_item_theme(tip, self.look.bubble())

    def _go(self, _: int, __: object, place: Place) -> None:
        self.studio.go(place)

    def _show_facts(self) -> None:
        studio = self.studio
        chosen = len(studio.selection.nodes)
        count = len(studio.scene.names)
        nodes = ngettext("{count} node", "{count} nodes", count).format(count=count)
        words = [nodes, f"{studio.board.camera.zoom:.0%}"]
        if chosen:
            words.insert(0, _("{count} chosen").format(count=chosen))
        dpg.set_value(self._facts, "    ".join(words))
        dpg.configure_item(self._facts, color=self.look.theme.faint)
        problems = studio.scene.inspection.problems
        wrong = any(p.severity == "error" for p in problems)
        icon = "circle-check" if not problems else "circle-x" if wrong else "triangle-alert"
        found = ngettext("{count} problem", "{count} problems", len(problems))
        told = found.format(count=len(problems)) if problems else _("No problems")
        label = f"{ICONS[icon]}  {told}"
        dpg.configure_item(self._problems, label=label)
        good, bad = self.look.words("good"), self.look.words("bad")
        dpg.bind_item_theme(self._problems, bad if problems else good)


def _step_in_words(studio: Studio, place: Place) -> str:
    """What a step of the breadcrumb leads to."""
    body = body_of(studio.document, place) or GraphSpec()
    count = len(body.nodes)
    nodes = ngettext("{count} node", "{count} nodes", count).format(count=count)
    path = place.path or studio.name
    return f"{path}\n{terms.kind(body.level)} · {nodes}\n{terms.meaning(body.level)}"


def _title(studio: Studio) -> str:
    far = f"{studio.progress} · " if studio.progress else ""
    return f"{far}{'• ' if studio.open.dirty else ''}{studio.name} – Worldloom"
