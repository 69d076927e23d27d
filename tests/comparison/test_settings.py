"""
What stands around a resource policy and decides who gets in: settings against public policies, VPCs, signatures.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import trustproof
from tests.comparison.test_diff import HUB, OTHER, allow, diff, messages, policy, template
from trustproof.results.difference import Difference

Json = dict[str, Any]
NOT_BLOCKED = dict.fromkeys(
    ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), False
)
BLOCKED = dict.fromkeys(NOT_BLOCKED, True)
RESTRICTED = {**NOT_BLOCKED, "RestrictPublicBuckets": True}
READING = allow("s3:GetObject", Principal="*", Resource="arn:aws:s3:::data/*")
NAMED = allow("s3:GetObject", Principal={"AWS": OTHER}, Resource="arn:aws:s3:::data/*")


def bucket(block: Json | None, *statements: Json) -> Json:
    """A bucket with a policy; None where it says nothing of public access."""
    settings = {} if block is None else {"PublicAccessBlockConfiguration": block}
    document = policy(*(statements or (READING,)))
    return template(
        {
            "B": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "data", **settings}},
            "P": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "B"}, "PolicyDocument": document}},
        }
    )


def domain(**more: Json) -> Json:
    """A search domain for everybody."""
    everybody = policy(allow("es:ESHttpGet", Principal="*", Resource="*"))
    properties = {"DomainName": "d", "AccessPolicies": everybody, **more}
    return template({"D": {"Type": "AWS::OpenSearchService::Domain", "Properties": properties}})


def access_point(**more: Json) -> Json:
    """An access point for everybody, without settings against that."""
    document = policy(allow("s3:GetObject", Principal="*", Resource="*"))
    properties = {"Name": "p", "Bucket": "b", "Policy": document, "PublicAccessBlockConfiguration": NOT_BLOCKED}
    return template({"A": {"Type": "AWS::S3::AccessPoint", "Properties": {**properties, **more}}})


def secret(**more: Any) -> Json:
    """A secret for everybody."""
    document = policy(allow("secretsmanager:GetSecretValue", Principal="*", Resource="*"))
    properties = {"SecretId": {"Ref": "S"}, "ResourcePolicy": document, **more}
    return template(
        {
            "S": {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": "s"}},
            "P": {"Type": "AWS::SecretsManager::ResourcePolicy", "Properties": properties},
        }
    )


def url(auth: str, named: Any = None, **more: Any) -> Json:
    """The URL of a function for everybody."""
    own = {"Ref": "F"}
    permission = {"FunctionName": own, "Action": "lambda:InvokeFunctionUrl", "Principal": "*", **more}
    function = {"FunctionName": "f", "Role": f"arn:aws:iam::{HUB}:role/x"}
    return template(
        {
            "F": {"Type": "AWS::Lambda::Function", "Properties": function},
            "U": {"Type": "AWS::Lambda::Url", "Properties": {"TargetFunctionArn": named or own, "AuthType": auth}},
            "P": {"Type": "AWS::Lambda::Permission", "Properties": permission},
        }
    )


def api(auth: str, types: str = "", *statements: Json) -> Json:
    """An API for everybody, beside what else its policy says."""
    document = policy(allow("execute-api:Invoke", Principal="*", Resource="execute-api:/*"), *statements)
    endpoints = {"EndpointConfiguration": {"Types": [types]}} if types else {}
    root = {"Fn::GetAtt": ["A", "RootResourceId"]}
    method = {"RestApiId": {"Ref": "A"}, "ResourceId": root, "HttpMethod": "GET", "AuthorizationType": auth}
    return template(
        {
            "A": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "x", "Policy": document, **endpoints}},
            "M": {"Type": "AWS::ApiGateway::Method", "Properties": method},
        }
    )


VPC_OPTIONS = {"VPCOptions": {"SubnetIds": ["subnet-1"]}}
IN_VPC = {"VpcConfiguration": {"VpcId": "vpc-1"}}


def gained(old: Json, new: Json) -> Difference:
    """The difference, in which nothing is open."""
    found = diff(old, new, account=HUB)
    assert not found.undecided
    return found


@pytest.mark.parametrize(
    ("old", "new", "who"),
    [
        (url("AWS_IAM"), url("NONE"), "anonymous"),
        (url("AWS_IAM", {"Fn::GetAtt": ["F", "Arn"]}), url("NONE", {"Fn::GetAtt": ["F", "Arn"]}), "anonymous"),
        (api("AWS_IAM"), api("NONE"), "anonymous"),
        (api("NONE", "PRIVATE"), api("NONE", "REGIONAL"), "anonymous"),
        (api("NONE", "PRIVATE"), api("NONE"), "anonymous"),
        (secret(BlockPublicPolicy=True), secret(), "arn:aws:iam::444455556666:user/alice"),
        (access_point(**IN_VPC), access_point(), "anonymous"),
        (domain(**VPC_OPTIONS), domain(), "anonymous"),
        (bucket(BLOCKED), bucket(NOT_BLOCKED), "anonymous"),
        (bucket(RESTRICTED), bucket(NOT_BLOCKED), "anonymous"),
    ],
)
def test_whoever_a_setting_kept_out_gains_what_it_lets_in(old: Json, new: Json, who: str) -> None:
    """The policy is the same, and somebody gets in by it since a setting is gone; turned on again, it is lost."""
    (change,) = gained(old, new).access
    assert (change.direction, change.counterexample.caller) == ("gained", who)
    (change,) = gained(new, old).access
    assert (change.direction, change.counterexample.caller) == ("lost", who)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (bucket(None), bucket(BLOCKED)),
        (bucket(BLOCKED, NAMED), bucket(None, NAMED)),
        (bucket({"BlockPublicPolicy": True}), bucket(BLOCKED)),
        (bucket(BLOCKED, NAMED), bucket(NOT_BLOCKED, NAMED)),
        (url("AWS_IAM", Principal=OTHER), url("NONE", Principal=OTHER)),
        (url("AWS_IAM", "another"), url("AWS_IAM", "another")),
    ],
)
def test_a_setting_that_keeps_nobody_out_is_no_change(old: Json, new: Json) -> None:
    """A default that is written out, and a setting against public policies around one that is not public."""
    assert not gained(old, new).access


def test_one_setting_for_another() -> None:
    """A policy that was refused and is restricted lets nobody else in; of services that is not known."""
    found = diff(bucket(BLOCKED), bucket(RESTRICTED), account=HUB)
    assert not found.access
    (one,) = found.undecided
    assert one.reasons == (
        "what keeps others out besides the policy was: BlockPublicPolicy of B; it is: RestrictPublicBuckets of B",
    )


def test_a_setting_that_is_no_longer_written() -> None:
    """A bucket that was there is not made again, with all settings on; nobody knows what is left of them."""
    found = diff(bucket(BLOCKED), bucket(None), account=HUB)
    assert not found.access
    (one,) = found.undecided
    assert one.reasons == ("BlockPublicPolicy of B is no longer written, and whether it stays as it was is not known",)


def test_a_setting_that_was_off_takes_nothing_when_it_is_no_longer_written(tmp_path: Path) -> None:
    """Terraform leaves it off; of CloudFormation nobody knows."""
    off = {"BlockPublicPolicy": False}
    assert trustproof.diff(bucket(None), bucket(NOT_BLOCKED), account=HUB).gained
    found = trustproof.diff(bucket(off), bucket(None), account=HUB)
    assert not found.access
    (one,) = found.undecided
    assert one.reasons == ("whether settings against public policies stay off that are no longer written is not known",)
    # Around a policy that is not public, nothing changes.
    assert not diff(bucket(off, NAMED), bucket(None, NAMED), account=HUB).undecided
    block = 'resource "aws_s3_bucket_public_access_block" "b" {\n  bucket = aws_s3_bucket.b.id\n}\n'
    found = of_terraform(tmp_path, block, "")
    assert not any((found.access, found.undecided))


def of_terraform(folder: Path, old: str, new: str) -> trustproof.Difference:
    """A public bucket of Terraform, with something beside it on either side."""
    statement = 'Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "arn:aws:s3:::data/*"'
    public = (
        'resource "aws_s3_bucket" "b" {\n  bucket = "data"\n}\n'
        'resource "aws_s3_bucket_policy" "b" {\n  bucket = aws_s3_bucket.b.id\n'
        f'  policy = jsonencode({{ Version = "2012-10-17", Statement = [{{ {statement} }}] }})\n}}\n'
    )
    for side, text in (("old", public + old), ("new", public + new)):
        (folder / side).mkdir()
        (folder / side / "main.tf").write_text(text, encoding="utf-8")
    return trustproof.diff(folder / "old", folder / "new", account=HUB)


KEPT = "removed {\n  from = aws_s3_bucket_public_access_block.b\n  lifecycle {\n    destroy = false\n  }\n}\n"


@pytest.mark.parametrize("setting", ["block_public_policy", "restrict_public_buckets"])
@pytest.mark.parametrize(("left", "is_gained"), [("", True), (KEPT, False)])
def test_what_terraform_deletes_blocks_nobody_any_more(
    tmp_path: Path, setting: str, left: str, *, is_gained: bool
) -> None:
    """A bucket that was there is not made again, with all settings on; what is only forgotten stays."""
    own = f"  bucket = aws_s3_bucket.b.id\n  {setting} = true\n"
    found = of_terraform(tmp_path, f'resource "aws_s3_bucket_public_access_block" "b" {{\n{own}}}\n', left)
    assert [one.counterexample.action for one in found.gained] == ["s3:GetObject"] * is_gained
    assert all("Terraform deletes " in one.notes[-1] for one in found.gained)
    assert bool(found.undecided) != is_gained
    assert not found.lost


def test_a_setting_of_some_deployments() -> None:
    """Where a condition decides about a setting, the request is one of a deployment without it."""
    conditions = {
        "Parameters": {"Stage": {"Type": "String", "Default": "prod"}},
        "Conditions": {"Open": {"Fn::Equals": [{"Ref": "Stage"}, "dev"]}},
    }
    chosen = {"Fn::If": ["Open", NOT_BLOCKED, BLOCKED]}
    found = diff({**bucket(BLOCKED), **conditions}, {**bucket(chosen), **conditions}, account=HUB)
    assert [one.direction for one in found.access] == ["gained"]
    assert found.access[0].counterexample.parameters == {"Stage": "dev"}


def test_only_the_url_of_the_function_counts() -> None:
    """A URL of another function says nothing of a permission."""
    here = url("NONE")
    there = url("NONE")
    there["Resources"]["V"] = {
        "Type": "AWS::Lambda::Url",
        "Properties": {"TargetFunctionArn": {"Ref": "G"}, "AuthType": "AWS_IAM"},
    }
    there["Resources"]["G"] = there["Resources"]["F"]
    assert messages(diff(here, there, account=HUB)) == []


ORGANIZATION = {"PrincipalOrgID": "o-a1b2c3d4e5"}
UNSIGNED, SIGNED = {"FunctionUrlAuthType": "NONE"}, {"FunctionUrlAuthType": "AWS_IAM"}


@pytest.mark.parametrize(
    ("old", "new", "directions"),
    [
        (url("NONE", **UNSIGNED), url("AWS_IAM", **SIGNED), ["lost"]),
        (url("NONE", **UNSIGNED), url("AWS_IAM", **SIGNED, Principal=OTHER), ["lost"]),
        (url("NONE", **UNSIGNED), url("AWS_IAM", **SIGNED, Principal=f"arn:aws:iam::{OTHER}:role/x"), ["lost"]),
        (url("NONE", **UNSIGNED), url("AWS_IAM", **SIGNED, **ORGANIZATION), ["lost"]),
        # Nobody called these before: no unsigned request has an organization, and the URL asked for a signature.
        (url("NONE", **UNSIGNED, **ORGANIZATION), url("AWS_IAM", **SIGNED), ["gained", "lost"]),
        (url("AWS_IAM", **UNSIGNED), url("AWS_IAM", **SIGNED), ["gained", "lost"]),
        (url("NONE", **UNSIGNED, Principal=OTHER), url("AWS_IAM", **SIGNED), ["gained", "lost"]),
    ],
)
def test_whoever_signs_could_have_called_unsigned(old: Json, new: Json, directions: list[str]) -> None:
    """A URL that everybody may call without a signature gives nobody anything when it asks for one."""
    assert [one.direction for one in gained(old, new).access] == directions
    if directions == ["lost"]:
        assert [one.direction for one in gained(new, old).access] == ["gained"]


@pytest.mark.parametrize(("asked", "is_anybody"), [(SIGNED, False), (UNSIGNED, True)])
def test_nobody_calls_a_url_unsigned_that_takes_signed_calls_alone(asked: Json, is_anybody: bool) -> None:
    """Whoever gets in there has an account; where no signature is asked for, it is anybody."""
    auth = asked["FunctionUrlAuthType"]
    (change,) = gained(url(auth, **asked, Principal=OTHER), url(auth, **asked)).gained
    assert (change.counterexample.request.caller.kind == "anonymous") is is_anybody


FROM_ELSEWHERE = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "execute-api:Invoke",
    "Resource": "execute-api:/*",
    "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-0a1b2c3d4e5f60718"}},
}


def test_a_private_api_is_called_from_a_vpc() -> None:
    """Whoever gains access to a private API calls it from some VPC: no other request arrives."""
    (change,) = gained(api("NONE", "PRIVATE", FROM_ELSEWHERE), api("NONE", "PRIVATE")).access
    assert change.direction == "gained"
    assert change.counterexample.context["aws:SourceVpc"].startswith("vpc-")


OWN_USERS = {"AdvancedSecurityOptions": {"Enabled": True, "InternalUserDatabaseEnabled": True}}


@pytest.mark.parametrize(
    ("old", "new", "was", "now"),
    [
        (api("COGNITO_USER_POOLS"), api("NONE"), "COGNITO_USER_POOLS", "NONE"),
        (api("COGNITO_USER_POOLS", "REGIONAL"), api("CUSTOM", "REGIONAL"), "COGNITO_USER_POOLS", "CUSTOM"),
        (domain(**OWN_USERS), domain(), "a name and a password (AdvancedSecurityOptions)", "nothing"),
        (
            domain(AdvancedSecurityOptions={"Enabled": True}),
            domain(),
            "who they are, by access control of the domain (AdvancedSecurityOptions)",
            "nothing",
        ),
    ],
)
def test_what_a_service_asks_for_by_itself_is_not_compared(old: Json, new: Json, was: str, now: str) -> None:
    """Who passes an authorizer or knows a password is said by no policy: that it is another one is not silent."""
    for sides, said in (((old, new), (was, now)), ((new, old), (now, was))):
        found = diff(*sides, account=HUB)
        assert not found.access
        (one,) = found.undecided
        assert one.reasons == (f"what callers are asked for besides the policy was: {said[0]}; it is: {said[1]}",)
    assert not diff(old, old, account=HUB).undecided
