"""
Lets a template be read a second time.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from trustproof.inputs.reads_again import NotReadAgain
from trustproof.model.policy import Path
from trustproof.model.text import Symbol

#: What gives a template the values of other stacks.
_OF_OTHERS = ("Fn::GetAtt", "Fn::GetStackOutput", "Fn::ImportValue")


class _Assignments(Protocol):
    def demanded(self, given: Mapping[str, str]) -> tuple[Sequence[object], Mapping[str, str]]:
        """The conditions that hold in each deployment, and values of parameters in the place of refused defaults."""
        ...


class SecondReading:
    """
    What proofs are checked against: `trustproof.inputs.reads_again.ReadsAgain`.
    """

    def written_content(self) -> tuple[Mapping[str, object], Path]:
        """The content of the template as it is written, and where it stands in its file."""
        raise NotImplementedError

    def passed(self) -> Mapping[str, str | None]:
        """The values that its parameters are given; None for one that is not known."""
        raise NotImplementedError

    #: Which values its parameters may have together.
    assignments: _Assignments

    def full_assignments(
        self, path: Path, given: Mapping[str, str], kept: Collection[str] = ()
    ) -> Sequence[Mapping[str, str]]:
        """
        Full assignments at which what stands at a path is to be read.

        Args:
            given: values that are known, by the names of parameters and pseudo-parameters.
            kept: names that have their usual value.
        """
        from trustproof.inputs.cloudformation.plain.assignments import assignments
        from trustproof.inputs.cloudformation.plain.globals import with_globals
        from trustproof.inputs.cloudformation.plain.reading import PlainReading

        content, prefix = self.written_content()
        passed = self.passed()
        known = {**given, **{name: value for name, value in passed.items() if value is not None}}
        unknown = {name for name, value in passed.items() if value is None}
        demands, usual = self.assignments.demanded(known)
        tried = assignments(with_globals(content), path[len(prefix) :], known, kept, usual)
        found = [{name: value for name, value in one.items() if name not in unknown} for one in tried]
        # CloudFormation makes no other deployment.
        return [one for one in found if PlainReading(content, one).may_hold(demands)] if demands else found

    def read_again(self, path: Path, values: Mapping[str, str]) -> object | None:
        """
        What stands at a path at a full assignment, as text, lists and objects; None where it is not there.

        Raises:
            NotReadAgain: that cannot be told.
        """
        from trustproof.inputs.cloudformation.plain.globals import with_globals
        from trustproof.inputs.cloudformation.plain.implied_policies import written_or_made
        from trustproof.inputs.cloudformation.plain.reading import PlainReading

        content, prefix = self.written_content()
        if path[: len(prefix)] != prefix:
            raise NotReadAgain("it stands in another template")
        return written_or_made(PlainReading(with_globals(content), values), path[len(prefix) :])

    def is_from_elsewhere(self, hole: Symbol) -> bool:
        """Whether another stack gives what is not known of what was read again: a hole has the name of its function."""
        return hole.name in _OF_OTHERS

    def condition_holds(self, name: str, values: Mapping[str, str]) -> bool:
        """
        Whether a condition holds at a full assignment.

        Raises:
            NotReadAgain: that cannot be told.
        """
        from trustproof.inputs.cloudformation.plain.reading import PlainReading

        return PlainReading(self.written_content()[0], values).holds(name)
