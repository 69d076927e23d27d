"""
One policy means the same whichever file it stands in.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from hypothesis import given

import trustproof
from tests.inputs.terraform.builders import OWN, Resource, plan, raw_state, state
from tests.inputs.terraform.hcl import encoded, heredoc, resource
from tests.strategies import choices, examples
from trustproof.model.document import IDENTITY, TRUST
from trustproof.results.result import Counterexample

HUB, OTHER = "222222222222", "444455556666"
GITHUB = "token.actions.githubusercontent.com"
Json = dict[str, Any]
#: What is held, its name and what holds it, by the kind of the policy.
NAMES = {TRUST: "deployer", IDENTITY: "ann"}
_KINDS = {TRUST: "trust", IDENTITY: "identity"}
CONFIG = {"boundary": {"accounts": [HUB]}, "third-party": [{"name": "v", "accounts": [OTHER]}]}

_PRINCIPALS: list[Any] = [
    {"AWS": HUB},
    {"AWS": [f"arn:aws:iam::{OTHER}:root", f"arn:aws:iam::{HUB}:role/app"]},
    {"AWS": f"arn:aws:iam::{OWN}:user/ann"},
    {"AWS": "*"},
    "*",
    {"Service": "lambda.amazonaws.com"},
    {"Service": ["ec2.amazonaws.com", "cloudtrail.amazonaws.com"], "AWS": OWN},
    {"Federated": f"arn:aws:iam::{OWN}:oidc-provider/{GITHUB}"},
    {"Federated": f"arn:aws:iam::{OWN}:saml-provider/idp"},
]
_CONDITIONS: list[Json] = [
    {},
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"BoolIfExists": {"aws:MultiFactorAuthPresent": ["true"]}},
    {"StringEquals": {"sts:ExternalId": "${aws:username}"}},
    {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
    {"StringLike": {f"{GITHUB}:sub": "repo:our/*:*"}, "StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}},
    {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}, "Null": {"aws:SourceIp": "false"}},
    {"ForAnyValue:StringLike": {"aws:PrincipalTag/team": ["a*", "${*}"]}},
]
_ASSUMING = ["sts:AssumeRole", "sts:*", ["sts:AssumeRole", "sts:TagSession"], "sts:AssumeRoleWithWebIdentity"]
_DOING: list[Any] = ["*", "iam:*", ["sts:AssumeRole", "s3:GetObject"], "iam:PassRole", "lambda:UpdateFunctionCode"]
_ON: list[Any] = [
    "*",
    f"arn:aws:iam::{OTHER}:role/*",
    [f"arn:aws:iam::{OWN}:user/${{aws:username}}", "arn:aws:s3:::x/*"],
]


def _policy(rng: Random, kind: str) -> Json:
    """A policy as people write them, and some as they do not."""
    statements = []
    for number in range(rng.randint(1, 3)):
        one: Json = {"Effect": "Deny" if number and rng.random() < 0.4 else "Allow"}
        if kind == TRUST:
            one["Principal"] = rng.choice(_PRINCIPALS)
            one["Action"] = rng.choice(_ASSUMING)
        else:
            one["NotAction" if rng.random() < 0.2 else "Action"] = rng.choice(_DOING)
            one["Resource"] = rng.choice(_ON)
        if condition := rng.choice(_CONDITIONS):
            one["Condition"] = condition
        statements.append({"Sid": f"S{number}", **one} if rng.random() < 0.5 else one)
    return {"Version": "2012-10-17", "Statement": statements}


def _template(kind: str, policy: Json) -> Json:
    properties: Json
    if kind == TRUST:
        properties = {"RoleName": NAMES[kind], "AssumeRolePolicyDocument": policy}
    else:
        properties = {"UserName": NAMES[kind], "Policies": [{"PolicyName": "p", "PolicyDocument": policy}]}
    held = {"Type": "AWS::IAM::Role" if kind == TRUST else "AWS::IAM::User", "Properties": properties}
    return {"Resources": {NAMES[kind]: held}}


def _resources(kind: str, policy: Json) -> list[Resource]:
    text = json.dumps(policy)
    if kind == TRUST:
        computed = {"arn": f"arn:aws:iam::{OWN}:role/{NAMES[kind]}"}
        return [Resource("aws_iam_role.deployer", {"name": NAMES[kind], "assume_role_policy": text}, computed)]
    return [
        Resource("aws_iam_user.ann", {"name": NAMES[kind]}, {"arn": f"arn:aws:iam::{OWN}:user/{NAMES[kind]}"}),
        Resource("aws_iam_user_policy.p", {"name": "p", "user": NAMES[kind], "policy": text}),
    ]


def _details(kind: str, policy: Json) -> Json:
    found: Json = {"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}
    if kind == TRUST:
        held = {"RoleName": NAMES[kind], "Arn": f"arn:aws:iam::{OWN}:role/{NAMES[kind]}", "Path": "/"}
        found["RoleDetailList"] = [{**held, "AssumeRolePolicyDocument": policy}]
    else:
        held = {"UserName": NAMES[kind], "Arn": f"arn:aws:iam::{OWN}:user/{NAMES[kind]}", "Path": "/"}
        found["UserDetailList"] = [{**held, "UserPolicyList": [{"PolicyName": "p", "PolicyDocument": policy}]}]
    return found


def _files(kind: str, policy: Json) -> Iterator[tuple[str, dict[str, str]]]:
    """The same policy as each reader takes it: the path to name, and the files."""
    template, resources = _template(kind, policy), _resources(kind, policy)
    name = NAMES[kind]
    yield f"{name}.json", {f"{name}.json": json.dumps(policy)}
    yield "template.json", {"template.json": json.dumps(template)}
    yield "template.yaml", {"template.yaml": yaml.safe_dump(template, sort_keys=False)}
    for where, write in (("encoded", encoded), ("heredoc", heredoc)):
        text = "".join(resource(one, write) for one in resources)
        yield where, {f"{where}/main.tf": f'provider "aws" {{\n  region = "eu-west-1"\n}}\n{text}'}
    yield "plan.json", {"plan.json": json.dumps(plan(*resources))}
    yield "state.json", {"state.json": json.dumps(state(*resources))}
    yield "terraform.tfstate", {"terraform.tfstate": json.dumps(raw_state(*resources))}
    yield "account.json", {"account.json": json.dumps(_details(kind, policy))}
    manifest = {
        "version": "36.0.0",
        "artifacts": {
            "Access": {
                "type": "aws:cloudformation:stack",
                "environment": f"aws://{OWN}/eu-west-1",
                "properties": {"templateFile": "Access.template.json"},
            }
        },
    }
    yield (
        "cdk.out",
        {
            "cdk.out/manifest.json": json.dumps(manifest),
            "cdk.out/Access.template.json": json.dumps(template),
        },
    )


def _request(found: Counterexample, kind: str) -> str:
    """A request in words; what a policy by itself is held by has a name that is made up."""
    resource_arn = (
        f"arn:aws:iam::{OWN}:role/{NAMES[kind]}" if kind == TRUST and found.resource == "*" else found.resource
    )
    said = [found.caller, found.credentials, found.action, resource_arn, sorted(found.context.items()), found.refused]
    return json.dumps(said).replace("example-stack-ann-EXAMPLE00000", NAMES[kind])


def _answers(path: Path, kind: str) -> list[tuple[object, ...]]:
    """What is said of the policy: each verdict, and the request that shows it."""
    is_bare = path.stem == NAMES[kind]
    policy_kind = _KINDS[kind] if is_bare else None
    report = trustproof.check([path], config=CONFIG, account=OWN, region="eu-west-1", policy_kind=policy_kind)
    assert report.errors == (), path
    return sorted(
        (
            one.property,
            one.verdict,
            one.severity,
            "" if one.counterexample is None else _request(one.counterexample, kind),
        )
        for one in report.results
        # Only some files say how long sessions last, and only CloudFormation has deploy roles.
        if one.property not in ("session-duration-bounded", "deployers-declared")
    )


@pytest.mark.parametrize("kind", [TRUST, IDENTITY])
@examples(5)
@given(choices())
def test_every_reader_gives_the_same_verdict_and_request(kind: str, rng: Random) -> None:
    """Bare, in templates, configurations, plans, states, accounts and assemblies."""
    policy = _policy(rng, kind)
    expected: list[tuple[object, ...]] | None = None
    with TemporaryDirectory() as folder:
        for name, files in _files(kind, policy):
            for file, text in files.items():
                path = Path(folder, file)
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, encoding="utf-8")
            found = _answers(Path(folder, name), kind)
            expected = found if expected is None else expected
            assert found == expected, (name, policy)
