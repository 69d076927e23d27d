"""
Conditions in a caller's own policies: what it can meet lets it ask for a role.
"""

from __future__ import annotations

from typing import Any

import pytest

import trustproof
from trustproof.access.needs import NOT_GIVEN

Json = dict[str, Any]
ACCOUNT = "111122223333"
BOB = f"arn:aws:iam::{ACCOUNT}:user/bob"
MFA: Json = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
WITHOUT_MFA: Json = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
OFFICE: Json = {"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}
TAGGED = ["sts:AssumeRole", "sts:TagSession"]


def statement(condition: Json | None = None, **more: Any) -> Json:
    """A statement about assuming roles."""
    found = {"Effect": "Allow", "Action": "sts:AssumeRole", **more}
    return {**found, "Condition": condition} if condition else found


def may(condition: Json | None = None, **more: Any) -> Json:
    """A statement of a policy of bob's."""
    return statement(condition, **{"Resource": "*", **more})


def trust(condition: Json | None = None, **more: Any) -> Json:
    """A statement that trusts the account."""
    return statement(condition, Principal={"AWS": ACCOUNT}, **more)


def roles(own: list[Json], trusting: Json) -> Json:
    """A template with bob, the role b with a tag, and the role c that b may assume."""
    document = {"Version": "2012-10-17", "Statement": own}
    then = may(Resource=f"arn:aws:iam::{ACCOUNT}:role/c")
    return {
        "U": {
            "Type": "AWS::IAM::User",
            "Properties": {"UserName": "bob", "Policies": [{"PolicyName": "p", "PolicyDocument": document}]},
        },
        "B": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "RoleName": "b",
                "Tags": [{"Key": "tier", "Value": "low"}],
                "AssumeRolePolicyDocument": {"Statement": [trusting]},
                "Policies": [{"PolicyName": "p", "PolicyDocument": {"Statement": [then]}}],
            },
        },
        "C": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "RoleName": "c",
                "AssumeRolePolicyDocument": {
                    "Statement": [statement(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/b"})]
                },
            },
        },
    }


@pytest.mark.parametrize(
    ("own", "trusting", "said"),
    [
        ([may()], trust(), ""),
        ([may(MFA)], trust(), "required"),
        ([may({"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}})], trust(), "required"),
        ([may(), may(WITHOUT_MFA, Effect="Deny")], trust(), "required"),
        ([may(OFFICE)], trust(), "IpAddress aws:SourceIp 198.51.100.0/24"),
        ([may({"StringEquals": {"sts:RoleSessionName": "${aws:username}"}})], trust(), "${aws:username}"),
        ([may({"StringEquals": {"aws:ResourceTag/tier": "low"}})], trust(), "aws:ResourceTag/tier low"),
        ([may({"StringEquals": {"aws:RequestTag/t": "a"}}, Action=TAGGED)], trust(Action=TAGGED), "aws:RequestTag/t a"),
        ([may({"StringEquals": {"aws:ResourceTag/tier": "high"}})], trust(), None),
        ([may({"StringEquals": {"aws:RequestTag/t": "a"}})], trust(), None),
        ([may({"StringEquals": {"aws:username": "eve"}})], trust(), None),
        ([may(MFA, Resource=f"arn:aws:iam::{ACCOUNT}:role/other")], trust(), None),
        ([may(MFA)], trust(WITHOUT_MFA), None),
        ([may(OFFICE)], trust({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}), None),
    ],
)
def test_own_policies_let_in_who_meets_their_conditions(own: list[Json], trusting: Json, said: str | None) -> None:
    """A request that both policies allow is shown; over the role, the next one is reached."""
    template = {"Resources": roles(own, trusting)}
    (found,) = trustproof.explain([template], "b", caller=BOB, account=ACCOUNT)
    given = [one for one in found.entrances if not one.needs.endswith(NOT_GIVEN)]
    assert bool(given) == (said is not None)
    assert all(said in f"{one.mfa} {one.needs}" for one in given if said is not None)
    (found,) = trustproof.explain([template], "c", caller=BOB, account=ACCOUNT)
    assert bool(found.chains) == (said is not None)


@pytest.mark.parametrize(("trusting", "mfa"), [(trust(), "not required"), (trust(MFA), "required")])
def test_who_has_no_policy_that_allows_it_is_told_once(trusting: Json, mfa: str) -> None:
    """Of a role that asks nobody for MFA, no second entry says that it does."""
    template = {"Resources": roles([may(Action="s3:GetObject")], trusting)}
    (found,) = trustproof.explain([template], "b", caller=BOB, account=ACCOUNT)
    assert [(one.mfa, one.needs.endswith(NOT_GIVEN)) for one in found.entrances] == [(mfa, True)]


def test_a_condition_that_the_role_excludes_is_said() -> None:
    """Whoever has a policy for other calls than those that the role lets in is told what it asks for."""
    template = {"Resources": roles([may(OFFICE)], trust({"NotIpAddress": OFFICE["IpAddress"]}))}
    (found,) = trustproof.explain([template], "b", caller=BOB, account=ACCOUNT)
    said = "in such a call (it has one if IpAddress aws:SourceIp 198.51.100.0/24), which the templates do not give it"
    assert {one.needs.partition("sts:AssumeRole ")[2] for one in found.entrances} == {said}


@pytest.mark.parametrize(
    ("condition", "reason"), [(None, "the Deny of the policies of U applies"), (MFA, None), (WITHOUT_MFA, None)]
)
def test_who_is_denied_everything_gets_in_nowhere(condition: Json | None, reason: str | None) -> None:
    """A principal whose own policies deny it each request is nobody, whoever asks; others may be left."""
    trusting = statement(Principal={"AWS": BOB})
    template = {"Resources": roles([may(condition, Effect="Deny")], trusting)}
    (found,) = trustproof.explain([template], "b", account=ACCOUNT)
    assert [one.who for one in found.entrances] == ([] if reason else [f"user {BOB}"])
    assert [said for one in found.obstacles for said in one.reasons] == ([reason] if reason else [])


@pytest.mark.parametrize("caller", [None, ACCOUNT])
def test_others_of_an_account_are_not_kept_out_by_what_one_of_them_is_denied(caller: str | None) -> None:
    """Who is named beside the account, and denied everything, is not shown in the place of all others."""
    template = {"Resources": roles([may(Effect="Deny")], statement(Principal={"AWS": [BOB, ACCOUNT]}))}
    (found,) = trustproof.explain([template], "b", caller=caller, account=ACCOUNT)
    whoever = (f"users of {ACCOUNT}", ACCOUNT)
    users = [one for one in found.entrances if one.who in whoever and one.mfa == "not required"]
    assert [one.request.caller for one in users] == [f"arn:aws:iam::{ACCOUNT}:user/alice"]
