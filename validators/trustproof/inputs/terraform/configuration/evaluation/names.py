"""
Who answers for names in expressions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeAlias

from trustproof.inputs.terraform.configuration.syntax.expressions import Expression, Step
from trustproof.inputs.terraform.configuration.values.expression_names import is_constant, mentions, names_in
from trustproof.inputs.terraform.configuration.values.work import Fault, NotKnown
from trustproof.inputs.terraform.values.unset_variable import Variable
from trustproof.inputs.terraform.values.values import Value, unknowns

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

    @property
    def has_few_texts(self) -> bool:
        """Whether there are variables of which all texts are known that they may be."""
        ...

    def remember(self, name: str, expression: Expression, variables: Variables) -> None:
        """Keep what an expression is called whose value nobody knows."""
        ...

    def evaluate_where(self, expression: Expression, variables: Variables, trying: int) -> Value:
        """
        What an expression is worth where data sources say where their providers deploy to, as far as that is known.

        Args:
            trying: how many calls of `try` and `can` are under way.

        Raises:
            Fault: it has no value.
        """
        ...

    def decided_by(self, expression: Expression, variables: Variables) -> Sequence[str] | None:
        """
        The references that decide how an expression comes out whose value nobody knows; None where it may be that it
        does in one way only.
        """
        ...

    def evaluate_at(self, texts: Mapping[str, str], expression: Expression, variables: Variables, trying: int) -> Value:
        """
        What an expression is worth where variables of the root module are certain texts.

        Args:
            trying: how many calls of `try` and `can` are under way.

        Raises:
            Fault: it has no value, or none that is known.
        """
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
    return mentions(expression).has_not_read


class NoNames:
    """
    Of texts that are filled in, and of files with values: no names mean anything there but those that they are given.
    """

    address = ""

    def look_up(self, name: str, steps: Sequence[Step]) -> tuple[Value, int] | None:
        """Nothing."""
        return None

    #: Nobody knows there.
    has_few_texts = False

    def texts_of(self, variable: Variable) -> Sequence[str]:
        """Not known there."""
        return ()

    def remember(self, name: str, expression: Expression, variables: Variables) -> None:
        """Nobody asks for it."""

    def evaluate_where(self, expression: Expression, variables: Variables, trying: int) -> Value:
        """Not known there."""
        raise NotKnown("no data source is there")

    def decided_by(self, expression: Expression, variables: Variables) -> Sequence[str] | None:
        """Not known there."""
        return None

    def evaluate_at(self, texts: Mapping[str, str], expression: Expression, variables: Variables, trying: int) -> Value:
        """Not known there."""
        raise NotKnown("nothing is said of variables")


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
