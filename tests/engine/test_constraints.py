"""
What a question asks of a key, and what the policies ask of it.
"""

from __future__ import annotations

import pytest

from trustproof.engine.compiled_policy import CompiledPolicy
from trustproof.engine.dimensions import key_dimension
from trustproof.engine.domains import ABSENT, Values, text
from trustproof.engine.query import ask
from trustproof.engine.region import AllowedPart, Region
from trustproof.engine.request_space import RequestSpace
from trustproof.engine.witness import build
from trustproof.model.policy import ALLOW, Condition, Policy, Statement
from trustproof.model.request import ROLE_SESSION
from trustproof.sets.patterns import ANY, ANY_RUN, exact
from trustproof.sets.strings import StringSet
from trustproof.spec.decision import decide

ACTION = "iam:PutRolePermissionsBoundary"
EVERYTHING = Policy((Statement(ALLOW, actions=("*",), resources=("*",)),), "2012-10-17")
OTHERS = Values(False, StringSet.outside([exact("vpc-1")]))


@pytest.mark.parametrize("where", ["the policy", "its permissions boundary"])
@pytest.mark.parametrize("key", ["iam:PermissionsBoundary", "aws:SourceVpc", "aws:RequestTag/team", "example:color#1"])
@pytest.mark.parametrize(
    ("operator", "asked", "expected"),
    [
        ("StringEquals", text(exact("vpc-1")), True),
        ("StringEquals", text(exact("vpc-2")), False),
        ("StringEquals", OTHERS, False),
        ("StringEquals", ABSENT, False),
        ("StringEquals", text((ANY, ANY_RUN)), True),
        ("StringNotEquals", OTHERS, True),
        ("StringNotEquals", text(exact("vpc-1")), False),
        ("StringNotEquals", ABSENT, True),
    ],
)
def test_a_key_has_one_value(where: str, key: str, operator: str, asked: Values, expected: bool) -> None:
    """A question that limits a key is about the requests that a condition on it lets through, whoever asks for it."""
    when = (Condition(operator, key, ("vpc-1",)),)
    conditional = Policy((Statement(ALLOW, actions=(ACTION,), resources=("*",), conditions=when),), "2012-10-17")
    region = Region(RequestSpace(ROLE_SESSION, ACTION.lower(), "aws"), ((key_dimension(key.lower()), asked),))
    holder, boundary = (conditional, None) if where == "the policy" else (EVERYTHING, CompiledPolicy(conditional))
    found = ask(CompiledPolicy(holder), region, 0, permissions_boundary=boundary)
    assert isinstance(found, AllowedPart) is expected
    if isinstance(found, AllowedPart):
        assert decide(conditional, build(found)).allowed


def test_one_moment_has_one_dimension() -> None:
    """A moment is the same whichever of the two keys says it."""
    assert key_dimension("aws:epochtime") == key_dimension("aws:currenttime")
