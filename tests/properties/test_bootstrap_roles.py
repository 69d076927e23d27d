"""
Copies of the template of ``cdk bootstrap``: what it says itself is a note, and what somebody has made of it is not.
"""

from __future__ import annotations

from typing import Any

import pytest

import trustproof

Json = dict[str, Any]
OWN, OTHER = "111122223333", "444455556666"
ACCOUNT, TRUSTED = {"Ref": "AWS::AccountId"}, {"Ref": "TrustedAccounts"}
READS = {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/ReadOnlyAccess"}
PUBLISHES = ["s3:GetObject*", "s3:PutObject*", "kms:Decrypt"]
DEPLOYS = ["cloudformation:CreateChangeSet", "iam:PassRole"]


def bootstrap(
    kind: str, actions: list[str], trusted: object = ACCOUNT, asked: Json | None = None, **properties: object
) -> Json:
    """One role of a bootstrap template."""
    trust: Json = {"Effect": "Allow", "Principal": {"AWS": trusted}, "Action": "sts:AssumeRole"}
    own = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    name = {"Fn::Sub": f"cdk-${{Qualifier}}-{kind}-role-${{AWS::AccountId}}-${{AWS::Region}}"}
    policy = {"PolicyName": "default", "PolicyDocument": {"Version": "2012-10-17", "Statement": [own]}}
    role = {
        "RoleName": name,
        "AssumeRolePolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [trust if asked is None else {**trust, "Condition": asked}],
        },
        "Policies": [policy] if actions else [],
        **properties,
    }
    return {
        "Parameters": {
            "Qualifier": {"Type": "String", "Default": "hnb659fds"},
            "TrustedAccounts": {"Type": "CommaDelimitedList"},
        },
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": role}},
    }


@pytest.mark.parametrize(
    ("template", "severity"),
    [
        (bootstrap("file-publishing", PUBLISHES), "note"),
        (bootstrap("file-publishing", PUBLISHES, TRUSTED), "note"),
        (bootstrap("file-publishing", PUBLISHES, asked={"Null": {"sts:ExternalId": "true"}}), "note"),
        (bootstrap("image-publishing", ["ecr:PutImage"]), "note"),
        (bootstrap("deploy", DEPLOYS), "note"),
        (bootstrap("lookup", [], ManagedPolicyArns=[READS]), "note"),
        # What it may do there it may not do in the template.
        (bootstrap("file-publishing", [*PUBLISHES, "s3:*"]), "warning"),
        (bootstrap("file-publishing", DEPLOYS), "warning"),
        (bootstrap("file-publishing", []), "warning"),
        (bootstrap("lookup", []), "warning"),
        (bootstrap("file-publishing", PUBLISHES, ManagedPolicyArns=[READS]), "warning"),
        (bootstrap("deploy", [*DEPLOYS, "iam:*"]), "warning"),
        (bootstrap("lookup", ["s3:GetObject"], ManagedPolicyArns=[READS]), "warning"),
        (bootstrap("lookup", [], ManagedPolicyArns=["arn:aws:iam::aws:policy/AdministratorAccess"]), "warning"),
        # Whom it lets in somebody has written there.
        (bootstrap("file-publishing", PUBLISHES, OTHER), "warning"),
        (bootstrap("file-publishing", PUBLISHES, [ACCOUNT, OTHER]), "warning"),
        (bootstrap("file-publishing", PUBLISHES, asked={"StringEquals": {"aws:PrincipalTag/a": "b"}}), "warning"),
        (bootstrap("admin", PUBLISHES), "error"),
    ],
)
def test_a_role_as_the_bootstrap_template_has_it_is_a_note(template: Json, severity: str) -> None:
    """By what it says, and not by what its file is called."""
    report = trustproof.check([template], account=OWN, properties=["mfa-required"])
    refuted = [one for one in report.results if one.verdict == trustproof.REFUTED]
    assert {one.severity for one in refuted} == {severity}


def test_an_account_that_is_given_is_no_longer_a_blank() -> None:
    """Whoever gives it is told whom that lets in."""
    template = bootstrap("file-publishing", PUBLISHES, TRUSTED)
    report = trustproof.check(
        [template], account=OWN, properties=["mfa-required"], parameters={"TrustedAccounts": OTHER}
    )
    assert {one.severity for one in report.results if one.verdict == trustproof.REFUTED} == {"warning"}
