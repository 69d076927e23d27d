"""
What users may do without MFA, by everything that a template attaches to them together.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import trustproof

Json = dict[str, object]

MFA = "aws:MultiFactorAuthPresent"
WITH_MFA: Json = {"Bool": {MFA: "true"}}
SECURE: Json = {"Bool": {"aws:SecureTransport": "true"}}
WITHOUT_MFA: Json = {"BoolIfExists": {MFA: "false"}}


def doc(*statements: Json) -> Json:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(actions: str | list[str], resource: str | list[str] = "*", condition: Json | None = None) -> Json:
    """An Allow statement."""
    more = {"Condition": condition} if condition is not None else {}
    return {"Effect": "Allow", "Action": actions, "Resource": resource, **more}


def deny(actions: str, condition: Json, resource: str = "*") -> Json:
    """A Deny statement."""
    return {"Effect": "Deny", "Action": actions, "Resource": resource, "Condition": condition}


def deny_all_but(actions: list[str], condition: Json) -> Json:
    """A Deny statement with NotAction."""
    return {"Effect": "Deny", "NotAction": actions, "Resource": "*", "Condition": condition}


def entity(kind: str, documents: tuple[Json, ...], properties: Json) -> Json:
    """A user or group with inline policies."""
    inline = [{"PolicyName": f"p{index}", "PolicyDocument": document} for index, document in enumerate(documents)]
    return {"Type": f"AWS::IAM::{kind}", "Properties": {"Policies": inline, **properties}}


def group(*documents: Json, **properties: object) -> Json:
    """A group with inline policies."""
    return entity("Group", documents, properties)


def user(*documents: Json, **properties: object) -> Json:
    """A user with inline policies."""
    return entity("User", documents, properties)


def boundary(document: Json) -> Json:
    """A managed policy."""
    return {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document}}


#: What a user does without MFA to have MFA.
EXEMPT = [
    *("iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:GetUser", "iam:ListMFADevices"),
    *("iam:ListVirtualMFADevices", "iam:ResyncMFADevice", "sts:GetSessionToken"),
]
OWN_USER = "arn:aws:iam::*:user/${aws:username}"
OWN_DEVICE = "arn:aws:iam::*:mfa/${aws:username}"


def only_on(resources: list[str], *statements: Json) -> Json:
    """A policy with a Deny of everything on other resources, without MFA."""
    limit = {"Effect": "Deny", "Action": "*", "NotResource": resources, "Condition": WITHOUT_MFA}
    return doc(*statements, limit)


AWS = "arn:aws:iam::aws:policy/"


def on_user(resource: Json, action: str = "iam:EnableMFADevice") -> Json:
    """A policy of the user ``U``."""
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    properties = {"UserName": {"Ref": "U"}, "PolicyName": "p", "PolicyDocument": doc(statement)}
    return {"Type": "AWS::IAM::UserPolicy", "Properties": properties}


CASES: list[tuple[str, Json, str | None]] = [
    ("admin no mfa", {"G": group(doc(allow("*")))}, "refuted"),
    ("admin mfa", {"G": group(doc(allow("*", condition=WITH_MFA)))}, "proved"),
    ("admin ifexists", {"G": group(doc(allow("*", condition={"BoolIfExists": {MFA: "true"}})))}, "refuted"),
    ("deny other policy", {"G": group(doc(allow("*")), doc(deny("*", WITHOUT_MFA)))}, "proved"),
    ("deny bool false", {"G": group(doc(allow("*")), doc(deny("*", {"Bool": {MFA: "false"}})))}, "refuted"),
    ("deny null", {"G": group(doc(allow("*")), doc(deny("*", {"Null": {MFA: "true"}})))}, "refuted"),
    (
        "deny both",
        {"G": group(doc(allow("*")), doc(deny("*", {"Null": {MFA: "true"}}), deny("*", {"Bool": {MFA: "false"}})))},
        "proved",
    ),
    (
        "user by group deny",
        {"G": group(doc(deny("*", WITHOUT_MFA))), "U": user(doc(allow("*")), Groups=[{"Ref": "G"}])},
        "proved",
    ),
    (
        "user by group allow",
        {"G": group(doc(allow("ec2:*"))), "U": user(doc(deny("ec2:*", WITHOUT_MFA)), Groups=[{"Ref": "G"}])},
        "refuted",
    ),
    (
        "boundary mfa",
        {
            "B": boundary(doc(allow("*", condition=WITH_MFA))),
            "U": user(doc(allow("*")), PermissionsBoundary={"Ref": "B"}),
        },
        "proved",
    ),
    (
        "boundary open",
        {"B": boundary(doc(allow("*"))), "U": user(doc(allow("s3:GetObject")), PermissionsBoundary={"Ref": "B"})},
        "proved",
    ),
    (
        "boundary partial",
        {"B": boundary(doc(allow("s3:*"))), "U": user(doc(allow("ec2:*")), PermissionsBoundary={"Ref": "B"})},
        "proved",
    ),
    (
        "boundary deny lz",
        {
            "B": boundary(doc(allow("*"), deny("*", {"Bool": {MFA: "false"}}))),
            "U": user(doc(allow("ec2:*")), PermissionsBoundary={"Ref": "B"}),
        },
        "refuted",
    ),
    ("notaction deny", {"G": group(doc(allow("*"), deny_all_but(["iam:*"], WITHOUT_MFA)))}, "refuted"),
    (
        "notaction ok",
        {"G": group(doc(allow("*"), deny_all_but(["iam:GetUser", "sts:GetSessionToken"], WITHOUT_MFA)))},
        "proved",
    ),
    (
        "notaction exempt deletevirtual",
        {
            "G": group(
                doc(
                    allow(["iam:DeleteVirtualMFADevice", "iam:EnableMFADevice"], "arn:aws:iam::*:mfa/${aws:username}"),
                    deny_all_but(["iam:DeleteVirtualMFADevice"], WITHOUT_MFA),
                )
            )
        },
        "proved",
    ),
    (
        "delete any unused device",
        {"G": group(doc(allow("iam:DeleteVirtualMFADevice", "arn:aws:iam::*:mfa/*")))},
        "refuted",
    ),
    ("enable any user", {"G": group(doc(allow("iam:EnableMFADevice", "arn:aws:iam::*:user/*")))}, "refuted"),
    (
        "enable own user",
        {"G": group(doc(allow("iam:EnableMFADevice", "arn:aws:iam::*:user/${aws:username}")))},
        "proved",
    ),
    (
        "enable own path",
        {"G": group(doc(allow("iam:EnableMFADevice", "arn:aws:iam::*:user/*/${aws:username}")))},
        "proved",
    ),
    (
        "no version var",
        {"G": group({"Statement": [allow("iam:EnableMFADevice", "arn:aws:iam::*:user/${aws:username}")]})},
        "proved",
    ),
    ("readonly", {"G": group(doc(allow(["ec2:Describe*", "s3:List*", "iam:Get*", "iam:List*"])))}, "proved"),
    # A name that CloudFormation makes is still one's own.
    ("own by GetAtt", {"U": user(), "P": on_user({"Fn::GetAtt": ["U", "Arn"]})}, "proved"),
    (
        "own by Sub and path",
        {"U": user(Path="/p/"), "P": on_user({"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:user/p/${U}"})},
        "proved",
    ),
    (
        "a longer name by Sub",
        {"U": user(), "P": on_user({"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:user/${U}x"})},
        "refuted",
    ),
    ("another by GetAtt", {"U": user(), "V": user(), "P": on_user({"Fn::GetAtt": ["V", "Arn"]})}, "refuted"),
    (
        "key of one's own by GetAtt",
        {"U": user(), "P": on_user({"Fn::GetAtt": ["U", "Arn"]}, "iam:CreateAccessKey")},
        "refuted",
    ),
    # Boundaries of AWS.
    ("limit of all", {"U": user(doc(allow("iam:*")), PermissionsBoundary=f"{AWS}AdministratorAccess")}, "refuted"),
    ("limit of iam", {"U": user(doc(allow("iam:*")), PermissionsBoundary=f"{AWS}IAMFullAccess")}, "refuted"),
    ("limit of buckets", {"U": user(doc(allow("iam:*")), PermissionsBoundary=f"{AWS}AmazonS3FullAccess")}, "proved"),
    # It allows to create roles that are linked to services.
    ("limit of power", {"U": user(doc(allow("iam:*")), PermissionsBoundary=f"{AWS}PowerUserAccess")}, "proved"),
    (
        "limit of power, users",
        {"U": user(doc(allow("iam:*User")), PermissionsBoundary=f"{AWS}PowerUserAccess")},
        "proved",
    ),
    ("limit of reading", {"U": user(doc(allow("iam:*")), PermissionsBoundary=f"{AWS}ReadOnlyAccess")}, "proved"),
    ("limit of no policy", {"U": user(doc(allow("iam:*")), PermissionsBoundary=f"{AWS}NoSuchAccess")}, "unknown"),
    (
        "limit of all, managed",
        {"U": user(ManagedPolicyArns=[f"{AWS}AdministratorAccess"], PermissionsBoundary=f"{AWS}PowerUserAccess")},
        "refuted",
    ),
    # The same with both resources in one statement, as in older samples of AWS.
    (
        "own user and device",
        {"U": user(doc(allow(["iam:EnableMFADevice", "iam:CreateVirtualMFADevice"], [OWN_USER, OWN_DEVICE])))},
        "proved",
    ),
    (
        "own user and any device",
        {"U": user(doc(allow(["iam:EnableMFADevice", "iam:ResyncMFADevice"], [OWN_USER, "arn:aws:iam::*:mfa/*"])))},
        "proved",
    ),
    ("create on a user", {"U": user(doc(allow("iam:CreateVirtualMFADevice", "arn:aws:iam::*:user/*")))}, "proved"),
    ("create anywhere", {"U": user(doc(allow("iam:CreateVirtualMFADevice")))}, "proved"),
    ("enable anywhere", {"U": user(doc(allow("iam:EnableMFADevice")))}, "refuted"),
    (
        "all on one's own but for the exempt",
        {"U": user(doc(allow("iam:*", [OWN_USER, OWN_DEVICE]), deny_all_but(EXEMPT, WITHOUT_MFA)))},
        "proved",
    ),
    ("all but for the exempt", {"U": user(doc(allow("iam:*"), deny_all_but(EXEMPT, WITHOUT_MFA)))}, "refuted"),
    ("all on one's own", {"U": user(doc(allow("iam:*", [OWN_USER, OWN_DEVICE])))}, "refuted"),
    # Where the resources belong to another service than the actions, nothing can be done.
    ("secrets on a device", {"U": user(only_on([OWN_DEVICE], allow(["secretsmanager:*", "ec2:*"])))}, "proved"),
    ("keys in a bucket", {"U": user(doc(allow("kms:*", "arn:aws:s3:::bucket/*")))}, "proved"),
    ("anything in a bucket", {"U": user(only_on(["arn:aws:s3:::bucket/*"], allow("*")))}, "refuted"),
    (
        "recovery points of a machine",
        {"U": user(doc(allow("backup:*", "arn:aws:ec2:us-east-1::snapshot/*")))},
        "refuted",
    ),
    # Without a version there are no variables, so that no user is left out.
    (
        "all but on one's own, no version",
        {"U": user({key: value for key, value in only_on([OWN_USER], allow("iam:*")).items() if key != "Version"})},
        "proved",
    ),
    ("case", {"G": group(doc(allow("EC2:terminateinstances")))}, "refuted"),
    ("wild mid", {"G": group(doc(allow("ec2:T*Instances")))}, "refuted"),
    ("wild service", {"G": group(doc(allow("ec?:TerminateInstances")))}, "refuted"),
    ("allow notaction", {"G": group(doc({"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*"}))}, "refuted"),
    (
        "mfaage",
        {"G": group(doc(allow("*", condition={"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}})))},
        "proved",
    ),
    (
        "mfaage ifexists",
        {"G": group(doc(allow("*", condition={"NumericLessThanIfExists": {"aws:MultiFactorAuthAge": "3600"}})))},
        "refuted",
    ),
    (
        "viaaws",
        {
            "G": group(
                doc(allow("*")),
                doc(deny("*", {"BoolIfExists": {MFA: "false"}, "Bool": {"aws:ViaAWSService": "false"}})),
            )
        },
        "refuted",
    ),
    (
        "role only",
        {
            "R": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "AssumeRolePolicyDocument": doc(
                        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
                    ),
                    "Policies": [{"PolicyName": "x", "PolicyDocument": doc(allow("ec2:*"))}],
                },
            }
        },
        None,
    ),
    ("managed group admin", {"G": group(ManagedPolicyArns=["arn:aws:iam::aws:policy/AdministratorAccess"])}, "refuted"),
    (
        "managed group admin+deny",
        {"G": group(doc(deny("*", WITHOUT_MFA)), ManagedPolicyArns=["arn:aws:iam::aws:policy/AdministratorAccess"])},
        "proved",
    ),
    ("managed ro", {"G": group(ManagedPolicyArns=["arn:aws:iam::aws:policy/ReadOnlyAccess"])}, "proved"),
    (
        "ipolicy",
        {
            "P": {
                "Type": "AWS::IAM::Policy",
                "Properties": {"PolicyName": "p", "Groups": ["devs"], "PolicyDocument": doc(allow("ec2:*"))},
            }
        },
        "refuted",
    ),
    (
        "deny resource limited",
        {"G": group(doc(allow("ec2:*"), deny("ec2:*", WITHOUT_MFA, "arn:aws:ec2:us-east-1:*:instance/*")))},
        "refuted",
    ),
    (
        "condition on user",
        {"G": group(doc(allow("ec2:*"), deny("ec2:*", {**WITHOUT_MFA, "StringNotEquals": {"aws:username": "admin"}})))},
        "refuted",
    ),
    ("stringlike true", {"G": group(doc(allow("ec2:*", condition={"StringLike": {MFA: "true"}})))}, "proved"),
    ("stringlike any", {"G": group(doc(allow("ec2:*", condition={"StringLike": {MFA: "*"}})))}, "refuted"),
    ("deny notequals", {"G": group(doc(allow("*"), deny("*", {"StringNotEquals": {MFA: "true"}})))}, "proved"),
    ("deny equals false", {"G": group(doc(allow("*"), deny("*", {"StringEquals": {MFA: "false"}})))}, "refuted"),
    (
        "null false+bool",
        {"G": group(doc(allow("ec2:*", condition={"Null": {MFA: "false"}, "Bool": {MFA: "true"}})))},
        "proved",
    ),
    ("forall", {"G": group(doc(allow("ec2:*", condition={"ForAllValues:Bool": {MFA: "true"}})))}, "refuted"),
    ("forany", {"G": group(doc(allow("ec2:*", condition={"ForAnyValue:Bool": {MFA: "true"}})))}, "proved"),
    ("passwd own", {"G": group(doc(allow("iam:ChangePassword", "arn:aws:iam::*:user/${aws:username}")))}, "proved"),
    # The call has no user name: whatever stands in the policy, it is about one's own.
    ("passwd of others", {"G": group(doc(allow("iam:ChangePassword", "arn:aws:iam::*:user/bob")))}, "proved"),
    ("getsessiontoken deny listed", {"G": group(doc(allow("sts:GetSessionToken")))}, "proved"),
    ("assume", {"G": group(doc(allow("sts:AssumeRole", "arn:aws:iam::111122223333:role/x")))}, "proved"),
]


def verdict(found: list[str]) -> str | None:
    """The worst of the verdicts; None without any."""
    return next((one for one in ("refuted", "unknown", "proved") if one in found), None)


@pytest.mark.parametrize(("resources", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_verdict(resources: Json, expected: str | None, tmp_path: Path) -> None:
    """The verdict is the one of the table."""
    file = tmp_path / "template.json"
    file.write_text(json.dumps({"Resources": resources}), encoding="utf-8")
    report = trustproof.check([str(file)], account="111122223333", properties=["sensitive-actions-require-mfa"])
    assert report.errors == ()
    assert verdict([result.verdict for result in report.results]) == expected


def check(
    template: Json, tmp_path: Path, ident: str = "sensitive-actions-require-mfa"
) -> tuple[trustproof.Result, ...]:
    """The results of one property for a template."""
    file = tmp_path / "template.json"
    file.write_text(json.dumps(template), encoding="utf-8")
    report = trustproof.check([str(file)], account="111122223333", properties=[ident])
    assert report.errors == ()
    return report.results


def test_a_device_of_somebody_else_is_said_to_be_one(tmp_path: Path) -> None:
    """What is exempt on one's own user is shown on another's, by AWS's spelling, with a Deny that closes it."""
    limit = deny_all_but(EXEMPT, WITHOUT_MFA)
    (found,) = check({"Resources": {"U": user(doc(allow("iam:*"), limit))}}, tmp_path)
    assert found.message == "a user without MFA may call iam:EnableMFADevice for another user: user U"
    assert found.counterexample is not None
    assert found.counterexample.resource == "arn:aws:iam::111122223333:user/bob"
    assert found.remedy is not None
    added = json.loads("".join(line.lstrip("+") for line in found.remedy.diff))
    (closed,) = check({"Resources": {"U": user(doc(allow("iam:*"), limit, added))}}, tmp_path)
    assert closed.verdict == "proved"


@pytest.mark.parametrize("action", ["backup:DeleteBackupVault", "cloudtrail:StopLogging", "iam:CreateAccountAlias"])
def test_actions_are_spelt_as_aws_does(action: str, tmp_path: Path) -> None:
    """An action that a wildcard covers is shown as it is written in the list of sensitive ones, or by AWS."""
    (found,) = check({"Resources": {"U": user(doc(allow(f"{action[:-2]}*".lower())))}}, tmp_path)
    assert found.counterexample is not None
    assert found.counterexample.action == action


@pytest.mark.parametrize(("member", "expected"), [("Name", "proved"), ("Other", "refuted")])
def test_a_membership_by_parameters(member: str, expected: str, tmp_path: Path) -> None:
    """A group and a user that only parameters name are composed where the same parameters name them."""
    parameters = {name: {"Type": "String"} for name in ("Name", "Other", "Team")}
    attached = {
        "Allow": {"Users": [{"Ref": "Name"}], "PolicyDocument": doc(allow("iam:*"))},
        "Deny": {"Groups": [{"Ref": "Team"}], "PolicyDocument": doc(deny("*", WITHOUT_MFA))},
    }
    resources: Json = {
        key: {"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": key, **properties}}
        for key, properties in attached.items()
    }
    resources["Member"] = {
        "Type": "AWS::IAM::UserToGroupAddition",
        "Properties": {"GroupName": {"Ref": "Team"}, "Users": [{"Ref": member}]},
    }
    found = check({"Parameters": parameters, "Resources": resources}, tmp_path)
    assert verdict([one.verdict for one in found]) == expected


@pytest.mark.parametrize("is_own", [True, False])
def test_what_a_group_of_others_allows_is_not_known(is_own: bool, tmp_path: Path) -> None:
    """Whether the user says that it is in it, or a resource of its own: the group may allow anything."""
    member = {"GroupName": "admins", "Users": [{"Ref": "U"}]}
    resources = {"U": user(doc(allow("s3:GetObject")), **({"Groups": ["admins"]} if is_own else {}))}
    if not is_own:
        resources["M"] = {"Type": "AWS::IAM::UserToGroupAddition", "Properties": member}
    (found,) = check({"Resources": resources}, tmp_path)
    assert found.verdict == "unknown"
    assert found.reasons[0] == "the group admins is not in the template, and what it allows is not known"


def test_members_in_general_are_told_from_those_of_the_template(tmp_path: Path) -> None:
    """A group can have members of which the template does not know, and the finding says that it is about them."""
    resources = {
        "A": group(doc(allow("ec2:*"))),
        "B": group(doc(deny("*", WITHOUT_MFA))),
        "U": user(Groups=[{"Ref": "A"}, {"Ref": "B"}]),
    }
    (found,) = [one for one in check({"Resources": resources}, tmp_path) if one.verdict == "refuted"]
    assert found.message.endswith(": members of group A")
    assert found.why[-1] == "user U may not do it, by other policies; another member of group A may"


@pytest.mark.parametrize(
    ("made", "allowed", "called", "about"),
    [
        ([], allow("iam:CreateUser"), "alice", None),
        (["alice"], allow("iam:CreateUser"), "bob", None),
        (["bob"], allow("iam:CreateUser"), "alice", None),
        (["alice", "bob"], allow("iam:CreateUser"), "carol", None),
        (["alice"], allow("iam:CreateAccessKey", OWN_USER), "bob", "bob"),
        (["alice"], allow("iam:CreateUser", condition={"StringLike": {"aws:username": "*"}}), "bob", None),
        # Where the policy leaves no other name, it stays.
        (["alice"], allow("iam:CreateUser", condition={"StringEquals": {"aws:username": "alice"}}), "alice", None),
    ],
)
def test_members_in_general_have_names_of_their_own(
    made: list[str], allowed: Json, called: str, about: str | None, tmp_path: Path
) -> None:
    """A request of somebody in a group is not shown by the name of a user of the template, who may not do it."""
    denied = doc(deny("*", WITHOUT_MFA))
    users = {name.title(): user(denied, UserName=name, Groups=[{"Ref": "G"}]) for name in made}
    found = check({"Resources": {"G": group(doc(allowed)), **users}}, tmp_path)
    (shown,) = [one.counterexample for one in found if one.counterexample is not None]
    assert shown.request.caller.arn.endswith(f":user/{called}")
    assert shown.request.context.get("aws:username", called) == called
    assert about is None or shown.request.resource.endswith(f":user/{about}")


@pytest.mark.parametrize(
    ("allowed", "spared", "expected"),
    [
        ("user/bob", "user/${aws:username}", "refuted"),
        ("user/b*", "user/${aws:username}", "refuted"),
        ("user/ops/bob", "user/ops/${aws:username}", "refuted"),
        # It is about somebody in a path, whom the Deny keeps out by whatever name.
        ("user/ops/bob", "user/${aws:username}", "proved"),
    ],
)
def test_a_member_may_be_called_as_a_resource(allowed: str, spared: str, expected: str, tmp_path: Path) -> None:
    """Where a Deny spares one's own name alone, a group lets in whoever has the name that it allows."""
    head = "arn:aws:iam::111122223333:"
    denied: Json = {"Effect": "Deny", "Action": "*", "NotResource": head + spared}
    found = check({"Resources": {"G": group(doc(allow("iam:CreateAccessKey", head + allowed), denied))}}, tmp_path)
    assert [one.verdict for one in found if one.property == "sensitive-actions-require-mfa"] == [expected]


PERMISSION_SETS: list[tuple[str, Json, str | None]] = [
    ("statement-usable", {"InlinePolicy": doc(allow("ec2:*", condition=WITH_MFA))}, "refuted"),
    ("statement-usable", {"InlinePolicy": doc(allow("ec2:*", condition={"BoolIfExists": {MFA: "true"}}))}, "proved"),
    (
        "statement-usable",
        {"InlinePolicy": doc(allow("ec2:*", condition={"StringEquals": {"aws:PrincipalAccount": "444455556666"}}))},
        "proved",
    ),
    (
        "statement-usable",
        {
            "InlinePolicy": doc(
                allow("ec2:*", condition={"ArnLike": {"aws:PrincipalArn": "arn:*:iam::*:role/*ReservedSSO_dev_*"}})
            )
        },
        "refuted",
    ),
    ("assume-role-scoped", {"InlinePolicy": doc(allow("sts:AssumeRole"))}, "refuted"),
    ("assume-role-scoped", {"InlinePolicy": json.dumps(doc(allow("sts:AssumeRole")))}, "refuted"),
    (
        "assume-role-scoped",
        {"InlinePolicy": doc(allow("sts:AssumeRole", "arn:aws:iam::111122223333:role/x"))},
        "proved",
    ),
    (
        "assume-role-scoped",
        {
            "InlinePolicy": doc(allow("sts:*")),
            "PermissionsBoundary": {"ManagedPolicyArn": f"{AWS}AmazonS3FullAccess"},
        },
        "proved",
    ),
    (
        "assume-role-scoped",
        {"InlinePolicy": doc(allow("sts:*")), "PermissionsBoundary": {"ManagedPolicyArn": f"{AWS}PowerUserAccess"}},
        "refuted",
    ),
    (
        "assume-role-scoped",
        {
            "InlinePolicy": doc(allow("sts:*")),
            "PermissionsBoundary": {"CustomerManagedPolicyReference": {"Name": "limit"}},
        },
        "unknown",
    ),
    (
        "assume-role-scoped",
        {"ManagedPolicies": [f"{AWS}ReadOnlyAccess"], "CustomerManagedPolicyReferences": [{"Name": "more"}]},
        "unknown",
    ),
    # Its sessions carry no MFA key: Identity Center asks for MFA itself.
    ("sensitive-actions-require-mfa", {"InlinePolicy": doc(allow("*"))}, None),
    ("mfa-required", {"InlinePolicy": doc(allow("*"))}, None),
]


@pytest.mark.parametrize(("ident", "properties", "expected"), PERMISSION_SETS)
def test_permission_sets(ident: str, properties: Json, expected: str | None, tmp_path: Path) -> None:
    """A permission set is asked as what its sessions may do, in whichever account they are."""
    permission_set = {"Type": "AWS::SSO::PermissionSet", "Properties": {"Name": "ops", **properties}}
    found = check({"Resources": {"P": permission_set}}, tmp_path, ident)
    assert verdict([one.verdict for one in found]) == expected


def test_sessions_of_a_permission_set_have_its_name(tmp_path: Path) -> None:
    """The caller of a counterexample is a session of the role that Identity Center makes of the permission set."""
    properties = {"Name": "ops", "InlinePolicy": doc(allow("sts:AssumeRole"))}
    resources = {"P": {"Type": "AWS::SSO::PermissionSet", "Properties": properties}}
    (found,) = check({"Resources": resources}, tmp_path, "assume-role-scoped")
    assert found.message == "roles of any account may be assumed: permission set P"
    assert found.counterexample is not None
    role = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_ops_0123456789abcdef"
    assert found.counterexample.caller == f"{role}/session"


def test_actions_on_resources_of_another_service_are_of_no_use(tmp_path: Path) -> None:
    """A statement that pairs actions with resources that they are not about lets nobody do anything."""
    policy = doc(allow("kms:*", "arn:aws:s3:::bucket", SECURE))
    (found,) = check({"Resources": {"U": user(policy)}}, tmp_path, "statement-usable")
    assert (found.verdict, found.label) == ("refuted", "no action here is about such a resource")
    assert found.path[-1] == "Resource"
    read = "arn:aws:s3:::bucket is read with the service s3"
    assert found.why == (f"{read}: kms:* is about arn:*:kms:REGION:ACCOUNT:*",)


def role(*documents: Json) -> Json:
    """A role with inline policies."""
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return entity("Role", documents, {"AssumeRolePolicyDocument": doc(trust)})


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (role(doc(allow("ec2:*"), deny("*", WITHOUT_MFA))), "refuted"),
        (role(doc(allow("ec2:*")), doc(deny("*", WITHOUT_MFA))), "refuted"),
        (role(doc(allow("ec2:*"), deny("*", {"Bool": {MFA: "false"}}))), "proved"),
        (role(doc(allow("ec2:*"), deny("ec2:Stop*", WITHOUT_MFA))), "proved"),
        (user(doc(allow("ec2:*"), deny("*", WITHOUT_MFA))), "proved"),
        # Who denies something whatever the request carries means it.
        (role(doc(allow("ec2:*")), doc({"Effect": "Deny", "Action": "*", "Resource": "*"})), "proved"),
    ],
)
def test_a_role_that_nobody_can_use_for_want_of_mfa(tmp_path: Path, made: Json, expected: str) -> None:
    """A Deny of everything without MFA, attached to a role, denies everything: no session of a role has MFA."""
    found = [one for one in check({"Resources": {"R": made}}, tmp_path, "statement-usable") if one.label]
    assert [one.verdict for one in found] == (["refuted"] if expected == "refuted" else [])
    for one in found:
        assert one.counterexample is not None
        assert one.counterexample.refused
        assert one.why == (
            f"the Deny applies: {MFA} is absent, and BoolIfExists is true when the key is absent"
            if len(made["Properties"]["Policies"]) == 1  # type: ignore[index]
            else f"the Deny of R applies: {MFA} is absent, and BoolIfExists is true when the key is absent",
        )


def test_a_statement_that_is_denied_beside_what_is_not_known(tmp_path: Path) -> None:
    """Where another policy of the holder has a value that is known only at deployment, no request is shown."""
    other = allow("iam:PassRole", {"Fn::GetAtt": ["Other", "Arn"]})  # type: ignore[arg-type]
    policies = (
        doc(allow("s3:*", condition={"Bool": {"aws:SecureTransport": "true"}})),
        doc(deny("*", WITHOUT_MFA), other),
    )
    found = check({"Resources": {"R": role(*policies), "Other": role()}}, tmp_path, "statement-usable")
    assert {one.verdict for one in found if one.label} == {"refuted"}
    assert all(one.counterexample is None for one in found)


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        (None, ["proved"]),
        (["ec2:StopInstances", "s3:DeleteObject*"], ["proved"]),
        (["s3:GetObject"], ["refuted"]),
        (["secretsmanager:GetSecretValue"], ["proved"]),
        (["iam:*"], ["refuted"]),
    ],
)
def test_a_policy_that_only_reads_may_read_what_is_sensitive(
    actions: list[str] | None, expected: list[str], tmp_path: Path
) -> None:
    """ReadOnlyAccess counts as its text does, also for a list of the project's own with actions that read."""
    file = tmp_path / "template.json"
    resources = {"G": group(ManagedPolicyArns=["arn:aws:iam::aws:policy/ReadOnlyAccess"])}
    file.write_text(json.dumps({"Resources": resources}), encoding="utf-8")
    config = {} if actions is None else {"sensitive": {"actions": actions}}
    asked = ["sensitive-actions-require-mfa"]
    report = trustproof.check([str(file)], account="111122223333", properties=asked, config=config)
    assert [result.verdict for result in report.results] == expected


@pytest.mark.parametrize(
    ("action", "covered", "elsewhere"),
    [
        ("ec2:TerminateInstances", "arn:aws:ec2:*:*:instance/*", "arn:aws:ec2:us-east-1:*:instance/*"),
        ("dynamodb:DeleteTable", "arn:aws:dynamodb:*:*:table/*", "arn:aws:dynamodb:*:*:table/prod-*"),
        ("kms:ScheduleKeyDeletion", "arn:aws:kms:*:*:key/*", "arn:aws:kms:*:*:alias/*"),
        (
            "secretsmanager:GetSecretValue",
            "arn:aws:secretsmanager:*:*:secret:*",
            "arn:aws:secretsmanager:*:*:secret:a*",
        ),
        ("rds:DeleteDBInstance", "arn:aws:rds:*:*:db:*", "arn:aws:rds:*:*:cluster:*"),
        ("lambda:UpdateFunctionCode", "arn:aws:lambda:*:*:function:*", "arn:aws:lambda:eu-west-1:*:function:*"),
        ("cloudtrail:StopLogging", "arn:aws:cloudtrail:*:*:trail/*", "arn:aws:cloudtrail:*:*:trail/main"),
        ("s3:DeleteBucket", "arn:aws:s3:::*", "arn:aws:s3:::*/*"),
        # What is in another account, nobody of this one reaches.
        ("iam:CreateAccessKey", "arn:aws:iam::111122223333:user/*", "arn:aws:iam::444455556666:user/*"),
        ("iam:PassRole", "arn:aws:iam::111122223333:*", "arn:aws:iam::111122223333:user/*"),
        (
            "ec2:TerminateInstances",
            "arn:aws:ec2:*:111122223333:instance/*",
            "arn:aws:ec2:us-east-1:111122223333:instance/*",
        ),
        ("kms:ScheduleKeyDeletion", "arn:aws:kms:*:111122223333:key/*", "arn:aws:kms:*:444455556666:key/*"),
    ],
)
def test_a_deny_of_all_that_an_action_can_be_about_is_enough(
    action: str, covered: str, elsewhere: str, tmp_path: Path
) -> None:
    """No request for these actions is about ``*``; a Deny that leaves out a resource of their type is not enough."""
    for resource, expected in ((covered, "proved"), (elsewhere, "refuted")):
        template = {"Resources": {"G": group(doc(allow(action), deny(action, WITHOUT_MFA, resource)))}}
        assert verdict([result.verdict for result in check(template, tmp_path)]) == expected


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        ("arn:aws:iam::111122223333:policy/force-mfa", "unknown"),
        # AWS's own policies allow.
        ("arn:aws:iam::aws:policy/AWSLambda_FullAccess", "refuted"),
    ],
)
def test_a_policy_of_ones_own_that_is_elsewhere_may_deny(arn: str, expected: str, tmp_path: Path) -> None:
    """What a customer managed policy outside the template says is not known, and it may be what demands MFA."""
    template = {"Resources": {"U": user(doc(allow("ec2:*")), ManagedPolicyArns=[arn])}}
    assert verdict([result.verdict for result in check(template, tmp_path)]) == expected


#: Statements that speak of the account 444455556666, for a user of 111122223333.
ABROAD: list[tuple[Json, str, str]] = [
    (allow("iam:CreateAccessKey", "arn:aws:iam::444455556666:user/*"), "proved", "refuted"),
    (allow("iam:*", "arn:aws:iam::444455556666:*"), "refuted", "proved"),
    (allow("ec2:TerminateInstances", "arn:aws:ec2:*:444455556666:instance/*"), "proved", "refuted"),
    (allow("dynamodb:DeleteTable", "arn:aws:dynamodb:*:444455556666:table/*"), "refuted", "proved"),
    (allow("kms:*", "arn:aws:kms:*:444455556666:key/*"), "proved", "proved"),
]


@pytest.mark.parametrize(("statement", "sensitive", "usable"), ABROAD)
def test_what_is_in_another_account(statement: Json, sensitive: str, usable: str, tmp_path: Path) -> None:
    """Nobody can use a statement about what only its own account reaches, and nothing sensitive is done by it."""
    for asked, expected in (("sensitive-actions-require-mfa", sensitive), ("statement-usable", usable)):
        template = {"Resources": {"U": user(doc({**statement, "Condition": SECURE}))}}
        assert verdict([result.verdict for result in check(template, tmp_path, asked)]) == expected


def test_a_statement_about_another_account_says_so(tmp_path: Path) -> None:
    """The finding points at the resource."""
    policy = doc(allow("iam:CreateUser", "arn:aws:iam::444455556666:user/*", SECURE))
    (found,) = check({"Resources": {"U": user(policy)}}, tmp_path, "statement-usable")
    assert found.label == "these actions reach no other account"
    assert found.path[-1] == "Resource"
    assert found.why == ("these actions of iam are about the caller's own account",)


def test_objects_and_buckets_are_not_the_same(tmp_path: Path) -> None:
    """A statement that lists the objects of a bucket, or reads the bucket, is of no use."""
    for action, resource in (("s3:ListBucket", "arn:aws:s3:::logs/*"), ("s3:GetObject", "arn:aws:s3:::logs")):
        template = {"Resources": {"U": user(doc(allow(action, resource, SECURE)))}}
        (found,) = check(template, tmp_path, "statement-usable")
        assert (found.verdict, found.label) == ("refuted", "no action here is about such a resource")


def test_an_account_that_is_given_at_deployment_may_be_the_own_one(tmp_path: Path) -> None:
    """The counterexample is about somebody of the user's account."""
    resource = {"Fn::Sub": "arn:${AWS::Partition}:iam::${Target}:user/*"}
    statement = {"Effect": "Allow", "Action": "iam:CreateAccessKey", "Resource": resource}
    template = {"Parameters": {"Target": {"Type": "String"}}, "Resources": {"U": user(doc(statement))}}
    (found,) = check(template, tmp_path)
    assert found.counterexample is not None
    assert found.counterexample.parameters["Target"] == "111122223333"


_TRUST = doc({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"})
_OTHERS: dict[str, dict[str, object]] = {
    "role R": {
        "Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": _TRUST, "ManagedPolicyArns": [{"Ref": "P"}]},
    },
    "role R by its boundary": {
        "Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": _TRUST, "PermissionsBoundary": {"Ref": "P"}},
    },
    "role R of a function": {
        "Type": "AWS::Serverless::Function",
        "Properties": {"Handler": "a", "Runtime": "python3.12", "InlineCode": "1", "Policies": [{"Ref": "P"}]},
    },
    "permission set R by its ARN": {
        "Type": "AWS::SSO::PermissionSet",
        "Properties": {"ManagedPolicies": [{"Ref": "P"}]},
    },
    "permission set R by its name": {
        "Type": "AWS::SSO::PermissionSet",
        "Properties": {"CustomerManagedPolicyReferences": [{"Name": "operate", "Path": "/team/"}]},
    },
    "permission set R by its boundary": {
        "Type": "AWS::SSO::PermissionSet",
        "Properties": {"PermissionsBoundary": {"CustomerManagedPolicyReference": {"Name": "operate"}}},
    },
    "profile R of Roles Anywhere": {
        "Type": "AWS::RolesAnywhere::Profile",
        "Properties": {"Name": "p", "RoleArns": ["*"], "ManagedPolicyArns": [{"Ref": "P"}]},
    },
}


def _shared_with(other: dict[str, object], *more: dict[str, object]) -> trustproof.Remedy:
    policy = {
        "ManagedPolicyName": "operate",
        "Path": "/team/",
        "PolicyDocument": doc(allow("ec2:TerminateInstances"), *more),
        "Users": [{"Ref": "Operator"}],
    }
    resources = {
        "Operator": {"Type": "AWS::IAM::User"},
        "P": {"Type": "AWS::IAM::ManagedPolicy", "Properties": policy},
        "R": other,
    }
    report = trustproof.check([{"Resources": resources}], properties=["sensitive-actions-require-mfa"])
    (found,) = (one for one in report.results if one.verdict == "refuted")
    assert found.remedy is not None
    return found.remedy


@pytest.mark.parametrize("name", _OTHERS)
@pytest.mark.parametrize("denies", [False, True])
def test_sessions_that_have_the_policy_too_are_not_locked_out(name: str, denies: bool) -> None:
    """A policy of users and of sessions of roles is not made to ask for MFA, which no such session has."""
    deny = {**allow("*"), "Effect": "Deny", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}
    remedy = _shared_with(_OTHERS[name], *([deny] if denies else []))
    assert remedy.edits == ()
    assert f"which {name.split(' by ')[0].split(' of ')[0]} has too: sessions of roles never carry MFA" in remedy.text


def test_a_permission_set_with_a_policy_of_another_name_changes_no_remedy() -> None:
    """Only a policy that the permission set may mean is not changed."""
    other = {
        "Type": "AWS::SSO::PermissionSet",
        "Properties": {"CustomerManagedPolicyReferences": [{"Name": "operators", "Path": "/team/"}]},
    }
    assert _shared_with(other).edits


@pytest.mark.parametrize(
    ("inline", "named", "reference", "expected"),
    [
        ([allow("s3:ListBucket")], [allow("sts:AssumeRole")], "ops", {"P": "refuted", "S": "proved"}),
        ([allow("s3:ListBucket")], [allow("s3:GetObject")], "ops", {"P": "proved", "S": "proved"}),
        ([allow("s3:ListBucket")], [allow("sts:AssumeRole")], "other", {"S": "unknown"}),
        # What stands beside it holds it back in each account; it holds nothing back in another one.
        (
            [{**allow("sts:*"), "Effect": "Deny"}],
            [allow("sts:AssumeRole")],
            "ops",
            {"P": "proved", "S": "proved"},
        ),
        (
            [allow("sts:AssumeRole")],
            [{**allow("sts:*"), "Effect": "Deny"}],
            "ops",
            {"P": "proved", "S": "unknown"},
        ),
    ],
    ids=["wide", "scoped", "of another name", "held back", "holds back"],
)
@pytest.mark.parametrize("is_guarded", [False, True])
def test_a_policy_that_a_permission_set_names_is_judged_as_one_that_it_has(
    inline: list[object], named: list[object], reference: str, expected: dict[str, str], *, is_guarded: bool
) -> None:
    """A customer managed policy of the template that a permission set names is attached, and stops nobody elsewhere."""
    entry: object = {"Name": reference}
    if is_guarded:
        entry = {"Fn::If": ["C", entry, {"Ref": "AWS::NoValue"}]}
    properties = {"InlinePolicy": doc(*inline), "CustomerManagedPolicyReferences": [entry]}  # type: ignore[arg-type]
    managed = {"ManagedPolicyName": "ops", "PolicyDocument": doc(*named)}  # type: ignore[arg-type]
    resources = {
        "S": {"Type": "AWS::SSO::PermissionSet", "Properties": properties},
        "P": {"Type": "AWS::IAM::ManagedPolicy", "Properties": managed},
    }
    template = {
        "Parameters": {"Stage": {"Type": "String"}},
        "Conditions": {"C": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
        "Resources": resources,
    }
    report = trustproof.check([template], properties=["assume-role-scoped"])
    found: dict[str, str] = {}
    for one in report.results:
        found[one.logical_id] = one.verdict
    if is_guarded and reference == "ops" and expected["S"] == "unknown":
        # Where it is not there, it does not hold back for certain either.
        expected = {**expected, "S": "refuted"}
    assert found == expected


_OPEN, _CLOSED = "arn:aws:iam::aws:policy/AdministratorAccess", "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(
    "properties",
    [
        lambda one: {"InlinePolicy": doc(allow("*")), "PermissionsBoundary": {"ManagedPolicyArn": one(_CLOSED, _OPEN)}},
        lambda one: {"CustomerManagedPolicyReferences": [{"Name": one("few", "all")}]},
        lambda one: {"CustomerManagedPolicyReferences": [one({"Name": "few"}, {"Name": "all"})]},
    ],
    ids=["boundary", "name", "reference"],
)
def test_a_permission_set_is_judged_at_each_outcome_of_a_condition(
    properties: Callable[[Callable[[object, object], Json]], Json], order: int
) -> None:
    """Which policy or boundary a permission set has by a condition is decided both ways, whichever stands first."""

    def one(few: object, everything: object) -> Json:
        return {"Fn::If": ["C", *(few, everything)[::order]]}

    found = {
        name: {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {"ManagedPolicyName": name, "PolicyDocument": doc(what)},
        }
        for name, what in (("few", allow("s3:GetObject")), ("all", allow("sts:AssumeRole")))
    }
    template = {
        "Parameters": {"Stage": {"Type": "String", "Default": "dev"}},
        "Conditions": {"C": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
        "Resources": {"S": {"Type": "AWS::SSO::PermissionSet", "Properties": properties(one)}, **found},
    }
    report = trustproof.check([template], properties=["assume-role-scoped"])
    assert verdict([result.verdict for result in report.results]) == "refuted"


def test_a_permission_set_that_names_a_policy_as_terraform_does(tmp_path: Path) -> None:
    """The name of a policy that is made at deployment is that policy's."""
    (tmp_path / "main.tf").write_text(
        """
resource "aws_iam_user" "u" { name = "alice" }
resource "aws_iam_policy" "p" {
  name_prefix = "operate"
  policy = jsonencode({
    Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "iam:CreateUser", Resource = "*" }]
  })
}
resource "aws_iam_user_policy_attachment" "a" {
  user       = aws_iam_user.u.name
  policy_arn = aws_iam_policy.p.arn
}
resource "aws_ssoadmin_permission_set" "s" {
  name         = "Operate"
  instance_arn = "arn:aws:sso:::instance/ssoins-0123456789abcdef"
}
resource "aws_ssoadmin_customer_managed_policy_attachment" "c" {
  instance_arn       = aws_ssoadmin_permission_set.s.instance_arn
  permission_set_arn = aws_ssoadmin_permission_set.s.arn
  customer_managed_policy_reference { name = aws_iam_policy.p.name }
}
""",
        encoding="utf-8",
    )
    report = trustproof.check([tmp_path], config={}, properties=["sensitive-actions-require-mfa"])
    (found,) = (one for one in report.results if one.verdict == "refuted")
    assert found.remedy is not None
    assert "which permission set aws_ssoadmin_permission_set.s has too" in found.remedy.text


def test_the_boundary_of_one_closes_nothing_for_another() -> None:
    """What is the boundary of a user may be one of several policies of a group, whose members the change leaves in."""
    everything, looks_at_mfa = allow("iam:*"), allow("*", condition={"BoolIfExists": {MFA: "true"}})
    both: list[Json] = [{"Ref": "Everything"}, {"Ref": "Lax"}]
    template = {
        "Resources": {
            "User": user(ManagedPolicyArns=both, PermissionsBoundary={"Ref": "Lax"}),
            "Group": group(ManagedPolicyArns=both),
            "Everything": boundary(doc(everything)),
            "Lax": boundary(doc(looks_at_mfa)),
        }
    }
    found = [
        one
        for one in trustproof.check([template], properties=["sensitive-actions-require-mfa"]).results
        if one.verdict == "refuted"
    ]
    changed = {one.logical_id: {edit.path[1] for edit in one.remedy.edits} for one in found if one.remedy is not None}
    assert changed == {"Everything": {"Everything"}, "Lax": {"Lax"}}


def test_each_of_those_who_have_a_policy_is_closed() -> None:
    """Where a user and a group each have a Deny of their own that misses, one remedy mends both."""
    missing = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {MFA: "false"}}}
    template = {
        "Resources": {
            "User": user(doc(missing), ManagedPolicyArns=[{"Ref": "Everything"}]),
            "Group": group(doc(missing), ManagedPolicyArns=[{"Ref": "Everything"}]),
            "Everything": boundary(doc(allow("iam:*"))),
        }
    }
    report = trustproof.check([template], properties=["sensitive-actions-require-mfa"])
    (found,) = (one for one in report.results if one.verdict == "refuted")
    assert found.remedy is not None
    assert {edit.path[1] for edit in found.remedy.edits} == {"User", "Group"}
    assert "; and, for others who have this policy, " in found.remedy.text
