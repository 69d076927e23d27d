"""
Short ways to write policies and to ask the engine about them.
"""

from __future__ import annotations

from trustproof.engine.compiled_policy import CompiledPolicy
from trustproof.engine.query import ask
from trustproof.engine.region import AllowedPart, ClosedRegion, Region
from trustproof.engine.request_space import RequestSpace
from trustproof.engine.witness import build
from trustproof.model.policy import ALLOW, DENY, Condition, Policy, Principal, Statement
from trustproof.model.request import USER_KEY, Request

ASSUME = "sts:assumerole"


def when(operator: str, key: str, *operands: str) -> Condition:
    """One condition."""
    return Condition(operator, key, operands)


def allow(*conditions: Condition, principal: str = "*", kind: str = "AWS", action: str = "sts:*") -> Statement:
    """An Allow."""
    return Statement(ALLOW, principals=(Principal(kind, principal),), actions=(action,), conditions=conditions)


def deny(*conditions: Condition, principal: str = "*", kind: str = "*") -> Statement:
    """A Deny of everything, for everybody."""
    return Statement(DENY, principals=(Principal(kind, principal),), actions=("sts:*",), conditions=conditions)


def answer(
    *statements: Statement, kind: str = USER_KEY, action: str = ASSUME, version: str | None = "2012-10-17"
) -> AllowedPart | ClosedRegion:
    """What the engine says of the first statement, which is an Allow."""
    return ask(CompiledPolicy(Policy(statements, version)), Region(RequestSpace(kind, action, "aws")), 0)


def lets_in(*statements: Statement, kind: str = USER_KEY, action: str = ASSUME) -> bool:
    """Whether the engine finds a request that the first statement lets in."""
    return isinstance(answer(*statements, kind=kind, action=action), AllowedPart)


def request(*statements: Statement, kind: str = USER_KEY, action: str = ASSUME) -> Request:
    """The request that the engine finds."""
    found = answer(*statements, kind=kind, action=action)
    assert isinstance(found, AllowedPart), found
    return build(found, accounts=("111122223333",), resource="arn:aws:iam::111122223333:role/Deployer")
