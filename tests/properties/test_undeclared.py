"""
Whose it is that a statement lets in is asked of everybody whom it lets in, and not only of whoever is shown first.
"""

from __future__ import annotations

import json

import pytest

import trustproof
from trustproof.config.model import Boundary, Config
from trustproof.inputs.documents.policy_json import parse_policy
from trustproof.model.document import TRUST, Document
from trustproof.model.policy import written_part
from trustproof.output.declarations import render_declarations
from trustproof.output.formats import render
from trustproof.output.style import Style
from trustproof.proving.made_up_ids import made_up_ids
from trustproof.proving.outcomes import subject_for
from trustproof.results.result import Remedy, Undeclared

Json = dict[str, object]
OWN, ONE, TWO, THREE = "111122223333", "222222222222", "333333333333", "444444444444"


def check(statement: Json, *, type_: str = "AWS::IAM::Role", **template: object) -> trustproof.Report:
    """A template of one policy, of which nothing is declared."""
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}
    properties: Json = {"AssumeRolePolicyDocument": document}
    if type_ != "AWS::IAM::Role":
        properties = {"PolicyDocument": document, "Topics": ["orders"]}
    resources = {"It": {"Type": type_, "Properties": properties}}
    return trustproof.check([{"Resources": resources, **template}], account=OWN, config={})


def trust(*accounts: str, **condition: object) -> Json:
    """A trust policy of some accounts."""
    found: Json = {"Principal": {"AWS": list(accounts)}, "Action": "sts:AssumeRole"}
    return {**found, "Condition": condition} if condition else found


def asked(report: trustproof.Report) -> set[str]:
    """Whose it is that the report asks."""
    return {one.ident for result in report.results for one in result.undeclared}


PUBLISH: Json = {"Action": "sns:Publish", "Resource": "*"}
CASES: dict[str, tuple[Json, str, set[str]]] = {
    "accounts": (trust(ONE, f"arn:aws:iam::{TWO}:root"), "AWS::IAM::Role", {ONE, TWO}),
    "one's own is not asked about": (trust(ONE, OWN), "AWS::IAM::Role", {ONE}),
    "roles and users": (
        trust(f"arn:aws:iam::{ONE}:role/a", f"arn:aws:iam::{TWO}:user/b", THREE),
        "AWS::IAM::Role",
        {ONE, TWO, THREE},
    ),
    "whom a condition keeps out": (
        trust(ONE, TWO, THREE, StringEquals={"aws:PrincipalAccount": [ONE, THREE]}),
        "AWS::IAM::Role",
        {ONE, THREE},
    ),
    "organizations": (
        {
            **PUBLISH,
            "Principal": {"AWS": "*"},
            "Condition": {"StringEquals": {"aws:PrincipalOrgID": ["o-aaaaaaaaaa", "o-bbbbbbbbbb"]}},
        },
        "AWS::SNS::TopicPolicy",
        {"o-aaaaaaaaaa", "o-bbbbbbbbbb"},
    ),
    "for whom a service calls": (
        {
            **PUBLISH,
            "Principal": {"Service": "s3.amazonaws.com"},
            "Condition": {"StringEquals": {"aws:SourceAccount": [ONE, TWO]}},
        },
        "AWS::SNS::TopicPolicy",
        {ONE, TWO},
    ),
}


SPARED: Json = {"aws:PrincipalIsAWSService": "false"}
#: What a Deny asks beside a statement that holds a service to a bucket by its name, and who is asked about then.
DENIED: tuple[tuple[str, Json, set[str]], ...] = (
    ("s3:*", {"StringNotEqualsIfExists": {"aws:SourceOrgID": "o-aaaaaaaaaa"}, "Bool": SPARED}, set()),
    ("s3:*", {"StringNotEquals": {"aws:SourceAccount": ONE}, "BoolIfExists": SPARED}, set()),
    ("s3:*", {"StringNotEquals": {"aws:SourceOrgID": "o-aaaaaaaaaa"}}, {"o-aaaaaaaaaa"}),
    ("s3:GetObject", {"StringNotEquals": {"aws:SourceOrgID": "o-aaaaaaaaaa"}}, {"o-aaaaaaaaaa"}),
)


@pytest.mark.parametrize(("action", "condition", "expected"), DENIED)
def test_nobody_is_asked_about_who_stands_nowhere(action: str, condition: Json, expected: set[str]) -> None:
    """A Deny that spares services says nothing of whose the bucket is, and no id is made up for whom another one is."""
    statements: list[Json] = [
        {
            "Effect": "Allow",
            "Principal": {"Service": "s3.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": "arn:aws:s3:::logs/*",
            "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::source"}},
        },
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": action,
            "Resource": "arn:aws:s3:::logs/*",
            "Condition": condition,
        },
    ]
    policy = {"Version": "2012-10-17", "Statement": statements}
    resource = {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": "logs", "PolicyDocument": policy}}
    report = trustproof.check([{"Resources": {"It": resource}}], account=OWN, config={})
    assert asked(report) == expected
    assert not [one for one in report.results if one.verdict == trustproof.REFUTED]


def test_no_id_is_offered_that_no_input_says() -> None:
    """Of a remedy, and of what is to be declared, ids are known that the policy, the project and the run do not say."""
    policy = parse_policy(
        json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", **trust(ONE)}}), kind=TRUST
    )
    subject = subject_for(
        Document(policy, TRUST, "It", "AWS::IAM::Role", ()), OWN, "aws", Config(boundary=Boundary((TWO,)))
    )
    offered = Remedy(f"declare {ONE}, {TWO} and {THREE} for {OWN}")
    assert made_up_ids(subject, offered, ()) == {THREE}
    assert made_up_ids(subject, None, (Undeclared("accounts", ONE),)) == set()
    assert made_up_ids(subject, None, (Undeclared("organizations", "o-exampleorg1"),)) == {"o-exampleorg1"}


@pytest.mark.parametrize("name", CASES)
def test_everybody_whom_a_statement_lets_in_is_asked_about(name: str) -> None:
    """All accounts and organizations that get in are asked about; one whom a condition keeps out is not."""
    statement, type_, expected = CASES[name]
    assert asked(check(statement, type_=type_)) == expected


def test_what_a_parameter_gives_is_not_asked_about_by_a_made_up_id() -> None:
    """A parameter among literal accounts puts no id of ours into the question."""
    given = {"Fn::Sub": "arn:aws:iam::${Vendor}:root"}
    statement = {"Principal": {"AWS": [ONE, given]}, "Action": "sts:AssumeRole"}
    assert asked(check(statement, Parameters={"Vendor": {"Type": "String"}})) <= {ONE}


def test_each_stands_with_its_place() -> None:
    """The block at the close points to the entry of each account, not to the first."""
    found = [one for result in check(trust(ONE, TWO)).results for one in result.undeclared]
    assert {one.ident: written_part(one.path)[-1] for one in found} == {ONE: 0, TWO: 1}


def test_whoever_passes_an_external_id_is_a_third_party() -> None:
    """Who gets in with an external id only is told as a third party, with the id that is written out."""
    report = check(trust(ONE, StringEquals={"sts:ExternalId": "customer-0815"}))
    shown = render("text", report, Style(coloured=False))
    assert f"account {ONE}, which passes an external id as third parties do" in shown
    assert f'    [[third-party]]\n    name = "third party {ONE}"\n    accounts = ["{ONE}"]  # external id cust' in shown
    assert "[boundary]\n" not in shown
    declared = render_declarations(report)
    assert (
        f'# [[third-party]]\n# name = "third party {ONE}"\n# accounts = ["{ONE}"]  # external id customer' in declared
    )


def test_a_vendor_and_who_stands_beside_it_are_one_block() -> None:
    """A vendor has an account for each of its sites, of which one is published: they are no eight third parties."""
    datadog, asked_for = "464622532012", {"sts:ExternalId": {"Fn::GetAtt": ["Made", "Id"]}}
    made = {"Made": {"Type": "Custom::Made", "Properties": {"ServiceToken": "x"}}}

    def role(*accounts: str) -> Json:
        document = {"Effect": "Allow", **trust(*accounts, StringEquals=asked_for)}
        trusted = {"Version": "2012-10-17", "Statement": [document]}
        return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trusted}}

    def blocks(**roles: Json) -> tuple[str, str]:
        report = trustproof.check([{"Resources": {**made, **roles}}], account=OWN, config={})
        return render("text", report, Style(coloured=False)), render_declarations(report)

    shown, _ = blocks(R=role(datadog, ONE, TWO))
    assert shown.count("[[third-party]]\n") == 1
    listed = f'accounts = ["{datadog}", "{ONE}", "{TWO}"]  # of these Datadog has published {datadog}'
    assert f'    [[third-party]]\n    name = "Datadog"\n    {listed}\n' in shown
    # Whoever stands elsewhere is somebody else.
    shown, declared = blocks(R=role(datadog), S=role(ONE, TWO))
    assert f'name = "third party {ONE}"\n    accounts = ["{ONE}", "{TWO}"]\n' in shown
    assert 'name = "Datadog"\n    accounts = ["464622532012"]\n' in shown
    assert 'accounts = ["464622532012"]  # ' in declared


def test_whoever_copies_the_block_is_told_to_choose() -> None:
    """What nobody can tell from the account of a vendor is no line to copy as it stands."""
    shown = render("text", check(trust(ONE, TWO)), Style(coloured=False))
    assert f'    accounts = ["{ONE}", "{TWO}"]  # those that are yours\n' in shown


DENIED = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}


@pytest.mark.parametrize(
    ("operator", "value", "denied", "severity", "ids"),
    [
        ("StringEquals", "customer-0815", None, "note", ("customer-0815",)),
        ("StringLike", "*", None, "note", ()),
        ("Null", "false", None, "note", ()),
        ("", "", "StringNotEquals", "note", ("customer-0815",)),
        ("StringEqualsIfExists", "customer-0815", None, "error", ("customer-0815",)),
        ("ForAllValues:StringEquals", "customer-0815", None, "error", ("customer-0815",)),
        ("StringNotEquals", "customer-0815", None, "error", ()),
    ],
)
def test_whoever_is_asked_for_one_in_any_form_is_a_third_party(
    operator: str, value: str, denied: str | None, severity: str, ids: tuple[str, ...]
) -> None:
    """Whoever copies the lines declares no vendor as ours; a test that is true without an external id is told so."""
    allow = {"Effect": "Allow", "Principal": {"AWS": ONE}, "Action": "sts:AssumeRole"}
    allow |= {"Condition": {operator: {"sts:ExternalId": value}}} if operator else {}
    deny = {**DENIED, "Condition": {str(denied): {"sts:ExternalId": "customer-0815"}}}
    document = {"Version": "2012-10-17", "Statement": [allow, deny] if denied else [allow]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
    report = trustproof.check([{"Resources": {"R": role}}], account="111122223333", config={})
    (told,) = (one for result in report.results for one in result.undeclared)
    assert (told.passes_external_id, told.external_ids) == (True, ids)
    (found,) = (one for one in report.results if one.property == "mfa-required")
    assert found.severity == severity
    assert found.remedy is not None
    assert (f"since {operator} lets in who passes no external id" in found.remedy.text) is (severity == "error")
    assert "[[third-party]]" in found.remedy.text
    assert not found.remedy.edits


def test_an_expression_is_no_name_of_who_gives_an_account() -> None:
    """A headline says of an account that a parameter gives which it is, and the advice is for a vendor's too."""
    statement = {"Principal": {"AWS": {"Ref": "Vendor"}}, "Action": "sts:AssumeRole"}
    report = check(statement, Parameters={"Vendor": {"Type": "String"}})
    (found,) = [one for one in report.results if one.property == "mfa-required" and one.verdict == "refuted"]
    assert found.remedy is not None
    assert "any user of the account that Vendor gives" in found.message
    assert "a vendor's account, given by --parameter Vendor=VALUE, is a [[third-party]]" in found.remedy.text
    assert "whose account it is depends on Vendor, which whoever deploys it gives" in found.why


def test_what_a_third_party_is_is_said_once() -> None:
    """Where an external id is asked of the account that a parameter gives, the advice is one sentence."""
    statement: Json = {"Principal": {"AWS": {"Ref": "Vendor"}}, "Action": "sts:AssumeRole"}
    statement["Condition"] = {"StringEquals": {"sts:ExternalId": "customer-0815"}}
    report = check(statement, Parameters={"Vendor": {"Type": "String"}})
    (found,) = [one for one in report.results if one.property == "mfa-required" and one.verdict == "refuted"]
    assert found.remedy is not None
    assert found.remedy.text.count("[[third-party]]") == 1
    assert found.remedy.text.endswith("check with it, by --parameter Vendor=VALUE")


ORGANIZATION: Json = {"Org": {"Type": "String", "AllowedPattern": "^o-[a-z0-9]{10,32}$"}}


def sender(*organizations: object, **config: object) -> trustproof.Report:
    """A role that may assume roles of one name in any account of some organizations."""
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Resource": "arn:aws:iam::*:role/setup",
        "Condition": {"StringEquals": {"aws:ResourceOrgID": list(organizations)}},
    }
    properties = {
        "AssumeRolePolicyDocument": {"Statement": {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}},
        "Policies": [{"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": statement}}],
    }
    template = {"Parameters": ORGANIZATION, "Resources": {"It": {"Type": "AWS::IAM::Role", "Properties": properties}}}
    return trustproof.check([template], account=OWN, config=config)


def test_roles_of_an_organization_are_asked_about_by_it() -> None:
    """Of whichever organizations the roles may be, these are asked about, and none of the accounts in them."""
    assert asked(sender("o-aaaaaaaaaa", "o-bbbbbbbbbb")) == {"o-aaaaaaaaaa", "o-bbbbbbbbbb"}


def test_an_organization_that_a_parameter_gives_is_asked_of_the_parameter() -> None:
    """Neither an account nor an organization that was made up is named, and nothing else becomes undecided for it."""
    report = sender({"Ref": "Org"})
    assert asked(report) == set()
    assert not any("budget" in reason for result in report.results for reason in result.reasons)
    (found,) = [one for one in report.results if one.property == "assume-role-scoped"]
    assert found.verdict == "unknown"
    assert found.message.startswith("not decided whether the organization that Org gives is yours")
    assert any("--parameter Org=" in reason for reason in found.reasons)


@pytest.mark.parametrize(("given", "expected"), [("o-aaaaaaaaaa", "proved"), ({"Ref": "Org"}, "unknown")])
def test_an_organization_that_is_declared_is_ours(given: object, expected: str) -> None:
    """Roles of the organization of the boundary are ours, and nobody is accused of what a parameter may be."""
    report = sender(given, boundary={"organizations": ["o-aaaaaaaaaa"]})
    assert [one.verdict for one in report.verdicts if one.property == "assume-role-scoped"] == [expected]


def test_foreign_roles_are_named_by_their_organization() -> None:
    """What is advised to be declared is the organization that the policy names, not an example of its accounts."""
    report = sender("o-bbbbbbbbbb", boundary={"organizations": ["o-aaaaaaaaaa"]})
    (found,) = [one for one in report.results if one.property == "assume-role-scoped"]
    assert found.verdict == "refuted"
    assert found.remedy is not None
    assert "organization o-bbbbbbbbbb" in found.message
    assert "add o-bbbbbbbbbb to organizations in [boundary]" in found.remedy.text


#: Statements that let in an organization which a parameter without a default gives, by the type of their resource.
BY_A_PARAMETER = {
    "AWS::SQS::QueuePolicy": {
        "Queues": ["https://sqs.us-east-1.amazonaws.com/111122223333/q"],
        "PolicyDocument": {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "sqs:SendMessage",
                "Resource": "*",
                "Condition": {"StringEquals": {"aws:PrincipalOrgID": {"Ref": "Org"}}},
            },
        },
    },
    "AWS::IAM::UserPolicy": {
        "UserName": "alice",
        "PolicyName": "p",
        "PolicyDocument": {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Resource": "arn:aws:iam::*:role/x",
                "Condition": {"StringEquals": {"aws:ResourceOrgID": {"Ref": "Org"}}},
            },
        },
    },
}


@pytest.mark.parametrize("type_", BY_A_PARAMETER)
def test_nobody_is_told_to_declare_an_organization_that_was_made_up(type_: str) -> None:
    """Where a boundary is declared too, the parameter is named, and not the id that the request has for it."""
    template = {
        "Parameters": {"Org": {"Type": "String"}},
        "Resources": {"R": {"Type": type_, "Properties": BY_A_PARAMETER[type_]}},
    }
    config = {"boundary": {"accounts": ["111122223333"]}}
    report = trustproof.check([template], config=config, account="111122223333")
    (found,) = (one for one in report.results if one.verdict == "refuted" and one.severity == "error")
    assert found.remedy is not None
    assert "--parameter Org=VALUE" in found.remedy.text
    assert "o-example" not in found.remedy.text + found.message + found.label


@pytest.mark.parametrize("type_", BY_A_PARAMETER)
def test_the_organization_of_a_template_is_its_own(type_: str) -> None:
    """Who deploys an ``AWS::Organizations::Organization`` is its management account, in it and no other one."""
    organization = {"Type": "AWS::Organizations::Organization", "Properties": {"FeatureSet": "ALL"}}
    template = {"Resources": {"Org": organization, "R": {"Type": type_, "Properties": BY_A_PARAMETER[type_]}}}
    assert {one.verdict for one in trustproof.check([template]).results} == {"proved"}


@pytest.mark.parametrize("beside", [(), (THREE,)])
def test_each_allowed_value_of_a_parameter_is_asked_about(beside: tuple[str, ...]) -> None:
    """Also where another principal stands beside it, so that what is found at each value reads the same."""
    chosen = {"Fn::FindInMap": ["Tools", {"Ref": "Stage"}, "Account"]}
    statement: Json = {"Principal": {"AWS": [chosen, *beside]}, "Action": "sts:AssumeRole"}
    report = check(
        statement,
        Parameters={"Stage": {"Type": "String", "AllowedValues": ["dev", "prod"]}},
        Mappings={"Tools": {"dev": {"Account": ONE}, "prod": {"Account": TWO}}},
    )
    assert asked(report) == {ONE, TWO, *beside}
