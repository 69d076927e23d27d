"""
A remedy in an identity or resource policy stops no session of a role, and no service that calls for the owner.
"""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import trustproof
from tests.laws.remedying import NotHere, edited, proved, written
from tests.strategies import examples
from trustproof import Report, Result
from trustproof.aws.examples import EXAMPLE_SOURCES
from trustproof.inputs.documents.policy_json import parse_policy
from trustproof.model.document import RESOURCE, TRUST
from trustproof.model.request import SERVICE, Caller, Request
from trustproof.spec.decision import decide

Json = dict[str, Any]
OWN = "111122223333"
MFA = "aws:MultiFactorAuthPresent"
OF_EC2 = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
}
_ID = re.compile(r"\bo-[a-z0-9]{10,32}\b|\b[0-9]{12}\b")
NAMES = ("Operate", "Administer", "Guard")

ALLOWED = ("iam:CreateUser", ["iam:CreateUser", "s3:GetObject"], "*", "ec2:*", "s3:GetObject", "iam:ChangePassword")
ALLOWING: tuple[Json, ...] = (
    {},
    {},
    {"Condition": {"Bool": {MFA: "true"}}},
    {"Condition": {"BoolIfExists": {MFA: "true"}}},
    {"Condition": {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}},
)
#: Whom a Deny may spare: the end of an ARN.
SPARED = ":user/bot"
DENYING: tuple[Json, ...] = (
    {"Condition": {"Bool": {MFA: "false"}}},
    {"Condition": {"BoolIfExists": {MFA: "false"}}},
    {"Condition": {"Bool": {MFA: "false"}, "StringNotLike": {"aws:PrincipalArn": f"arn:aws:iam::*{SPARED}"}}},
    {"Condition": {"NumericGreaterThan": {"aws:MultiFactorAuthAge": "3600"}}},
)


def any_identities(rng: Random) -> tuple[Json, set[str]]:
    """Policies that users, groups and sessions share in many ways, and those which sessions have."""
    resources: Json = {
        "User": {"Type": "AWS::IAM::User", "Properties": {}},
        "Group": {"Type": "AWS::IAM::Group", "Properties": {}},
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": OF_EC2}},
    }
    of_sessions: set[str] = set()
    for name in NAMES:
        statements = [_allowing(rng)]
        if rng.random() < 0.5:
            statements.append({"Effect": "Deny", "Action": "*", "Resource": "*", **rng.choice(DENYING)})
        properties = {
            "ManagedPolicyName": name.lower(),
            **rng.choice(({}, {"Path": "/team/"})),
            "PolicyDocument": {"Version": "2012-10-17", "Statement": statements},
        }
        for kind in ("User", "Group"):
            if rng.random() < 0.6:
                properties[f"{kind}s"] = [{"Ref": kind}]
        resources[name] = {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}
        if rng.random() < 0.5:
            of_sessions.add(name)
            resources |= _shared(rng, name, resources["Role"]["Properties"], properties)
    if rng.random() < 0.3:
        resources["User"]["Properties"]["PermissionsBoundary"] = {"Ref": rng.choice(NAMES)}
    found: Json = json.loads(json.dumps({"Resources": resources}))
    return found, of_sessions


def _allowing(rng: Random) -> Json:
    return {"Effect": "Allow", "Action": rng.choice(ALLOWED), "Resource": "*", **rng.choice(ALLOWING)}


def _shared(rng: Random, name: str, role: Json, policy: Json) -> Json:
    """Ways in which sessions come to a policy: resources besides, or changes of the role and of the policy."""
    way = rng.choice(("attached", "named", "boundary", "function", "set", "reference", "set boundary", "profile"))
    if way == "boundary" and "PermissionsBoundary" in role:
        # It has one, and would no longer have that one.
        way = "attached"
    if way == "attached":
        role.setdefault("ManagedPolicyArns", []).append({"Ref": name})
    elif way == "named":
        policy["Roles"] = [{"Ref": "Role"}]
    elif way == "boundary":
        role["PermissionsBoundary"] = {"Ref": name}
    elif way == "function":
        code = {"Handler": "a", "Runtime": "python3.12", "InlineCode": "1"}
        return {f"F{name}": {"Type": "AWS::Serverless::Function", "Properties": {**code, "Policies": [{"Ref": name}]}}}
    elif way == "profile":
        profile = {"Name": "p", "RoleArns": ["*"], "ManagedPolicyArns": [{"Ref": name}]}
        return {f"F{name}": {"Type": "AWS::RolesAnywhere::Profile", "Properties": profile}}
    else:
        reference = {"Name": name.lower()}
        has: Json = {
            "set": {"ManagedPolicies": [{"Ref": name}]},
            "reference": {"CustomerManagedPolicyReferences": [reference]},
            "set boundary": {"PermissionsBoundary": {"CustomerManagedPolicyReference": reference}},
        }[way]
        return {f"F{name}": {"Type": "AWS::SSO::PermissionSet", "Properties": {"Name": name, **has}}}
    return {}


@given(st.integers(0, 2**32))
@examples(40, in_deep=1_500)
def test_what_sessions_have_is_left_as_it_is(seed: int) -> None:
    """No remedy that asks users for MFA changes a policy that sessions of roles have too."""
    template, of_sessions = any_identities(Random(seed))
    for found, after, report in _remedied(template, ["sensitive-actions-require-mfa"]):
        for name in of_sessions:
            assert after["Resources"][name] == template["Resources"][name], found.remedy
        again = trustproof.check([after], config={})
        assert not again.errors
        assert proved(report) <= proved(again), (found.remedy, proved(report) - proved(again))
        assert not _left(again, found), found.remedy


def _left(report: Report, found: Result) -> list[Result]:
    """What is still refuted there; a Deny that spares somebody by name, who is a user, has that hole besides."""
    same = [r for r in report.results if r.verdict == trustproof.REFUTED and r.path == found.path]
    return [r for r in same if r.counterexample is None or not r.counterexample.caller.endswith(SPARED)]


#: Service, type of the policy, action, and the keys that the manual shows for it.
CALLS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("events.amazonaws.com", "AWS::SQS::QueuePolicy", "sqs:SendMessage", ("account", "arn")),
    ("events.amazonaws.com", "AWS::Logs::ResourcePolicy", "logs:PutLogEvents", ("arn",)),
    ("events.amazonaws.com", "AWS::Logs::ResourcePolicy", "logs:CreateLogStream", ()),
    ("events.amazonaws.com", "AWS::SNS::TopicPolicy", "sns:Publish", ()),
    ("delivery.logs.amazonaws.com", "AWS::Logs::ResourcePolicy", "logs:PutLogEvents", ("account", "arn")),
    ("delivery.logs.amazonaws.com", "AWS::Logs::ResourcePolicy", "logs:CreateLogStream", ("account", "arn")),
    ("route53.amazonaws.com", "AWS::Logs::ResourcePolicy", "logs:PutLogEvents", ("account", "arn")),
    ("route53.amazonaws.com", "AWS::Logs::ResourcePolicy", "logs:CreateLogStream", ("account", "arn")),
    ("s3.amazonaws.com", "AWS::SNS::TopicPolicy", "sns:Publish", ("account", "arn")),
    ("s3.amazonaws.com", "AWS::SQS::QueuePolicy", "sqs:SendMessage", ("account", "arn")),
    ("sns.amazonaws.com", "AWS::SQS::QueuePolicy", "sqs:SendMessage", ("account", "arn")),
    ("cloudtrail.amazonaws.com", "AWS::S3::BucketPolicy", "s3:GetBucketAcl", ("account", "arn")),
    ("cloudtrail.amazonaws.com", "AWS::S3::BucketPolicy", "s3:PutObject", ("account", "arn")),
    ("config.amazonaws.com", "AWS::S3::BucketPolicy", "s3:PutObject", ("account", "arn")),
    ("elasticloadbalancing.amazonaws.com", "AWS::S3::BucketPolicy", "s3:PutObject", ()),
    ("es.amazonaws.com", "AWS::Logs::ResourcePolicy", "logs:PutLogEvents", ()),
    ("vpc-flow-logs.amazonaws.com", "AWS::S3::BucketPolicy", "s3:PutObject", ()),
    # The manual's policy has kms:Describe* under the same condition, which no call for it can meet: it takes none.
    ("logs.amazonaws.com", "AWS::KMS::Key", "kms:Decrypt", ("logs",)),
    ("logs.amazonaws.com", "AWS::KMS::Key", "kms:GenerateDataKey", ("logs",)),
    ("cloudtrail.amazonaws.com", "AWS::KMS::Key", "kms:GenerateDataKey", ("account", "arn", "trail")),
    ("cloudtrail.amazonaws.com", "AWS::KMS::Key", "kms:DescribeKey", ("account", "arn")),
    ("config.amazonaws.com", "AWS::KMS::Key", "kms:GenerateDataKey", ("account", "arn")),
    ("sns.amazonaws.com", "AWS::KMS::Key", "kms:Decrypt", ()),
    ("sns.amazonaws.com", "AWS::KMS::Key", "kms:GenerateDataKey", ()),
    ("scheduler.amazonaws.com", "AWS::IAM::Role", "sts:AssumeRole", ("account", "arn")),
    ("states.amazonaws.com", "AWS::IAM::Role", "sts:AssumeRole", ("account", "arn")),
    ("ec2.amazonaws.com", "AWS::IAM::Role", "sts:AssumeRole", ()),
    ("lambda.amazonaws.com", "AWS::IAM::Role", "sts:AssumeRole", ()),
)
_NAME = {
    "AWS::S3::BucketPolicy": ("Bucket", "b"),
    "AWS::SQS::QueuePolicy": ("Queues", ["q"]),
    "AWS::SNS::TopicPolicy": ("Topics", ["t"]),
    "AWS::Logs::ResourcePolicy": ("PolicyName", "p"),
    "AWS::IAM::Role": ("RoleName", "r"),
    "AWS::KMS::Key": ("Description", "k"),
}


def any_policy(rng: Random) -> Json:
    """A policy that lets services in, several by one statement or each by its own."""
    type_ = rng.choice(sorted(_NAME))
    own = sorted({(service, action) for service, of, action, _ in CALLS if of == type_})
    statements: list[Json] = []
    for _ in range(rng.choice((1, 1, 2, 3))):
        some = rng.sample(own, min(len(own), rng.choice((1, 2, 3))))
        services = sorted({service for service, _ in some})
        actions: object = sorted({action for _, action in some})
        if rng.random() < 0.2:
            actions = (
                f"{actions[0].partition(':')[0]}:*"
                if type_ != "AWS::IAM::Role" and isinstance(actions, list)
                else actions
            )
        condition: Json = rng.choice(
            ({}, {}, {"Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}})
        )
        principal = {"Service": services if len(services) > 1 else services[0]}
        stands_on = {} if type_ == "AWS::IAM::Role" else {"Resource": "*"}
        statements.append({"Effect": "Allow", "Principal": principal, "Action": actions, **stands_on, **condition})
    key, value = _NAME[type_]
    document: object = {"Version": "2012-10-17", "Statement": statements}
    properties = {key: value, _document(type_): document}
    found: Json = json.loads(json.dumps({"Resources": {"It": {"Type": type_, "Properties": properties}}}))
    return found


def _document(type_: str) -> str:
    return {"AWS::IAM::Role": "AssumeRolePolicyDocument", "AWS::KMS::Key": "KeyPolicy"}.get(type_, "PolicyDocument")


def calls(template: Json) -> set[tuple[str, str]]:
    """The calls that services make for the owner, as the manual has them, and that the policy lets in."""
    resource = template["Resources"]["It"]
    text = json.dumps(resource["Properties"][_document(resource["Type"])])
    text = text.replace('{"Ref": "AWS::AccountId"}', f'"{OWN}"').replace("${AWS::AccountId}", OWN)
    plain = json.loads(text, object_hook=lambda value: value["Fn::Sub"] if [*value] == ["Fn::Sub"] else value)
    policy = parse_policy(json.dumps(plain), kind=TRUST if resource["Type"] == "AWS::IAM::Role" else RESOURCE)
    out = set()
    for service, type_, action, sent in CALLS:
        keys = {
            "account": ("aws:sourceaccount", OWN),
            "logs": ("kms:encryptioncontext:aws:logs:arn", f"arn:aws:logs:us-east-1:{OWN}:log-group:app"),
            "trail": ("kms:encryptioncontext:aws:cloudtrail:arn", f"arn:aws:cloudtrail:us-east-1:{OWN}:trail/app"),
        }
        if "arn" in sent:
            keys["arn"] = ("aws:sourcearn", EXAMPLE_SOURCES[service].format(OWN))
        request = Request(Caller(SERVICE, service), action, "*", dict(keys[one] for one in sent))
        if type_ == resource["Type"] and decide(policy, request).allowed:
            out.add((service, action))
    return out


@given(st.integers(0, 2**32))
@examples(40, in_deep=2_000)
def test_services_call_for_the_owner_as_before(seed: int) -> None:
    """Each call that the manual shows gets in after a remedy as before, with the keys that it shows and no others."""
    template = any_policy(Random(seed))
    before = calls(template)
    for found, after, report in _remedied(template, None):
        assert before <= calls(after), (found.remedy, before - calls(after))
        again = trustproof.check([after], config={})
        assert not again.errors
        assert proved(report) <= proved(again), (found.remedy, proved(report) - proved(again))
        # Each service of a statement may take a remedy of its own.
        left = [r.message for r in again.results if r.verdict == trustproof.REFUTED and r.path == found.path]
        assert found.message not in left, found.remedy


def _remedied(template: Json, properties: list[str] | None) -> list[tuple[Result, Json, Report]]:
    """Each refutation with edits, and the template with them."""
    with tempfile.TemporaryDirectory() as name:
        report = trustproof.check([written(Path(name), template)], config={})
    assert not report.errors
    out = []
    known = set(_ID.findall(json.dumps(template)))
    for found in report.results:
        # Whoever copies an id that was made up for an example lets in nobody knows whom.
        offered = " ".join((str(found.remedy or ""), *(one.ident for one in found.undeclared)))
        assert known >= set(_ID.findall(offered)), offered
        wanted = properties is None or found.property in properties
        if wanted and found.verdict == trustproof.REFUTED and found.remedy is not None and found.remedy.edits:
            try:
                out.append((found, edited(template, found.remedy.edits), report))
            except NotHere:
                continue
    return out
