"""
A wildcard that is compared letter by letter.
"""

from __future__ import annotations

import pytest

import trustproof

ACCOUNT = {"AWS": "111122223333"}
HOST = "token.actions.githubusercontent.com"
GITHUB = {"Federated": f"arn:aws:iam::111122223333:oidc-provider/{HOST}"}
SAML = {"Federated": "arn:aws:iam::111122223333:saml-provider/idp"}
ACTIONS = {str(GITHUB): "sts:AssumeRoleWithWebIdentity", str(SAML): "sts:AssumeRoleWithSAML"}

CASES: list[tuple[dict[str, str], str, str, object, str]] = [
    (GITHUB, "StringEquals", f"{HOST}:sub", "repo:org/*", "refuted"),
    (GITHUB, "StringEqualsIgnoreCase", f"{HOST}:sub", "repo:org/*", "refuted"),
    (GITHUB, "StringEquals", f"{HOST}:sub", ["repo:org/*", "repo:org/app:pull_request"], "proved"),
    (GITHUB, "StringLike", f"{HOST}:sub", "repo:org/*", "proved"),
    (GITHUB, "StringNotEquals", f"{HOST}:sub", "repo:org/*", "proved"),
    (ACCOUNT, "StringEquals", "aws:PrincipalTag/team", "dev-*", "refuted"),
    (ACCOUNT, "StringLike", "aws:PrincipalTag/team", "dev-*", "proved"),
    (ACCOUNT, "StringEquals", "aws:PrincipalTag/team", "dev", "proved"),
    (ACCOUNT, "StringEqualsIfExists", "aws:PrincipalTag/team", "dev-*", "proved"),
    (ACCOUNT, "ForAnyValue:StringEquals", "aws:PrincipalOrgPaths", "o-a1b2c3d4e5/r-ab12/*", "refuted"),
    (ACCOUNT, "ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-a1b2c3d4e5/r-ab12/*", "proved"),
    (ACCOUNT, "StringEquals", "aws:PrincipalOrgID", "o-*", "refuted"),
    (ACCOUNT, "StringEquals", "aws:username", "alice*", "refuted"),
    (ACCOUNT, "StringEquals", "aws:RequestedRegion", "eu-*", "refuted"),
    (ACCOUNT, "StringEquals", "aws:RequestedRegion", ["eu-*", "eu-west-1"], "proved"),
    # Google's issuers differ in the query of an address.
    (SAML, "StringEquals", "SAML:iss", "https://accounts.google.com/o/saml2?idpid=C01abcde", "proved"),
    (SAML, "StringEqualsIgnoreCase", "SAML:iss", "https://accounts.google.com/o/saml2?idpid=C01abcde", "proved"),
    (SAML, "StringEquals", "SAML:iss", "https://idp?.example.com", "proved"),
    (SAML, "StringEquals", "SAML:iss", "https://?.example.com", "refuted"),
    (SAML, "StringEquals", "SAML:iss", "idp?", "refuted"),
    # A program may call itself what it likes.
    (ACCOUNT, "StringEquals", "aws:UserAgent", "curl/*", "proved"),
]


@pytest.mark.parametrize(("principal", "operator", "key", "value", "expected"), CASES)
def test_statement_usable(principal: dict[str, str], operator: str, key: str, value: object, expected: str) -> None:
    """Nobody can use a statement that asks for a value with a wildcard in it."""
    action = ACTIONS.get(str(principal), "sts:AssumeRole")
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Condition": {operator: {key: value}}}
    found = trustproof.prove({"Version": "2012-10-17", "Statement": [statement]}, "statement-usable")
    assert found.verdict == expected
    if expected == "refuted":
        assert found.label == "a wildcard is an ordinary character here"
        # A pattern may let in more than is wanted, so it is named, and not proposed.
        assert found.remedy is not None
        assert found.remedy.text.startswith("write the value out in full")


NAMED_BY_AWS: list[tuple[str, str, str, str]] = [
    ("StringEquals", "aws:RequestedRegion", "eu-*", "proved"),
    ("StringEquals", "aws:RequestedRegion", "eu-west-?", "proved"),
    ("StringLike", "aws:RequestedRegion", "eu-*", "refuted"),
    ("StringNotEquals", "aws:RequestedRegion", "eu-*", "refuted"),
    ("ForAnyValue:StringEquals", "aws:PrincipalOrgPaths", "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*", "proved"),
    ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*", "refuted"),
    ("ForAnyValue:StringEquals", "aws:CalledVia", "*.amazonaws.com", "proved"),
]


@pytest.mark.parametrize(("operator", "key", "value", "expected"), NAMED_BY_AWS)
def test_what_aws_names(operator: str, key: str, value: str, expected: str) -> None:
    """No Region, unit or service has a wildcard in its name, so nobody gets in by one."""
    condition = {operator: {key: value}}
    statement = {"Effect": "Allow", "Principal": ACCOUNT, "Action": "sts:AssumeRole", "Condition": condition}
    role = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    template = {"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": role}}}
    for region in (None, "eu-west-1"):
        report = trustproof.check([template], region=region, properties=["mfa-required"], certify=True)
        assert [one.verdict for one in report.results] == [expected]


def test_a_bucket_that_asks_for_a_region_with_a_wildcard() -> None:
    """Callers without an account are in no partition."""
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::app/*",
        "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-*"}},
    }
    bucket = {"Bucket": "app", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    template = {"Resources": {"P": {"Type": "AWS::S3::BucketPolicy", "Properties": bucket}}}
    report = trustproof.check([template], properties=["inside-boundary"], certify=True)
    assert [one.verdict for one in report.results] == [trustproof.PROVED]


def test_a_variable_that_the_template_should_have_filled_in() -> None:
    """Without Fn::Sub, what looks like a pseudo-parameter is a policy variable that has no value."""
    condition = {"StringEquals": {"aws:PrincipalAccount": "${AWS::AccountId}"}}
    statement = {"Effect": "Allow", "Principal": ACCOUNT, "Action": "sts:AssumeRole", "Condition": condition}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    assert trustproof.prove(policy, "statement-usable").verdict == trustproof.REFUTED
