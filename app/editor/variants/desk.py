"""What people ask of variants, and what was refused."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

from app.editor.exporting import export_variant, import_light
from app.editor.language import _
from app.editor.variants.mixing import Mixing
from app.editor.variants.plans import everywhere, light_plans, plan_name, plan_of
from app.editor.wishes import Answer, Choose, Question, Row
from graphs.spec.edits import SetPlan

if TYPE_CHECKING:
    from app.editor.shell import Shell
    from app.engine.commands import Command
    from app.engine.events import Event


class VariantDesk:
    """One for each window; it outlives the panel."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.mixing = Mixing()
        self.refusal = ""  # why the last thing was not done
        self.waiting = ""  # what the engine is doing
        self.news = 0
        self._made: dict[str, str] = {}  # variant -> the plan it was added with
        self._lessons: dict[str, str] = {}  # variant -> the job that trains it
        self._heard = -1

    def frame(self) -> None:
        """Once a frame: the mixture goes out, and what the engine says comes in."""
        variants = self.shell.engine.heard.variants
        if variants.news != self._heard:
            self._heard = variants.news
            self.mixing.hear({name: facts.weight for name, facts in variants.of.items()})
            self.news += 1
        weights = self.mixing.due(monotonic())
        if weights is not None:
            from app.engine.commands import UseVariants

            self.shell.engine.ask(UseVariants(weights=weights), self._mixed)

    def add(self, name: str, plan: str, rank: int = 8, like: str = "") -> None:
        """A fresh variant by a plan's LoRA rules; without a plan one is written that adapts all."""
        from app.engine.commands import AddVariant

        studio = self.shell.studio
        if not plan:
            plan = plan_name(name, studio.document.plans)
            made = everywhere(rank, studio.document.plans.get(like))
            if not studio.do(SetPlan(name=plan, plan=made)):
                return
        self._made[name] = plan
        self._ask(AddVariant(variant=name, plan=plan), _("Adding {name}…").format(name=name))

    def train(self, name: str) -> None:
        """Queue a training into this variant, by its plan, else one that is chosen."""
        if plan := self.plan_of(name):
            self._train(name, plan)
            return
        plans = self.shell.studio.document.plans
        rows = tuple(Row(p, p, "", plans[p].description) for p in light_plans(plans))
        if not rows:
            self._refuse(_("No plan has a LoRA rule; add a variant with a new plan first"))
            return
        choose = Choose(_("By which plan does it learn?"), rows, lambda p: self._train(name, p))
        self.shell.studio.request(choose)

    def plan_of(self, name: str) -> str:
        """The plan that a variant learns by, "" where nobody knows."""
        return plan_of(name, self._made, self.shell.studio.document.plans)

    def lesson(self, name: str) -> str:
        """How far the training is that was begun here for a variant, "" where there is none."""
        job = self.shell.engine.heard.jobs.find(self._lessons.get(name, ""))
        if job is None:
            return ""
        words = {
            "queued": _("Waits for its turn to learn"),
            "running": _("Learns: step {step} of {steps}"),
            "paused": _("Paused at step {step} of {steps}"),
            "finished": _("Has learned {steps} steps"),
        }
        return words.get(job.state, "").format(step=job.step, steps=job.steps)

    def remove(self, name: str) -> None:
        """Ask, and take its adapters away."""
        from app.engine.commands import RemoveVariant

        def remove() -> None:
            self._ask(RemoveVariant(variant=name), _("Removing {name}…").format(name=name))

        text = _("What {name} has learned goes, unless it was exported or its project is not saved "
                 "again. The base stays as it is.").format(name=name)  # fmt: skip
        self.shell.studio.request(
            Question(
                _("Remove {name}?").format(name=name), text,
                (Answer(_("Remove"), remove, bad=True), Answer(_("Keep it"))),
            )
        )  # fmt: skip

    def merge(self) -> None:
        """Ask, and fold the mixture into the base."""
        used = self.mixing.used
        if not used:
            self._refuse(_("Nothing is mixed in: switch a variant on, or draw its slider up"))
            return
        names = ", ".join(f"{name} {weight:.2f}" for name, weight in used.items())
        text = _(
            "The base becomes what you see now, with {names} folded into its weights. All variants "
            "go, and light worlds that were exported for the old base do not fit the new one.\n\n"
            "The file on the disk stays as it is until you save."
        ).format(names=names)
        answers = (Answer(_("Merge"), lambda: self._merge(used), bad=True), Answer(_("Cancel")))
        self.shell.studio.request(Question(_("Merge into the base?"), text, answers))

    def export(self, name: str) -> None:
        """Ask for a file, and write the variant as a light world."""
        export_variant(self.shell.files, name)

    def take_in(self) -> None:
        """Ask for a light world of this base; it is a variant then."""
        self._refuse("")
        import_light(self.shell.files, self._refused)

    def forgive(self) -> None:
        """The refusal was read."""
        self._refuse("")

    def _train(self, name: str, plan: str) -> None:
        from app.engine.commands import Train

        self._made[name] = plan
        words = _("{name} is queued to train by {plan}").format(name=name, plan=plan)

        def queued(event: Event) -> None:
            if event.event == "JobQueued":
                self._lessons[name] = event.job.job

        self._ask(Train(plan=plan, variant=name), "", words, queued)

    def _merge(self, weights: dict[str, float]) -> None:
        from app.engine.commands import MergeVariants

        done = _("The base holds {names} now").format(names=", ".join(weights))
        self._ask(MergeVariants(weights=weights), _("Merging…"), done)

    def _ask(
        self, command: Command, waiting: str, done: str = "",
        then: Callable[[Event], None] = lambda _: None,
    ) -> None:  # fmt: skip
        """`waiting` is shown until the answer comes; `done` is said when it was no refusal."""
        self.refusal, self.waiting = "", waiting
        self.news += 1

        def answered(event: Event) -> bool:
            if event.event == "Refused":
                return self._refused(event)
            self.waiting = ""
            self.news += 1
            then(event)
            if done:
                self.shell.studio.say(done)
            return False

        self.shell.engine.ask(command, answered)

    def _mixed(self, event: Event) -> bool:
        self.mixing.answered()
        listed = self.shell.engine.heard.variants.of
        self.mixing.hear({name: facts.weight for name, facts in listed.items()})
        return self._refused(event)

    def _refused(self, event: Event) -> bool:
        if event.event == "Refused":
            self._refuse(event.reason)
        return False

    def _refuse(self, reason: str) -> None:
        self.refusal, self.waiting = reason, ""
        self.news += 1
