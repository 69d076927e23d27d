"""
Operands and operators in a row, put together by their precedence.

https://developer.hashicorp.com/terraform/language/expressions/operators
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from trustproof.inputs.terraform.configuration.syntax.collected_steps import CollectedSteps
from trustproof.inputs.terraform.configuration.syntax.expressions import (
    Conditional,
    Expression,
    Negation,
    NotRead,
    Operation,
)
from trustproof.inputs.terraform.configuration.syntax.source_text import span
from trustproof.inputs.terraform.values.place import Place

_PRECEDENCE = {
    operator: level
    for level, operators in enumerate(("||", "&&", "== !=", "> >= < <=", "+ -", "* / %"), start=1)
    for operator in operators.split()
}


@dataclass
class Operand:
    """
    A term, and the steps into it, while they are collected.
    """

    of: Expression
    #: The first node.
    start: Any
    steps: CollectedSteps
    #: The last node.
    end: Any = None


class Token(NamedTuple):
    """
    An operator, or an operand.
    """

    #: Empty for an operand.
    operator: str
    place: Place
    operand: Expression | None = None


class _TooDeep(Exception):
    """Operators stand inside each other too deep."""


def put_together(tokens: Iterator[Token], most: int, too_deep: str) -> Expression:
    """
    The expression that a row of tokens is, of which there is one at least.

    Args:
        tokens: read no further than to where they stand too deep.
        most: how deep operators may stand inside each other.
        too_deep: the reason to give where they stand deeper.
    """
    first = next(tokens)
    try:
        return _Row(first, tokens, most).conditional(0)
    except _TooDeep:
        return NotRead(too_deep, first.place)


class _Row:
    def __init__(self, first: Token, others: Iterator[Token], most: int) -> None:
        self._others = others
        #: What is read next; None behind the last one.
        self._next: Token | None = first
        self._most = most

    @property
    def _operator(self) -> str:
        """What is read next, if it is an operator; else an empty text."""
        return self._next.operator if self._next is not None else ""

    def _take(self) -> Token:
        token = self._next
        assert token is not None
        self._next = next(self._others, None)
        return token

    def conditional(self, depth: int) -> Expression:
        """``a ? b : c``, which goes on to the right; or anything that binds closer."""
        if depth > self._most:
            raise _TooDeep
        condition = self._binary(1, depth)
        if self._operator != "?":
            return condition
        self._take()
        then = self.conditional(depth + 1)
        assert self._operator == ":", self._operator
        self._take()
        otherwise = self.conditional(depth + 1)
        return Conditional(condition, then, otherwise, span(condition.place, otherwise.place))

    def _binary(self, level: int, depth: int) -> Expression:
        """Operators of one precedence or a closer one, from the left."""
        left = self._unary(depth)
        links = 0
        while True:
            operator = self._operator
            found = _PRECEDENCE.get(operator, 0)
            if found < level:
                return left
            # Each holds the one on its left, which stands inside it as deep as there are of them.
            links += 1
            if depth + links > self._most:
                raise _TooDeep
            self._take()
            right = self._binary(found + 1, depth + 1)
            left = Operation(operator, left, right, span(left.place, right.place))

    def _unary(self, depth: int) -> Expression:
        if depth > self._most:
            raise _TooDeep
        token = self._take()
        if token.operand is not None:
            return token.operand
        of = self._unary(depth + 1)
        return Negation(token.operator, of, span(token.place, of.place))
