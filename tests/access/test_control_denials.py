"""
`control_denials`: what of control policies denies all of some requests, whatever is not known of them.
"""

from __future__ import annotations

from typing import Any

import pytest

import trustproof
from trustproof import ControlDenial, control_denials
from trustproof.access import control_denials as module
from trustproof.sets import patterns
from trustproof.sets.patterns import Pattern

ROLE, ACTION = "arn:aws:iam::111122223333:role/reader", "sts:AssumeRole"
USER = "arn:aws:iam::111122223333:user/*"
FULL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    denying = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    listed: list[dict[str, Any]] = []
    for one in statements:
        whole = {**denying, **one}
        listed.append({key: value for key, value in whole.items() if value is not None})
    return {"Version": "2012-10-17", "Statement": listed}


def is_denied(statement: dict[str, Any], resource: str = ROLE, **known: list[str | None]) -> bool:
    keys = {key.replace("__", ":"): values for key, values in known.items()}
    return control_denials([[FULL, policy(statement)]], [ACTION], resource, keys, kind="service") != ()


@pytest.mark.parametrize(
    ("statement", "resource", "denied"),
    [
        ({}, ROLE, True),
        ({"Action": "STS:assume*"}, ROLE, True),
        ({"Action": "sts:Get*"}, ROLE, False),
        ({"Action": None, "NotAction": "iam:*"}, ROLE, True),
        ({"Action": None, "NotAction": "sts:*"}, ROLE, False),
        ({"Resource": "arn:aws:iam::*:role/*"}, "arn:aws:iam::*:role/reader", True),
        # It may be another one of them.
        ({"Resource": ROLE}, "arn:aws:iam::*:role/reader", False),
        ({"Resource": None, "NotResource": "arn:aws:iam::*:role/Admin*"}, ROLE, True),
        ({"Resource": None, "NotResource": "arn:aws:iam::*:role/read*"}, ROLE, False),
        ({"Resource": "arn:aws:iam::${aws:PrincipalAccount}:role/*"}, ROLE, False),
    ],
)
def test_a_statement_denies_what_it_names(statement: dict[str, Any], resource: str, denied: bool) -> None:
    assert is_denied(statement, resource) is denied


@pytest.mark.parametrize(
    ("entry", "named", "others"),
    [
        ("*", True, False),
        ("arn:*:iam::1111????3333:role/re?der", True, False),
        ("arn:aws:iam::111122223333:role/Reader", False, True),
        ("arn:aws-cn:iam::111122223333:role/reader", False, True),
        ("arn:aws:iam::111122223333:role/team/reader", False, True),
        ("arn:aws:iam::*:role/*reader", True, False),
        ("arn:aws:iam::111122223333:role/${*}", False, False),
        ("arn:aws:iam::*:role/${aws:PrincipalTag/team}", False, False),
        # Too short: what AWS completes is said by one manual, and not by the other.
        ("arn:aws:iam", False, False),
        ("arn:aws:iam::*", True, False),
        # Wildcards that would have to reach across a colon.
        ("arn:aws:iam:*:role/reader", False, False),
        ("arn:aws:iam::*reader", False, False),
        ("arn:aws:iam:*:role/writer", False, True),
    ],
)
def test_a_resource_is_named_or_surely_not(entry: str, named: bool, others: bool) -> None:
    """By Resource, and what is not in NotResource; where manuals differ, neither is certain."""
    assert is_denied({"Resource": ["arn:aws:iam::*:role/other", entry]}) is named
    assert is_denied({"Resource": None, "NotResource": ["arn:aws:iam::*:role/other", entry]}) is others


def test_a_resource_of_some_account_is_named_in_each() -> None:
    asked = "arn:aws:iam::*:role/reader"
    assert is_denied({"Resource": "arn:aws:iam::*:role/re*"}, asked)
    assert is_denied({"Resource": "arn:*:iam::*"}, asked)
    assert not is_denied({"Resource": "arn:aws:iam:*:role/reader"}, asked)
    assert not is_denied({"Resource": None, "NotResource": "arn:aws:iam:*:role/reader"}, asked)
    assert is_denied({"Resource": None, "NotResource": "arn:aws:iam::*:user/*"}, asked)


@pytest.mark.parametrize(
    ("operator", "operand", "denied"),
    [
        ("ArnLike", "arn:aws:iam::*:user/*", True),
        ("ArnLike", "arn:aws:iam::111122223333:user/a*", False),
        ("ArnNotLike", "arn:aws:iam::*:role/*", True),
        ("ArnNotLike", "arn:aws:iam::111122223333:user/a*", False),
        # Fields of ARNs, in which no wildcard reaches across a colon.
        ("ArnLike", "arn:*:user/*", False),
        ("StringLike", "arn:*:user/*", True),
        # The path of a user has no colon in it.
        ("StringNotLike", "arn:aws:iam::*:role/*", True),
        ("StringNotLike", "arn:aws:iam::*:x", True),
        ("StringEquals", USER, False),
        ("StringNotEquals", "arn:aws:iam::111122223333:role/x", True),
        ("StringEqualsIgnoreCase", "x", False),
        ("StringNotEqualsIgnoreCase", "arn:aws:iam::111122223333:Role/x", True),
        ("Null", "false", True),
        ("Null", "true", False),
        ("ForAnyValue:StringLike", "*:user/*", True),
        ("StringLikeIfExists", "*", True),
        ("StringLike", "${aws:username}*", False),
        ("NumericEquals", "1", False),
    ],
)
def test_a_value_may_be_known_in_part(operator: str, operand: str, denied: bool) -> None:
    statement = {"Condition": {operator: {"aws:PrincipalArn": operand}}}
    assert is_denied(statement, aws__PrincipalArn=[USER]) is denied


def test_a_variable_that_is_known_has_its_value() -> None:
    statement = {"Resource": "arn:aws:iam::${aws:PrincipalAccount}:role/*"}
    assert is_denied(statement, aws__PrincipalAccount=["111122223333"])
    assert not is_denied(statement, aws__PrincipalAccount=["111122223334"])
    perimeter = {"Condition": {"StringNotEquals": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}}}
    assert is_denied(perimeter, aws__PrincipalOrgID=["o-a"], aws__ResourceOrgID=["o-b"])
    assert not is_denied(perimeter, aws__PrincipalOrgID=["o-a"], aws__ResourceOrgID=["o-a"])


def test_each_request_may_be_denied_by_another_statement() -> None:
    """Users with MFA by one, and those without it by another: nobody gets in."""
    without, with_mfa = (
        {"Sid": one, "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": one}}} for one in ("false", "true")
    )
    call = [ACTION], ROLE, {"aws:MultiFactorAuthPresent": ["false", "true"]}
    found = control_denials([[FULL, policy(without, with_mfa)]], *call, kind="service")
    assert [one.statement for one in found] == ["false", "true"]
    assert control_denials([[FULL, policy(with_mfa)]], *call, kind="service") == ()


@pytest.mark.parametrize(
    ("first", "second", "denied"),
    [
        ({"StringEquals": {"aws:PrincipalTag/a": ["x", "y"]}}, {"StringNotEquals": {"aws:PrincipalTag/a": "x"}}, True),
        ({"StringEquals": {"aws:PrincipalTag/a": "x"}}, {"StringNotEquals": {"aws:PrincipalTag/a": ["x", "y"]}}, False),
        # Who has no tag meets neither.
        (
            {"StringEquals": {"aws:PrincipalTag/a": "x"}},
            {"StringNotEquals": {"aws:PrincipalTag/a": "x"}, "Null": {"aws:PrincipalTag/a": "false"}},
            False,
        ),
        ({"Bool": {"aws:ViaAWSService": "true"}}, {"BoolIfExists": {"aws:ViaAWSService": "false"}}, True),
        ({"Bool": {"aws:ViaAWSService": "true"}}, {"Bool": {"aws:ViaAWSService": "false"}}, False),
        ({"Null": {"aws:SourceVpc": "true"}}, {"Null": {"aws:SourceVpc": "false"}}, True),
        # More than one text, and several values of one key.
        ({"StringLike": {"aws:PrincipalTag/a": "x*"}}, {"StringNotLike": {"aws:PrincipalTag/a": "x*"}}, False),
        ({"StringEquals": {"aws:TagKeys": "x"}}, {"StringNotEquals": {"aws:TagKeys": "x"}}, False),
        ({"StringEquals": {"aws:nobody": "x"}}, {"StringNotEquals": {"aws:nobody": "x"}}, False),
    ],
)
def test_statements_may_deny_all_together(first: dict[str, Any], second: dict[str, Any], denied: bool) -> None:
    """Whatever the value of a key is that nothing is known of."""
    both = policy({"Sid": "A", "Condition": first}, {"Sid": "B", "Condition": second})
    assert bool(control_denials([[FULL, both]], [ACTION], ROLE, {}, kind="service")) is denied
    assert not is_denied({"Condition": first})
    assert not is_denied({"Condition": second})


def test_a_family_of_keys_may_be_absent() -> None:
    statement = {"Condition": {"Null": {"aws:RequestTag/cost": "true"}}}
    key = "aws:RequestTag/*"
    assert control_denials([[FULL, policy(statement)]], [ACTION], ROLE, {key: [None]}, kind="service")
    assert not is_denied(statement)


def test_each_level_has_to_allow() -> None:
    """What one level does not allow, none below it gives."""
    lacking = policy({"Effect": "Allow", "Action": "s3:*"})
    for levels, level in (([[lacking], [FULL]], 0), ([[FULL], [lacking]], 1), ([[FULL], []], 1)):
        found = control_denials(levels, [ACTION], ROLE, {}, kind="service")
        assert found == (ControlDenial(level, None, "", ACTION),)
    assert control_denials([[FULL, lacking]], [ACTION], ROLE, {}, kind="service") == ()
    # What allows under a condition may.
    maybe = policy({"Effect": "Allow", "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}})
    assert control_denials([[maybe]], [ACTION], ROLE, {}, kind="service") == ()


def test_all_actions_have_to_be_allowed() -> None:
    found = control_denials(
        [[FULL, policy({"Action": "sts:TagSession"})]], [ACTION, "sts:TagSession"], ROLE, {}, kind="service"
    )
    assert found == (ControlDenial(0, 1, "1", "sts:TagSession"),)


def test_of_resources_they_have_a_principal() -> None:
    full, deny = (policy({**one, "Principal": "*"}) for one in ({"Effect": "Allow"}, {"Sid": "No"}))
    assert control_denials([[full, deny]], [ACTION], ROLE, {}, kind="resource")[0].statement == "No"
    with pytest.raises(trustproof.PolicySyntaxError, match="Principal"):
        control_denials([[full, deny]], [ACTION], ROLE, {}, kind="service")


def test_of_resources_they_deny_everybody_alike() -> None:
    """What AWS attaches allows everything, and nothing else allows."""
    full, some = (policy({"Effect": "Allow", "Principal": "*", "Action": action}) for action in ("*", "sts:*"))
    assert control_denials([[full]], [ACTION], ROLE, {}, kind="resource") == ()
    with pytest.raises(trustproof.PolicySyntaxError, match="statement 1 of a resource control policy has the Effect"):
        control_denials([[full, some]], [ACTION], ROLE, {}, kind="resource")


def test_the_kind_is_one_of_two() -> None:
    with pytest.raises(trustproof.UsageError, match="service or resource, got 'scp'"):
        control_denials([], [ACTION], ROLE, {}, kind="scp")


def test_too_many_requests_are_not_decided() -> None:
    conditions = {f"aws:PrincipalTag/{number}": "x" for number in range(13)}
    statement = {"Condition": {"StringNotEquals": conditions}}
    known: dict[str, list[str | None]] = {key: ["y", "z"] for key in conditions}
    assert control_denials([[FULL, policy(statement)]], [ACTION], ROLE, known, kind="service") == ()


def test_statements_about_other_actions_make_no_more_requests() -> None:
    many: dict[str, list[str | None]] = {f"aws:k{number}": ["a", "b", "c", "d", "e"] for number in range(8)}
    other = {"Action": "s3:*", "Condition": {"StringEquals": dict.fromkeys(many, "a")}}
    ours = {"Sid": "Ours", "Action": "sts:*"}
    denials = control_denials([[FULL, policy(other, ours)]], [ACTION], ROLE, many, kind="service")
    assert denials == (ControlDenial(0, 1, "Ours", ACTION),)


def test_a_condition_is_compared_once_for_all_who_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """A policy is asked of every role, caller and Region: with 300 accounts comparing took minutes."""
    compared: list[object] = []

    def covers(whole: Pattern, part: Pattern) -> bool:
        compared.append(part)
        return patterns.covers(whole, part)

    monkeypatch.setattr(module, "covers", covers)
    spared = [f"arn:aws:iam::*:role/OfTheTest{number}*" for number in range(5)]
    condition = {"ArnNotLike": {"aws:PrincipalArn": spared}, "StringNotEquals": {"aws:RequestedRegion": "eu-test-1"}}
    regions: list[str | None] = [f"eu-test-{number + 2}" for number in range(20)]
    known = {"aws:PrincipalArn": [USER], "aws:RequestedRegion": regions}
    for number in range(20):
        role = f"arn:aws:iam::1111222233{number}:role/reader"
        assert control_denials([[FULL, policy({"Condition": condition})]], [ACTION], role, known, kind="service")
    # Each role is another resource; the condition is the same.
    assert len(compared) < 100
