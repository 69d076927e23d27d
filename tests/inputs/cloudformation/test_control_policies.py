"""
Service and resource control policies: read as documents, refused where Organizations would, and granting nothing.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

Json = dict[str, object]
ACCOUNT = "111122223333"
SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"


def policy(*statements: Json) -> Json:
    """A policy."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def scp(effect: str = "Deny", **more: object) -> Json:
    """A statement of a service control policy."""
    return {"Effect": effect, "Action": "s3:*", "Resource": "*", **more}


def rcp(**more: object) -> Json:
    """A statement of a resource control policy."""
    return {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", **more}


def check(folder: Path, content: object, type_: object = SCP, **more: object) -> trustproof.Report:
    """What statement-usable says of one control policy."""
    properties = {"Name": "p", "Type": type_, "Content": content, "TargetIds": ["r-ab12"], **more}
    file = folder / "template.json"
    resources = {"P": {"Type": "AWS::Organizations::Policy", "Properties": properties}}
    parameters = {"Kind": {"Type": "String"}}
    file.write_text(json.dumps({"Parameters": parameters, "Resources": resources}))
    return trustproof.check([str(file)], account=ACCOUNT, properties=["statement-usable", "inside-boundary"])


#: Type, content, and the error.
MALFORMED: list[tuple[str, object, str]] = [
    (SCP, policy(scp()), ""),
    (SCP, json.dumps(policy(scp())), ""),
    (RCP, policy(rcp()), ""),
    (RCP, json.dumps(policy(rcp())), ""),
    (SCP, "no policy", "the policy is text, and"),
    (SCP, policy({"Effect": "Deny", "Action": "s3:*"}), "Resource"),
    (SCP, policy(scp(Principal="*")), "Principal"),
    (SCP, policy(scp(Effect="Block")), "Block"),
    (SCP, policy(scp(Condition={"StringIs": {"aws:RequestedRegion": "x"}})), "unknown condition operator"),
    (RCP, policy(rcp(Effect="Allow")), 'the Effect of a resource control policy is "Allow", expected "Deny"'),
    (RCP, policy(rcp(Principal={"AWS": ACCOUNT})), f'the Principal of a resource control policy is "{ACCOUNT}"'),
    (RCP, policy(rcp(Action="*")), 'the Action of a resource control policy is "*"'),
    (RCP, policy({"Effect": "Deny", "Principal": "*", "NotAction": "s3:*", "Resource": "*"}), "the NotAction of a"),
    # A policy of another dialect.
    ("TAG_POLICY", {"tags": {"Owner": {"tag_key": {"@@assign": "Owner"}}}}, ""),
]


@pytest.mark.parametrize(("type_", "content", "error"), MALFORMED)
def test_what_organizations_refuses(type_: str, content: object, error: str, tmp_path: Path) -> None:
    """A control policy that Organizations would refuse is an error with its line; another one is none."""
    found = check(tmp_path, content, type_).errors
    assert len(found) == bool(error)
    assert not error or error in str(found[0])


def test_a_type_that_is_not_known(tmp_path: Path) -> None:
    """Which grammar a policy is written in may be known at deployment only; then it is not read."""
    (found,) = check(tmp_path, policy(scp()), {"Ref": "Kind"}).results
    assert (found.property, found.verdict) == ("statement-usable", "unknown")
    given = "give the value of Kind: --parameter Kind=VALUE"
    assert found.reasons == ("the Type of P is the value of <Kind>", given)


#: A condition of an Allow statement, and whether somebody can use it.
USABLE: list[tuple[Json, str]] = [
    ({}, "proved"),
    ({"Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}}, "proved"),
    ({"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}, "proved"),
    ({"Condition": {"StringEquals": {"aws:PrincipalType": "Service"}}}, "refuted"),
    (
        {
            "Condition": {
                "StringEquals": {"aws:RequestedRegion": ["us-gov-west-1"]},
                "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"},
            }
        },
        "refuted",
    ),
    ({"Resource": "arn:aws:s4:::bucket/*", "Action": "s3:GetObject"}, "refuted"),
]


@pytest.mark.parametrize(("more", "expected"), USABLE)
def test_a_statement_that_nobody_can_use(more: Json, expected: str, tmp_path: Path) -> None:
    """An Allow statement that no request of an account meets leaves nothing to anybody."""
    (found,) = check(tmp_path, policy(scp("Allow", **more))).results
    assert (found.property, found.verdict) == ("statement-usable", expected)


def test_what_it_keeps_out_is_said(tmp_path: Path) -> None:
    """Where it is attached is not looked at, so a note says that no verdict rests on it."""
    report = check(tmp_path, policy(scp()))
    said = "control policies are asked whether they can be used, and keep nobody out here: P"
    assert f"{tmp_path / 'template.json'}: {said}" in report.notes


def test_it_grants_nothing(tmp_path: Path) -> None:
    """A service control policy that allows everything lets nobody in."""
    everything = scp("Allow", Action="*")
    assert {one.property for one in check(tmp_path, policy(everything)).results} == {"statement-usable"}
