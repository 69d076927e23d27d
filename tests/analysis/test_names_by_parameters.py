"""
What a policy stands on, how that is tagged and who has it may be for a parameter to say: each of its values counts.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

import trustproof

Json = dict[str, Any]

OWN, OUTSIDE = "111122223333", "999988887777"
CONFIG = {"boundary": {"accounts": [OWN]}}
FIRST, SECOND = "dev-data", "prod-data"
NAME: Json = {"Ref": "P"}
SAID: list[Any] = [NAME, {"Fn::Sub": "${P}"}, {"Fn::FindInMap": ["M", NAME, "name"]}]
MAPPINGS = {"M": {FIRST: {"name": FIRST}, SECOND: {"name": SECOND}}}
MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}


def document(*statements: Json) -> Json:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: str, on: str) -> Json:
    return {"Effect": "Allow", "Principal": {"AWS": OUTSIDE}, "Action": action, "Resource": on}


def arn(rest: str) -> str:
    service, _, name = rest.partition(":")
    return f"arn:aws:{service}:us-east-1:{OWN}:{name}"


def queue(said: Any) -> Json:
    policy = document(allow("sqs:SendMessage", arn(f"sqs:{SECOND}")))
    return {
        "Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": said}},
        "It": {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "Q"}], "PolicyDocument": policy}},
    }


def topic(said: Any) -> Json:
    policy = document(allow("sns:Publish", arn("sns:prod-*")))
    return {
        "T": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": said}},
        "It": {"Type": "AWS::SNS::TopicPolicy", "Properties": {"Topics": [{"Ref": "T"}], "PolicyDocument": policy}},
    }


def secret(said: Any) -> Json:
    policy = document(allow("secretsmanager:GetSecretValue", arn(f"secretsmanager:secret:{SECOND}-??????")))
    properties = {"SecretId": said, "ResourcePolicy": policy}
    return {"It": {"Type": "AWS::SecretsManager::ResourcePolicy", "Properties": properties}}


def table(said: Any) -> Json:
    policy = document(allow("dynamodb:GetItem", arn(f"dynamodb:table/{SECOND}")))
    properties = {"TableName": said, "ResourcePolicy": {"PolicyDocument": policy}}
    return {"It": {"Type": "AWS::DynamoDB::Table", "Properties": properties}}


def spared(said: Any) -> Json:
    """A Deny on the queue of the default, which spares the other one."""
    denied = {**allow("sqs:*", arn(f"sqs:{FIRST}")), "Effect": "Deny", "Principal": "*"}
    made = queue(said)
    made["It"]["Properties"]["PolicyDocument"] = document(allow("sqs:*", "*"), denied)
    return made


def role(said: Any) -> Json:
    condition = {"StringEquals": {"aws:ResourceTag/stage": SECOND}}
    statement = {"Effect": "Allow", "Principal": {"AWS": OUTSIDE}, "Action": "sts:AssumeRole", "Condition": condition}
    properties = {"AssumeRolePolicyDocument": document(statement), "Tags": [{"Key": "stage", "Value": said}]}
    return {"It": {"Type": "AWS::IAM::Role", "Properties": properties}}


def verdict(make: Any, said: Any, asked: str, value: str | None = None) -> str:
    parameter = {"Type": "String", "Default": FIRST, "AllowedValues": [FIRST, SECOND]}
    template = {"Parameters": {"P": parameter}, "Mappings": MAPPINGS, "Resources": make(said)}
    report = trustproof.check(
        [template],
        account=OWN,
        region="us-east-1",
        config=CONFIG,
        properties=[asked],
        parameters=None if value is None else {"P": value},
        certify=True,
    )
    found = [one.verdict for one in report.results if one.path[1:2] == ("It",)]
    return "refuted" if "refuted" in found else found[0]


@pytest.mark.parametrize("said", SAID, ids=["Ref", "Sub", "FindInMap"])
@pytest.mark.parametrize("make", [queue, topic, secret, table, spared, role])
def test_what_a_policy_stands_on_is_judged_at_each_value(make: Any, said: Any) -> None:
    """It is refuted at the one at which somebody is let in, and so is the template."""
    assert verdict(make, said, "inside-boundary", FIRST) == "proved"
    assert verdict(make, said, "inside-boundary", SECOND) == "refuted"
    assert verdict(make, said, "inside-boundary") == "refuted"


def holder(kind: str, said: Any) -> Json:
    """A user who may do everything, and a Deny for whom a parameter names."""
    guard = document({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": MFA})
    everything = document({"Effect": "Allow", "Action": "iam:*", "Resource": "*"})
    policies = [{"PolicyName": "all", "PolicyDocument": everything}]
    user = {"Type": "AWS::IAM::User", "Properties": {"UserName": FIRST, "Policies": policies}}
    if kind == "UserPolicy":
        properties: Json = {"UserName": said, "PolicyName": "guard", "PolicyDocument": guard}
        return {"It": user, "Guard": {"Type": "AWS::IAM::UserPolicy", "Properties": properties}}
    inside = {"GroupName": FIRST, "Policies": [{"PolicyName": "guard", "PolicyDocument": guard}]}
    return {
        "It": user,
        "Group": {"Type": "AWS::IAM::Group", "Properties": inside},
        "In": {"Type": "AWS::IAM::UserToGroupAddition", "Properties": {"GroupName": said, "Users": [FIRST]}},
    }


@pytest.mark.parametrize("kind", ["UserPolicy", "UserToGroupAddition"])
def test_who_has_a_policy_is_judged_at_each_value(kind: str) -> None:
    """A Deny that a parameter puts on somebody else keeps nobody out."""

    def made(said: Any) -> Json:
        return holder(kind, said)

    assert verdict(made, NAME, "sensitive-actions-require-mfa", FIRST) == "proved"
    assert verdict(made, NAME, "sensitive-actions-require-mfa", SECOND) == "refuted"
    assert verdict(made, NAME, "sensitive-actions-require-mfa") == "refuted"


def test_the_issuer_of_a_provider_is_judged_at_each_value() -> None:
    """A provider that may be a shared one is judged as that one, too."""
    hosts = ["gitlab.example.com", "token.actions.githubusercontent.com"]
    statements = [
        {
            "Effect": "Allow",
            "Principal": {"Federated": {"Ref": "O"}},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {f"{host}:aud": "sts.amazonaws.com"}},
        }
        for host in hosts
    ]
    urls = [f"https://{host}" for host in hosts]
    resources = {
        "O": {"Type": "AWS::IAM::OIDCProvider", "Properties": {"Url": NAME}},
        "R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document(*statements)}},
    }
    parameter = {"Type": "String", "Default": urls[0], "AllowedValues": urls}
    report = trustproof.check(
        [{"Parameters": {"P": parameter}, "Resources": resources}], account=OWN, properties=["web-identity-bound"]
    )
    assert "refuted" in {one.verdict for one in report.results}


def test_a_name_that_nothing_depends_on_is_left_alone() -> None:
    """Of a queue whose policy is about it by a reference, or about everything, no more values are asked for."""
    statement = {**allow("sqs:SendMessage", "*"), "Principal": {"AWS": OWN}}
    made = {
        "Q": {
            "Type": "AWS::SQS::Queue",
            "Properties": {"QueueName": {"Fn::Join": ["-", [{"Ref": f"P{n}"} for n in range(12)]]}},
        },
        "It": {
            "Type": "AWS::SQS::QueuePolicy",
            "Properties": {"Queues": [{"Ref": "Q"}], "PolicyDocument": document(statement)},
        },
    }
    parameters = {f"P{n}": {"Type": "String", "Default": "a", "AllowedValues": ["a", "b"]} for n in range(12)}
    report = trustproof.check(
        [{"Parameters": parameters, "Resources": made}], account=OWN, config=CONFIG, properties=["inside-boundary"]
    )
    assert [one.verdict for one in report.results] == ["proved"]


def test_the_version_of_a_policy_is_judged_at_each_value() -> None:
    """What is a text in the old language and compares a key with itself in the new one lets everybody in."""
    condition = {"StringEquals": {"aws:PrincipalAccount": "${aws:PrincipalAccount}"}}
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole", "Condition": condition}
    versions = ["2008-10-17", "2012-10-17"]
    parameter = {"Type": "String", "Default": versions[0], "AllowedValues": versions}
    policy = {"Version": NAME, "Statement": [statement]}
    resources = {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": policy}}}
    report = trustproof.check(
        [{"Parameters": {"P": parameter}, "Resources": resources}], account=OWN, properties=["inside-boundary"]
    )
    assert [one.verdict for one in report.results] == ["refuted"]


@pytest.mark.parametrize("said", [*SAID, {"Fn::Join": ["", [NAME, ""]]}], ids=["Ref", "Sub", "FindInMap", "Join"])
@pytest.mark.parametrize("named", ["PolicyName", "ManagedPolicyName"])
def test_the_name_of_a_policy_is_judged_at_each_value(named: str, said: Any) -> None:
    """A Deny that another policy replaces at some value, or that is not attached there, keeps nobody out."""
    guard = document({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": MFA})
    everything = document({"Effect": "Allow", "Action": "iam:*", "Resource": "*"})
    user: Json = {"UserName": "alice"}
    if named == "PolicyName":
        user["Policies"] = [{"PolicyName": SECOND, "PolicyDocument": guard}]
        properties: Json = {"UserName": {"Ref": "U"}, "PolicyName": said, "PolicyDocument": everything}
        made = {"Type": "AWS::IAM::UserPolicy", "Properties": properties}
    else:
        user["Policies"] = [{"PolicyName": "all", "PolicyDocument": everything}]
        user["ManagedPolicyArns"] = [f"arn:aws:iam::{OWN}:policy/{FIRST}"]
        made = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"ManagedPolicyName": said, "PolicyDocument": guard}}
    parameter = {"Type": "String", "Default": FIRST, "AllowedValues": [FIRST, SECOND]}
    template = {
        "Parameters": {"P": parameter},
        "Mappings": MAPPINGS,
        "Resources": {"U": {"Type": "AWS::IAM::User", "Properties": user}, "Policy": made},
    }
    report = trustproof.check([template], account=OWN, properties=["sensitive-actions-require-mfa"])
    assert {one.verdict for one in report.results} - {"proved"}


def test_names_that_no_text_means_are_not_multiplied_out() -> None:
    """Who has a policy by a reference has it whatever the twelve users are called, each by parameters of its own."""
    everything = {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}
    guard = document(everything, {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": MFA})
    made: Json = {}
    for n in range(12):
        name = {"Fn::Sub": f"u{n}-${{P{n}}}"}
        properties = {"ManagedPolicyName": name, "Users": [{"Ref": f"U{n}"}], "PolicyDocument": guard}
        inline = [{"PolicyName": name, "PolicyDocument": document(everything)}]
        made[f"U{n}"] = {"Type": "AWS::IAM::User", "Properties": {"UserName": name, "Policies": inline}}
        made[f"M{n}"] = {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}
    parameters = {f"P{n}": {"Type": "String", "Default": "a", "AllowedValues": ["a", "b", "c"]} for n in range(12)}
    template = {"Parameters": parameters, "Resources": made}
    report = trustproof.check([template], account=OWN, properties=["sensitive-actions-require-mfa"])
    assert {one.verdict for one in report.results} == {"proved"}


@pytest.mark.parametrize("what", ["a profile", "a policy"])
def test_a_text_that_means_nobody_does_not_multiply_names_out(what: str) -> None:
    """What role a profile has, or which policy somebody has, is no name of one of the twelve who have policies."""
    everything = {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}
    guard = document(everything, {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": MFA})
    made: Json = {}
    for n in range(12):
        inline = [{"PolicyName": "p", "PolicyDocument": guard}]
        properties = {"UserName": {"Fn::Sub": f"u{n}-${{P{n}}}"}, "Policies": inline}
        made[f"U{n}"] = {"Type": "AWS::IAM::User", "Properties": properties}
    text = {"Fn::Sub": "${AWS::StackName}"}
    if what == "a profile":
        made["Profile"] = {"Type": "AWS::IAM::InstanceProfile", "Properties": {"Roles": [text]}}
    else:
        made["U0"]["Properties"]["PermissionsBoundary"] = text
    parameters = {f"P{n}": {"Type": "String", "Default": "a", "AllowedValues": ["a", "b", "c"]} for n in range(12)}
    template = {"Parameters": parameters, "Resources": made}
    report = trustproof.check([template], account=OWN, properties=["sensitive-actions-require-mfa"])
    assert {one.verdict for one in report.results} == {"proved"}


def test_an_administrator_by_name_is_one_at_that_name_only() -> None:
    """A role that may do everything is a declared deployer at one value of a parameter, and at the other is not."""
    everything = document({"Effect": "Allow", "Action": "*", "Resource": "*"})
    trust = document({"Effect": "Allow", "Principal": {"AWS": OWN}, "Action": "sts:AssumeRole"})
    properties = {
        "RoleName": NAME,
        "AssumeRolePolicyDocument": trust,
        "Policies": [{"PolicyName": "all", "PolicyDocument": everything}],
    }
    parameter = {"Type": "String", "Default": "Admin", "AllowedValues": ["Admin", "Other"]}
    template = {
        "Parameters": {"P": parameter},
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": properties}},
    }
    config = {**CONFIG, "properties": {"deployers-declared": {"administrators": ["Admin"]}}}
    report = trustproof.check([template], account=OWN, config=config, properties=["deployers-declared"])
    assert "refuted" in {one.verdict for one in report.results}


def test_the_only_value_that_a_parameter_may_have_is_its_value() -> None:
    deny = {"PolicyName": "d", "PolicyDocument": document({"Effect": "Deny", "Action": "sts:*", "Resource": "*"})}
    allowed = {"PolicyName": "a", "PolicyDocument": document({"Effect": "Allow", "Action": "sts:*", "Resource": "*"})}
    template: Json = {
        "Parameters": {"P": {"Type": "String", "AllowedValues": ["guarded"]}},
        "Resources": {
            "G": {"Type": "AWS::IAM::Group", "Properties": {"GroupName": "guarded", "Policies": [deny]}},
            "U": {"Type": "AWS::IAM::User", "Properties": {"Groups": [NAME], "Policies": [allowed]}},
        },
    }
    report = trustproof.check([template], account=OWN)
    assert {r.verdict for r in report.results if r.property == "assume-role-scoped"} == {"proved"}


@pytest.mark.parametrize(
    ("tags", "account", "condition", "expected"),
    [
        (12, OWN, {}, "proved"),
        (1, OUTSIDE, {"StringEquals": {"aws:PrincipalTag/t0": "prod"}}, "refuted"),
        (1, OUTSIDE, {"StringEquals": {"aws:PrincipalTag/t0": "gone"}}, "proved"),
    ],
)
def test_tags_of_a_role_are_told_apart_where_a_policy_looks_at_them(
    tags: int, account: str, condition: Json, expected: str
) -> None:
    """Twelve of two values each have 4,096 outcomes, of which no policy sees anything."""
    numbers = range(tags)
    assume = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": f"arn:aws:iam::{account}:role/r"}
    trust = document({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"})
    policy = document({**assume, **({"Condition": condition} if condition else {})})
    properties = {
        "AssumeRolePolicyDocument": trust,
        "Tags": [{"Key": f"t{n}", "Value": {"Ref": f"P{n}"}} for n in numbers],
        "Policies": [{"PolicyName": "p", "PolicyDocument": policy}],
    }
    template = {
        "Parameters": {f"P{n}": {"Type": "String", "AllowedValues": ["dev", "prod"]} for n in numbers},
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": properties}},
    }
    report = trustproof.check([template], account=OWN, config=CONFIG, properties=["assume-role-scoped"])
    assert {one.verdict for one in report.results} == {expected}


#: A key as a part of a policy that is a text, in other ways than in one piece.
KEYS = {
    "an escape of JSON": "aws:\\u0050rincipalTag",
    "a parameter": {"Fn::Sub": "aws:${X}Tag"},
    "a variable": {"Fn::Sub": ["aws:Pr${Y}Tag", {"Y": {"Fn::FindInMap": ["M", "a", "b"]}}]},
    "what joins": {"Fn::Join": ["ncipalT", ["aws:Pri", "ag"]]},
    "what is split": {"Fn::Join": ["", {"Fn::Split": ["-", "aws:Pr-incipal-Tag"]}]},
}


@pytest.mark.parametrize("said", KEYS)
def test_a_key_of_tags_is_found_however_it_is_put_together(said: str) -> None:
    """The role may do this with the other value of its tag only."""
    condition = {"StringEquals": {"KEY/t": "prod"}}
    assume = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": f"arn:aws:iam::{OUTSIDE}:role/r"}
    pieces = json.dumps(document({**assume, "Condition": condition})).split("KEY")
    trust = document({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"})
    properties = {
        "AssumeRolePolicyDocument": trust,
        "Tags": [{"Key": "t", "Value": {"Ref": "P"}}],
        "Policies": [{"PolicyName": "p", "PolicyDocument": {"Fn::Join": ["", [pieces[0], KEYS[said], pieces[1]]]}}],
    }
    template = {
        "Parameters": {
            "P": {"Type": "String", "Default": "dev", "AllowedValues": ["dev", "prod"]},
            "X": {"Type": "String", "Default": "Principal"},
        },
        "Mappings": {"M": {"a": {"b": "incipal"}}},
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": properties}},
    }
    report = trustproof.check([template], account=OWN, config=CONFIG, properties=["assume-role-scoped"])
    assert {one.verdict for one in report.results} == {"refuted"}


def test_the_trust_policy_of_a_role_may_be_put_together_and_look_at_its_tags() -> None:
    trust = document({**allow("sts:AssumeRole", "*"), "Condition": {"StringEquals": {"aws:ResourceTag/t": "prod"}}})
    del trust["Statement"][0]["Resource"]
    text = json.dumps(trust).replace("ResourceTag", "${X}Tag")
    properties = {
        "AssumeRolePolicyDocument": {"Fn::Sub": [text, {"X": "Resource"}]},
        "Tags": [{"Key": "t", "Value": {"Ref": "P"}}],
    }
    template = {
        "Parameters": {"P": {"Type": "String", "Default": "dev", "AllowedValues": ["dev", "prod"]}},
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": properties}},
    }
    report = trustproof.check([template], account=OWN, config=CONFIG, properties=["inside-boundary"])
    assert [one.verdict for one in report.results] == ["refuted"]
