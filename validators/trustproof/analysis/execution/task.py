"""
What is asked of the templates of a run, and the worker that answers for one of them at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from trustproof.analysis.controls.control_policies import Controls, of_organization
from trustproof.analysis.templates.identities_across import ComposedFindings, check_joined
from trustproof.analysis.templates.template import TemplateCheck, check_template
from trustproof.config.model import Config
from trustproof.config.nearest import Configurations
from trustproof.engine.allowance import WORK, template_units, units_after
from trustproof.errors import ConfigError, InputError
from trustproof.inputs.discovery.inputs import read_unit
from trustproof.inputs.discovery.units import ReadTemplate, SkippedPath, Unit
from trustproof.inputs.linking import Part
from trustproof.inputs.out_of_reach import OUT_OF_REACH, refusal
from trustproof.inputs.reader import Input, LinkedValues, Number, Readable
from trustproof.inputs.settings import Settings
from trustproof.inputs.walk import PassedOver
from trustproof.model.sensitive_names import numbered_alone
from trustproof.properties import registry
from trustproof.properties.base import Property, RunProperty
from trustproof.properties.invariant import OwnInvariant
from trustproof.proving.cache import Proofs
from trustproof.results.result import BUDGET, OFF, Result
from trustproof.sets.search import BudgetReached


class Task(NamedTuple):
    """
    What is asked of every template of a run.
    """

    settings: Settings
    config: Config
    #: Identifiers, in the order of reports; what the configuration of a template switches off is not asked of it.
    properties: tuple[str, ...]
    certify: bool = False
    #: Whether the invariants are asked as well that only some templates have, by a configuration nearer to them.
    all_invariants: bool = True
    #: Control policies of templates of the run, with what they are attached to, by the organization.
    controls: Controls = ()
    #: The accounts that inputs of the run go to, as far as they are known: none of them stands for one that is not.
    accounts: frozenset[str] = frozenset()
    #: What each part of the work on a template may cost; 0 for all that one may have that is alone.
    units: int = 0
    #: How many bytes the files of the run have.
    size: int = 0


class CheckedTemplate(NamedTuple):
    """
    What one template gave.
    """

    name: str
    declared: ReadTemplate
    checked: TemplateCheck
    #: None where another process has read it.
    template: Input | None
    number: Number
    #: Where it is deployed to; None where that is not known.
    account: str | None = None
    #: What it takes to read it again, where it is not what its file says.
    origin: Readable | None = None
    #: The path of the stack of an assembly that is made of the file; empty for any other file.
    stack: str = ""


UnitResult = CheckedTemplate | InputError | SkippedPath | PassedOver


def is_unfinished(found: Iterable[Result]) -> bool:
    """Whether something is left open since the work on it came to the end of its share."""
    return any(WORK in reason for result in found for reason in result.reasons)


class Recheck(NamedTuple):
    """
    A template that is to be checked again, with what others give to it.
    """

    read: Readable
    #: None where that is nothing.
    linked_values: LinkedValues | None
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
        #: By the configuration that they rest on, and what each part of the work may cost.
        self._proofs: dict[tuple[int, int], Proofs] = {}
        self._configurations = Configurations(task.config, registry.options())

    @numbered_alone()
    def check(self, number: int, unit: Unit) -> list[UnitResult]:
        """
        What a unit gives.

        Args:
            number: of the unit in its run.
        """
        out: list[UnitResult] = []
        units, spent = unit.units or self._task.units or template_units(), 0
        try:
            for found in read_unit(unit, self._task.settings):
                if isinstance(found, (InputError, SkippedPath, PassedOver)):
                    out.append(found)
                    continue
                # What stands inside of a file has its part of what the file may cost.
                given = self.ask(found, (number, len(out)), units_after(units, spent))
                spent += given.checked.spent
                out.append(given)
        except ConfigError as error:
            # Of a configuration that only some templates have.
            out.append(error)
        except OUT_OF_REACH as error:
            out.append(refusal(error, unit.file))
        except BudgetReached as reached:
            out.append(InputError(f"{BUDGET}: {reached.name} ({reached.limit})", unit.file))
        return out

    def ask(self, template: Input, number: Number, units: int = 0) -> CheckedTemplate:
        """
        What one template gives.

        Args:
            number: of its unit in the run, and of the template therein.
            units: what each part of the work on it may cost, where that is not what it is in the run.

        Raises:
            ConfigError: the configuration nearest to it is none.
        """
        task = self._task
        config = self._configurations.of(template.name)
        checked = check_template(
            template,
            config,
            self._asked(config),
            number,
            certify=task.certify,
            proofs=self._proved(config, units),
            jobs=self._jobs,
            controls=of_organization(task.controls, config.organization),
            accounts=task.accounts,
        )
        return CheckedTemplate(
            template.name,
            ReadTemplate(template.parameter_names, template.errors, template.waivers),
            checked,
            template,
            number,
            template.account,
            None if template.is_as_written else template.origin,
        )

    def _asked(self, config: Config) -> tuple[Property, ...]:
        """What is asked with a configuration; what is about the run as a whole, is the run's to switch off."""
        own = [
            one for one in registry.invariant_properties(config) if self._task.all_invariants or one in self._properties
        ]
        given = [one for one in self._properties if not isinstance(one, OwnInvariant)]
        whose = ((one, self._task.config if isinstance(one, RunProperty) else config) for one in (*given, *own))
        return tuple(one for one, its in whose if its.severity(one.ident, one.severity) != OFF)

    def _proved(self, config: Config, units: int = 0) -> Proofs:
        """What has been proved with a configuration and so much work, and says nothing where others hold."""
        units = units or self._task.units
        return self._proofs.setdefault((id(config), units), Proofs(template_units=units))

    @numbered_alone()
    def recheck(self, work: Recheck) -> CheckedTemplate:
        """
        What a template gives next to others.

        Raises:
            InputError: it is gone by now, or asks for more than a program can do.
        """
        opened = _opened(work.read, work.linked_values)
        try:
            return self.ask(opened, work.number)._replace(template=None)
        except OUT_OF_REACH as error:
            raise refusal(error, opened.name) from None

    @numbered_alone()
    def compose(self, work: ComposeTask) -> list[ComposedFindings]:
        """
        What is said of the identity policies of several templates, for each of them.

        Raises:
            InputError: one is gone by now, or together they ask for more than a program can do.
        """
        parts = [Part(label, _opened(read, linked_values)) for label, read, linked_values in work.parts]
        # What several templates make together is judged as each of them is, where that is the same.
        configs = [self._configurations.of(part.template.name) for part in parts]
        config = configs[0] if all(one is configs[0] for one in configs) else self._task.config
        asked = self._asked(config)
        task = self._task
        try:
            return check_joined(
                parts,
                work.ambiguous,
                config,
                asked,
                certify=task.certify,
                proofs=self._proved(config),
                controls=of_organization(task.controls, config.organization),
            )
        except OUT_OF_REACH as error:
            raise refusal(error, parts[0].template.name) from None


def _opened(read: Readable, linked_values: LinkedValues | None) -> Input:
    return (read if linked_values is None else read.relinked(linked_values)).open()
