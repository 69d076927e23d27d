"""
The deployments of a template: what the prover asks of it, in whatever process it does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from trustproof.aws.partitions import partition_of
from trustproof.inputs.cloudformation.evaluation.assignments.assignments import Assignments
from trustproof.inputs.cloudformation.evaluation.conditions.solver import MAX_STEPS
from trustproof.inputs.cloudformation.values.fault import UndeterminedGuards
from trustproof.model.deployments import Assignment
from trustproof.model.document import Document
from trustproof.model.policy import Guard, Path
from trustproof.model.text import Symbol
from trustproof.sets.search import BudgetReached


class Deployable(Protocol):
    """
    A template that can be read again as it is deployed with some values.
    """

    def defaults_in(self, path: Path, *, deciding: bool = False) -> dict[str, str]:
        """The parameters that what stands at a path was judged at the ``Default`` of, and the defaults."""
        ...

    @property
    def assignments(self) -> Assignments:
        """Which values its parameters may have together."""
        ...

    def at(self, values: Mapping[str, str]) -> Deployable:
        """The template as deployed with some values."""
        ...

    def document(self, logical_id: str, path: Path, place: int) -> Document | None:
        """The document of a resource at a path, for one of those that it stands on."""
        ...


class TemplateSource(Protocol):
    """
    What it takes to read a template again.
    """

    def open(self) -> Deployable:
        """The template."""
        ...


class TemplateDeployments:
    """
    The deployments of a template, as the prover asks for them.

    Args:
        origin: of the template.
        assumed: values of symbols in all deployments.
        template: None where it is to be read again, if somebody asks.
    """

    def __init__(self, origin: TemplateSource, assumed: Mapping[str, str], template: Deployable | None = None) -> None:
        self._origin = origin
        self._assumed = assumed
        self._read = template

    def __reduce__(self) -> tuple[object, ...]:
        """Another process reads the template again, if it has to ask."""
        return TemplateDeployments, (self._origin, self._assumed)

    @property
    def _template(self) -> Deployable:
        if self._read is None:
            self._read = self._origin.open()
        return self._read

    def refuses(self, document: Document) -> bool:
        """Whether there is none in which a document is read like this: CloudFormation refuses the template."""
        return self._template.assignments.refuses(document)

    def defaults_in(self, path: Path) -> dict[str, str]:
        """The parameters that what stands at a path was judged at the ``Default`` of, and the defaults."""
        return self._template.defaults_in(path)

    def deciding_in(self, path: Path) -> dict[str, str]:
        """Those by which a condition decides what stands at a path."""
        return self._template.defaults_in(path, deciding=True)

    def is_there(self) -> bool | None:
        """Whether the stack is there, by the conditions of the stacks around it; None where that is not known."""
        return self._template.assignments.is_there()

    def completed(self, values: Mapping[str, str]) -> Mapping[str, str]:
        """Values of parameters with what rules demand of others; as they are where that is not known."""
        assignments = self._template.assignments
        found = assignments.completed(values) or values
        return {**assignments.instead_of_defaults(found), **found}

    def satisfy(self, guards: Sequence[Guard]) -> dict[str, str] | None:
        """Parameter values under which all the guards hold; None where there are none."""
        assignments = self._template.assignments
        try:
            found = assignments.satisfy(guards)
        except UndeterminedGuards:
            raise BudgetReached("combinations of template parameters", MAX_STEPS) from None
        # A default that no guard speaks of may be one that CloudFormation refuses here.
        return {**assignments.instead_of_defaults(found), **found} if found else found

    def has(self, assignment: Assignment, *, other_than: Sequence[tuple[str, str]] = ()) -> bool:
        """Whether some deployment has an assignment, with the stack in it: see `Assignments.has`."""
        return self._template.assignments.has(assignment, other_than=other_than)

    def listed(self, name: str) -> tuple[str, ...]:
        """All values that a parameter may have, whatever others have; empty where that is not known."""
        return self._template.assignments.listed(name)

    def undecided_together(self, values: Mapping[str, str]) -> str:
        """Why it is not known whether a deployment has some values together; empty where it may have them."""
        return self._template.assignments.undecided_together(values)

    def document(self, document: Document, values: Mapping[str, str]) -> Document | None:
        """The same document, read again with these values bound; None where it then does not exist."""
        completed = self._template.assignments.completed(values)
        if completed is None or not self.holds(document.guards, completed):
            # It stands there, and is attached to nobody.
            return None
        return self._at(completed).document(document.logical_id, document.path, document.place)

    def holds(self, guards: Sequence[Guard], values: Mapping[str, str]) -> bool:
        """Whether all the guards hold with these values bound."""
        return self._at(values).assignments.holds(guards)

    def _at(self, values: Mapping[str, str]) -> Deployable:
        return self._template.at({**self._assumed, **values})

    def partition(self, values: Mapping[str, str]) -> str:
        """The partition of a deployment with these values; the empty string where they do not say."""
        found, region = values.get("AWS::Partition"), values.get("AWS::Region")
        return found or ("" if region is None else partition_of(region))

    def sample(self, symbol: Symbol) -> str | None:
        """A value that a symbol may have."""
        return self._template.assignments.sample(symbol)

    def admits(self, symbol: Symbol, value: str) -> bool:
        """Whether a symbol may have a value."""
        return self._template.assignments.admits(symbol, value)
