"""
Invariants that a project declares: who may get in, under which conditions, and what is no invariant.
"""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given

import trustproof
from tests.generate.conditions import EXACT
from tests.generate.statements import any_policy
from tests.strategies import choices, examples, requests_near
from trustproof.config.invariants import Invariant, Issuer
from trustproof.config.model import Config
from trustproof.model.document import TRUST, Document
from trustproof.properties.invariant import invariant
from trustproof.properties.question import Subject
from trustproof.proving.outcomes import Place, check_statements
from trustproof.results.result import PROVED
from trustproof.spec.decision import may_get_credentials

HUB, OTHER, OWN = "111122223333", "444455556666", "222233334444"
GITHUB = "token.actions.githubusercontent.com"
Json = dict[str, Any]


def allow(principal: Any, action: str = "sts:AssumeRole", **condition: Json) -> Json:
    """A statement."""
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Condition": condition}


def verdict(declared: Json, *statements: Json, **more: Any) -> str:
    """The verdict on a role with these statements."""
    config = {"invariant": [{"name": "mine", "resources": ["*"], **declared}]}
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    return trustproof.prove(policy, "invariant-mine", account=OWN, config=config, **more).verdict


MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
YOUNG = {"NumericLessThan": {"aws:MultiFactorAuthAge": "600"}}
TOKEN = {"Federated": f"arn:aws:iam::{OWN}:oidc-provider/{GITHUB}"}
WEB = "sts:AssumeRoleWithWebIdentity"
SUB = {"StringEquals": {f"{GITHUB}:sub": "repo:our/app:ref:refs/heads/main"}}
ROLE, USER = f"arn:aws:iam::{HUB}:role/ci", f"arn:aws:iam::{HUB}:user/ann"
SESSION = f"arn:aws:sts::{HUB}:assumed-role/ci/build"
ISSUER = {"provider": GITHUB, "subjects": ["repo:our/*:ref:refs/heads/main"]}


@pytest.mark.parametrize(
    ("declared", "statement", "expected"),
    [
        ({"accounts": [HUB]}, allow({"AWS": HUB}), "proved"),
        ({"accounts": [HUB]}, allow({"AWS": OTHER}), "refuted"),
        ({"accounts": [HUB]}, allow({"AWS": "*"}), "refuted"),
        ({"accounts": [HUB]}, allow({"AWS": "*"}, StringEquals={"aws:PrincipalAccount": HUB}), "proved"),
        ({"accounts": []}, allow({"AWS": HUB}), "refuted"),
        ({"own-account": True}, allow({"AWS": OWN}), "proved"),
        ({"own-account": True}, allow({"AWS": HUB}), "refuted"),
        (
            {"organizations": ["o-a1b2c3d4e5"]},
            allow({"AWS": "*"}, StringEquals={"aws:PrincipalOrgID": "o-a1b2c3d4e5"}),
            "proved",
        ),
        ({"organizations": ["o-a1b2c3d4e5"]}, allow({"AWS": HUB}), "refuted"),
        ({"roles": [ROLE]}, allow({"AWS": ROLE}), "proved"),
        ({"roles": [f"arn:aws:iam::{HUB}:role/c*"]}, allow({"AWS": ROLE}), "proved"),
        # The ARN of a session has no path, and no other role of the account has the name.
        ({"roles": [f"arn:aws:iam::{HUB}:role/path/ci"]}, allow({"AWS": SESSION}), "proved"),
        ({"roles": [f"arn:aws:iam::{HUB}:role/path/ci"], "mfa": True}, allow({"AWS": SESSION}), "proved"),
        ({"roles": [f"arn:aws:iam::{HUB}:role/path/ci"]}, allow({"AWS": [SESSION, ROLE]}), "refuted"),
        ({"roles": [f"arn:aws:iam::{OTHER}:role/path/ci"]}, allow({"AWS": SESSION}), "refuted"),
        ({"roles": [f"arn:aws:iam::{HUB}:role/path/*"]}, allow({"AWS": SESSION}), "refuted"),
        ({"roles": [ROLE]}, allow({"AWS": SESSION}), "proved"),
        ({"roles": [ROLE]}, allow({"AWS": HUB}), "refuted"),
        ({"roles": [ROLE]}, allow({"AWS": USER}), "refuted"),
        ({"users": [USER]}, allow({"AWS": USER}), "proved"),
        # A wildcard for the account reaches over no colon: paths may have colons, if they are no placeholders.
        ({"roles": ["arn:aws:iam::*:role/ci"]}, allow({"AWS": f"arn:aws:iam::{HUB}:role/x:role/ci"}), "unknown"),
        ({"roles": ["arn:aws:iam::*:role/ci"]}, allow({"AWS": f"arn:aws:iam::{HUB}:role/x/role/ci"}), "refuted"),
        ({"services": ["lambda.amazonaws.com"]}, allow({"Service": "lambda.amazonaws.com"}), "proved"),
        ({"services": ["lambda.amazonaws.com"]}, allow({"Service": "ec2.amazonaws.com"}), "refuted"),
        ({"accounts": [HUB]}, allow({"Service": "ec2.amazonaws.com"}), "refuted"),
        ({"issuers": [{"provider": GITHUB}]}, allow(TOKEN, WEB), "proved"),
        ({"issuers": [ISSUER]}, allow(TOKEN, WEB, **SUB), "proved"),
        ({"issuers": [ISSUER]}, allow(TOKEN, WEB), "refuted"),
        ({"issuers": [{"provider": "gitlab.com"}]}, allow(TOKEN, WEB), "refuted"),
        # Conditions by themselves say nothing of who may.
        ({"mfa": True}, allow({"AWS": USER}, **MFA), "proved"),
        ({"mfa": True}, allow({"AWS": USER}), "refuted"),
        ({"mfa": True}, allow({"AWS": ROLE}), "refuted"),
        ({"mfa": True, "roles": [ROLE]}, allow({"AWS": ROLE}), "proved"),
        ({"mfa": True}, allow({"Service": "lambda.amazonaws.com"}), "proved"),
        ({"max-mfa-age": 900}, allow({"AWS": USER}, **MFA, **YOUNG), "proved"),
        ({"max-mfa-age": 300}, allow({"AWS": USER}, **MFA, **YOUNG), "refuted"),
        ({"max-mfa-age": 300}, allow({"AWS": USER}), "refuted"),
        ({"external-id": True}, allow({"AWS": HUB}, StringEquals={"sts:ExternalId": "a1"}), "proved"),
        ({"external-id": True}, allow({"AWS": HUB}, StringLike={"sts:ExternalId": "*"}), "refuted"),
        ({"external-id": True}, allow({"AWS": HUB}), "refuted"),
        (
            {"source-addresses": ["203.0.113.0/24"]},
            allow({"AWS": HUB}, IpAddress={"aws:SourceIp": "203.0.113.128/25"}),
            "proved",
        ),
        (
            {"source-addresses": ["203.0.113.0/25"]},
            allow({"AWS": HUB}, IpAddress={"aws:SourceIp": "203.0.113.0/24"}),
            "refuted",
        ),
        ({"source-addresses": ["203.0.113.0/24"]}, allow({"AWS": HUB}), "refuted"),
        ({"vpc-endpoints": ["vpce-0a1b"]}, allow({"AWS": HUB}, StringEquals={"aws:SourceVpce": "vpce-0a1b"}), "proved"),
        (
            {"vpc-endpoints": ["vpce-0a1b"]},
            allow({"AWS": HUB}, StringEquals={"aws:SourceVpce": "vpce-0c1d"}),
            "refuted",
        ),
    ],
)
def test_who_may_under_which_condition(declared: Json, statement: Json, expected: str) -> None:
    """Each key of an invariant, with a policy that keeps to it and one that does not."""
    assert verdict(declared, statement) == expected


CANONICAL = {"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}
IDENTITY = {"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E2ABCDEFGHIJK"}
#: Whoever is of an account, and no service.
IN_HUB = {"StringEquals": {"aws:PrincipalAccount": HUB}}


@pytest.mark.parametrize(
    ("declared", "statement", "expected"),
    [
        ({"accounts": []}, allow(CANONICAL, "s3:GetObject"), "unknown"),
        ({"own-account": True}, allow(CANONICAL, "s3:GetObject"), "unknown"),
        ({"source-addresses": ["203.0.113.0/24"]}, allow(CANONICAL, "s3:GetObject"), "unknown"),
        ({"accounts": [HUB]}, allow(CANONICAL, "s3:GetObject", **IN_HUB), "proved"),
        ({"accounts": []}, allow(IDENTITY, "s3:GetObject"), "refuted"),
        ({"services": ["cloudfront.amazonaws.com"]}, allow(IDENTITY, "s3:GetObject"), "proved"),
    ],
)
def test_a_principal_of_buckets_alone_is_somebody(declared: Json, statement: Json, expected: str) -> None:
    """A canonical user is an account by another name, and for an origin access identity CloudFront asks."""
    statement = {**statement, "Resource": "arn:aws:s3:::b/*"}
    bucket = {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {"Bucket": "b", "PolicyDocument": {"Statement": statement}},
    }
    config = {"invariant": [{"name": "mine", "resources": ["*"], **declared}]}
    report = trustproof.check(
        [{"Resources": {"P": bucket}}], config=config, account=OWN, properties=["invariant-mine"], certify=True
    )
    assert [result.verdict for result in report.results] == [expected]


SNS = "sns.amazonaws.com"
BY_NAME = allow({"Service": SNS}, "sqs:SendMessage", StringEquals={"aws:SourceAccount": HUB})


@pytest.mark.parametrize(
    ("declared", "statements", "expected"),
    [
        ({"accounts": [HUB]}, [allow("*", "sqs:SendMessage", **IN_HUB)], "proved"),
        ({"accounts": [HUB]}, [allow("*", "sqs:SendMessage")], "refuted"),
        ({"accounts": [OTHER]}, [allow("*", "sqs:SendMessage", **IN_HUB)], "refuted"),
        (
            {"accounts": [HUB]},
            [allow("*", "sqs:SendMessage", StringEqualsIfExists={"aws:PrincipalAccount": HUB})],
            "refuted",
        ),
        (
            {"accounts": [HUB]},
            [
                allow(
                    "*",
                    "sqs:SendMessage",
                    StringEquals={"aws:PrincipalAccount": [HUB, OTHER]},
                    Bool={"aws:PrincipalIsAWSService": "true"},
                )
            ],
            "refuted",
        ),
        # Who is named calls, whatever it sends.
        ({"accounts": [HUB]}, [allow({"Service": SNS}, "sqs:SendMessage", **IN_HUB)], "refuted"),
        ({"accounts": [HUB]}, [allow("*", "sqs:SendMessage", **IN_HUB), BY_NAME], "refuted"),
        ({"accounts": [HUB], "services": [SNS]}, [allow("*", "sqs:SendMessage", **IN_HUB), BY_NAME], "proved"),
    ],
)
def test_a_service_behind_a_wildcard_calls_for_the_account_that_it_sends(
    declared: Json, statements: list[Json], expected: str
) -> None:
    """A test of the caller's account is enough for users and roles, and lets in no service that sends another."""
    policy = {"Statement": [{**one, "Resource": "*"} for one in statements]}
    queue = {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": ["q"], "PolicyDocument": policy}}
    config = {"invariant": [{"name": "mine", "resources": ["*"], **declared}]}
    report = trustproof.check(
        [{"Resources": {"P": queue}}], config=config, account=OWN, properties=["invariant-mine"], certify=True
    )
    assert {result.verdict for result in report.results if result.verdict != "proved"} == {expected} - {"proved"}


def test_a_deny_counts() -> None:
    """Who is denied does not get in, whoever is allowed."""
    deny = {**allow({"AWS": "*"}), "Effect": "Deny", "Condition": {"StringNotEquals": {"aws:PrincipalAccount": HUB}}}
    assert verdict({"accounts": [HUB]}, allow({"AWS": "*"}), deny) == "proved"


def template(**resources: Json) -> Json:
    """Roles that trust somebody, by logical id."""
    return {
        "Resources": {
            name: {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "RoleName": name.lower(),
                    "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
                },
            }
            for name, statement in resources.items()
        }
    }


def asked_about(*patterns: str, account: str | None = OWN) -> set[str]:
    """The roles that an invariant with these patterns is asked about."""
    config = {"invariant": [{"name": "mine", "resources": list(patterns), "accounts": [HUB]}]}
    checked = template(AdminRole=allow({"AWS": HUB}), Reader=allow({"AWS": HUB}))
    report = trustproof.check([checked], config=config, account=account, properties=["invariant-mine"])
    return {result.logical_id for result in report.results}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("Admin*", {"AdminRole"}),
        ("adminrole", {"AdminRole"}),
        (f"arn:aws:iam::{OWN}:role/r*", {"Reader"}),
        ("*", {"AdminRole", "Reader"}),
        (f"arn:aws:iam::{OTHER}:role/*", set()),
    ],
)
def test_resources_are_named_by_patterns(pattern: str, expected: set[str]) -> None:
    """Logical ids, names and ARNs."""
    assert asked_about(pattern) == expected


@pytest.mark.parametrize(
    ("pattern", "called"), [("jobs", "jobs"), ("Queue", "Queue"), ("Policy", "Policy"), ("arn:aws:sqs:*:jobs", "Queue")]
)
@pytest.mark.parametrize("region", [None, "eu-central-1"])
def test_a_resource_is_named_and_not_its_policy_alone(pattern: str, called: str, region: str | None) -> None:
    """The policy of a queue is found by the name and the logical id of the queue, and called so, in any Region."""
    allows = {**allow({"AWS": OTHER}, "sqs:SendMessage"), "Resource": {"Fn::GetAtt": ["Queue", "Arn"]}}
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "jobs"}}
    policy = {"Queues": [{"Ref": "Queue"}], "PolicyDocument": {"Statement": allows}}
    checked = {"Resources": {"Queue": queue, "Policy": {"Type": "AWS::SQS::QueuePolicy", "Properties": policy}}}
    config = {"invariant": [{"name": "mine", "resources": [pattern], "accounts": [HUB]}]}
    report = trustproof.check([checked], config=config, region=region, properties=["invariant-mine"])
    assert [(one.verdict, one.logical_id) for one in report.results] == [("refuted", "Policy")]
    assert f"may call sqs:SendMessage on {called}, which" in report.results[0].message


#: A resource with a name, and what has its policy, with the pattern of an ARN that is its own.
NAMED: list[tuple[str, Json, str, str, Json, str]] = [
    (
        "SecretsManager::Secret",
        {"Name": "own"},
        "SecretsManager::ResourcePolicy",
        "ResourcePolicy",
        {"SecretId": {"Ref": "It"}},
        "arn:aws:secretsmanager:*:secret:own-*",
    ),
    (
        "Kinesis::Stream",
        {"Name": "own"},
        "Kinesis::ResourcePolicy",
        "ResourcePolicy",
        {"ResourceArn": {"Fn::GetAtt": ["It", "Arn"]}},
        "arn:aws:kinesis:*:*:stream/own",
    ),
    ("ApiGateway::RestApi", {"Name": "own"}, "", "Policy", {}, "own"),
    ("ECR::Repository", {"RepositoryName": "own"}, "", "RepositoryPolicyText", {}, "arn:aws:ecr:*:repository/own"),
    ("Backup::BackupVault", {"BackupVaultName": "own"}, "", "AccessPolicy", {}, "own"),
    ("EFS::FileSystem", {}, "", "FileSystemPolicy", {}, "It"),
]


@pytest.mark.parametrize(("type_", "given", "policy_type", "key", "more", "arn"), NAMED, ids=[one[0] for one in NAMED])
@pytest.mark.parametrize("region", [None, "eu-central-1"])
def test_a_resource_is_found_by_the_name_that_its_template_gives_it(
    type_: str, given: Json, policy_type: str, key: str, more: Json, arn: str, region: str | None
) -> None:
    """Whether its ARN says the name or not, and whether it has its policy itself or another resource has it."""
    policy = {"Version": "2012-10-17", "Statement": [{**allow({"AWS": OTHER}, "*"), "Resource": "*"}]}
    own = {} if policy_type else {key: policy}
    resources: Json = {"It": {"Type": f"AWS::{type_}", "Properties": {**given, **own}}}
    if policy_type:
        resources["Policy"] = {"Type": f"AWS::{policy_type}", "Properties": {**more, key: policy}}
    named = {"It", arn} | set(map(str, given.values()))
    for pattern in sorted(named):
        config = {"invariant": [{"name": "mine", "resources": [pattern], "accounts": [HUB]}]}
        report = trustproof.check([{"Resources": resources}], config=config, account=OWN, region=region)
        verdicts = [one.verdict for one in report.results if one.property == "invariant-mine"]
        assert verdicts == ["refuted"], pattern
        if not pattern.startswith("arn:"):
            assert trustproof.explain([{"Resources": resources}], pattern, account=OWN, region=region)


LAMBDA, SECRET = f"arn:aws:lambda:eu-west-1:{OWN}:function:", f"arn:aws:secretsmanager:eu-west-1:{OWN}:secret:"
ALIAS = {"Type": "AWS::Lambda::Alias", "Properties": {"FunctionName": "f", "Name": "live", "FunctionVersion": "1"}}


@pytest.mark.parametrize(
    "named",
    [
        "f",
        f"{OWN}:function:f",
        f"{LAMBDA}f",
        "f:live",
        f"{OWN}:function:f:live",
        f"{LAMBDA}f:live",
        "f:7",
        {"Fn::Sub": "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:f:live"},
        {"Fn::Sub": "${AWS::AccountId}:function:f"},
        {"Ref": "Alias"},
    ],
    ids=str,
)
@pytest.mark.parametrize("region", [None, "eu-west-1"])
def test_a_function_is_one_however_a_permission_names_it(named: object, region: str | None) -> None:
    """By its name, by a part of its ARN, by the whole, and with an alias or a version of it."""
    properties = {"FunctionName": named, "Action": "lambda:InvokeFunction", "Principal": OTHER}
    resources: Json = {"P": {"Type": "AWS::Lambda::Permission", "Properties": properties}, "Alias": ALIAS}
    config = {"invariant": [{"name": "mine", "resources": ["f"], "accounts": [HUB]}]}
    report = trustproof.check([{"Resources": resources}], config=config, account=OWN, region=region)
    (found,) = (one for one in report.results if one.property == "invariant-mine")
    assert (found.verdict, "lambda:InvokeFunction on f, which" in found.message) == ("refuted", True)
    assert trustproof.explain([{"Resources": resources}], "f", account=OWN, region=region)
    other = {"invariant": [{"name": "mine", "resources": ["g"], "accounts": [HUB]}]}
    report = trustproof.check([{"Resources": resources}], config=other, account=OWN, region=region)
    assert [one for one in report.results if one.property == "invariant-mine"] == []


@pytest.mark.parametrize("named", ["db", f"{SECRET}db", f"{SECRET}db-AbCdEf"])
def test_a_secret_is_one_however_its_policy_names_it(named: str) -> None:
    """By its name, by the ARN without what Secrets Manager adds to the name, and by the whole ARN."""
    allows = {**allow({"AWS": OTHER}, "secretsmanager:GetSecretValue"), "Resource": "*"}
    properties = {"SecretId": named, "ResourcePolicy": {"Version": "2012-10-17", "Statement": allows}}
    resources = {"Resources": {"P": {"Type": "AWS::SecretsManager::ResourcePolicy", "Properties": properties}}}
    config = {"invariant": [{"name": "mine", "resources": ["db"], "accounts": [HUB]}]}
    report = trustproof.check([resources], config=config, account=OWN, region="eu-west-1")
    (found,) = (one for one in report.results if one.property == "invariant-mine")
    assert (found.verdict, "GetSecretValue on db, which" in found.message) == ("refuted", True)


@pytest.mark.parametrize("named", [True, False], ids=["named", "without a name"])
@pytest.mark.parametrize("region", [None, "eu-central-1"])
def test_each_queue_of_one_policy_is_asked_about_by_itself(named: bool, region: str | None) -> None:
    """What one policy says of two queues is found of each of them, by its own name."""
    allows = {**allow({"AWS": OTHER}, "sqs:SendMessage"), "Resource": "*"}
    ids = ("First", "Second")
    resources: Json = {
        one: {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": one.lower()} if named else {}} for one in ids
    }
    policy = {"Queues": [{"Ref": one} for one in ids], "PolicyDocument": {"Statement": allows}}
    resources["Policy"] = {"Type": "AWS::SQS::QueuePolicy", "Properties": policy}
    for patterns, expected in ((["Second"], {"Second"}), (["*"], set(ids))):
        config = {"invariant": [{"name": "mine", "resources": patterns, "accounts": [HUB]}]}
        report = trustproof.check([{"Resources": resources}], config=config, region=region)
        messages = [one.message for one in report.results if one.property == "invariant-mine"]
        assert {one.partition("sqs:SendMessage on ")[2].partition(",")[0] for one in messages} == expected


def test_what_only_refers_to_a_resource_has_no_policy_of_it() -> None:
    """A vault that is encrypted with a key is not the key: an invariant about the key does not ask its policy."""
    allows = {**allow({"AWS": OTHER}, "backup:CopyIntoBackupVault"), "Resource": "*"}
    vault = {
        "BackupVaultName": "vault",
        "EncryptionKeyArn": {"Fn::GetAtt": ["Key", "Arn"]},
        "AccessPolicy": {"Version": "2012-10-17", "Statement": [allows]},
    }
    key = {"KeyPolicy": {"Statement": {**allow({"AWS": HUB}, "kms:Decrypt"), "Resource": "*"}}}
    resources = {
        "Vault": {"Type": "AWS::Backup::BackupVault", "Properties": vault},
        "Key": {"Type": "AWS::KMS::Key", "Properties": key},
    }
    config = {"invariant": [{"name": "mine", "resources": ["Key"], "accounts": [HUB]}]}
    report = trustproof.check([{"Resources": resources}], config=config, properties=["invariant-mine"])
    assert {(one.verdict, one.logical_id) for one in report.results} == {("proved", "Key")}


def test_an_invariant_that_is_about_nothing_is_said() -> None:
    """A pattern that is mistaken must not look like a proof."""
    config = {"invariant": [{"name": "mine", "resources": ["Nobody*"], "accounts": [HUB]}]}
    report = trustproof.check([template(A=allow({"AWS": HUB}))], config=config)
    assert any("the invariant mine was asked of nothing" in note for note in report.notes)
    assert [what for _, what in report.not_checked] == ["the invariant mine"]
    only = trustproof.check([template(A=allow({"AWS": HUB}))], config=config, properties=["mfa-required"])
    assert not any("asked of nothing" in note for note in only.notes)


def test_a_pattern_that_matches_nothing_is_said_beside_one_that_matches() -> None:
    """Of several patterns, the mistaken one is named; it fails nothing, since only a part of a project may be read."""
    config = {"invariant": [{"name": "mine", "resources": ["A", "Bx", "Nobody*"], "accounts": [HUB]}]}
    report = trustproof.check([template(A=allow({"AWS": HUB}))], config=config)
    assert report.notes[-1] == "the invariant mine: no role or resource with a policy matches Bx, Nobody*"
    assert not report.not_checked
    both = trustproof.check([template(A=allow({"AWS": HUB})), template(Bx=allow({"AWS": HUB}))], config=config)
    assert both.notes[-1] == "the invariant mine: no role or resource with a policy matches Nobody*"


@pytest.mark.parametrize(
    ("name", "pattern", "is_asked"),
    [
        ({"Ref": "Given"}, "db", True),
        ({"Fn::Sub": "x-${Given}"}, "x-db", True),
        ({"Fn::Sub": "x-${Given}"}, "y-db", False),
        ({"Fn::Sub": "${Stage}-db"}, "prod-*", True),
        ({"Fn::Sub": "${Stage}-db"}, "test-*", False),
        ({"Ref": "Stage"}, "prod", True),
        ({"Fn::Sub": "${Open}-db"}, "prod-db", True),
        ({"Fn::Sub": "${Open}-db"}, "prod-web", False),
        ({"Fn::Sub": "db-${AWS::Region}"}, "db-*", True),
        # No stack has a dot or an underscore in its name.
        ({"Fn::Sub": "${AWS::StackName}-x"}, "prod-*", True),
        ({"Fn::Sub": "${AWS::StackName}-x"}, "aws_kms_key.*", False),
        # A parameter alone says nothing of what it names.
        ({"Ref": "Open"}, "prod-db", False),
        ({"Fn::If": ["C", "prod-db", "dev-db"]}, "prod-*", True),
        # Each value of a list may be deployed, whatever the default is.
        ({"Fn::Sub": "${Kept}-db"}, "dev-*", True),
        ({"Fn::Sub": "${Kept}-db"}, "prod-*", True),
        ({"Fn::Sub": "${Kept}-db"}, "test-*", False),
        ({"Fn::Sub": "${Kept}-${Given}"}, "prod-db", True),
        ({"Fn::FindInMap": ["Names", {"Ref": "Kept"}, "Name"]}, "mapped", True),
        ({"Ref": "Kept"}, "prod", True),
        ({"Fn::Sub": ["prod-${X}", {"X": {"Fn::ImportValue": "x"}}]}, "prod-db", True),
    ],
)
@pytest.mark.parametrize("type_", ["AWS::SecretsManager::Secret", "AWS::SQS::Queue", "AWS::ECR::Repository"])
def test_an_invariant_is_asked_of_what_a_parameter_may_name_so(
    type_: str, name: Json, pattern: str, is_asked: bool
) -> None:
    """A name that the deployment decides about matches where it may: by its default, its values, what is written."""
    policy = {"Version": "2012-10-17", "Statement": [{**allow({"AWS": HUB}), "Action": "*", "Resource": "*"}]}
    on, resources = {"Ref": "X"}, {}
    named = {"AWS::SQS::Queue": "QueueName", "AWS::ECR::Repository": "RepositoryName"}.get(type_, "Name")
    own = {"RepositoryPolicyText": policy} if named == "RepositoryName" else {}
    if type_ == "AWS::SQS::Queue":
        about = {"Queues": [on], "PolicyDocument": policy}
        resources["P"] = {"Type": "AWS::SQS::QueuePolicy", "Properties": about}
    elif not own:
        about = {"SecretId": on, "ResourcePolicy": policy}
        resources["P"] = {"Type": "AWS::SecretsManager::ResourcePolicy", "Properties": about}
    resources["X"] = {"Type": type_, "Properties": {named: name, **own}}
    parameters = {
        "Given": {"Type": "String", "Default": "db"},
        "Open": {"Type": "String"},
        "Stage": {"Type": "String", "AllowedValues": ["dev", "prod"]},
        "Kept": {"Type": "String", "AllowedValues": ["dev", "prod"], "Default": "dev"},
    }
    names = {"Names": {"dev": {"Name": "plain"}, "prod": {"Name": "mapped"}}}
    config = {"invariant": [{"name": "mine", "resources": [pattern], "accounts": [HUB]}]}
    conditions = {"C": {"Fn::Equals": [{"Ref": "Open"}, "a"]}}
    checked = {"Parameters": parameters, "Conditions": conditions, "Mappings": names, "Resources": resources}
    report = trustproof.check([checked], config=config, properties=["invariant-mine"])
    assert bool(report.results) is is_asked


@pytest.mark.parametrize(
    ("pattern", "account", "is_asked"),
    [
        ("arn:aws:iam::*:role/Prod", OWN, True),
        ("arn:aws:iam::*:role/Test", OWN, False),
        (f"arn:aws:iam::{OWN}:role/Dev", None, True),
        (f"arn:aws:iam::{OTHER}:role/Dev", OWN, False),
        (f"arn:aws:iam::{OWN}:role/Prod", None, True),
        (f"arn:aws:iam::{OWN}:role/Test", None, False),
    ],
)
def test_an_invariant_is_asked_of_an_arn_wherever_the_template_may_go(
    pattern: str, account: str | None, is_asked: bool
) -> None:
    """To whichever account, where nobody has named it, and with each value that a parameter may have."""
    checked = template(A=allow({"AWS": OTHER}))
    checked["Parameters"] = {"Name": {"Type": "String", "AllowedValues": ["Dev", "Prod"], "Default": "Dev"}}
    checked["Resources"]["A"]["Properties"]["RoleName"] = {"Ref": "Name"}
    config = {"invariant": [{"name": "mine", "resources": [pattern], "accounts": [HUB]}]}
    report = trustproof.check([checked], config=config, account=account, properties=["invariant-mine"])
    assert {one.verdict for one in report.results} == ({"refuted"} if is_asked else set())


def test_an_invariant_is_asked_of_a_role_that_some_deployment_names_so(tmp_path: Path) -> None:
    """A role is not taken out of an invariant by another way to write its name."""
    config = {"invariant": [{"name": "mine", "resources": ["Prod*"], "accounts": [HUB]}]}
    name = {"Fn::If": ["C", {"Fn::If": ["D", "x", {"Fn::Sub": "Prod${AWS::Region}"}]}, {"Ref": "AWS::NoValue"}]}
    conditions = {one: {"Fn::Equals": [{"Ref": "AWS::Region"}, f"{one}-1"]} for one in "CD"}
    checked = {**template(A=allow({"AWS": OTHER})), "Conditions": conditions}
    checked["Resources"]["A"]["Properties"]["RoleName"] = name
    (tmp_path / "main.tf").write_text(
        """resource "aws_iam_role" "r" {
  name_prefix = "Prod-"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "444455556666" } }]
  })
}
"""
    )
    for one in (checked, tmp_path):
        report = trustproof.check([one], config=config, properties=["invariant-mine"])
        assert [result.verdict for result in report.results] == ["refuted"]


@pytest.mark.parametrize("region", [None, "eu-central-1"])
def test_a_name_with_slashes_is_one_name(tmp_path: Path, region: str | None) -> None:
    """Terraform tells the ARN of what another block has the policy of, and a repository is called by all of its end."""
    (tmp_path / "main.tf").write_text(
        """resource "aws_ecr_repository" "r" { name = "team/app" }
resource "aws_ecr_repository_policy" "p" {
  repository = aws_ecr_repository.r.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "ecr:BatchGetImage", Principal = { AWS = "444455556666" } }]
  })
}
"""
    )
    for pattern in ("team/*", "team/app", "app", "arn:aws:ecr:*:repository/team/app"):
        config = {"invariant": [{"name": "mine", "resources": [pattern], "accounts": [HUB]}]}
        properties = ["invariant-mine"]
        report = trustproof.check([tmp_path], config=config, account=OWN, region=region, properties=properties)
        assert [result.verdict for result in report.results] == ["refuted"], pattern


def test_an_invariant_is_in_every_way_a_property() -> None:
    """It has a severity, may be switched off and waived, and is named in the message with what it is for."""
    checked = [template(A=allow({"AWS": OTHER}))]
    said = {"name": "ours", "resources": ["A"], "accounts": [HUB], "description": "only the hub"}
    report = trustproof.check(checked, config={"invariant": [said]}, account=OWN)
    (result,) = [one for one in report.results if one.property == "invariant-ours"]
    assert (result.verdict, result.severity) == ("refuted", "error")
    assert result.message == (
        "alice's access key of account 444455556666 may assume A, "
        "which the invariant ours does not allow (only the hub)"
    )
    assert result.counterexample is not None
    milder = trustproof.check(checked, config={"invariant": [{**said, "severity": "note"}]}, account=OWN)
    assert [one.severity for one in milder.results if one.property == "invariant-ours"] == ["note"]
    off = trustproof.check(checked, config={"invariant": [{**said, "severity": "off"}]}, account=OWN)
    assert not [one for one in off.results if one.property == "invariant-ours"]
    waiver = {"property": "invariant-ours", "resource": "A", "reason": "until the move"}
    waived = trustproof.check(checked, config={"invariant": [said], "waiver": [waiver]}, account=OWN)
    assert [one.suppression.reason for one in waived.results if one.suppression] == ["until the move"]
    with pytest.raises(trustproof.ConfigError, match="cannot be waived"):
        trustproof.check(checked, config={"invariant": [{**said, "waivable": False}], "waiver": [waiver]})


def test_what_a_policy_says_of_another_queue_is_not_asked_of_its_own() -> None:
    """Also where the Region is not known: whichever it is, a request to the policy is about its own queue."""

    def queue(name: str) -> dict[str, Any]:
        return {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name}}

    def policy(*named: tuple[str, str]) -> dict[str, Any]:
        statements = [
            {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sqs:SendMessage"}
            | {"Resource": {"Fn::GetAtt": [whose, "Arn"]}}
            for whose, service in named
        ]
        document = {"Version": "2012-10-17", "Statement": statements}
        return {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "Own"}], "PolicyDocument": document}}

    def verdict(*named: tuple[str, str]) -> list[str]:
        resources = {"Own": queue("more"), "Other": queue("jobs"), "P": policy(*named)}
        said = {"name": "queue", "resources": ["more"], "services": ["sns.amazonaws.com"]}
        checked = trustproof.check([{"Resources": resources}], config={"invariant": [said]}, account=OWN)
        return [one.verdict for one in checked.results if one.property == "invariant-queue"]

    assert verdict(("Other", "events.amazonaws.com"), ("Own", "sns.amazonaws.com")) == ["proved"]
    assert verdict(("Other", "sns.amazonaws.com"), ("Own", "events.amazonaws.com")) == ["refuted"]


def test_an_invariant_that_nobody_declares_is_an_error() -> None:
    """As a property is that does not exist."""
    with pytest.raises(trustproof.UsageError, match='no invariant "mine"'):
        trustproof.check([template(A=allow({"AWS": HUB}))], properties=["invariant-mine"])


def any_invariant(rng: Random) -> Invariant:
    """An invariant that names some of those whom generated policies name."""
    from tests.generate import words

    def some(values: Any) -> tuple[str, ...]:
        return tuple(value for value in values if rng.randrange(2))

    return Invariant(
        "mine",
        ("*",),
        says_who=bool(rng.randrange(4)),
        accounts=some((words.OWN, words.OTHER)),
        roles=some(words.ROLES),
        users=some(words.USERS),
        services=some(words.SERVICES),
        issuers=tuple(Issuer(one) for one in some(words.WEB_PROVIDERS) if not one.startswith("arn:")),
        mfa=bool(rng.randrange(2)),
        max_mfa_age=rng.choice((None, 900)),
        external_id=bool(rng.randrange(2)),
        source_addresses=rng.choice(((), ("203.0.113.0/24",))),
    )


@given(choices())
@examples(40, in_deep=2_500)
def test_what_is_proved_holds_of_every_request(rng: Random) -> None:
    """A request that gets in, and that the invariant forbids, is no request of a policy for which it is proved."""
    policy, asked = any_policy(rng, EXACT), invariant("invariant-mine")
    config = Config(invariants=(any_invariant(rng),))
    subject = Subject(Document(TRUST, policy, "R", "AWS::IAM::Role", ()), OWN, "aws", config)
    results = check_statements(subject, asked, Place("", OWN, lambda path: {}, {}), None)
    if any(result.verdict != PROVED for result in results):
        return
    normal = asked.normalize(subject)
    questions = list(asked.questions(normal, 0))
    for request in requests_near(rng, policy, 60):
        try:
            gets_in = may_get_credentials(policy, request)
        except ValueError:
            # It is no call that gives credentials.
            continue
        assert not (gets_in and any(question.violates(request) for question in questions)), request


@pytest.mark.parametrize(
    ("made", "session", "expected"),
    [
        ({}, "ci/deploy", "proved"),
        ({"Path": "/x/"}, "ci/deploy", "refuted"),
        (None, "ci/deploy", "proved"),
        ({}, "other/deploy", "refuted"),
    ],
)
def test_a_session_is_that_of_the_role_which_the_template_makes(made: Json | None, session: str, expected: str) -> None:
    """The ARN of a session does not say the path of its role, and no other role of the account has the name."""
    service = allow({"Service": "codebuild.amazonaws.com"})
    trusting = allow({"AWS": f"arn:aws:sts::{OWN}:assumed-role/{session}"})
    named = {"ci": (made, service), "r": ({}, trusting)}
    resources = {
        name: {
            "Type": "AWS::IAM::Role",
            "Properties": {"RoleName": name, **more, "AssumeRolePolicyDocument": {"Statement": [statement]}},
        }
        for name, (more, statement) in named.items()
        if more is not None
    }
    config = {"invariant": [{"name": "mine", "resources": ["r"], "roles": [f"arn:aws:iam::{OWN}:role/ci"]}]}
    report = trustproof.check([{"Resources": resources}], config=config, account=OWN, properties=["invariant-mine"])
    (found,) = (one for one in report.results if one.logical_id == "r")
    assert found.verdict == expected


@pytest.mark.parametrize(
    ("users", "expected"), [("*-Ci-*", "proved"), ("*", "proved"), ("*-Other-*", "refuted"), ("Ci", "refuted")]
)
def test_a_user_without_a_name_is_called_as_cloudformation_calls_it(users: str, expected: str) -> None:
    """By its stack, its logical id, and a random text."""
    resources = {
        "Ci": {"Type": "AWS::IAM::User"},
        "R": {
            "Type": "AWS::IAM::Role",
            "Properties": {"AssumeRolePolicyDocument": {"Statement": [allow({"AWS": {"Fn::GetAtt": ["Ci", "Arn"]}})]}},
        },
    }
    config = {"invariant": [{"name": "mine", "resources": ["R"], "users": [f"arn:aws:iam::{OWN}:user/{users}"]}]}
    report = trustproof.check([{"Resources": resources}], config=config, account=OWN, properties=["invariant-mine"])
    assert [one.verdict for one in report.results] == [expected]
