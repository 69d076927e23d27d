"""
Remedies as diffs: they can be applied as they stand, and then the property holds.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from tests.properties.applying import applied

Json = dict[str, object]
OWN, VENDOR, ORGANIZATION = "111122223333", "444455556666", "o-a1b2c3d4e5"
CONFIG: Json = {
    "boundary": {"organizations": [ORGANIZATION]},
    "third-party": [{"name": "vendor", "accounts": [VENDOR]}],
}
#: Of a project of one account.
ALONE: Json = {"boundary": {"accounts": [OWN]}}
BOUNDARY, DEPUTY, EXTERNAL, AUDIENCE, TENANT = (
    "inside-boundary",
    "no-confused-deputy",
    "external-id-required",
    "saml-audience-bound",
    "web-identity-bound",
)
GITHUB = "token.actions.githubusercontent.com"
OIDC: Json = {"Federated": f"arn:aws:iam::{OWN}:oidc-provider/{GITHUB}"}
IDP: Json = {"Federated": f"arn:aws:iam::{OWN}:saml-provider/idp"}
SCHEDULER: Json = {"Service": "scheduler.amazonaws.com"}
SECURE: Json = {"Bool": {"aws:SecureTransport": "true"}}
ANYONE, THEM = {"AWS": "*"}, {"AWS": VENDOR}


def allow(principal: Json, condition: Json | None = None, action: str = "sts:AssumeRole") -> Json:
    """An Allow statement of a trust policy."""
    more = {} if condition is None else {"Condition": condition}
    return {"Effect": "Allow", "Principal": principal, "Action": action, **more}


def deny(condition: Json) -> Json:
    """A Deny statement of a trust policy."""
    return {**allow(ANYONE, condition), "Effect": "Deny"}


#: A property and the statements of a trust policy that it refutes.
CASES: list[tuple[str, list[Json]]] = [
    (BOUNDARY, [allow(ANYONE)]),
    (BOUNDARY, [allow(ANYONE, SECURE)]),
    (BOUNDARY, [allow(ANYONE, {"StringEquals": {"aws:PrincipalTag/team": "red"}})]),
    (BOUNDARY, [allow(ANYONE, {"StringLike": {"aws:PrincipalOrgID": "o-*"}})]),
    (BOUNDARY, [allow(ANYONE, {"StringEqualsIfExists": {"aws:PrincipalOrgID": ORGANIZATION}, **SECURE})]),
    (BOUNDARY, [allow(ANYONE), deny({"StringNotLike": {"aws:PrincipalOrgID": "o-*"}})]),
    (DEPUTY, [allow(SCHEDULER)]),
    (DEPUTY, [allow(SCHEDULER, {"StringLike": {"aws:SourceAccount": "*"}})]),
    (DEPUTY, [allow(SCHEDULER, {"StringEquals": {"aws:SourceOrgID": "o-zzzzzzzzzz"}})]),
    (DEPUTY, [allow(SCHEDULER, {"ArnLike": {"aws:SourceArn": "arn:aws:scheduler:*:*:schedule/*"}})]),
    (EXTERNAL, [allow(THEM, {"StringEqualsIfExists": {"sts:ExternalId": "customer-1"}})]),
    (EXTERNAL, [allow(THEM), deny({"ForAnyValue:StringNotEquals": {"sts:ExternalId": "customer-1"}})]),
    (AUDIENCE, [allow(IDP, None, "sts:AssumeRoleWithSAML")]),
    (AUDIENCE, [allow(IDP, {"StringLike": {"saml:aud": "https://signin.aws.amazon.com*"}}, "sts:AssumeRoleWithSAML")]),
    (AUDIENCE, [allow(IDP, {"StringEquals": {"saml:sub": "alice"}}, "sts:AssumeRoleWithSAML")]),
    (TENANT, [allow(OIDC, {"StringLike": {f"{GITHUB}:sub": "repo:my-org*"}}, "sts:AssumeRoleWithWebIdentity")]),
]


@pytest.mark.parametrize(("asked", "statements"), CASES, ids=[f"{one[0]} {one[1]}" for one in CASES])
def test_a_remedy_is_applied(asked: str, statements: list[Json]) -> None:
    """Whoever applies the diff to the policy has one of which the property is proved, and that can be used."""
    written: Json = {"Version": "2012-10-17", "Statement": statements}
    found = trustproof.prove(written, asked, account=OWN, config=CONFIG)
    assert found.verdict == "refuted"
    fixed = applied(written, found)
    assert trustproof.prove(fixed, asked, account=OWN, config=CONFIG).verdict == "proved"
    assert trustproof.prove(fixed, "statement-usable", account=OWN).verdict == "proved"


def test_the_agreed_external_id_is_kept() -> None:
    """An external id that the policy names is the one to insist on."""
    written: Json = {
        "Version": "2012-10-17",
        "Statement": [allow(THEM, {"StringEqualsIfExists": {"sts:ExternalId": "false"}})],
    }
    found = trustproof.prove(written, EXTERNAL, account=OWN, config=CONFIG)
    assert found.remedy is not None
    assert found.remedy.diff[-1] == '+ "StringEquals": {"sts:ExternalId": "false"}'


#: Statements that name no external id that a vendor has generated.
UNNAMED: list[list[Json]] = [
    [allow(THEM)],
    [allow(THEM, {"StringLike": {"sts:ExternalId": "customer-*"}})],
    # Which of those it is that the vendor passes, nobody knows.
    [allow(THEM, {"StringLike": {"sts:ExternalId": ["customer-1", "customer-*"]}})],
    [allow(THEM), deny({"StringNotLike": {"sts:ExternalId": ["customer-1", "customer-*"]}})],
    [allow(THEM, {"StringNotEquals": {"sts:ExternalId": "customer-1"}})],
    [allow(THEM, {"Null": {"sts:ExternalId": "false"}})],
    [allow(THEM, {"StringEquals": {"aws:PrincipalAccount": VENDOR}})],
    [allow(THEM), deny({"StringNotLike": {"sts:ExternalId": "customer-*"}})],
]


@pytest.mark.parametrize("statements", UNNAMED)
def test_no_external_id_is_made_up(statements: list[Json]) -> None:
    """Where none is named that was agreed on, the remedy is words: what stands for one would lock the vendor out."""
    written: Json = {"Version": "2012-10-17", "Statement": statements}
    found = trustproof.prove(written, EXTERNAL, account=OWN, config=CONFIG)
    assert found.remedy is not None
    assert found.remedy.edits == ()
    operator = "StringNotEquals" if len(statements) > 1 else "StringEquals"
    assert found.remedy.text == (
        f"insist on the value that the vendor has generated for you: test sts:ExternalId with {operator} for it"
    )


def test_others_in_the_statement_of_a_service() -> None:
    """Who else a statement names does not say for whom it calls, so the service gets a statement of its own."""
    statement = allow({"AWS": OWN, **SCHEDULER})
    found = trustproof.prove({"Version": "2012-10-17", "Statement": statement}, DEPUTY, account=OWN, config=CONFIG)
    assert found.remedy is not None
    assert found.remedy.text.startswith("give scheduler.amazonaws.com a statement of its own, and ")


@pytest.mark.parametrize(
    ("partition", "endpoint"),
    [
        ("aws", "https://signin.aws.amazon.com/saml"),
        ("aws-cn", "https://signin.amazonaws.cn/saml"),
        ("aws-us-gov", "https://signin.amazonaws-us-gov.com/saml"),
    ],
)
def test_the_endpoint_of_the_partition(partition: str, endpoint: str) -> None:
    """Assertions are taken where the partition of the provider takes them."""
    idp = {"Federated": f"arn:{partition}:iam::{OWN}:saml-provider/idp"}
    written = {"Version": "2012-10-17", "Statement": allow(idp, None, "sts:AssumeRoleWithSAML")}
    found = trustproof.prove(written, AUDIENCE, account=OWN)
    assert found.remedy is not None
    assert endpoint in found.remedy.diff[0]


def checked(resource: Json, directory: Path, config: Json = CONFIG, **more: object) -> trustproof.Result:
    """The one refutation in a template with one resource."""
    path = directory / "template.json"
    path.write_text(json.dumps({**more, "Resources": {"It": resource}}), encoding="utf-8")
    report = trustproof.check([str(path)], account=OWN, config=config, properties=[BOUNDARY, DEPUTY])
    (found,) = [result for result in report.results if result.verdict == "refuted"]
    return found


#: A resource that grants without a policy document, and the properties that the remedy sets.
GRANTS: list[tuple[str, Json, tuple[str, ...]]] = [
    ("AWS::Lambda::Permission", {"Principal": "*"}, (f'+ "PrincipalOrgID": "{ORGANIZATION}"',)),
    (
        "AWS::Lambda::Permission",
        {"Principal": "*", "Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "NONE"},
        (
            '- "FunctionUrlAuthType": "NONE"',
            '+ "FunctionUrlAuthType": "AWS_IAM"',
            f'+ "PrincipalOrgID": "{ORGANIZATION}"',
        ),
    ),
    (
        "AWS::Lambda::Permission",
        {"Principal": "events.amazonaws.com"},
        ('+ "SourceArn": {"Fn::Sub": "arn:aws:events:${AWS::Region}:${AWS::AccountId}:rule/*"}',),
    ),
    (
        "AWS::Lambda::Permission",
        {"Principal": "s3.amazonaws.com", "SourceArn": "arn:aws:s3:::*"},
        ('+ "SourceAccount": {"Ref": "AWS::AccountId"}',),
    ),
    (
        "AWS::Lambda::LayerVersionPermission",
        {"Principal": "*", "Action": "lambda:GetLayerVersion"},
        (f'+ "OrganizationId": "{ORGANIZATION}"',),
    ),
    (
        "AWS::Events::EventBusPolicy",
        {"Principal": "*", "Action": "events:PutEvents"},
        (f'+ "Condition": {{"Type": "StringEquals", "Key": "aws:PrincipalOrgID", "Value": "{ORGANIZATION}"}}',),
    ),
]


def test_a_foreign_account_is_not_kept_beside_an_own_source(tmp_path: Path) -> None:
    """No remedy adds the ARN of one's own source to a permission for another account: nobody could call then."""
    whole = {"Action": "lambda:InvokeFunction", "FunctionName": "fn", "Principal": "events.amazonaws.com"}
    found = checked(
        {"Type": "AWS::Lambda::Permission", "Properties": {**whole, "SourceAccount": "999988887777"}}, tmp_path, ALONE
    )
    assert found.remedy is not None
    assert not found.remedy.edits
    assert found.remedy.text.startswith("remove it, or declare it: add 999988887777")


@pytest.mark.parametrize(("type_", "properties", "diff"), GRANTS, ids=[f"{one[0]} {one[1]}" for one in GRANTS])
def test_a_grant_has_properties(type_: str, properties: Json, diff: tuple[str, ...], tmp_path: Path) -> None:
    """A resource that has no Condition gets the properties that stand for one, and then the property holds."""
    whole = {"Action": "lambda:InvokeFunction", "FunctionName": "fn", "LayerVersionArn": "*", **properties}
    # A service may call for all who are declared, and a permission names one source.
    config = ALONE if str(properties["Principal"]).endswith("amazonaws.com") else CONFIG
    found = checked({"Type": type_, "Properties": whole}, tmp_path, config)
    assert found.remedy is not None
    assert found.remedy.diff == diff
    for line in diff:
        (name, value), *_ = json.loads("{" + line[1:] + "}").items()
        whole[name] = value
    path = tmp_path / "fixed.json"
    path.write_text(json.dumps({"Resources": {"It": {"Type": type_, "Properties": whole}}}), encoding="utf-8")
    report = trustproof.check([str(path)], account=OWN, config=config, properties=[BOUNDARY, DEPUTY])
    assert {result.verdict for result in report.results} == {"proved"}


def test_an_event_bus_policy_with_several_forms(tmp_path: Path) -> None:
    """What its Condition is to be is said of each form of the statement, too."""
    bus = {"Principal": {"Fn::If": ["IsProd", OWN, "*"]}, "Action": "events:PutEvents", "StatementId": "s"}
    sections = {
        "Parameters": {"Stage": {"Type": "String", "AllowedValues": ["dev", "prod"], "Default": "dev"}},
        "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
    }
    found = checked({"Type": "AWS::Events::EventBusPolicy", "Properties": bus}, tmp_path, **sections)
    assert found.remedy is not None
    condition = f'{{"Type": "StringEquals", "Key": "aws:PrincipalOrgID", "Value": "{ORGANIZATION}"}}'
    assert found.remedy.diff == (f'+ "Condition": {condition}',)


def test_an_event_bus_policy_with_a_statement(tmp_path: Path) -> None:
    """An EventBusPolicy that has a statement has a Condition like any other."""
    statement = {"Effect": "Allow", "Principal": "*", "Action": "events:PutEvents", "Resource": "*"}
    properties = {"StatementId": "s", "Statement": statement}
    found = checked({"Type": "AWS::Events::EventBusPolicy", "Properties": properties}, tmp_path)
    assert found.remedy is not None
    assert found.remedy.diff == (f'+ "Condition": {{"StringEquals": {{"aws:PrincipalOrgID": "{ORGANIZATION}"}}}}',)


def test_a_role_that_sam_makes(tmp_path: Path) -> None:
    """What is not in the template is found at what makes it, and put right by what can be written there."""
    machine = {"Type": "AWS::Serverless::StateMachine", "Properties": {"DefinitionUri": "x"}}
    found = checked(machine, tmp_path, Transform="AWS::Serverless-2016-10-31")
    assert found.path == ("Resources", "It")
    assert found.remedy is not None
    assert "give It the property Role" in found.remedy.text
    assert found.remedy.diff == ()


def test_a_condition_of_several_forms(tmp_path: Path) -> None:
    """Where Fn::If gives a statement several forms, the remedy names the parameter that leaves MFA out."""
    with_mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    statement = allow({"AWS": OWN}, {"Fn::If": ["IsProd", with_mfa, {"Ref": "AWS::NoValue"}]})
    document = {"Version": "2012-10-17", "Statement": statement}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
    template = {
        "Parameters": {"Stage": {"Type": "String", "AllowedValues": ["dev", "prod"]}},
        "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
        "Resources": {"It": role},
    }
    path = tmp_path / "template.json"
    path.write_text(json.dumps(template), encoding="utf-8")
    (found,) = trustproof.check([str(path)], account=OWN, properties=["mfa-required"]).results
    assert found.remedy is not None
    assert "without a condition of the template" in found.remedy.text
    assert "--parameter Stage=" in found.remedy.text
    assert found.remedy.diff == ()


#: A property, a statement that tests something else, and what it does not look at.
UNASKED: list[tuple[str, Json, str]] = [
    (EXTERNAL, allow(THEM, SECURE), "sts:ExternalId"),
    (AUDIENCE, allow(IDP, SECURE, "sts:AssumeRoleWithSAML"), "SAML:aud"),
    (DEPUTY, allow(SCHEDULER, SECURE), "what scheduler.amazonaws.com says of whom it calls for"),
    (TENANT, allow(OIDC, SECURE, "sts:AssumeRoleWithWebIdentity"), "a claim that says whose token it is"),
]


@pytest.mark.parametrize(("asked", "statement", "what"), UNASKED, ids=[one[0] for one in UNASKED])
def test_what_is_not_looked_at(asked: str, statement: Json, what: str) -> None:
    """Where conditions test something else, the reasons end with what none of them tests."""
    written = {"Version": "2012-10-17", "Statement": statement}
    found = trustproof.prove(written, asked, account=OWN, config=CONFIG)
    assert found.why == (
        "aws:SecureTransport is true, so Bool true is true",
        f"no condition looks at {what}",
    )


def in_china(value: object, other: object, **more: object) -> Json:
    """A role of which a condition decides by the partition whom it trusts."""
    statement = allow({"AWS": {"Fn::If": ["China", value, other]}}, SECURE)
    role = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": statement}}
    return {**more, "Resources": {"It": {"Type": "AWS::IAM::Role", "Properties": role}}}


@pytest.mark.parametrize("name", ["AWS::Partition", "AWS::Region"])
@pytest.mark.parametrize("foreign", ["999900001111", "arn:aws-cn:iam::999900001111:root"])
def test_the_caller_of_the_partition(name: str, foreign: str, tmp_path: Path) -> None:
    """Where a deployment is in another partition, so is the caller: nobody reaches across."""
    value = "aws-cn" if name == "AWS::Partition" else "cn-north-1"
    conditions = {"China": {"Fn::Equals": [{"Ref": name}, value]}}
    path = tmp_path / "template.json"
    path.write_text(json.dumps(in_china(foreign, OWN, Conditions=conditions)), encoding="utf-8")
    (found,) = trustproof.check([str(path)], account=OWN, config=CONFIG, properties=[BOUNDARY]).results
    assert found.counterexample is not None
    assert found.counterexample.caller == "arn:aws-cn:iam::999900001111:user/alice"
    assert found.counterexample.parameters == {"AWS::Partition": "aws-cn", name: value}


@pytest.mark.parametrize("foreign", ["999900001111", "arn:aws-cn:iam::999900001111:root"])
def test_the_caller_of_a_region(foreign: str, tmp_path: Path) -> None:
    """A mapping by the Region may name principals of several partitions."""
    table = {"us-east-1": {"who": OWN}, "cn-north-1": {"who": foreign}}
    if foreign.startswith("arn:"):
        table["us-east-1"]["who"] = f"arn:aws:iam::{OWN}:root"
    statement = allow({"AWS": {"Fn::FindInMap": ["By", {"Ref": "AWS::Region"}, "who"]}})
    role = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": statement}}
    template = {"Mappings": {"By": table}, "Resources": {"It": {"Type": "AWS::IAM::Role", "Properties": role}}}
    path = tmp_path / "template.json"
    path.write_text(json.dumps(template), encoding="utf-8")
    (found,) = trustproof.check([str(path)], account=OWN, config=CONFIG, properties=[BOUNDARY]).results
    assert found.counterexample is not None
    assert found.counterexample.caller == "arn:aws-cn:iam::999900001111:user/alice"


def test_the_endpoint_of_a_deployment(tmp_path: Path) -> None:
    """Where a condition chooses the endpoint, the remedy is for the branch that lets the assertion in."""
    idp = {"Federated": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:saml-provider/idp"}}
    endpoints = ["China", "https://signin.example.cn/saml", "https://signin.aws.amazon.com/saml"]
    statement = allow(idp, {"StringEquals": {"SAML:aud": {"Fn::If": endpoints}}}, "sts:AssumeRoleWithSAML")
    role = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": statement}}
    template = {
        "Conditions": {"China": {"Fn::Equals": [{"Ref": "AWS::Partition"}, "aws-cn"]}},
        "Resources": {"It": {"Type": "AWS::IAM::Role", "Properties": role}},
    }
    path = tmp_path / "template.json"
    path.write_text(json.dumps(template), encoding="utf-8")
    (found,) = trustproof.check([str(path)], account=OWN, properties=[AUDIENCE]).results
    assert found.remedy is not None
    said = 'made out to AWS, in the branch of Fn::If that applies: "https://signin.amazonaws.cn/saml"'
    assert said in found.remedy.text
    assert found.remedy.diff == ()
