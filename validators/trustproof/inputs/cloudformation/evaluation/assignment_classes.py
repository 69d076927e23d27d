"""
The assignments of parameters at which a part of a template has to be judged, as classes that it cannot tell apart.

A parameter with ``AllowedValues`` is judged at each of them. One with a default and no ``AllowedValues`` is judged at
its default and, where a condition distinguishes its values, in each class that the condition makes of them. What only
conditions read is no class of its own: the search decides it together with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product

from trustproof.inputs.cloudformation.evaluation.assignments import Assignments
from trustproof.inputs.cloudformation.evaluation.dependencies import Dependencies, Read
from trustproof.inputs.cloudformation.evaluation.environment import Environment
from trustproof.inputs.cloudformation.parameters.samples import candidates
from trustproof.inputs.cloudformation.values.fault import Undetermined
from trustproof.inputs.cloudformation.values.parameter import Parameter
from trustproof.model.deployments import Assignment
from trustproof.model.policy import Guard, Path
from trustproof.sets.strings import BudgetReached

#: So many assignments of one policy are judged.
MAX_ASSIGNMENTS = 1024


class AssignmentClasses:
    """
    Finds the classes of assignments that matter for parts of one template.

    Args:
        data: the template.
        environment: its declarations.
        values: names that have been given a value.
        assignments: which values its parameters may have together.
        prefix: where the template stands in its file.
    """

    def __init__(
        self,
        data: Mapping[str, object],
        environment: Environment,
        values: Mapping[str, str],
        assignments: Assignments,
        prefix: Path,
    ) -> None:
        self._environment = environment
        self._values = values
        self._assignments = assignments
        self._dependencies = Dependencies(data, environment, prefix)

    def of(self, paths: Sequence[Path]) -> tuple[Assignment, ...]:
        """
        The classes at which what stands at some paths has to be judged together; empty where one reading says it all.

        Raises:
            BudgetReached: there are more than `MAX_ASSIGNMENTS`.
        """
        if not self._environment.parameters:
            return ()
        found: dict[Assignment, None] = {}
        for read in self._dependencies.parts(paths):
            options = [each for name in sorted(read.values) if (each := self._options(name, read))]
            if not options:
                continue
            for chosen in product(*options):
                if len(found) == MAX_ASSIGNMENTS:
                    raise BudgetReached("assignments of template parameters", MAX_ASSIGNMENTS)
                assignment = _joined(chosen)
                if assignment not in found and self._exists(assignment):
                    found[assignment] = None
        return tuple(found)

    def _exists(self, assignment: Assignment) -> bool:
        """Whether some deployment has it, by the rules of the template and what other templates demand."""
        declared = self._environment.parameters
        guards = [Guard(name, value) for name, value in assignment.values if name in declared]
        try:
            return self._assignments.satisfy(guards) is not None
        except Undetermined:
            return True

    def _options(self, name: str, read: Read) -> list[Assignment]:
        """What a parameter may be; empty where one reading judges it as it has to be."""
        parameter = self._environment.parameters.get(name)
        if parameter is None or name in self._values or name in self._environment.bindings:
            return []
        default = parameter.judged_default
        if default is None:
            # It is read as anything, or at each of its values.
            return []
        if parameter.allowed is not None:
            listed = [default, *(value for value in parameter.listed if value != default)]
            return [_pinned(name, value) for value in listed] if len(listed) > 1 else []
        if name not in read.compared:
            return []
        return self._distinguished(parameter, default, read)

    def _distinguished(self, parameter: Parameter, default: str, read: Read) -> list[Assignment]:
        """The classes that conditions make of the values of a parameter, judged at its default if it can be."""
        name = parameter.name
        literals = [text for text in read.compared[name] if text == default or parameter.refusal(text) is None]
        found = [_pinned(name, value) for value in dict.fromkeys((default, *literals))]
        if name in read.in_part:
            found.append(Assignment((), (name,), self._sample(parameter, literals)))
        elif default in literals:
            # What is none of the texts may be anything else.
            excluded = tuple((equality_key(name, text), "false") for text in literals)
            found.append(Assignment(excluded, (name,), self._sample(parameter, literals)))
        return found if len(found) > 1 else []

    def _sample(self, parameter: Parameter, taken: Sequence[str]) -> tuple[tuple[str, str], ...]:
        """A value that is none of some texts, to name one deployment."""
        fitting = (v for v in candidates(parameter.symbol, "") if v not in taken and parameter.refusal(v) is None)
        return tuple((parameter.name, value) for value in islice(fitting, 1))


def equality_key(name: str, text: str) -> str:
    """How a comparison of a parameter with a text is called where it is decided as a whole."""
    return f"Fn::Equals [{', '.join(sorted((f'<{name}>', text)))}]"


def _pinned(name: str, value: str) -> Assignment:
    return Assignment(((name, value),), (), ((name, value),))


def _joined(chosen: Sequence[Assignment]) -> Assignment:
    def together(field: int) -> Iterator[object]:
        return (part for one in chosen for part in one[field])

    return Assignment(*(tuple(together(field)) for field in range(3)))  # type: ignore[arg-type]
