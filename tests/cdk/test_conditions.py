"""
`conjoin`: what it writes holds exactly when all of its parts hold, as the evaluator of the validator understands them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import aws_cdk as cdk
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustproof.model.policy import Condition
from trustproof.model.request import ContextValue
from trustproof.spec.conditions import evaluate
from trustproof_cdk import conjoin
from trustproof_cdk.conditions import _FAMILY, ConditionBlock

#: Values that mean something to some operator, the same in operands and requests.
TEXTS = ["a", "A", "b", "a*", "true", "false"]
NUMBERS = ["1", "2", "2.0", "10"]
DATES = ["2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z", "2027-01-01T00:00:00Z"]
ADDRESSES = ["10.0.0.0/8", "10.1.0.0/16", "192.0.2.1/32", "2001:db8::/32"]
ARNS = ["arn:aws:iam::111122223333:role/A", "arn:aws:iam::111122223333:role/B", "arn:aws:iam::111122223333:role/*"]
BINARIES = ["QQ==", "Qg=="]


def pool(base: str) -> list[str]:
    """The values to try with an operator."""
    for part, values in (("Numeric", NUMBERS), ("Date", DATES), ("Ip", ADDRESSES), ("Arn", ARNS), ("Binary", BINARIES)):
        if part in base:
            return values
    return ["true", "false"] if base in ("Bool", "Null") else TEXTS


def requests(base: str) -> list[dict[str, ContextValue]]:
    """Requests with the key absent, with each value, and with each pair of values."""
    values = [value.split("/")[0] if "Ip" in base else value for value in pool(base)]
    pairs = [(one, other) for one in values for other in values]
    return [{}, *({"aws:key": value} for value in values), *({"aws:key": pair} for pair in pairs)]


def holds(block: Mapping[str, Mapping[str, object]], context: Mapping[str, ContextValue]) -> bool:
    """Whether a whole condition block holds, decided by the evaluator."""
    return all(
        evaluate(
            Condition(operator, key, tuple([operands] if isinstance(operands, str) else operands)),  # type: ignore[arg-type]
            context,
            variables=True,
        ).matched
        for operator, keys in block.items()
        for key, operands in keys.items()
    )


@st.composite
def operand_lists(draw: st.DrawFn) -> tuple[str, list[str], list[str]]:
    """An operator, and two lists of operands for it."""
    base = draw(st.sampled_from(sorted(_FAMILY)))
    quantifier = draw(st.sampled_from(["", "ForAllValues:", "ForAnyValue:"]))
    suffix = draw(st.sampled_from(["", "IfExists"])) if base != "Null" else ""
    lists = st.lists(st.sampled_from(pool(base)), min_size=1, max_size=3)
    return f"{quantifier}{base}{suffix}", draw(lists), draw(lists)


@given(operand_lists())
def test_conjunction_holds_exactly_when_both_hold(drawn: tuple[str, list[str], list[str]]) -> None:
    """The written condition holds for a request exactly when both conditions hold; a contradiction has no request."""
    operator, first, second = drawn
    both = requests(operator.rpartition(":")[2])
    one, other = {operator: {"aws:Key": first}}, {operator: {"aws:key": second}}
    try:
        joined = conjoin(one, other)
    except ValueError as error:
        if "no value satisfies both" in str(error):
            assert not any(holds(one, request) and holds(other, request) for request in both)
        return
    assert list(joined[operator]) == ["aws:Key"]
    for request in both:
        assert holds(joined, request) == (holds(one, request) and holds(other, request)), request


@given(operand_lists())
def test_conjunction_with_itself_changes_nothing(drawn: tuple[str, list[str], list[str]]) -> None:
    """A condition said twice is the condition."""
    operator, first, _ = drawn
    block = {operator: {"aws:Key": first}}
    assert conjoin(block, block) == conjoin(block)


CONJUNCTIONS: list[tuple[ConditionBlock, ConditionBlock, ConditionBlock]] = [
    # first, second, both
    (
        {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
        {"Bool": {"aws:MultiFactorAuthPresent": "true"}, "StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
    ),
    (
        {"StringEquals": {"aws:PrincipalTag/team": ["red", "blue"]}},
        {"StringEquals": {"aws:PrincipalTag/team": ["blue", "green"]}},
        {"StringEquals": {"aws:PrincipalTag/team": "blue"}},
    ),
    (
        {"StringNotEquals": {"aws:PrincipalTag/team": "red"}},
        {"StringNotEquals": {"aws:PrincipalTag/team": "blue"}},
        {"StringNotEquals": {"aws:PrincipalTag/team": ["red", "blue"]}},
    ),
    (
        {"NumericLessThanEquals": {"aws:MultiFactorAuthAge": 3600}},
        {"NumericLessThanEquals": {"aws:MultiFactorAuthAge": 900}},
        {"NumericLessThanEquals": {"aws:MultiFactorAuthAge": "900"}},
    ),
    (
        {"DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}},
        {"DateGreaterThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"}},
        {"DateGreaterThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"}},
    ),
    (
        {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "192.0.2.0/24"]}},
        {"IpAddress": {"aws:SourceIp": "10.1.0.0/16"}},
        {"IpAddress": {"aws:SourceIp": "10.1.0.0/16"}},
    ),
    (
        {"Bool": {"aws:MultiFactorAuthPresent": True}},
        {"Bool": {"AWS:multifactorauthpresent": "True"}},
        {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    ),
]


@pytest.mark.parametrize(("first", "second", "both"), CONJUNCTIONS)
def test_conjoin_writes(first: ConditionBlock, second: ConditionBlock, both: ConditionBlock) -> None:
    """The common cases are written the way a person would write them."""
    assert conjoin(first, second) == both


REFUSED = [
    # blocks, part of the message
    (
        [{"Bool": {"aws:MultiFactorAuthPresent": "true"}}, {"Bool": {"aws:MultiFactorAuthPresent": "false"}}],
        "Bool aws:MultiFactorAuthPresent cannot be both 'true' and 'false': no value satisfies both",
    ),
    (
        [{"StringLike": {"aws:userid": "a*"}}, {"StringLike": {"aws:userid": "*b"}}],
        "one IAM statement cannot say that StringLike aws:userid is 'a*' and also '*b'",
    ),
    (
        [{"StringEquals": {"aws:userid": "${aws:username}"}}, {"StringEquals": {"aws:userid": "alice"}}],
        "one IAM statement cannot say",
    ),
    (
        [{"ForAnyValue:StringEquals": {"aws:TagKeys": "a"}}, {"ForAnyValue:StringEquals": {"aws:TagKeys": "b"}}],
        "one IAM statement cannot say",
    ),
    ([{"StringEquals": {"aws:userid": []}}], "StringEquals aws:userid has no operands"),
    ([{"StringEqual": {"aws:userid": "a"}}], "unknown condition operator 'StringEqual'; IAM knows ArnEquals, "),
    ([{"NullIfExists": {"aws:userid": "true"}}], "unknown condition operator 'NullIfExists'"),
    ([{"ForSomeValue:StringEquals": {"aws:userid": "a"}}], "unknown condition operator 'ForSomeValue:StringEquals'"),
]


@pytest.mark.parametrize(("blocks", "message"), REFUSED)
def test_conjoin_refuses(blocks: list[ConditionBlock], message: str) -> None:
    """What cannot be true, or cannot be written, is an error that shows both sides."""
    with pytest.raises(ValueError, match=re.escape(message)):
        conjoin(*blocks)


def test_conjoin_treats_equal_tokens_as_equal() -> None:
    """A token is equal to itself, and nothing is known of it beside another value."""
    token = {"StringEquals": {"aws:PrincipalAccount": cdk.Aws.ACCOUNT_ID}}
    assert conjoin(token, token) == token
    with pytest.raises(ValueError, match="one IAM statement cannot say"):
        conjoin(token, {"StringEquals": {"aws:PrincipalAccount": "111122223333"}})


def test_conjoin_leaves_its_arguments_alone() -> None:
    """The blocks that were given can be used again."""
    block = {"StringEquals": {"aws:PrincipalTag/team": ["red", "blue"]}}
    conjoin(block, {"StringEquals": {"aws:PrincipalTag/team": "red"}})
    assert block == {"StringEquals": {"aws:PrincipalTag/team": ["red", "blue"]}}
