"""
Wherever in a policy a parameter stands, a proof at its default names it where another value of it would be refuted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import trustproof
from trustproof.results.result import Result

OWN, OTHER, VENDOR = "111122223333", "444455556666", "777788889999"
CONFIG = {"boundary": {"accounts": [OWN]}, "third-party": [{"name": "v", "accounts": [VENDOR]}]}
#: Its proofs say that somebody can use a statement at some value of a parameter.
WANTED = "statement-usable"
HOST, CLUSTER = "token.actions.githubusercontent.com", "oidc.eks.us-east-1.amazonaws.com/id/ABC"
COGNITO, CLOUD = "cognito-identity.amazonaws.com", "app.terraform.io"
P: dict[str, object] = {"Ref": "P"}


class Place(NamedTuple):
    """Where a parameter stands."""

    resources: Mapping[str, object]
    #: Each a default, and given in place of the others.
    values: Sequence[str]


def text(of: str) -> dict[str, object]:
    """A text with the parameter in it."""
    return {"Fn::Sub": of}


def policy(*statements: object) -> dict[str, object]:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": [*statements]}


def allow(action: object, *, effect: object = "Allow", conditions: object = None, **elements: object) -> object:
    """A statement."""
    condition = {} if conditions is None else {"Condition": conditions}
    return {"Effect": effect, "Action": action, **elements, **condition}


def role(*statements: object, **properties: object) -> dict[str, object]:
    """A role with a trust policy."""
    document = {"AssumeRolePolicyDocument": policy(*statements)}
    return {"R": {"Type": "AWS::IAM::Role", "Properties": {**document, **properties}}}


def trusted(principal: object, conditions: object = None, action: object = "sts:AssumeRole") -> dict[str, object]:
    """A role that somebody assumes."""
    return role(allow(action, Principal=principal, conditions=conditions))


def by_token(host: str, conditions: object, *denied: object) -> dict[str, object]:
    """A role for tokens of an issuer."""
    provider = host if host == COGNITO else f"arn:aws:iam::{OWN}:oidc-provider/{host}"
    action = "sts:AssumeRoleWithWebIdentity"
    return role(allow(action, Principal={"Federated": provider}, conditions=conditions), *denied)


def user(*statements: object) -> dict[str, object]:
    """A user with a policy."""
    inline = {"PolicyName": "p", "PolicyDocument": policy(*statements)}
    return {"U": {"Type": "AWS::IAM::User", "Properties": {"Policies": [inline]}}}


def queue(conditions: object, service: object = "sns.amazonaws.com") -> dict[str, object]:
    """A queue to which a service sends."""
    sent = allow("sqs:SendMessage", Principal={"Service": service}, Resource="*", conditions=conditions)
    properties = {"Queues": [{"Ref": "Q"}], "PolicyDocument": policy(sent)}
    return {"Q": {"Type": "AWS::SQS::Queue"}, "P": {"Type": "AWS::SQS::QueuePolicy", "Properties": properties}}


def bucket(conditions: object) -> dict[str, object]:
    """A bucket that whoever meets conditions reads."""
    read = allow("s3:GetObject", Principal="*", Resource="arn:aws:s3:::acme/*", conditions=conditions)
    properties = {"Bucket": {"Ref": "B"}, "PolicyDocument": policy(read)}
    return {
        "B": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "acme"}},
        "P": {"Type": "AWS::S3::BucketPolicy", "Properties": properties},
    }


SUBJECTS = ("repo:acme/*", "repo:acme/app:ref:refs/heads/main", "repo:ac*", "*")
IDS = ("c-1", "c-*", "*")
PRINCIPALS = (OWN, VENDOR, f"arn:aws:iam::{OTHER}:role/x", f"arn:aws:iam::{OWN}:user/u", "*")
ACCOUNTS = (OWN, OTHER, "1*", "*")
SOURCES = (f"arn:aws:sns:us-east-1:{OWN}:t", f"arn:aws:sns:us-east-1:{OTHER}:t", f"arn:aws:sns:*:{OWN}*", "*")
CALLERS = (f"arn:aws:iam::{OWN}:role/x", f"arn:aws:iam::{OWN}:*", "arn:aws:iam::*:role/x", "*")
ROLES = (f"arn:aws:iam::{OWN}:role/x", f"arn:aws:iam::{OTHER}:role/x", "arn:aws:iam::*:role/x", "*")
ACTIONS = ("s3:GetObject", "sts:AssumeRole", "iam:*", "*")
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
NO_MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
EVERYTHING = allow("*", Resource="*")
SUB = f"{HOST}:sub"
PLACES = {
    **{
        f"subject, {operator}": Place(by_token(HOST, {operator: {SUB: P}}), SUBJECTS)
        for operator in ("StringLike", "StringEquals", "ForAnyValue:StringLike", "StringLikeIfExists")
    },
    "subject beside another": Place(by_token(HOST, {"StringLike": {SUB: ["repo:acme/x:*", P]}}), SUBJECTS),
    "repository in a subject": Place(
        by_token(HOST, {"StringLike": {SUB: text("repo:${P}:*")}}), ("acme/app", "acme/*", "*")
    ),
    "organization in a subject": Place(by_token(HOST, {"StringLike": {SUB: text("repo:${P}/*")}}), ("acme", "ac*")),
    "end of a subject": Place(by_token(HOST, {"StringLike": {SUB: text("repo:acme/${P}")}}), ("app:*", "*")),
    "subject of a Deny": Place(
        by_token(
            HOST,
            {"StringLike": {SUB: "*"}},
            allow(
                "sts:AssumeRoleWithWebIdentity",
                effect="Deny",
                Principal="*",
                conditions={"StringNotLike": {SUB: P}},
            ),
        ),
        SUBJECTS,
    ),
    "audience": Place(by_token(HOST, {"StringLike": {f"{HOST}:aud": P}}), ("sts.amazonaws.com", "https://x", "*")),
    "identity pool": Place(
        by_token(
            COGNITO,
            {
                "StringLike": {f"{COGNITO}:aud": P},
                "ForAnyValue:StringLike": {f"{COGNITO}:amr": "authenticated"},
            },
        ),
        ("us-east-1:12345678-1234-1234-1234-123456789012", "us-east-1:*"),
    ),
    "pod": Place(
        by_token(CLUSTER, {"StringLike": {f"{CLUSTER}:sub": P}}), ("system:serviceaccount:ns:*", "system:*", "*")
    ),
    "workspace": Place(
        by_token(CLOUD, {"StringLike": {f"{CLOUD}:sub": P}}), ("organization:acme:project:*", "organization:*")
    ),
    "issuer": Place(
        role(
            allow(
                "sts:AssumeRoleWithWebIdentity",
                Principal={"Federated": P},
                conditions={"StringLike": {SUB: "repo:acme/*"}},
            )
        ),
        (f"arn:aws:iam::{OWN}:oidc-provider/{HOST}", COGNITO),
    ),
    "recipient of an assertion": Place(
        trusted(
            {"Federated": f"arn:aws:iam::{OWN}:saml-provider/x"},
            {"StringLike": {"SAML:aud": P}},
            "sts:AssumeRoleWithSAML",
        ),
        ("https://signin.aws.amazon.com/saml", "https://*"),
    ),
    **{
        f"external id, {operator}": Place(trusted({"AWS": VENDOR}, {operator: {"sts:ExternalId": P}}), IDS)
        for operator in ("StringEquals", "StringLike", "ForAnyValue:StringLike")
    },
    "part of an external id": Place(
        trusted({"AWS": VENDOR}, {"StringLike": {"sts:ExternalId": text("acme-${P}")}}), IDS
    ),
    "external id of a Deny": Place(
        role(
            allow("sts:AssumeRole", Principal={"AWS": VENDOR}),
            allow(
                "sts:AssumeRole",
                effect="Deny",
                Principal="*",
                conditions={"StringNotLike": {"sts:ExternalId": P}},
            ),
        ),
        IDS,
    ),
    "principal": Place(trusted({"AWS": P}), PRINCIPALS),
    "principal with MFA": Place(trusted({"AWS": P}, MFA), PRINCIPALS),
    "account of a principal": Place(trusted({"AWS": text("arn:aws:iam::${P}:root")}), (OWN, OTHER)),
    "NotPrincipal": Place(
        role(
            allow("sts:AssumeRole", Principal={"AWS": "*"}),
            allow("sts:AssumeRole", effect="Deny", NotPrincipal={"AWS": P}),
        ),
        PRINCIPALS,
    ),
    "effect": Place(role(allow("sts:AssumeRole", effect=P, Principal="*")), ("Deny", "Allow")),
    "action of a trust policy": Place(trusted({"AWS": OTHER}, action=P), ("sts:TagSession", "sts:AssumeRole", "*")),
    "service": Place(queue(None, P), ("ec2.amazonaws.com", "s3.amazonaws.com")),
    "age of MFA": Place(trusted({"AWS": OWN}, {"NumericLessThan": {"aws:MultiFactorAuthAge": P}}), ("3600", "0")),
    "duration": Place(
        role(allow("sts:AssumeRole", Principal={"AWS": OWN}, conditions=MFA), MaxSessionDuration=P), ("3600", "43200")
    ),
    **{
        f"account of a source, {operator}": Place(queue({operator: {"aws:SourceAccount": P}}), ACCOUNTS)
        for operator in ("StringEquals", "StringLike")
    },
    **{
        f"source, {operator}": Place(queue({operator: {"aws:SourceArn": P}}), SOURCES)
        for operator in ("ArnLike", "StringLike", "StringEquals")
    },
    "bucket of a source": Place(
        queue({"ArnLike": {"aws:SourceArn": text("arn:aws:s3:::${P}")}}, "s3.amazonaws.com"), ("acme", "*")
    ),
    **{
        f"{key}, {operator}": Place(bucket({operator: {key: P}}), values)
        for operator in ("StringEquals", "StringLike")
        for key, values in {
            "aws:PrincipalOrgID": ("o-abcdefghij", "o-*", "*"),
            "aws:PrincipalAccount": ACCOUNTS,
            "aws:PrincipalArn": CALLERS,
            "aws:SourceVpce": ("vpce-1", "vpce-*", "*"),
        }.items()
    },
    "address": Place(bucket({"IpAddress": {"aws:SourceIp": P}}), ("203.0.113.0/24", "0.0.0.0/0")),
    "resource": Place(user(allow("sts:AssumeRole", Resource=P)), ROLES),
    "account of a resource": Place(
        user(allow("sts:AssumeRole", Resource=text("arn:aws:iam::${P}:role/x"))), (OWN, OTHER, "*")
    ),
    "NotResource of a Deny": Place(
        user(allow("sts:AssumeRole", Resource="*"), allow("sts:AssumeRole", effect="Deny", NotResource=P)), ROLES
    ),
    "action": Place(user(allow(P, Resource="*")), ACTIONS),
    "service of an action": Place(user(allow(text("${P}:*"), Resource="*")), ("logs", "iam", "*")),
    "NotAction": Place(user({"Effect": "Allow", "NotAction": P, "Resource": "*"}), ACTIONS),
    "action of a Deny": Place(user(EVERYTHING, allow(P, effect="Deny", Resource="*", conditions=NO_MFA)), ACTIONS),
    "condition of a Deny": Place(
        user(
            EVERYTHING,
            allow("*", effect="Deny", Resource="*", conditions={"StringNotLike": {"aws:PrincipalTag/team": P}}),
        ),
        ("a", "*"),
    ),
}


@cache
def _results(place: str, default: str, given: str | None) -> dict[tuple[str, str], list[Result]]:
    """What is found of each resource by each property."""
    template: dict[str, Any] = {
        "Parameters": {"P": {"Type": "String", "Default": default}},
        "Resources": PLACES[place].resources,
    }
    parameters = None if given is None else {"P": given}
    report = trustproof.check([template], config=CONFIG, account=OWN, parameters=parameters)
    assert report.errors == ()
    found: dict[tuple[str, str], list[Result]] = {}
    for one in report.results:
        found.setdefault((one.logical_id, one.property), []).append(one)
    return found


@pytest.mark.parametrize("place", PLACES)
def test_a_proof_names_a_parameter_that_another_value_would_refute(place: str) -> None:
    """Whatever the place, and whether or not the default has a wildcard."""
    values, unnamed = PLACES[place].values, []
    for default in values:
        here = {
            key: {name for one in results for name, _ in one.at_defaults}
            for key, results in _results(place, default, None).items()
            if key[1] != WANTED and all(one.verdict == "proved" for one in results)
        }
        for value in values:
            there = _results(place, default, value) if value != default else {}
            unnamed += [
                (default, value, key)
                for key, names in here.items()
                if not names and any(one.verdict == "refuted" for one in there.get(key, ()))
            ]
    assert unnamed == []


def test_some_of_the_values_are_refuted_where_others_are_proved() -> None:
    """Or else the law would say nothing."""
    telling = [
        place
        for place, one in PLACES.items()
        if any(
            result.at_defaults
            for default in one.values
            for each in _results(place, default, None).values()
            for result in each
        )
    ]
    assert len(telling) >= len(PLACES) // 2


NAMED = {"StringLike": {SUB: {"Ref": "P"}}}


@pytest.mark.parametrize(
    ("parameter", "conditions", "is_named"),
    [
        ({"Default": "repo:acme/*"}, NAMED, True),
        # Nobody has said that there is another value.
        ({}, NAMED, False),
        # A wildcard is an ordinary character.
        ({"Default": "repo:acme/app"}, {"StringEquals": {SUB: {"Ref": "P"}}}, False),
        # At each value that it may have, it is proved.
        ({"Default": "repo:acme/*", "AllowedValues": ["repo:acme/*", "repo:acme/x"]}, NAMED, False),
        ({"Default": "app", "AllowedPattern": "[a-z-]+"}, {"StringLike": {SUB: text("repo:${P}/*")}}, False),
        ({"Default": "app", "AllowedPattern": "[^/]+"}, {"StringLike": {SUB: text("repo:${P}/*")}}, True),
        ({"Type": "CommaDelimitedList", "Default": "repo:acme/x:*,repo:acme/y:*"}, NAMED, True),
        ({"Type": "CommaDelimitedList", "Default": "repo:acme/x"}, {"StringEquals": {SUB: {"Ref": "P"}}}, False),
        ({"Default": "a,b"}, {"StringLike": {SUB: {"Fn::Split": [",", {"Ref": "P"}]}}}, True),
        ({"Default": "a"}, {"StringLike": {SUB: {"Fn::Select": [0, {"Fn::Split": [",", {"Ref": "P"}]}]}}}, True),
    ],
)
def test_a_subject_names_its_default_where_a_wildcard_in_it_would_count(
    parameter: Mapping[str, object], conditions: object, is_named: bool
) -> None:
    """Where nothing refuses one."""
    template = {"Parameters": {"P": {"Type": "String", **parameter}}, "Resources": by_token(HOST, conditions)}
    report = trustproof.check([template], config={}, account=OWN, properties=["web-identity-bound"])
    assert [(one.verdict, [name for name, _ in one.at_defaults]) for one in report.results] == [
        ("proved", ["P"] if is_named else [])
    ]


@pytest.mark.parametrize("type_", ["AWS::CloudFormation::Stack", "AWS::CloudFormation::StackSet"])
@pytest.mark.parametrize(
    ("passed", "defaults"),
    [
        ({"Ref": "Org"}, {"Org": "repo:acme/*"}),
        (text("repo:${Org}/*"), {"Org": "acme"}),
        # What repository it is does not matter.
        (text("repo:${Org}/${App}:*"), {"Org": "acme", "App": "app"}),
    ],
)
def test_a_stack_in_a_stack_names_the_default_that_it_is_passed(
    tmp_path: Path, type_: str, passed: object, defaults: Mapping[str, str]
) -> None:
    """It is that of the template around it."""
    resources = by_token(HOST, {"StringLike": {SUB: {"Ref": "Sub"}}})
    inner = json.dumps({"Parameters": {"Sub": {"Type": "String"}}, "Resources": resources})
    properties: dict[str, object] = {"TemplateURL": "inner.json", "Parameters": {"Sub": passed}}
    if type_.endswith("StackSet"):
        given = [{"ParameterKey": "Sub", "ParameterValue": passed}]
        targets = {"DeploymentTargets": {"Accounts": [OWN]}, "Regions": ["us-east-1"]}
        properties = {"TemplateBody": inner, "Parameters": given, "StackInstancesGroup": [targets]}
    outer = {
        "Parameters": {name: {"Type": "String", "Default": value} for name, value in defaults.items()},
        "Resources": {"S": {"Type": type_, "Properties": properties}},
    }
    (tmp_path / "inner.json").write_text(inner)
    (tmp_path / "outer.json").write_text(json.dumps(outer))
    paths = [tmp_path / "outer.json", *([] if "TemplateBody" in properties else [tmp_path / "inner.json"])]
    report = trustproof.check(paths, config={}, account=OWN, properties=["web-identity-bound"])
    assert [(one.verdict, [name.rpartition("/")[2] for name, _ in one.at_defaults]) for one in report.results] == [
        ("proved", ["Org"])
    ]
