"""
What functions, conditions and ARNs ask of the resolver that reads a template.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, Self

from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.grammar.expressions import Choices, Expressions
from trustproof.inputs.grammar.values import NoValue
from trustproof.model.text import Symbol, Text

#: A key of a mapping that is one of at most so many is judged at each: there is a Region in some thirty places.
EXPANDED_KEYS = 40


class Scope(Expressions, Protocol):
    """
    The expressions of one template, with the names that they refer to.
    """

    @property
    def environment(self) -> Environment:
        """What the template declares."""
        ...

    @property
    def values(self) -> Mapping[str, str]:
        """Of parameters and other symbols, by name; they win over everything."""
        ...

    @property
    def closed(self) -> bool:
        """Whether every condition is decided, at the defaults where nothing else is given."""
        ...

    @property
    def choices(self) -> Choices | None:
        """Those of this reading; None where whatever there is to choose stays open."""
        ...

    @property
    def is_for_conditions(self) -> bool:
        """Whether a condition comes out the same in each scope for conditions that has the same values."""
        ...

    def opened(self, values: Mapping[str, str]) -> Self:
        """The same for conditions: what is pinned and `values` are known, and defaults only if this one is closed."""
        ...

    def open_text(self, value: object) -> Text | NoValue:
        """One text, in which the partition is not taken to be the usual one if the template may be for several."""
        ...

    def symbol(self, symbol: Symbol) -> Text:
        """A symbol, or the value it is bound to."""
        ...

    def unresolved(self, name: str, argument: object, doubt: str = "") -> Text:
        """What an intrinsic function gives that is not known before deployment."""
        ...

    def decide(self, name: str) -> bool | None:
        """Whether a condition holds in this reading; None where nothing has been chosen and it is open."""
        ...

    def one_of(self, name: str, options: Sequence[str], limit: int = EXPANDED_KEYS) -> str | None:
        """The value of a name in this reading, where it is one of a few; None where there is none, or too many."""
        ...

    def reference(self, name: str) -> object:
        """What ``Ref`` gives for a name."""
        ...

    def attribute(self, logical_id: str, name: str) -> Text:
        """What ``Fn::GetAtt`` gives."""
        ...

    def made_json(self, logical_id: str) -> object | None:
        """The object that CDK's ``CfnJson`` makes of a text at deployment; None for another resource."""
        ...

    def pseudo(self, name: str) -> object:
        """A pseudo-parameter; one that is not known is a symbol."""
        ...

    def pseudo_text(self, name: str) -> Text:
        """A pseudo-parameter that is text."""
        ...
