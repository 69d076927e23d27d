"""
Who answers for names in expressions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeAlias

from trustproof.inputs.terraform.configuration.expression_names import is_constant, names_in, within
from trustproof.inputs.terraform.configuration.expressions import Expression, NotRead, Step
from trustproof.inputs.terraform.configuration.work import Fault
from trustproof.inputs.terraform.unset_variable import Variable
from trustproof.inputs.terraform.values import Value, unknowns

#: What names stand for that hold only inside one expression or block: of loops, ``each``, ``count``.
Variables: TypeAlias = Mapping[str, Value]


class Names(Protocol):
    """
    Who answers for names: a module of a configuration, with what a plan knows of it.
    """

    @property
    def address(self) -> str:
        """Of the module instance, with a dot behind it; empty for the root module."""
        ...

    def look_up(self, name: str, steps: Sequence[Step]) -> tuple[Value, int] | None:
        """
        What a name and the first steps behind it stand for, and how many steps those are; None where nothing has it.

        Raises:
            Fault: nothing is declared there.
        """
        ...

    def texts_of(self, variable: Variable) -> Sequence[str]:
        """All texts that a variable without a value may be; none where it may be others."""
        ...


def may_vary(expression: Expression, variables: Variables, names: Names) -> bool:
    """Whether something that has no value yet has a part in an expression: else it has one value, and no other."""
    for name, steps in names_in(expression):
        try:
            found = variables.get(name) or (names.look_up(name, steps) or (None,))[0]
        except Fault:
            return True
        if found is not None and not all(map(is_constant, unknowns(found))):
            return True
    return any(isinstance(part, NotRead) for part in within(expression))


class NoNames:
    """
    Of texts that are filled in, and of files with values: no names mean anything there but those that they are given.
    """

    address = ""

    def look_up(self, name: str, steps: Sequence[Step]) -> tuple[Value, int] | None:
        """Nothing."""
        return None

    def texts_of(self, variable: Variable) -> Sequence[str]:
        """Not known there."""
        return ()


class OnlyGiven(NoNames):
    """
    Of a text that a module fills in: what it gives may be variables of its own.

    Args:
        names: who answers for names in the module.
    """

    def __init__(self, names: Names) -> None:
        self._names = names

    def texts_of(self, variable: Variable) -> Sequence[str]:
        """All texts that a variable without a value may be; none where it may be others."""
        return self._names.texts_of(variable)
