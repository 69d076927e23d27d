"""
Control policies next to trust policies and resource policies: what they certainly deny, these let nobody do.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from trustproof.analysis.controls.control_policies import PROTECTED
from trustproof.aws.resource_policies import CONSULTED_FOR, RESOURCE_CONTROLLED

Json = dict[str, object]
MEMBER, OTHER, OUTSIDE, MANAGEMENT = "222233334444", "444455556666", "999988887777", "111122223333"
ROOT, OURS = "r-ab12", "o-a1b2c3d4e5"
CONFIG: Json = {
    "organization": {"root": ROOT, "accounts": [MEMBER, OTHER]},
    "boundary": {"accounts": [MEMBER, OTHER, MANAGEMENT], "organizations": [OURS]},
}
SERVICE, RESOURCE = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
NO_MFA: Json = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
OUTSIDERS: Json = {
    "StringNotEqualsIfExists": {"aws:PrincipalOrgID": OURS},
    "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
}
STRANGERS: Json = {
    "StringNotEqualsIfExists": {"aws:SourceAccount": MEMBER},
    "Bool": {"aws:PrincipalIsAWSService": "true"},
}


def control(type_: str, targets: object, *denies: Json) -> Json:
    """A control policy that denies."""
    everybody = {"Principal": "*"} if type_ == RESOURCE else {}
    statements = [{"Effect": "Deny", "Resource": "*", **everybody, **deny} for deny in denies]
    content = {"Version": "2012-10-17", "Statement": statements}
    properties = {"Name": "p", "Type": type_, "Content": content, "TargetIds": targets}
    return {"Type": "AWS::Organizations::Policy", "Properties": properties}


def fence(action: str, **more: object) -> Json:
    """A resource control policy that keeps outsiders out, and services that act for them."""
    denies = ({"Action": action, "Condition": condition, **more} for condition in (OUTSIDERS, STRANGERS))
    return control(RESOURCE, [ROOT], *denies)


def trusting(principal: object, **more: object) -> Json:
    """A role."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "app", "AssumeRolePolicyDocument": document}}


def queue(principal: object = "*", action: str = "sqs:SendMessage") -> Json:
    """A queue's policy."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}
    properties = {"Queues": [QUEUE], "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    return {"Type": "AWS::SQS::QueuePolicy", "Properties": properties}


def standing(type_: str, name: str, action: object, **more: object) -> Json:
    """A resource policy that lets everybody in."""
    statement = {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*"}
    return {"Type": type_, "Properties": {name: {"Version": "2012-10-17", "Statement": [statement]}, **more}}


def table(action: str) -> Json:
    """A table that lets everybody in."""
    policy = standing("", "PolicyDocument", action)["Properties"]
    return {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "t", "ResourcePolicy": policy}}


def check(
    folder: Path, resource: Json, policy: Json, asked: str, account: str | None = MEMBER, **sections: object
) -> trustproof.Result:
    """What is said of a resource, beside a template with a control policy."""
    (folder / "app.json").write_text(json.dumps({**sections, "Resources": {"R": resource}}))
    (folder / "organization.json").write_text(json.dumps({"Resources": {"P": policy}}))
    report = trustproof.check([str(folder)], account=account, config=CONFIG, properties=[asked], certify=True)
    assert not report.errors
    found = [one for one in report.results if one.logical_id == "R"]
    return min(found, key=lambda one: ("refuted", "unknown", "proved").index(one.verdict))


def of_workflows() -> Json:
    """A role for everybody's workflows of GitHub."""
    return trusting({"Federated": f"arn:aws:iam::{MEMBER}:oidc-provider/{GITHUB}"}, **OF_TOKENS)


def tenant(operator: str, subject: str, **more: object) -> Json:
    """A resource control policy that keeps out tokens of others."""
    return control(RESOURCE, [ROOT], {**OF_TOKENS, "Condition": {operator: {f"{GITHUB}:sub": subject}, **more}})


def tagged(value: object) -> Json:
    """A role for outsiders, with the tag that `SPARING` looks at."""
    role = trusting({"AWS": OUTSIDE})
    role["Properties"] |= {"Tags": [{"Key": "Exempt", "Value": value}]}  # type: ignore[operator]
    return role


INSIDE, MFA, DEPUTY = "inside-boundary", "mfa-required", "no-confused-deputy"
TOPIC = f"arn:aws:sns:us-east-1:{MEMBER}:t"
KEY = f"arn:aws:kms:eu-west-1:{MEMBER}:key/mrk-0123456789abcdef0123456789abcdef"
QUEUE = f"https://sqs.us-east-1.amazonaws.com/{MEMBER}/q"
OPEN: Json = {"PublicAccessBlockConfiguration": {"BlockPublicPolicy": False, "RestrictPublicBuckets": False}}
TOKENS = "web-identity-bound"
GITHUB = "token.actions.githubusercontent.com"
#: Datadog's, which is publicly known.
VENDOR = "464622532012"
STS: Json = {"Action": "sts:*"}
OF_TOKENS: Json = {"Action": "sts:AssumeRoleWithWebIdentity"}
ANY: Json = {"AWS": "*"}
#: Keeps outsiders out of what has no tag that says otherwise.
SPARING = control(
    RESOURCE,
    [ROOT],
    {
        "Action": "sts:*",
        "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": OURS, "aws:ResourceTag/exempt": "true"}},
    },
)
SPARING_KEYS = control(
    RESOURCE,
    [ROOT],
    {
        "Action": "kms:*",
        "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": OURS, "aws:ResourceTag/exempt": "true"}},
    },
)
SPARED, NOT_SPARED = [{"Key": "Exempt", "Value": "true"}], [{"Key": "Exempt", "Value": "false"}]
#: What it is about, the resource, the control policy, what is asked, and the verdict with it.
CASES: list[tuple[str, Json, Json, str, str]] = [
    # The tags of the role, of which its trust policy says nothing.
    ("tag of a role that is not spared", tagged("false"), SPARING, INSIDE, "proved"),
    ("tag of a role that is spared", tagged("true"), SPARING, INSIDE, "refuted"),
    ("no tag, which the stack may give", trusting({"AWS": OUTSIDE}), SPARING, INSIDE, "refuted"),
    (
        "tag of a key that is not spared",
        standing("AWS::KMS::Key", "KeyPolicy", "kms:Decrypt", Tags=NOT_SPARED),
        SPARING_KEYS,
        INSIDE,
        "proved",
    ),
    (
        "tag of a key that is spared",
        standing("AWS::KMS::Key", "KeyPolicy", "kms:Decrypt", Tags=SPARED),
        SPARING_KEYS,
        INSIDE,
        "refuted",
    ),
    # Resource control policies: everybody, at resources of the account.
    ("no outsider", trusting(ANY), control(RESOURCE, [ROOT], {**STS, "Condition": OUTSIDERS}), INSIDE, "proved"),
    ("at the account", trusting(ANY), control(RESOURCE, [MEMBER], {**STS, "Condition": OUTSIDERS}), INSIDE, "proved"),
    ("elsewhere", trusting(ANY), control(RESOURCE, [OTHER], {**STS, "Condition": OUTSIDERS}), INSIDE, "refuted"),
    ("at a unit", trusting(ANY), control(RESOURCE, ["ou-ab12-1"], {**STS, "Condition": OUTSIDERS}), INSIDE, "refuted"),
    ("another service", trusting(ANY), control(RESOURCE, [ROOT], {"Action": "s3:*"}), INSIDE, "refuted"),
    (
        "another organization",
        trusting(ANY),
        control(RESOURCE, [ROOT], {**STS, "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-other12345"}}}),
        INSIDE,
        "refuted",
    ),
    (
        "only with the key",
        trusting(ANY),
        control(RESOURCE, [ROOT], {**STS, "Condition": {"ForAnyValue:StringNotEquals": {"aws:PrincipalOrgID": OURS}}}),
        INSIDE,
        "refuted",
    ),
    (
        "this role",
        trusting(ANY),
        control(RESOURCE, [ROOT], {**STS, "Resource": f"arn:aws:iam::{MEMBER}:role/app", "Condition": OUTSIDERS}),
        INSIDE,
        "proved",
    ),
    (
        "another role",
        trusting(ANY),
        control(RESOURCE, [ROOT], {**STS, "Resource": f"arn:aws:iam::{MEMBER}:role/b*", "Condition": OUTSIDERS}),
        INSIDE,
        "refuted",
    ),
    ("mfa", trusting({"AWS": OTHER}), control(RESOURCE, [ROOT], {**STS, "Condition": NO_MFA}), MFA, "proved"),
    ("of services", trusting(ANY), control(RESOURCE, [ROOT], {**STS, "Condition": STRANGERS}), INSIDE, "refuted"),
    (
        "deputy",
        trusting({"Service": "scheduler.amazonaws.com"}),
        control(RESOURCE, [ROOT], {**STS, "Condition": STRANGERS}),
        DEPUTY,
        "proved",
    ),
    ("a queue", queue(), fence("sqs:*"), INSIDE, "proved"),
    (
        "services that act for others",
        queue(),
        control(RESOURCE, [ROOT], {"Action": "sqs:*", "Condition": OUTSIDERS}),
        INSIDE,
        "refuted",
    ),
    ("one call", queue(), fence("sqs:Send*"), INSIDE, "proved"),
    ("others", queue(), fence("sqs:Get*"), INSIDE, "refuted"),
    (
        "this queue",
        queue(),
        fence("sqs:*", Resource=f"arn:aws:sqs:*:{MEMBER}:q"),
        INSIDE,
        "proved",
    ),
    (
        "another queue",
        queue(),
        fence("sqs:*", Resource=f"arn:aws:sqs:*:{MEMBER}:r"),
        INSIDE,
        "refuted",
    ),
    (
        "a topic, which they do not protect",
        standing(
            "AWS::SNS::TopicPolicy", "PolicyDocument", "sns:Publish", Topics=[f"arn:aws:sns:us-east-1:{MEMBER}:t"]
        ),
        control(RESOURCE, [ROOT], {"Action": "sns:*", "Condition": OUTSIDERS}),
        INSIDE,
        "refuted",
    ),
    (
        "a secret",
        standing(
            "AWS::SecretsManager::ResourcePolicy",
            "ResourcePolicy",
            "secretsmanager:GetSecretValue",
            SecretId=f"arn:aws:secretsmanager:us-east-1:{MEMBER}:secret:s-abcdef",
        ),
        fence("secretsmanager:*"),
        INSIDE,
        "proved",
    ),
    (
        "a bucket",
        standing("AWS::S3::BucketPolicy", "PolicyDocument", "s3:GetObject", Bucket="logs"),
        fence("s3:*"),
        INSIDE,
        "proved",
    ),
    (
        "a key",
        standing("AWS::KMS::Key", "KeyPolicy", ["kms:Decrypt", "kms:CreateGrant"]),
        fence("kms:*"),
        INSIDE,
        "proved",
    ),
    (
        "a grant of a key, which anybody may retire",
        standing("AWS::KMS::Key", "KeyPolicy", "kms:*"),
        fence("kms:*"),
        INSIDE,
        "refuted",
    ),
    (
        "a grant of a replica of a key, likewise",
        standing("AWS::KMS::ReplicaKey", "KeyPolicy", "kms:*", PrimaryKeyArn=KEY),
        fence("kms:*"),
        INSIDE,
        "refuted",
    ),
    (
        "a replica of a key",
        standing("AWS::KMS::ReplicaKey", "KeyPolicy", "kms:Decrypt", PrimaryKeyArn=KEY),
        fence("kms:*"),
        INSIDE,
        "proved",
    ),
    (
        "a queue with its own",
        standing("AWS::SQS::QueueInlinePolicy", "PolicyDocument", "sqs:SendMessage", Queue=QUEUE),
        fence("sqs:*"),
        INSIDE,
        "proved",
    ),
    (
        "a repository",
        standing("AWS::ECR::Repository", "RepositoryPolicyText", "ecr:BatchGetImage"),
        fence("ecr:*"),
        INSIDE,
        "proved",
    ),
    (
        "a repository of everybody's, which they do not protect",
        standing("AWS::ECR::PublicRepository", "RepositoryPolicyText", "ecr-public:PutImage"),
        fence("ecr:*"),
        INSIDE,
        "refuted",
    ),
    ("a table", table("dynamodb:GetItem"), fence("dynamodb:*"), INSIDE, "proved"),
    ("another call to a table", table("dynamodb:PutItem"), fence("dynamodb:Get*"), INSIDE, "refuted"),
    (
        "a log group",
        standing("AWS::Logs::LogGroup", "ResourcePolicyDocument", "logs:PutLogEvents", LogGroupName="app"),
        fence("logs:*"),
        INSIDE,
        "proved",
    ),
    (
        "an access point, which may be in front of another account's bucket",
        standing("AWS::S3::AccessPoint", "Policy", "s3:GetObject", Bucket="logs", Name="ap", **OPEN),
        fence("s3:*"),
        INSIDE,
        "refuted",
    ),
    # Whom a resource control policy leaves in, the organization means in each of its roles.
    ("its tenant", of_workflows(), tenant("StringNotLikeIfExists", "repo:acme/*"), TOKENS, "proved"),
    ("a tenant that begins so", of_workflows(), tenant("StringNotLikeIfExists", "repo:acme*"), TOKENS, "refuted"),
    (
        "its tenant where the token names one",
        of_workflows(),
        tenant("StringNotLike", "repo:acme/*", Null={f"{GITHUB}:sub": "false"}),
        TOKENS,
        "refuted",
    ),
    (
        "a tenant that only a service control policy names",
        of_workflows(),
        control(SERVICE, [ROOT], {**OF_TOKENS, "Condition": {"StringNotLikeIfExists": {f"{GITHUB}:sub": "repo:a/*"}}}),
        TOKENS,
        "refuted",
    ),
    (
        "its external id",
        trusting({"AWS": VENDOR}),
        control(RESOURCE, [ROOT], {**STS, "Condition": {"StringNotEquals": {"sts:ExternalId": "agreed"}}}),
        "external-id-required",
        "proved",
    ),
    (
        "any external id",
        trusting({"AWS": VENDOR}),
        control(RESOURCE, [ROOT], {**STS, "Condition": {"Null": {"sts:ExternalId": "true"}}}),
        "external-id-required",
        "refuted",
    ),
    # Service control policies: callers of the accounts, wherever the resource is.
    ("callers", trusting({"AWS": OTHER}), control(SERVICE, [ROOT], {**STS, "Condition": NO_MFA}), MFA, "proved"),
    ("its account", trusting({"AWS": OTHER}), control(SERVICE, [OTHER], {**STS, "Condition": NO_MFA}), MFA, "proved"),
    ("own account", trusting({"AWS": OTHER}), control(SERVICE, [MEMBER], {**STS, "Condition": NO_MFA}), MFA, "refuted"),
    (
        "the management account",
        trusting({"AWS": [OTHER, MANAGEMENT]}),
        control(SERVICE, [ROOT], {**STS, "Condition": NO_MFA}),
        MFA,
        "refuted",
    ),
    ("strangers", trusting({"AWS": OUTSIDE}), control(SERVICE, [ROOT], STS), INSIDE, "refuted"),
    (
        "no service",
        trusting({"Service": "scheduler.amazonaws.com"}),
        control(SERVICE, [ROOT], STS),
        DEPUTY,
        "refuted",
    ),
]


@pytest.mark.parametrize(
    ("resource", "policy", "asked", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_what_is_held_back(resource: Json, policy: Json, asked: str, expected: str, tmp_path: Path) -> None:
    """A proof by a control policy says so; what it does not certainly deny is refuted as without it."""
    alone = check(tmp_path, resource, {"Type": "AWS::SNS::Topic"}, asked)
    assert alone.verdict == "refuted"
    found = check(tmp_path, resource, policy, asked)
    assert found.verdict == expected
    assert any("control policies that stay attached: P" in reason for reason in found.reasons) is (expected == "proved")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "P (which"),
        ({"TargetIds": [{"Ref": "V"}]}, "P (at the default of V) (which"),
        ({"Type": {"Fn::FindInMap": ["Types", {"Ref": "V"}, "type"]}}, "P (at the default of V) (which"),
    ],
)
def test_a_proof_names_the_defaults_of_control_policies(changed: Json, expected: str, tmp_path: Path) -> None:
    """A policy that a parameter attaches by its default may be attached to nobody."""
    policy = fence("sqs:*")
    policy["Properties"] |= changed
    content = {
        "Parameters": {"V": {"Type": "String", "Default": ROOT}},
        "Mappings": {"Types": {ROOT: {"type": RESOURCE}}},
        "Resources": {"R": queue(), "P": policy},
    }
    (tmp_path / "t.json").write_text(json.dumps(content))
    report = trustproof.check([tmp_path], config=CONFIG, account=MEMBER, properties=["inside-boundary"])
    (found,) = report.results
    assert found.verdict == "proved"
    assert any(f"that stay attached: {expected}" in reason for reason in found.reasons)
    assert found.at_defaults == ((("V", ROOT),) if "default" in expected else ())
    content["Resources"] = {"P": policy}
    (tmp_path / "t.json").write_text(json.dumps(content))
    (tmp_path / "queue.json").write_text(json.dumps({"Resources": {"R": queue()}}))
    report = trustproof.check([tmp_path], config=CONFIG, account=MEMBER, properties=["inside-boundary"])
    (found,) = report.results
    assert [name for name, _ in found.at_defaults] == ([f"V of {tmp_path / 't.json'}"] if "default" in expected else [])


@pytest.mark.parametrize("is_apart", [False, True])
def test_what_a_user_may_do_names_the_defaults_of_control_policies(is_apart: bool, tmp_path: Path) -> None:
    """At another value nobody may be held back by them; what the user's own policies rest on is named beside it."""
    policy = control(SERVICE, [{"Ref": "V"}], {"Action": "iam:*", "Resource": "*"})
    allow = {"Effect": "Allow", "Action": "iam:DeleteUser", "Resource": "*"}
    inline = [{"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [allow]}}]
    user = {"Type": "AWS::IAM::User", "Properties": {"Policies": inline}}
    parameters = {"V": {"Type": "String", "Default": ROOT}}
    resources = [{"P": policy}, {"U": user}] if is_apart else [{"P": policy, "U": user}]
    for number, made in enumerate(resources):
        content = {"Parameters": parameters if "P" in made else {}, "Resources": made}
        (tmp_path / f"{number}.json").write_text(json.dumps(content))
    report = trustproof.check([tmp_path], config=CONFIG, account=MEMBER, properties=["sensitive-actions-require-mfa"])
    (found,) = report.results
    name = f"V of {tmp_path / '0.json'}" if is_apart else "V"
    assert (found.verdict, found.at_defaults) == ("proved", ((name, ROOT),))


@pytest.mark.parametrize("more", [{}, {"AllowedValues": ["app", "other"]}])
def test_a_name_that_a_parameter_decides_may_be_another_one(more: Json, tmp_path: Path) -> None:
    """What is denied of a role by its name is certain where it is called so in each deployment."""
    policy = control(RESOURCE, [ROOT], {**STS, "Resource": f"arn:aws:iam::{MEMBER}:role/app"})
    for name, expected in (("app", "proved"), ({"Ref": "Name"}, "refuted")):
        resource = trusting(ANY)
        resource["Properties"] |= {"RoleName": name}  # type: ignore[operator]
        parameters = {"Name": {"Type": "String", "Default": "app", **more}}
        assert check(tmp_path, resource, policy, INSIDE, Parameters=parameters).verdict == expected


@pytest.mark.parametrize("more", [{}, {"AllowedValues": ["false", "true"]}])
def test_a_tag_that_a_parameter_decides_may_be_another_one(more: Json, tmp_path: Path) -> None:
    """Of a role whose policy does not speak of tags, those count that are written out."""
    parameters = {"Exempt": {"Type": "String", "Default": "false", **more}}
    found = check(tmp_path, tagged({"Ref": "Exempt"}), SPARING, INSIDE, Parameters=parameters)
    assert found.verdict == "refuted"
    assert check(tmp_path, tagged("false"), SPARING, INSIDE, Parameters=parameters).verdict == "proved"


def test_what_is_protected_is_of_a_service_of_the_list() -> None:
    """Of a service that is not on the list of Organizations, a resource control policy denies nothing."""
    assert {CONSULTED_FOR[one] for one in PROTECTED} <= RESOURCE_CONTROLLED


def test_a_grant_that_may_be_retired_is_what_is_shown(tmp_path: Path) -> None:
    """No resource control policy stops kms:RetireGrant, so nothing else is a counterexample."""
    key = standing("AWS::KMS::Key", "KeyPolicy", "kms:*")
    found = check(tmp_path, key, fence("kms:*"), INSIDE)
    assert found.counterexample is not None
    assert found.counterexample.action == "kms:RetireGrant"


def test_an_account_that_nobody_names_is_below_nothing(tmp_path: Path) -> None:
    """Without the account of the template, no resource control policy is certainly about its resources."""
    policy = control(RESOURCE, [ROOT], {**STS, "Condition": OUTSIDERS})
    assert check(tmp_path, trusting(ANY), policy, INSIDE, account=None).verdict == "refuted"
    assert check(tmp_path, trusting(ANY), policy, INSIDE, account=MANAGEMENT).verdict == "refuted"


def test_a_proof_without_them_rests_on_nothing(tmp_path: Path) -> None:
    """What holds by the policy alone does not speak of control policies."""
    policy = control(RESOURCE, [ROOT], {**STS, "Condition": OUTSIDERS})
    found = check(tmp_path, trusting({"AWS": OTHER}), policy, INSIDE)
    assert (found.verdict, found.reasons) == ("proved", ())
