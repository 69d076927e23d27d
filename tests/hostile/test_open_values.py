"""
Where a budget ends the search for values, what is left open says so: it does not pass for a value that nobody can know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pytest

from trustproof.config.model import Config
from trustproof.engine.region import AllowedPart, ClosedRegion, Region
from trustproof.engine.request_space import RequestSpace
from trustproof.engine.search import Box
from trustproof.engine.statements import EncodedStatement
from trustproof.model.document import TRUST, Document
from trustproof.model.policy import ALLOW, Condition, Guard, Policy, Principal, Statement
from trustproof.model.request import USER_KEY, Caller, Request
from trustproof.model.text import Symbol, Symbolic, Text
from trustproof.properties.question import Inquiry, Question, Refutation, Subject
from trustproof.proving.instantiate import bindings
from trustproof.proving.variables import VariableInstantiation
from trustproof.sets.search import BudgetReached
from trustproof.spec.decision import ALLOWED, Decision

_ARN = "arn:aws:iam::111122223333:user/alice"


def _statement(operand: Text) -> Statement:
    condition = Condition("StringEquals", "sts:RoleSessionName", (operand,))
    return Statement(ALLOW, principals=(Principal("AWS", _ARN),), actions=("sts:AssumeRole",), conditions=(condition,))


class _Deployments:
    """Those of a template of which a budget ends the search for values, unless a condition asks for some of them."""

    def __init__(self, found: str = "") -> None:
        self._found = found

    def satisfy(self, guards: Sequence[Guard]) -> dict[str, str] | None:
        if any(guard.value == self._found for guard in guards):
            return {}
        raise BudgetReached("combinations of template parameters", 1)

    def document(self, document: Document, values: Mapping[str, str]) -> Document | None:
        return document

    def holds(self, guards: Sequence[Guard], values: Mapping[str, str]) -> bool:
        return True

    def partition(self, values: Mapping[str, str]) -> str:
        return "aws"

    def sample(self, symbol: Symbol) -> str | None:
        return None

    def admits(self, symbol: Symbol, value: str) -> bool:
        return True


def _bound(deployments: _Deployments, preferred: str) -> list[dict[str, str]]:
    """The ways to fill in a parameter that a condition of the template gave another value."""
    policy = Policy((_statement(Symbolic((Symbol("P", "parameter"),))),))
    subject = Subject(Document(TRUST, policy, "R", "AWS::IAM::Role", ()), "111122223333", "aws", Config())
    inquiry = Inquiry("p", lambda subject, index: (), binding=lambda subject, symbol, place: preferred)
    return list(bindings(subject, inquiry, deployments, {"P": "other"}))


def test_values_that_no_budget_suffices_for_are_said_to_be_such() -> None:
    """Where a budget was reached for all values that are tried, that is the reason, and nothing is made up."""
    with pytest.raises(BudgetReached, match="combinations of template parameters"):
        _bound(_Deployments(), "bob")


def test_values_that_are_found_are_used() -> None:
    """Where some values are found, it does not matter that others were not."""
    assert _bound(_Deployments("bob"), "bob") == [{"P": "bob"}]


def _refuted(ask: Callable[[Region], AllowedPart | ClosedRegion]) -> Refutation | None:
    statement = _statement("${aws:PrincipalTag/name}")
    region = Region(RequestSpace(USER_KEY, "sts:assumerole", "aws"))
    found = AllowedPart(region, {}, EncodedStatement(Box((), ""), 0, statement, ()), ("not exact",))
    request = Request(Caller(USER_KEY, _ARN), "sts:AssumeRole", "*", {"sts:rolesessionname": "s"})
    question = Question((region,), lambda request: True)
    answer = Refutation(request, Decision(ALLOWED, ()), statement, {}, question)
    return VariableInstantiation([Policy((statement,))], ask, lambda part: (request, answer)).refute(found, request)


def _reached(region: Region) -> AllowedPart | ClosedRegion:
    raise BudgetReached("states of a string search", 1)


def test_variables_that_no_budget_suffices_for_are_said_to_be_such() -> None:
    """Where a budget was reached with a value of a variable, and nothing is found with others, that is the reason."""
    with pytest.raises(BudgetReached, match="states of a string search"):
        _refuted(_reached)


def test_a_value_that_is_easier_is_tried_after_one_that_is_too_hard() -> None:
    """A budget that was reached with one value of a variable does not keep others from being tried."""
    asked: list[Region] = []

    def ask(region: Region) -> AllowedPart | ClosedRegion:
        asked.append(region)
        if len(asked) == 1:
            return _reached(region)
        return AllowedPart(region, {}, EncodedStatement(Box((), ""), 0, _statement("s"), ()), ())

    assert _refuted(ask) is not None
    assert len(asked) == 2
