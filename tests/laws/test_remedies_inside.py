"""
A remedy keeps in whom a statement admits from inside: people and roles of the organization, and services it speaks of.
"""

from __future__ import annotations

import json
import tempfile
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import trustproof
from tests.laws.remedying import NotHere, edited, proved, refuted_there, written
from tests.strategies import examples, one_in
from trustproof.aws.examples import EXAMPLE_SOURCES
from trustproof.inputs.documents.policy_json import parse_policy
from trustproof.model.document import RESOURCE, TRUST
from trustproof.model.request import ROLE_SESSION, SAML, SERVICE, USER_KEY_MFA, WEB_IDENTITY, Caller, Request
from trustproof.spec.decision import decide

Json = dict[str, Any]
OWN, SISTER = "111122223333", "444455556666"
ORGANIZATION = "o-a1b2c3d4e5"
PATHS = f"{ORGANIZATION}/r-ab12/ou-ab12-11111111/"
GITHUB = "token.actions.githubusercontent.com"
REPOSITORY = "repo:ORGANIZATION/REPOSITORY:ref:refs/heads/main"
SIGN_IN = "https://signin.aws.amazon.com/saml"
MFA = "aws:MultiFactorAuthPresent"

#: Type of the policy, in Terraform, its other properties, the one of the document, an action, and a service that calls.
KINDS: tuple[tuple[str, str, Json, str, str, str], ...] = (
    (
        "AWS::SQS::QueuePolicy",
        "aws_sqs_queue_policy",
        {"Queues": ["q"]},
        "PolicyDocument",
        "sqs:SendMessage",
        "s3.amazonaws.com",
    ),
    (
        "AWS::SNS::TopicPolicy",
        "aws_sns_topic_policy",
        {"Topics": ["t"]},
        "PolicyDocument",
        "sns:Publish",
        "s3.amazonaws.com",
    ),
    (
        "AWS::S3::BucketPolicy",
        "aws_s3_bucket_policy",
        {"Bucket": "b"},
        "PolicyDocument",
        "s3:PutObject",
        "cloudtrail.amazonaws.com",
    ),
    ("AWS::KMS::Key", "aws_kms_key", {}, "KeyPolicy", "kms:GenerateDataKey", "cloudtrail.amazonaws.com"),
    ("AWS::IAM::Role", "aws_iam_role", {}, "AssumeRolePolicyDocument", "sts:AssumeRole", "scheduler.amazonaws.com"),
)
#: What else Terraform asks of each.
ARGUMENTS: dict[str, Json] = {
    "aws_sqs_queue_policy": {"queue_url": "q"},
    "aws_sns_topic_policy": {"arn": "t"},
    "aws_s3_bucket_policy": {"bucket": "b"},
    "aws_kms_key": {},
    "aws_iam_role": {"name": "It"},
}

CONDITIONS: tuple[Json, ...] = (
    {},
    {"StringEqualsIfExists": {"aws:PrincipalOrgID": ORGANIZATION}},
    {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}},
    {"StringLike": {"aws:PrincipalOrgID": "o-*"}},
    {"StringEqualsIfExists": {"aws:PrincipalOrgID": ORGANIZATION}, "IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
    {"StringEqualsIfExists": {"aws:PrincipalOrgID": ORGANIZATION, "aws:SourceOrgID": ORGANIZATION}},
    {"StringEqualsIfExists": {"aws:PrincipalOrgID": ORGANIZATION, "aws:SourceAccount": OWN}},
    {"StringEqualsIfExists": {"aws:PrincipalAccount": [OWN, SISTER]}},
    {"StringEqualsIfExists": {"aws:SourceAccount": OWN}},
    {"StringEqualsIfExists": {"aws:SourceOrgID": ORGANIZATION}},
    {"StringEquals": {"aws:SourceAccount": OWN}},
    {"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": [f"{PATHS}*"]}},
    {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": [f"{PATHS}*", "*/r-ab12/*"]}},
    {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}},
    {"ArnLike": {"aws:PrincipalArn": ["arn:aws:iam::*:role/team/*", f"arn:aws:iam::{OWN}:user/*"]}},
    {"ArnLikeIfExists": {"aws:PrincipalArn": f"arn:aws:iam::{OWN}:*"}},
    {"Bool": {"aws:PrincipalIsAWSService": "true"}},
    {"BoolIfExists": {"aws:SecureTransport": "true"}, "StringNotEquals": {"aws:PrincipalType": "Anonymous"}},
    {"Bool": {MFA: "true"}},
    {"BoolIfExists": {MFA: "true"}},
)


#: Of keys besides.
KEY_CONDITIONS: tuple[Json, ...] = (
    {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}},
    {"StringEqualsIfExists": {"kms:CallerAccount": OWN}},
    {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com", "kms:CallerAccount": OWN}},
    {"StringLike": {"kms:ViaService": "s3.*"}, "StringEqualsIfExists": {"aws:PrincipalOrgID": ORGANIZATION}},
)


def any_policy(rng: Random) -> tuple[int, Json]:
    """The place of a kind in `KINDS`, and a policy that lets people, roles and services in by one or two statements."""
    number = rng.randrange(len(KINDS))
    *_, action, service = KINDS[number]
    roots = [f"arn:aws:iam::{account}:root" for account in (OWN, SISTER)]
    principals: list[Any] = [
        "*",
        "*",
        {"AWS": "*"},
        {"AWS": roots},
        {"Service": service},
        {"AWS": "*", "Service": service},
        {"AWS": roots, "Service": service},
    ]
    on = {} if KINDS[number][0] == "AWS::IAM::Role" else {"Resource": "*"}
    statements: list[Json] = []
    for _ in range(rng.choice((1, 1, 2))):
        statement = {"Effect": "Allow", "Principal": rng.choice(principals), "Action": action, **on}
        if condition := rng.choice((*CONDITIONS, *(KEY_CONDITIONS if action.startswith("kms:") else ()))):
            statement["Condition"] = condition
        statements.append(statement)
    found: Json = json.loads(json.dumps({"Version": "2012-10-17", "Statement": statements}))
    return number, found


def any_federation(rng: Random) -> Json:
    """A trust policy for an identity provider."""
    if rng.random() < 0.5:
        audience: Json = rng.choice(
            (
                {},
                {"StringEquals": {"SAML:aud": [SIGN_IN, "https://app.example.com/saml"]}},
                {"StringEqualsIfExists": {"SAML:aud": SIGN_IN}},
                {"StringLike": {"SAML:aud": "*"}},
            )
        )
        named = {"Federated": f"arn:aws:iam::{OWN}:saml-provider/idp"}
        statement: Json = {"Effect": "Allow", "Principal": named, "Action": "sts:AssumeRoleWithSAML"}
    else:
        audience = rng.choice(
            (
                {},
                {"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}},
                {"StringEqualsIfExists": {f"{GITHUB}:sub": REPOSITORY}},
                {"StringLike": {f"{GITHUB}:sub": ["*", REPOSITORY]}},
                {"ForAllValues:StringLike": {f"{GITHUB}:sub": [REPOSITORY]}},
                {"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}, "StringLike": {f"{GITHUB}:sub": "repo:*"}},
            )
        )
        named = {"Federated": f"arn:aws:iam::{OWN}:oidc-provider/{GITHUB}"}
        statement = {"Effect": "Allow", "Principal": named, "Action": "sts:AssumeRoleWithWebIdentity"}
    if audience:
        statement["Condition"] = audience
    found: Json = json.loads(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    return found


def insiders(action: str, service: str) -> dict[str, Request]:
    """Calls from inside, each with all that AWS tells of it."""
    out = {}
    for account in (OWN, SISTER):
        for kind, name in ((USER_KEY_MFA, "user/alice"), (ROLE_SESSION, "role/team/app")):
            arn = f"arn:aws:iam::{account}:{name}"
            said = {
                "aws:principalarn": arn,
                "aws:principalaccount": account,
                "aws:principalorgid": ORGANIZATION,
                "aws:principalorgpaths": (PATHS,),
                "aws:principaltype": "AssumedRole" if kind == ROLE_SESSION else "User",
                "aws:principalisawsservice": "false",
                "aws:sourceip": "203.0.113.7",
                "aws:securetransport": "true",
            }
            if kind == USER_KEY_MFA:
                said |= {MFA.lower(): "true"}
            out[f"{account} {kind}"] = Request(
                Caller(kind, arn, "s" if kind == ROLE_SESSION else ""), action, "*", said
            )
    told = {
        "aws:sourceaccount": OWN,
        "aws:sourcearn": EXAMPLE_SOURCES[service].format(OWN),
        "aws:sourceorgid": ORGANIZATION,
        "aws:principalisawsservice": "true",
        "aws:principalservicename": service,
        "aws:securetransport": "true",
    }
    out[SERVICE] = Request(Caller(SERVICE, service), action, "*", told)
    if action.startswith("kms:"):
        out |= {name: _through_a_service(one) for name, one in out.items() if name != SERVICE}
    saml = Caller(SAML, f"arn:aws:iam::{OWN}:saml-provider/idp")
    out[SAML] = Request(saml, "sts:AssumeRoleWithSAML", "*", {"saml:aud": SIGN_IN})
    web = Caller(WEB_IDENTITY, f"arn:aws:iam::{OWN}:oidc-provider/{GITHUB}")
    token = {f"{GITHUB}:aud": "sts.amazonaws.com", f"{GITHUB}:sub": REPOSITORY}
    out[WEB_IDENTITY] = Request(web, "sts:AssumeRoleWithWebIdentity", "*", token)
    return out


def _through_a_service(request: Request) -> Request:
    """A call of KMS that S3 makes for whoever calls S3."""
    said = {"kms:calleraccount": request.caller.account, "kms:viaservice": "s3.us-east-1.amazonaws.com"}
    return request._replace(context={**request.context, **said})


def let_in(number: int, policy: Json) -> set[str]:
    """Which of the calls from inside get in."""
    type_, _, _, _, action, service = KINDS[number]
    # A remedy calls the own account by its name, which is known where the template is deployed.
    deployed = json.dumps(policy).replace(json.dumps({"Ref": "AWS::AccountId"}), json.dumps(OWN))
    parsed = parse_policy(deployed, kind=TRUST if type_ == "AWS::IAM::Role" else RESOURCE)
    return {name for name, one in insiders(action, service).items() if decide(parsed, one).allowed}


def template_of(number: int, policy: Json) -> Json:
    """A CloudFormation template with the policy."""
    type_, _, about, document, _, _ = KINDS[number]
    return {"Resources": {"It": {"Type": type_, "Properties": {**about, document: policy}}}}


def plan_of(number: int, policy: Json) -> Json:
    """A plan of Terraform with the policy."""
    _, type_, _, document, _, _ = KINDS[number]
    argument = "assume_role_policy" if document == "AssumeRolePolicyDocument" else "policy"
    values = {argument: json.dumps(policy), **ARGUMENTS[type_]}
    one = {
        "address": f"{type_}.It",
        "mode": "managed",
        "type": type_,
        "name": "It",
        "provider_name": "registry.terraform.io/hashicorp/aws",
    }
    change = {"actions": ["create"], "before": None, "after": values, "after_unknown": {}}
    return {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "planned_values": {"root_module": {"resources": [{**one, "schema_version": 0, "values": values}]}},
        "resource_changes": [{**one, "change": change}],
        "configuration": {"root_module": {}},
    }


def configuration_of(number: int, policy: Json) -> str:
    """A configuration of Terraform with the policy; HCL reads what JSON writes, but for its templates."""
    _, type_, _, document, _, _ = KINDS[number]
    argument = "assume_role_policy" if document == "AssumeRolePolicyDocument" else "policy"
    text = json.dumps(policy, indent=2).replace("${", "$${")
    given = "".join(f"  {name} = {json.dumps(value)}\n" for name, value in ARGUMENTS[type_].items())
    return f'resource "{type_}" "It" {{\n{given}  {argument} = jsonencode({text})\n}}\n'


def put(folder: Path, number: int, policy: Json, form: str) -> str:
    """Write the policy in one of `FORMS`, and say where."""
    if form == "configuration":
        (folder / "main.tf").write_text(configuration_of(number, policy), encoding="utf-8")
        return str(folder)
    return written(folder, (plan_of if form == "plan" else template_of)(number, policy))


#: How a policy is written.
FORMS = ("template", "template", "plan", "configuration")


def hold(number: int, policy: Json, config: Json, *, form: str = "template") -> int:
    """
    Hold each remedy of a policy to the law.

    Returns:
        How many remedies were tried.
    """
    document, service = KINDS[number][3], KINDS[number][5]
    before = let_in(number, policy)
    # A service of which a statement does not speak is told to be named, in words.
    speaking = [one for one in policy["Statement"] if service in json.dumps(one) or "aws:Source" in _tested(one)]
    if not speaking or SERVICE not in let_in(number, {**policy, "Statement": speaking}):
        before.discard(SERVICE)
    tried = 0
    with tempfile.TemporaryDirectory() as name:
        report = trustproof.check([put(Path(name), number, policy, form)], config=config, account=OWN)
        assert not report.errors
        for found in report.results:
            if found.verdict != trustproof.REFUTED or found.remedy is None or not found.remedy.edits:
                continue
            at = [edit._replace(path=edit.path[edit.path.index(document) + 1 :]) for edit in found.remedy.edits]
            try:
                after = edited(policy, at)
            except NotHere:
                continue
            tried += 1
            # Sessions of roles never carry MFA, and the remedy says so.
            kept = {one for one in before if found.property != "mfa-required" or ROLE_SESSION not in one}
            assert kept <= let_in(number, after), (found.property, found.remedy, kept - let_in(number, after), policy)
            again = trustproof.check([put(Path(name), number, after, form)], config=config, account=OWN)
            assert not again.errors, (found.remedy, again.errors)
            # Who names an organization is asked whether it is theirs.
            asked = {(one.property, one.logical_id) for one in again.results if one.undeclared}
            lost = proved(report) - proved(again) - asked
            assert not lost, (found.property, found.remedy, lost)
            assert not refuted_there(again, found), (found.property, found.remedy, policy)
    return tried


def _tested(statement: Json) -> str:
    return json.dumps(statement.get("Condition", {})).replace("aws:SourceIp", "")


CONFIGS: tuple[Json, ...] = ({}, {"boundary": {"organizations": [ORGANIZATION], "accounts": [SISTER]}})


@given(st.integers(0, 2**32))
@examples(30, in_deep=1_500)
def test_whoever_is_inside_stays_in(seed: int) -> None:
    """People, roles and services of the organization get in after a remedy as before, however it is written."""
    rng = Random(seed)
    number, policy = any_policy(rng)
    hold(number, policy, rng.choice(CONFIGS), form=rng.choice(FORMS))


@given(st.integers(0, 2**32))
@examples(20)
def test_whoever_an_identity_provider_means_stays_in(seed: int) -> None:
    """Who signs in to AWS, and the repository that a policy names, get in after a remedy as before."""
    rng = Random(seed)
    number = next(i for i, kind in enumerate(KINDS) if kind[0] == "AWS::IAM::Role")
    hold(number, any_federation(rng), rng.choice(CONFIGS), form=rng.choice(FORMS))


# Each kind in each form, and with either way to write everybody; in `make deep` all of them together.
@pytest.mark.parametrize(
    ("number", "principal", "form"),
    one_in(2, [*product(range(len(KINDS)), ["*", {"AWS": "*"}], sorted({*FORMS}))]),
)
def test_an_organization_is_not_locked_out_for_a_service(number: int, principal: Any, form: str) -> None:
    """A statement for the organization with IfExists, beside one for a service, is closed to services only."""
    action, service = KINDS[number][4:]
    on = {} if KINDS[number][0] == "AWS::IAM::Role" else {"Resource": "*"}
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": principal, "Action": action, **on, "Condition": CONDITIONS[1]},
            {
                "Effect": "Allow",
                "Principal": {"Service": service},
                "Action": action,
                **on,
                "Condition": {"StringEquals": {"aws:SourceOrgID": ORGANIZATION}},
            },
        ],
    }
    for config in CONFIGS:
        assert hold(number, policy, config, form=form)
