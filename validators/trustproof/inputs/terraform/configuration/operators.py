"""
Operands and operators in a row, put together by their precedence.

https://developer.hashicorp.com/terraform/language/expressions/operators
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from trustproof.inputs.terraform.configuration.collected_steps import CollectedSteps
from trustproof.inputs.terraform.configuration.expressions import (
    Conditional,
    Expression,
    Negation,
    NotRead,
    Operation,
)
from trustproof.inputs.terraform.configuration.source_text import span
from trustproof.inputs.terraform.place import Place

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


def put_together(tokens: list[Token], most: int, too_deep: str) -> Expression:
    """
    The expression that a row of tokens is.

    Args:
        most: how deep operators may stand inside each other.
        too_deep: the reason to give where they stand deeper.
    """
    if len(tokens) == 1 and tokens[0].operand is not None:
        return tokens[0].operand
    try:
        return _Row(tokens, most).conditional(0)
    except _TooDeep:
        return NotRead(too_deep, tokens[0].place)


class _Row:
    def __init__(self, tokens: list[Token], most: int) -> None:
        self._tokens = tokens
        self._at = 0
        self._most = most

    def _next(self) -> str:
        return self._tokens[self._at].operator if self._at < len(self._tokens) else ""

    def conditional(self, depth: int) -> Expression:
        """``a ? b : c``, which goes on to the right; or anything that binds closer."""
        if depth > self._most:
            raise _TooDeep
        condition = self._binary(1, depth)
        if self._next() != "?":
            return condition
        self._at += 1
        then = self.conditional(depth + 1)
        assert self._next() == ":", self._next()
        self._at += 1
        otherwise = self.conditional(depth + 1)
        return Conditional(condition, then, otherwise, span(condition.place, otherwise.place))

    def _binary(self, level: int, depth: int) -> Expression:
        """Operators of one precedence or a closer one, from the left."""
        left = self._unary(depth)
        while True:
            operator = self._next()
            found = _PRECEDENCE.get(operator, 0)
            if found < level:
                return left
            self._at += 1
            right = self._binary(found + 1, depth + 1)
            left = Operation(operator, left, right, span(left.place, right.place))

    def _unary(self, depth: int) -> Expression:
        if depth > self._most:
            raise _TooDeep
        token = self._tokens[self._at]
        self._at += 1
        if token.operand is not None:
            return token.operand
        of = self._unary(depth + 1)
        return Negation(token.operator, of, span(token.place, of.place))
