"""
What is asked of the templates of a run, and the worker that answers for one of them at a time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from trustproof.analysis.merged import Composed, check_joined
from trustproof.analysis.template import Checked, check_template
from trustproof.config.model import Config
from trustproof.errors import InputError
from trustproof.inputs.discovery import Declared, Skipped, Unit, read_unit
from trustproof.inputs.out_of_reach import OUT_OF_REACH, refusal
from trustproof.inputs.reader import Input, LinkedValues, Number, Part, Readable
from trustproof.inputs.settings import Settings
from trustproof.inputs.walk import PassedOver
from trustproof.properties import registry
from trustproof.proving.cache import Proofs
from trustproof.sets.automata import BudgetReached


class Task(NamedTuple):
    """
    What is asked of every template of a run.
    """

    settings: Settings
    config: Config
    #: Identifiers, in the order of reports.
    properties: tuple[str, ...]
    certify: bool = False


class CheckedTemplate(NamedTuple):
    """
    What one template gave.
    """

    name: str
    declared: Declared
    checked: Checked
    #: None where another process has read it.
    template: Input | None
    number: Number
    #: Where it is deployed to; None where that is not known.
    account: str | None = None


UnitResult = CheckedTemplate | InputError | Skipped | PassedOver


class Recheck(NamedTuple):
    """
    A template that is to be checked again, with what others give to it.
    """

    read: Readable
    linked_values: LinkedValues
    number: Number


class ComposeTask(NamedTuple):
    """
    Templates whose users, groups and roles are to be judged together.
    """

    #: The name of each stack, its template, and what others give to it.
    parts: tuple[tuple[str, Readable, LinkedValues | None], ...]
    #: Kind and name of what several templates declare, to the reason to say.
    ambiguous: Mapping[tuple[str, str], str]


class Worker:
    """
    Checks units one after the other, and remembers what it has proved.

    Args:
        jobs: how many processes may share the work on a template.
    """

    def __init__(self, task: Task, jobs: int = 1) -> None:
        self._task = task
        self._jobs = jobs
        self._properties = registry.among(task.properties)
        self._proofs = Proofs()

    def check(self, number: int, unit: Unit) -> list[UnitResult]:
        """
        What a unit gives.

        Args:
            number: of the unit in its run.
        """
        out: list[UnitResult] = []
        try:
            for found in read_unit(unit, self._task.settings):
                if isinstance(found, (InputError, Skipped, PassedOver)):
                    out.append(found)
                    continue
                out.append(self.ask(found, (number, len(out))))
        except OUT_OF_REACH as error:
            out.append(refusal(error, unit.file))
        except BudgetReached as reached:
            out.append(InputError(f"budget reached: {reached.name} ({reached.limit})", unit.file))
        return out

    def ask(self, template: Input, number: Number) -> CheckedTemplate:
        """
        What one template gives.

        Args:
            number: of its unit in the run, and of the template therein.
        """
        task = self._task
        checked = check_template(
            template,
            task.config,
            self._properties,
            number,
            certify=task.certify,
            proofs=self._proofs,
            jobs=self._jobs,
        )
        return CheckedTemplate(
            template.name,
            Declared(template.parameter_names, template.errors, template.waivers),
            checked,
            template,
            number,
            template.account,
        )

    def recheck(self, work: Recheck) -> CheckedTemplate:
        """What a template gives next to others."""
        return self.ask(_opened(work.read, work.linked_values), work.number)._replace(template=None)

    def compose(self, work: ComposeTask) -> list[Composed]:
        """What is said of the identity policies of several templates, for each of them."""
        parts = [Part(label, _opened(read, linked_values)) for label, read, linked_values in work.parts]
        task = self._task
        return check_joined(
            parts, work.ambiguous, task.config, self._properties, certify=task.certify, proofs=self._proofs
        )


def _opened(read: Readable, linked_values: LinkedValues | None) -> Input:
    return (read if linked_values is None else read.relinked(linked_values)).open()
