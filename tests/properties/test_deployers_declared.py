"""
Who may assume the deploy roles of CDK bootstrap stacks.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import trustproof
from trustproof.errors import ConfigError

OWN = "111122223333"
ALLOW_EVERYTHING = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
CASES = [
    (f"arn:aws:iam::{OWN}:role/cdk-hnb659fds-deploy-role-{OWN}-eu-central-1", {}, "refuted"),
    (f"arn:aws:iam::{OWN}:role/cdk-*", {}, "refuted"),
    ("arn:aws:iam::222233334444:role/cdk-hnb659fds-deploy-role-*", {}, "refuted"),
    ("*", {}, "refuted"),
    # What the CDK's pipelines write.
    (f"arn:*:iam::{OWN}:role/*", {"StringEquals": {"iam:ResourceTag/aws-cdk:bootstrap-role": "deploy"}}, "refuted"),
    (f"arn:aws:iam::{OWN}:role/cdk-hnb659fds-lookup-role-*", {}, "proved"),
    ("arn:aws:iam::*:role/OrgReader", {}, "proved"),
    ("arn:aws:iam::*:role/team/*", {}, "proved"),
]


@pytest.mark.parametrize(("resource", "condition", "expected"), CASES)
def test_verdict(resource: str, condition: dict[str, object], expected: str) -> None:
    """A policy that covers a deploy role, of whatever account, is refuted; other roles of the stack are not meant."""
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": resource, "Condition": condition}
    config = {"properties": {"deployers-declared": {"administrators": ["Deployer"]}}}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    result = trustproof.prove(policy, "deployers-declared", account=OWN, config=config)
    assert result.verdict == expected


@pytest.mark.parametrize("value", ["Deployer", [1], [""]])
def test_administrators_are_names(value: object) -> None:
    """What is none is refused."""
    config = {"properties": {"deployers-declared": {"administrators": value}}}
    with pytest.raises(ConfigError, match=r"deployers-declared\.administrators must be an array of names"):
        trustproof.prove(ALLOW_EVERYTHING, "deployers-declared", config=config)


def test_everything_on_everything_makes_administrators() -> None:
    """What allows more than the deploy roles is refuted as they are, in its own words."""
    config = {"properties": {"deployers-declared": {"administrators": []}}}
    result = trustproof.prove(ALLOW_EVERYTHING, "deployers-declared", config=config)
    assert result.verdict == "refuted"
    assert result.message.startswith("everything on everything is allowed")


@pytest.mark.parametrize(
    ("policy", "name", "expected"),
    [
        ("AdministratorAccess", "Reader", "refuted"),
        ("PowerUserAccess", "Reader", "refuted"),
        ("IAMFullAccess", "Reader", "refuted"),
        ("IAMFullAccess", "Deployer", None),
        ("AdministratorAccess", "Deployer", None),
        ("ReadOnlyAccess", "Reader", "proved"),
    ],
)
def test_managed_policies_of_aws(tmp_path: Path, policy: str, name: str, expected: str | None) -> None:
    """A managed policy of AWS that is attached to a role is asked about, the strongest too."""
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = {
        "RoleName": name,
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "ManagedPolicyArns": [f"arn:aws:iam::aws:policy/{policy}"],
    }
    template = tmp_path / "template.json"
    template.write_text(json.dumps({"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": role}}}))
    config = {"properties": {"deployers-declared": {"administrators": ["Deployer"]}}}
    report = trustproof.check([str(template)], config=config)
    verdicts = [result.verdict for result in report.results if result.property == "deployers-declared"]
    assert verdicts == ([] if expected is None else [expected])


ADMINISTRATOR = {"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess"}}
READER = {"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}}
BOUNDED = {"StringEquals": {"iam:PermissionsBoundary": f"arn:aws:iam::{OWN}:policy/Bound"}}
ROLES, USERS, GROUPS = (f"arn:aws:iam::{OWN}:{kind}/" for kind in ("role", "user", "group"))


@pytest.mark.parametrize(
    ("kind", "action", "resource", "condition", "expected"),
    [
        ("Role", "iam:*", "*", {}, "refuted"),
        ("Role", "iam:AttachRolePolicy", "*", {}, "refuted"),
        ("Role", "iam:Put*", ROLES + "Reader", {}, "refuted"),
        ("Role", "iam:AttachRolePolicy", "*", ADMINISTRATOR, "refuted"),
        ("Role", "iam:AttachRolePolicy", "*", READER, "proved"),
        ("Role", "iam:AttachRolePolicy", "*", BOUNDED, "proved"),
        ("Role", "iam:PutRolePolicy", ROLES + "app-*", {}, "proved"),
        ("Role", "iam:PutUserPolicy", "*", {}, "proved"),
        ("Role", "iam:Get*", "*", {}, "proved"),
        ("User", "iam:PutUserPolicy", USERS + "Reader", {}, "refuted"),
        ("User", "iam:PutUserPolicy", USERS + "${aws:username}", {}, "refuted"),
        # The group that the user is in is nowhere, and may allow it.
        ("User", "iam:PutUserPolicy", USERS + "other", {}, "unknown"),
        ("User", "iam:ChangePassword", USERS + "${aws:username}", {}, "unknown"),
        ("Group", "iam:AttachGroupPolicy", GROUPS + "*", {}, "refuted"),
        ("Group", "iam:AttachGroupPolicy", GROUPS + "other", {}, "proved"),
        ("Group", "iam:AttachUserPolicy", "*", {}, "refuted"),
        ("Group", "iam:AttachUserPolicy", "*", READER, "proved"),
        ("Group", "iam:AttachUserPolicy", "*", BOUNDED, "proved"),
        ("Group", "iam:PutUserPolicy", USERS + "*", {}, "refuted"),
        ("Group", "iam:PutUserPolicy", USERS + "${aws:username}", {}, "refuted"),
        ("Group", "iam:AddUserToGroup", "*", {}, "refuted"),
        # Who is a member, and of which groups, no template says for good.
        ("Group", "iam:PutUserPolicy", USERS + "Bob", {}, "unknown"),
        ("Group", "iam:PutUserPolicy", USERS + "app-*", {}, "unknown"),
        ("Group", "iam:AddUserToGroup", GROUPS + "team", {}, "unknown"),
        ("User", "iam:AddUserToGroup", "*", {}, "refuted"),
        ("User", "iam:AttachGroupPolicy", GROUPS + "team", {}, "refuted"),
        ("User", "iam:AttachGroupPolicy", GROUPS + "other", {}, "unknown"),
        ("Role", "iam:AddUserToGroup", "*", {}, "proved"),
    ],
)
def test_who_may_give_itself_every_permission(
    tmp_path: Path, kind: str, action: str, resource: str, condition: dict[str, object], expected: str
) -> None:
    """Whoever may attach AdministratorAccess to itself, or write itself a policy, is an administrator."""
    statement = {"Effect": "Allow", "Action": action, "Resource": resource, "Condition": condition}
    policy = {"PolicyName": "P", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    holder = {f"{kind}Name": "Reader", "Policies": [policy], **({"Groups": ["team"]} if kind == "User" else {})}
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    if kind == "Role":
        holder["AssumeRolePolicyDocument"] = {"Version": "2012-10-17", "Statement": [trust]}
    template = tmp_path / "template.json"
    template.write_text(json.dumps({"Resources": {"R": {"Type": f"AWS::IAM::{kind}", "Properties": holder}}}))
    config = {"properties": {"deployers-declared": {"administrators": []}}}
    report = trustproof.check([str(template)], account=OWN, config=config)
    verdicts = [result.verdict for result in report.results if result.property == "deployers-declared"]
    assert verdicts == [expected]
    shown = [one.counterexample.request.action for one in report.results if one.counterexample is not None]
    # As AWS writes it.
    assert all(one.startswith(("iam:Attach", "iam:Put", "iam:Add")) for one in shown)


SESSIONS = {"Name": "Reader", "InstanceArn": "arn:aws:sso:::instance/ssoins-1234567890abcdef"}


ATTACHABLE = "arn:aws:iam::aws:policy/"
POLICIES = f"arn:aws:iam::{OWN}:policy/"


@pytest.mark.parametrize(
    ("operator", "attached", "writes", "expected"),
    [
        ("ArnEquals", ATTACHABLE + "PowerUserAccess", ("iam:CreatePolicy", "*"), "proved"),
        ("ArnNotEquals", ATTACHABLE + "AdministratorAccess", None, "refuted"),
        ("ArnEquals", ATTACHABLE + "IAMFullAccess", None, "refuted"),
        ("ArnLike", POLICIES + "app-*", ("iam:CreatePolicy", "*"), "refuted"),
        ("ArnLike", POLICIES + "app-*", ("iam:CreatePolicyVersion", POLICIES + "*-x"), "refuted"),
        # What these say, no template says for good.
        ("ArnLike", POLICIES + "app-*", ("iam:CreatePolicy", POLICIES + "team-*"), "unknown"),
        ("ArnLike", POLICIES + "app-*", None, "unknown"),
        # It is nobody's own.
        ("ArnLike", "arn:aws:iam::999988887777:policy/*", ("iam:CreatePolicy", "*"), "proved"),
    ],
)
def test_who_may_attach_some_managed_policies(
    operator: str, attached: str, writes: tuple[str, str] | None, expected: str
) -> None:
    """Not only AdministratorAccess makes administrators."""
    condition = {operator: {"iam:PolicyARN": attached}}
    statements = [{**_allow("iam:AttachRolePolicy", "*"), "Condition": condition}]
    statements += [_allow(*writes)] if writes else []
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = {
        "RoleName": "Reader",
        "AssumeRolePolicyDocument": {"Statement": trust},
        "Policies": [{"PolicyName": "P", "PolicyDocument": {"Statement": statements}}],
    }
    config = {"properties": {"deployers-declared": {"administrators": []}}}
    template = {"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": role}}}
    report = trustproof.check([template], account=OWN, config=config, properties=["deployers-declared"], certify=True)
    assert [result.verdict for result in report.results] == [expected]


def _verdicts(tmp_path: Path, resources: dict[str, object]) -> list[str]:
    template = tmp_path / "template.json"
    template.write_text(json.dumps({"Resources": resources}))
    config = {"properties": {"deployers-declared": {"administrators": []}}}
    report = trustproof.check([str(template)], account=OWN, config=config)
    return [result.verdict for result in report.results if result.property == "deployers-declared"]


@pytest.mark.parametrize(
    ("makes", "gives", "resource", "condition", "sets", "roles"),
    [
        ("iam:*", "iam:*", "*", {}, "refuted", "refuted"),
        ("iam:CreateRole", "iam:PutRolePolicy", ROLES + "app-*", {}, "refuted", "refuted"),
        (["iam:CreateUser", "iam:CreateAccessKey"], "iam:AttachUserPolicy", "*", {}, "refuted", "refuted"),
        (["iam:CreateUser", "iam:CreateLoginProfile"], "iam:PutUserPolicy", "*", {}, "refuted", "refuted"),
        ("iam:CreateUser", "iam:PutUserPolicy", "*", {}, "proved", "proved"),
        ("iam:CreateRole", "iam:AttachRolePolicy", ROLES + "app-*", BOUNDED, "proved", "proved"),
        ("iam:CreateRole", "iam:AttachRolePolicy", "*", READER, "proved", "proved"),
        # Nobody changes the roles of Identity Center.
        ("iam:GetRole", "iam:AttachRolePolicy", "*", {}, "proved", "refuted"),
    ],
)
def test_who_may_make_an_administrator_of_its_own(
    tmp_path: Path,
    makes: object,
    gives: str,
    resource: str,
    condition: dict[str, object],
    sets: str,
    roles: str,
) -> None:
    """Whoever may make a role or user with every permission, and be it, is an administrator, also by two policies."""
    statements = [
        {"Effect": "Allow", "Action": makes, "Resource": resource},
        {"Effect": "Allow", "Action": gives, "Resource": resource, "Condition": condition},
    ]
    document = {"Version": "2012-10-17", "Statement": statements}
    held = {"Type": "AWS::SSO::PermissionSet", "Properties": {**SESSIONS, "InlinePolicy": document}}
    assert set(_verdicts(tmp_path, {"R": held})) == {sets}
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = {
        "RoleName": "Reader",
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "Policies": [
            {"PolicyName": f"P{number}", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
            for number, statement in enumerate(statements)
        ],
    }
    found = _verdicts(tmp_path, {"R": {"Type": "AWS::IAM::Role", "Properties": role}})
    assert ("refuted" if "refuted" in found else found[-1]) == roles


@pytest.mark.parametrize("policy", ["AdministratorAccess", "IAMFullAccess"])
def test_permission_sets_with_managed_policies_of_aws(tmp_path: Path, policy: str) -> None:
    """A permission set with a policy of AWS that makes administrators is asked as a role with it is."""
    attached = {"ManagedPolicies": [f"arn:aws:iam::aws:policy/{policy}"]}
    held = {"Type": "AWS::SSO::PermissionSet", "Properties": {**SESSIONS, **attached}}
    assert _verdicts(tmp_path, {"R": held}) == ["refuted"]


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ({"Fn::GetAtt": ["Reader", "Arn"]}, "refuted"),
        ({"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/${Reader}"}, "refuted"),
        ({"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/*"}, "refuted"),
        ({"Fn::GetAtt": ["Other", "Arn"]}, "proved"),
        # A stack may be called so.
        (ROLES + "app-*", "unknown"),
        (ROLES + "app", "proved"),
    ],
)
def test_names_that_cloudformation_generates(tmp_path: Path, resource: object, expected: str) -> None:
    """A role without a name is told from every other one of its template, and knows itself."""
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]}},
    }
    statement = {"Effect": "Allow", "Action": "iam:PutRolePolicy", "Resource": resource}
    policy = {
        "Type": "AWS::IAM::Policy",
        "Properties": {
            "PolicyName": "P",
            "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
            "Roles": [{"Ref": "Reader"}],
        },
    }
    assert _verdicts(tmp_path, {"Reader": role, "Other": role, "Policy": policy}) == [expected]


@pytest.mark.parametrize(
    ("name", "declared", "expected"),
    [
        (None, "Pipeline", "proved"),
        (None, "Other", "refuted"),
        ({"Ref": "Name"}, "Pipeline", "proved"),
        ({"Fn::Sub": "deploy-${AWS::Region}"}, "Pipeline", "proved"),
        ("deployer", "deployer", "proved"),
        # Whoever has a name is declared by it.
        ("deployer", "Pipeline", "refuted"),
    ],
)
def test_whoever_has_no_name_is_declared_by_its_logical_id(name: object, declared: str, expected: str) -> None:
    """The roles of CDK Pipelines deploy, and CloudFormation makes their names."""
    trust = {"Effect": "Allow", "Principal": {"Service": "codepipeline.amazonaws.com"}, "Action": "sts:AssumeRole"}
    deploys = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": f"{ROLES}cdk-hnb659fds-deploy-role-*"}
    properties = {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "Policies": [{"PolicyName": "P", "PolicyDocument": {"Version": "2012-10-17", "Statement": [deploys]}}],
        **({} if name is None else {"RoleName": name}),
    }
    template = {
        "Parameters": {"Name": {"Type": "String"}},
        "Resources": {"Pipeline": {"Type": "AWS::IAM::Role", "Properties": properties}},
    }
    config = {"properties": {"deployers-declared": {"administrators": [declared]}}}
    report = trustproof.check([template], config=config, properties=["deployers-declared"], account=OWN)
    assert [one.verdict for one in report.results] == ([expected] if expected == "refuted" else [])
    for one in report.results:
        assert "by logical id where the template gives none" in str(one.remedy)


@pytest.mark.parametrize("allowed", ["*", USERS + "*"])
@pytest.mark.parametrize(
    ("denied", "expected"),
    [
        ([USERS + "*${aws:username}"], "proved"),
        ([USERS + "${aws:username}", USERS + "*/${aws:username}"], "proved"),
        # A user with a path is not named by this.
        ([USERS + "${aws:username}"], "unknown"),
        (["arn:aws:iam::*:user/${aws:username}"], "unknown"),
        ([USERS + "other"], "refuted"),
    ],
)
def test_members_of_a_group_may_be_denied_their_own_user(
    tmp_path: Path, allowed: str, denied: list[str], expected: str
) -> None:
    """A Deny on the own user counts by its variable; where it leaves some users out, the reason says which."""
    action = "iam:PutUserPolicy"
    statements = [
        {"Effect": "Allow", "Action": action, "Resource": allowed},
        {"Effect": "Deny", "Action": action, "Resource": denied},
    ]
    policy = {"PolicyName": "P", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}
    template = tmp_path / "template.json"
    resource = {"Type": "AWS::IAM::Group", "Properties": {"GroupName": "Devs", "Policies": [policy]}}
    template.write_text(json.dumps({"Resources": {"Group": resource}}))
    config = {"properties": {"deployers-declared": {"administrators": []}}}
    report = trustproof.check([str(template)], config=config, account=OWN)
    (result,) = [result for result in report.results if result.property == "deployers-declared"]
    assert result.verdict == expected
    if expected == "unknown":
        assert re.match(
            f"{USERS}[a-z]+/[a-z]+ may be given permissions, and no template says for good who is a member",
            result.reasons[0],
        )


POLICIES = f"arn:aws:iam::{OWN}:policy"
REWRITE = {"Effect": "Allow", "Action": "iam:CreatePolicyVersion", "Resource": "*"}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([REWRITE], "refuted"),
        ([REWRITE | {"Action": "iam:*PolicyVersion"}], "refuted"),
        ([REWRITE | {"Resource": f"{POLICIES}/Ops"}], "refuted"),
        ([REWRITE | {"Resource": "arn:aws:iam::*:policy/O*"}], "refuted"),
        # It may be given these as well.
        ([REWRITE | {"Resource": f"{POLICIES}/team/*"}], "unknown"),
        ([REWRITE, REWRITE | {"Effect": "Deny", "Resource": f"{POLICIES}/Ops"}], "unknown"),
        ([REWRITE, REWRITE | {"Effect": "Deny"}], "proved"),
        ([REWRITE | {"Resource": "arn:aws:iam::222233334444:policy/Ops"}], "proved"),
        # What it said once, no template says.
        ([REWRITE | {"Action": "iam:SetDefaultPolicyVersion"}], "unknown"),
        ([REWRITE | {"Action": "iam:DeletePolicyVersion"}], "proved"),
    ],
)
@pytest.mark.parametrize("holder", ["Role", "User", "Group"])
def test_who_may_rewrite_its_own_policies(holder: str, statements: list[dict[str, object]], expected: str) -> None:
    """A new version that is the default is what the policy says, to whoever has it."""
    trust = {
        "Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    }
    properties = {"AssumeRolePolicyDocument": trust} if holder == "Role" else {}
    managed = {"ManagedPolicyName": "Ops", f"{holder}s": [{"Ref": "Who"}], "PolicyDocument": {"Statement": statements}}
    template = {
        "Resources": {
            "Who": {"Type": f"AWS::IAM::{holder}", "Properties": properties},
            "Policy": {"Type": "AWS::IAM::ManagedPolicy", "Properties": managed},
        }
    }
    config = {"properties": {"deployers-declared": {"administrators": []}}}
    report = trustproof.check([template], account=OWN, config=config, properties=["deployers-declared"])
    assert {result.verdict for result in report.results} == {expected}


def test_who_has_no_managed_policies_rewrites_those_of_others() -> None:
    """Which is somebody else's permissions, and not asked."""
    inline = {"PolicyName": "P", "PolicyDocument": {"Statement": REWRITE}}
    template = {"Resources": {"Who": {"Type": "AWS::IAM::User", "Properties": {"Policies": [inline]}}}}
    config = {"properties": {"deployers-declared": {"administrators": []}}}
    report = trustproof.check([template], account=OWN, config=config, properties=["deployers-declared"])
    assert {result.verdict for result in report.results} == {"proved"}


SET = {"Name": "Dev", "InstanceArn": "arn:aws:sso:::instance/ssoins-0123456789abcdef"}


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("*", "refuted"),
        (f"{POLICIES}/Ops", "refuted"),
        # The set has the policy of that name in each account where it is assigned.
        ("arn:aws:iam::222233334444:policy/Ops", "unknown"),
        ("arn:aws:iam::222233334444:role/Ops", "proved"),
    ],
)
def test_permission_sets_rewrite_policies_that_accounts_have(resource: str, expected: str) -> None:
    """IAM protects the roles of permission sets, and not the customer-managed policies that they refer to."""
    managed = {"ManagedPolicyName": "Ops", "PolicyDocument": {"Statement": REWRITE | {"Resource": resource}}}
    resources = {
        "Policy": {"Type": "AWS::IAM::ManagedPolicy", "Properties": managed},
        "Set": {
            "Type": "AWS::SSO::PermissionSet",
            "Properties": SET | {"CustomerManagedPolicyReferences": [{"Name": "Ops"}]},
        },
    }
    config = {"properties": {"deployers-declared": {"administrators": []}}}
    report = trustproof.check([{"Resources": resources}], account=OWN, config=config, properties=["deployers-declared"])
    assert {result.verdict for result in report.results} == {expected}


OWN_BOUND = f"{POLICIES}/Bound"


def _given(boundary: str) -> dict[str, object]:
    return {"StringLike": {"iam:PermissionsBoundary": boundary}}


@pytest.mark.parametrize(
    ("bound", "expected"),
    [
        ({"Action": "s3:*", "Resource": "*"}, "proved"),
        ({"Action": "iam:DeleteRolePermissionsBoundary", "Resource": "*"}, "refuted"),
        ({"Action": "iam:PutRolePermissionsBoundary", "Resource": f"arn:aws:iam::{OWN}:role/Ops"}, "refuted"),
        ({"Action": "iam:PutRolePermissionsBoundary", "Resource": f"arn:aws:iam::{OWN}:role/Other"}, "proved"),
        ({"Action": "iam:PutRolePermissionsBoundary", "Resource": "*", "Condition": _given(OWN_BOUND)}, "proved"),
        (
            {"Action": "iam:PutRolePermissionsBoundary", "Resource": "*", "Condition": _given(f"{OWN_BOUND}*")},
            "unknown",
        ),
        ({"Action": "iam:PutRolePermissionsBoundary", "Resource": "*", "Condition": _given("*")}, "refuted"),
        ({"Action": "iam:CreatePolicyVersion", "Resource": OWN_BOUND}, "refuted"),
        ({"Action": "iam:CreatePolicyVersion", "Resource": f"{OWN_BOUND}2"}, "proved"),
    ],
)
@pytest.mark.parametrize("managed", ["AdministratorAccess", "IAMFullAccess"])
def test_who_may_take_its_boundary_away(bound: dict[str, object], expected: str, managed: str) -> None:
    """Who has everything but for a permissions boundary is kept from it by nothing that it may change itself."""
    trust = {
        "Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    }
    role = {
        "RoleName": "Ops",
        "AssumeRolePolicyDocument": trust,
        "ManagedPolicyArns": [f"arn:aws:iam::aws:policy/{managed}"],
        "PermissionsBoundary": {"Ref": "Bound"},
    }
    document = {"ManagedPolicyName": "Bound", "PolicyDocument": {"Statement": bound | {"Effect": "Allow"}}}
    resources = {
        "Role": {"Type": "AWS::IAM::Role", "Properties": role},
        "Bound": {"Type": "AWS::IAM::ManagedPolicy", "Properties": document},
    }
    config = {"properties": {"deployers-declared": {"administrators": []}}}
    report = trustproof.check([{"Resources": resources}], account=OWN, config=config, properties=["deployers-declared"])
    assert {result.verdict for result in report.results} == {expected}


def _allow(actions: object, resource: object = "*", condition: object = None) -> dict[str, object]:
    return {
        "Effect": "Allow",
        "Action": actions,
        "Resource": resource,
        **({"Condition": condition} if condition else {}),
    }


def _deny(actions: object, resource: object = "*", condition: object = None) -> dict[str, object]:
    return _allow(actions, resource, condition) | {"Effect": "Deny"}


#: Keeps from all that makes an administrator.
GUARD = _deny(["sts:AssumeRole", "iam:Put*", "iam:Attach*", "iam:Create*", "iam:Add*"])
#: Keeps from what would take that away.
KEPT = _deny(["iam:Delete*", "iam:Detach*", "iam:Remove*", "iam:Set*", "iam:Update*", "iam:Tag*", "iam:Untag*"])
MANAGES = {"StringEquals": {"aws:PrincipalTag/admin": "yes"}}
NOT_ADMINISTRATORS = {"Tags": [{"Key": "admin", "Value": "no"}]}


def _limited(kind: str, inline: list[list[dict[str, object]]], managed: list[dict[str, object]], more: object) -> str:
    """The verdict over all policies of a user, group or role with inline policies and a managed one."""
    trust = {
        "Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    }
    policies = [{"PolicyName": f"P{number}", "PolicyDocument": {"Statement": one}} for number, one in enumerate(inline)]
    properties = {
        f"{kind}Name": "Ops",
        "Policies": policies,
        **({"AssumeRolePolicyDocument": trust} if kind == "Role" else {}),
        **(more if isinstance(more, dict) else {}),
    }
    document = {"ManagedPolicyName": "Guard", f"{kind}s": [{"Ref": "Who"}], "PolicyDocument": {"Statement": managed}}
    resources = {
        "Who": {"Type": f"AWS::IAM::{kind}", "Properties": properties},
        **({"Guard": {"Type": "AWS::IAM::ManagedPolicy", "Properties": document}} if managed else {}),
    }
    config = {"properties": {"deployers-declared": {"administrators": []}}}
    verdicts = set()
    for certify in (False, True):
        options = {"properties": ["deployers-declared"], "certify": certify}
        report = trustproof.check([{"Resources": resources}], account=OWN, config=config, **options)
        found = {result.verdict for result in report.results}
        verdicts.add(next(one for one in ("refuted", "unknown", "proved") if one in found))
    (verdict,) = verdicts
    return verdict


@pytest.mark.parametrize(
    ("inline", "managed", "more", "expected"),
    [
        # Policies of its own that deny.
        ([[_allow("*")], [GUARD]], [], {}, "refuted"),
        ([[_allow("*")], [GUARD, KEPT]], [], {}, "proved"),
        ([[_allow("*")]], [GUARD], {}, "refuted"),
        ([[_allow("*")]], [GUARD, KEPT], {}, "proved"),
        ([[_allow("*")]], [GUARD, _deny(["iam:Detach*", "iam:Set*"])], {}, "proved"),
        # With the only policy all is gone.
        ([[_allow("*"), GUARD]], [], {}, "proved"),
        ([[_allow(["s3:*", "iam:DeleteRolePolicy"])], [GUARD]], [], {}, "proved"),
        # Two steps.
        ([[_allow("*")], [GUARD], [_deny("iam:DeleteRolePolicy")]], [], {}, "proved"),
        ([[_allow("*")], [GUARD, _deny("iam:DeleteRolePolicy")]], [_deny("iam:Set*")], {}, "proved"),
        ([[_allow("*")], [GUARD]], [_deny("iam:DeleteRolePolicy")], {}, "refuted"),
        # Many that deny, of which nobody tries each order.
        ([[_allow("*")], *([GUARD] for _ in range(9))], [], {}, "unknown"),
        ([[_allow(["s3:*", "iam:DeleteRolePolicy"])], *([GUARD] for _ in range(9))], [], {}, "proved"),
        ([[_allow("*")], *([GUARD] for _ in range(8)), [KEPT]], [], {}, "proved"),
        # An older text of the policy that denies.
        ([[_allow(["sts:AssumeRole", "iam:SetDefaultPolicyVersion"])]], [GUARD], {}, "unknown"),
        # Its tags.
        ([[_allow("sts:AssumeRole", "*", MANAGES)]], [], NOT_ADMINISTRATORS, "proved"),
        ([[_allow("sts:AssumeRole", "*", MANAGES), _allow("iam:TagRole")]], [], NOT_ADMINISTRATORS, "unknown"),
        ([[_allow("s3:*", "*", MANAGES), _allow("iam:TagRole")]], [], NOT_ADMINISTRATORS, "proved"),
        (
            [[_allow("sts:AssumeRole", "*", MANAGES), _allow("iam:TagRole", ROLES + "other")]],
            [],
            NOT_ADMINISTRATORS,
            "proved",
        ),
    ],
)
def test_roles_that_may_change_what_limits_them(
    inline: list[list[dict[str, object]]], managed: list[dict[str, object]], more: object, expected: str
) -> None:
    """What a holder may take away from itself does not keep it from anything."""
    assert _limited("Role", inline, managed, more) == expected


MAKES = ["iam:CreateRole", "iam:PutRolePolicy"]
UNBOUND = "iam:DeleteRolePermissionsBoundary"


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([_allow(MAKES, "*", BOUNDED)], "proved"),
        ([_allow(MAKES, "*", BOUNDED), _allow(UNBOUND)], "refuted"),
        ([_allow("iam:*", "*", BOUNDED)], "refuted"),
        ([_allow("iam:*", "*", BOUNDED), _deny("iam:Delete*PermissionsBoundary")], "proved"),
        ([_allow(MAKES, ROLES + "app-*", BOUNDED), _allow(UNBOUND, ROLES + "other-*")], "proved"),
        ([_allow(MAKES, "*", BOUNDED), _allow("iam:PutRolePermissionsBoundary")], "unknown"),
        ([_allow([*MAKES, "iam:PutRolePermissionsBoundary"], "*", BOUNDED)], "proved"),
        ([_allow(MAKES, "*", BOUNDED), _allow("iam:CreatePolicyVersion")], "unknown"),
        ([_allow(MAKES, "*", BOUNDED), _allow("iam:CreatePolicyVersion", f"{POLICIES}/app-*")], "proved"),
        ([_allow("iam:PutRolePolicy", ROLES + "Ops", BOUNDED), _allow(UNBOUND)], "proved"),
        (
            [_allow(["iam:PutRolePolicy", "iam:PutRolePermissionsBoundary", UNBOUND], ROLES + "Ops", BOUNDED)],
            "refuted",
        ),
    ],
)
@pytest.mark.parametrize("apart", [False, True])
def test_boundaries_that_may_be_taken_away_again(
    statements: list[dict[str, object]], expected: str, apart: bool
) -> None:
    """A permissions boundary on what is made helps as far as whoever makes it may not take it away."""
    assert _limited("Role", [[one] for one in statements] if apart else [statements], [], {}) == expected


@pytest.mark.parametrize(
    ("inline", "managed", "expected"),
    [
        ([[_allow("*")], [GUARD]], [], "refuted"),
        ([[_allow("*")]], [GUARD], "refuted"),
        ([[_allow("*")]], [GUARD, KEPT], "proved"),
    ],
)
@pytest.mark.parametrize("kind", ["User", "Group"])
def test_users_and_groups_that_may_change_what_limits_them(
    kind: str, inline: list[list[dict[str, object]]], managed: list[dict[str, object]], expected: str
) -> None:
    """It is no other with users and groups."""
    assert _limited(kind, inline, managed, {}) == expected


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("iam:RemoveUserFromGroup", "unknown"),
        ("iam:DeleteGroupPolicy", "unknown"),
        ("iam:DeleteUserPolicy", "proved"),
        ("iam:GetUser", "proved"),
    ],
)
def test_users_that_may_leave_the_group_that_limits_them(tmp_path: Path, action: str, expected: str) -> None:
    """What a group denies, its members are denied as long as they are some."""
    guard = {"PolicyName": "D", "PolicyDocument": {"Statement": [GUARD]}}
    own = {"PolicyName": "P", "PolicyDocument": {"Statement": [_allow(["sts:AssumeRole", action])]}}
    resources = {
        "Group": {"Type": "AWS::IAM::Group", "Properties": {"Policies": [guard]}},
        "User": {"Type": "AWS::IAM::User", "Properties": {"Groups": [{"Ref": "Group"}], "Policies": [own]}},
    }
    assert {*_verdicts(tmp_path, resources)} - {"proved"} == {expected} - {"proved"}


def test_users_that_may_have_another_name(tmp_path: Path) -> None:
    """A policy that knows a user by name loses it."""
    by_name = _deny(GUARD["Action"], "*", {"StringEquals": {"aws:username": "Ops"}})
    policy = {"PolicyName": "P", "PolicyDocument": {"Statement": [_allow("*"), by_name]}}
    user = {"Type": "AWS::IAM::User", "Properties": {"UserName": "Ops", "Policies": [policy]}}
    assert _verdicts(tmp_path, {"User": user}) == ["unknown"]


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("sso:*", "unknown"),
        ("sso:PutInlinePolicyToPermissionSet", "unknown"),
        ("sso:CreateAccountAssignment", "unknown"),
        ("sso:List*", "proved"),
    ],
)
def test_permission_sets_that_may_change_permission_sets(action: str, expected: str) -> None:
    """Which account Identity Center is managed in, and who has a set there, no template of a set says."""
    document = {"Version": "2012-10-17", "Statement": [_allow(action)]}
    held = {"Type": "AWS::SSO::PermissionSet", "Properties": SET | {"InlinePolicy": document}}
    config = {"properties": {"deployers-declared": {"administrators": []}}}
    template = {"Resources": {"Set": held}}
    report = trustproof.check([template], account=OWN, config=config, properties=["deployers-declared"])
    assert {result.verdict for result in report.results} == {expected}


def test_the_message_says_what_follows() -> None:
    """A finding names the step that takes the limit away, and what is allowed without it."""
    boundary = {"ManagedPolicyName": "Bound", "PolicyDocument": {"Statement": [_allow("iam:*")]}}
    trust = {
        "Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    }
    statement = _allow(["sts:AssumeRole", UNBOUND], "*")
    role = {
        "RoleName": "Ops",
        "AssumeRolePolicyDocument": trust,
        "Policies": [{"PolicyName": "P", "PolicyDocument": {"Statement": [statement]}}],
        "PermissionsBoundary": {"Ref": "Bound"},
    }
    resources = {
        "Role": {"Type": "AWS::IAM::Role", "Properties": role},
        "Bound": {"Type": "AWS::IAM::ManagedPolicy", "Properties": boundary},
    }
    config = {"properties": {"deployers-declared": {"administrators": []}}}
    report = trustproof.check([{"Resources": resources}], account=OWN, config=config, properties=["deployers-declared"])
    (found,) = report.results
    assert found.message == (
        "it may take away its own permissions boundary, and then: the CDK's deploy role of account 111122223333 may be "
        "assumed, which makes administrators: role Role"
    )


def test_an_account_that_nobody_knows_is_its_own() -> None:
    """The id that is made up for it, to search with, is in no message."""
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": []}}}
    policy = {"Statement": _allow("sts:AssumeRole", {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/cdk-*"})}
    role["Properties"]["Policies"] = [{"PolicyName": "P", "PolicyDocument": policy}]  # type: ignore[index]
    config = {"properties": {"deployers-declared": {"administrators": []}}}
    report = trustproof.check([{"Resources": {"Role": role}}], config=config, properties=["deployers-declared"])
    (found,) = (one for one in report.results if one.verdict == "refuted")
    assert found.message.startswith("the CDK's deploy role of its own account may be assumed")
