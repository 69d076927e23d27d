"""
What exclusive resources of a plan take away of what templates and assemblies beside it give.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof
from tests.inputs.terraform.builders import HUB, OWN, After, Resource, allow, plan, policy, raw_state, trust
from tests.inputs.test_cdk_assembly import stack, write

R = Resource

#: A Deny of calls without MFA, which a template gives a user of a plan: inline, attached, or by a group.
DENY = {"Effect": "Deny", "Action": "iam:*", "Resource": "*"} | {
    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
}
_PARTS = ("Type", "Properties")
_DOCUMENT = {"PolicyDocument": json.loads(policy(DENY))}
GIVEN: dict[str, tuple[str, dict[str, Any]]] = {
    "inline": ("AWS::IAM::Policy", {"PolicyName": "x", "Users": ["u"]} | _DOCUMENT),
    "attached": ("AWS::IAM::ManagedPolicy", {"Users": ["u"]} | _DOCUMENT),
    "to some": ("AWS::IAM::ManagedPolicy", {"ManagedPolicyName": "D", "Path": "/t/", "Users": ["u"]} | _DOCUMENT),
    "group": ("AWS::IAM::UserToGroupAddition", {"GroupName": "g", "Users": ["u"]}),
}
TAKES_AWAY = {
    "inline": R("aws_iam_user_policies_exclusive.x", {"user_name": "u", "policy_names": ["p"]}),
    "attached": R("aws_iam_user_policy_attachments_exclusive.x", {"user_name": "u", "policy_arns": []}),
    "to some": R(
        "aws_iam_policy_attachment.x",
        {"name": "a", "policy_arn": f"arn:aws:iam::{OWN}:policy/t/D", "users": ["another"]},
    ),
    "group": R("aws_iam_group_membership.x", {"name": "m", "group": "g", "users": ["another"]}),
}


@pytest.mark.parametrize("given", GIVEN)
def test_what_a_plan_takes_away_of_a_template_keeps_nobody_out(tmp_path: Path, given: str) -> None:
    """Each apply removes what an exclusive resource does not list, whoever declares it."""
    type_, properties = GIVEN[given]
    write(tmp_path / "template.json", {"Resources": {"D": {"Type": type_, "Properties": properties}}})
    user = [
        R("aws_iam_user.u", {"name": "u"}),
        R("aws_iam_user_policy.p", {"name": "p", "user": "u", "policy": policy(allow("iam:*"))}),
        R("aws_iam_group.g", {"name": "g"}),
        *(
            [R("aws_iam_group_policy.g", {"name": "d", "group": "g", "policy": policy(DENY)})]
            if given == "group"
            else []
        ),
    ]

    def verdicts(*more: Resource) -> set[str]:
        write(tmp_path / "plan.json", plan(*user, *more))
        report = trustproof.check(
            [tmp_path / "plan.json", tmp_path / "template.json"],
            config={},
            account=OWN,
            properties=["sensitive-actions-require-mfa"],
        )
        assert report.errors == ()
        return {one.verdict for one in report.results if one.logical_id == "aws_iam_user_policy.p"}

    assert verdicts() <= {"proved"}
    assert verdicts(TAKES_AWAY[given]) <= {"refuted", "unknown"}
    assert verdicts(TAKES_AWAY[given])


def test_what_an_attachment_of_a_plan_does_not_list_loses_the_policy(tmp_path: Path) -> None:
    """Whoever declares user and policy: a Deny keeps nobody out, and what a policy allows is not proved harmless."""
    user = {"Type": "AWS::IAM::User", "Properties": {"UserName": "u", "ManagedPolicyArns": [{"Ref": "D"}]}}
    document = {"PolicyName": "p", "Users": [{"Ref": "U"}], "PolicyDocument": json.loads(policy(allow("iam:*")))}
    properties = {"ManagedPolicyName": "D"} | _DOCUMENT

    def verdicts(name: str) -> set[str]:
        resources = {"U": user, "P": {"Type": "AWS::IAM::Policy", "Properties": document}}
        given = {"D": {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}}
        write(tmp_path / "template.json", {"Resources": resources | given})
        arn = f"arn:aws:iam::{OWN}:policy/{name}"
        attachment = R("aws_iam_policy_attachment.x", {"name": "a", "policy_arn": arn, "users": ["another"]})
        write(tmp_path / "plan.json", plan(attachment))
        report = trustproof.check(
            [tmp_path / "plan.json", tmp_path / "template.json"],
            config={},
            account=OWN,
            properties=["sensitive-actions-require-mfa"],
        )
        return {one.verdict for one in report.results if one.logical_id in ("P", "D")}

    assert verdicts("E") <= {"proved"}
    assert "unknown" in verdicts("D") or "refuted" in verdicts("D")


@pytest.mark.parametrize("declares", [False, True])
def test_what_else_a_template_gives_is_not_taken_away_with_a_deny(tmp_path: Path, declares: bool) -> None:
    """What a plan does not take away stays, whoever declares the user, and where the plan has nothing else."""
    allows = {"PolicyName": "p", "Users": ["u"], "PolicyDocument": json.loads(policy(allow("iam:*")))}
    user = {"U": {"Type": "AWS::IAM::User", "Properties": {"UserName": "u"}}}
    kind = "inline" if declares else "attached"
    given = {"P": {"Type": "AWS::IAM::Policy", "Properties": allows}} | (user if declares else {})
    write(tmp_path / "template.json", {"Resources": given | {"D": dict(zip(_PARTS, GIVEN[kind], strict=True))}})

    def verdicts(*more: Resource) -> set[str]:
        write(tmp_path / "plan.json", plan(*([] if declares else [R("aws_iam_user.u", {"name": "u"})]), *more))
        report = trustproof.check(
            [tmp_path / "plan.json", tmp_path / "template.json"],
            config={},
            account=OWN,
            properties=["sensitive-actions-require-mfa"],
        )
        return {one.verdict for one in report.results if one.logical_id == "P"}

    assert verdicts() <= {"proved"}
    assert verdicts(TAKES_AWAY[kind]) & {"refuted", "unknown"}


_D = f"arn:aws:iam::{OWN}:policy/D"
_GROUP = {"G": {"Type": "AWS::IAM::Group", "Properties": {"GroupName": "g"}}}
_DENY = {"PolicyName": "d"} | _DOCUMENT
#: How a template keeps a user of its own out, besides what she is allowed: what her user has more, and resources.
KEEPS_OUT: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "inline": ({"Policies": [_DENY]}, {}),
    "attached": (
        {"ManagedPolicyArns": [{"Ref": "D"}]},
        {"D": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"ManagedPolicyName": "D"} | _DOCUMENT}},
    ),
    "group": (
        {"Groups": [{"Ref": "G"}]},
        {"G": {"Type": "AWS::IAM::Group", "Properties": {"GroupName": "g", "Policies": [_DENY]}}},
    ),
    "generated": ({"Groups": [{"Ref": "G"}]}, {"G": {"Type": "AWS::IAM::Group", "Properties": {"Policies": [_DENY]}}}),
    "attached to a group": (
        {"Groups": [{"Ref": "G"}]},
        _GROUP
        | {
            "D": {
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": {"ManagedPolicyName": "D", "Groups": [{"Ref": "G"}]} | _DOCUMENT,
            }
        },
    ),
}


def _inline_of(user: object, *listed: object) -> Resource:
    return R("aws_iam_user_policies_exclusive.x", {"user_name": user, "policy_names": ["p", *listed]})


def _members_of(group: object, *users: object) -> Resource:
    return R("aws_iam_group_membership.x", {"name": "m", "group": group, "users": ["another", *users]})


def _holders_of(policy: object, **holders: object) -> Resource:
    return R("aws_iam_policy_attachment.x", {"name": "a", "policy_arn": policy, "users": ["another"], **holders})


@pytest.mark.parametrize(
    ("keeps_out", "exclusive", "verdict"),
    [
        ("inline", _inline_of("u"), "unknown"),
        ("inline", _inline_of(After()), "unknown"),
        ("inline", _inline_of("another"), "proved"),
        ("inline", _inline_of("u", "d"), "proved"),
        ("inline", _inline_of("u", After()), "unknown"),
        ("inline", TAKES_AWAY["attached"], "proved"),
        ("attached", _holders_of(_D), "unknown"),
        ("attached", _holders_of(After("aws_iam_policy.x.arn")), "unknown"),
        ("attached", _holders_of(_D, users=["u"]), "proved"),
        ("attached", _holders_of(f"{_D}E"), "proved"),
        ("attached", _inline_of("u"), "proved"),
        ("group", _members_of("g"), "unknown"),
        ("group", _members_of(After()), "unknown"),
        ("group", _members_of("g", "u"), "proved"),
        ("group", _members_of("h"), "proved"),
        ("group", R("aws_iam_group_policies_exclusive.x", {"group_name": "g", "policy_names": []}), "unknown"),
        ("group", R("aws_iam_group_policies_exclusive.x", {"group_name": "g", "policy_names": ["d"]}), "proved"),
        ("generated", _members_of("S-G-1A2B3C4D5E6F"), "unknown"),
        ("generated", _members_of("admins"), "proved"),
        ("attached to a group", _holders_of(_D, groups=["h"]), "unknown"),
        ("attached to a group", _holders_of(_D, groups=["g"]), "proved"),
    ],
)
def test_what_a_template_gives_its_own_may_be_taken_away(
    tmp_path: Path, keeps_out: str, exclusive: Resource, verdict: str
) -> None:
    """A proof rests on nothing that an exclusive resource may be about, and on all that it lists, or is not about."""
    more, resources = KEEPS_OUT[keeps_out]
    user = {"Type": "AWS::IAM::User", "Properties": {"UserName": "u"} | more}
    allowed = {"PolicyName": "p", "Users": [{"Ref": "U"}], "PolicyDocument": json.loads(policy(allow("iam:*")))}
    given = {"U": user, "P": {"Type": "AWS::IAM::Policy", "Properties": allowed}} | resources
    write(tmp_path / "template.json", {"Resources": given})
    write(tmp_path / "plan.json", plan(exclusive))
    report = trustproof.check(
        [tmp_path / "plan.json", tmp_path / "template.json"],
        config={},
        account=OWN,
        properties=["sensitive-actions-require-mfa"],
    )
    assert report.errors == ()
    assert {one.verdict for one in report.results if one.logical_id == "P"} == {verdict}


@pytest.mark.parametrize("listed", [["u"], []])
def test_what_a_template_allows_is_refuted_whatever_may_take_it_away(tmp_path: Path, listed: list[str]) -> None:
    """The template gives it again when it is deployed; where it is listed, nobody takes it away."""
    document = {"PolicyDocument": json.loads(policy(allow("iam:*")))}
    properties = {"ManagedPolicyName": "D", "Users": ["u"]} | document
    write(
        tmp_path / "template.json", {"Resources": {"D": {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}}}
    )
    write(tmp_path / "plan.json", plan(R("aws_iam_user.u", {"name": "u"}), _holders_of(_D, users=listed)))
    report = trustproof.check(
        [tmp_path / "plan.json", tmp_path / "template.json"],
        config={},
        account=OWN,
        properties=["sensitive-actions-require-mfa"],
    )
    assert [one.verdict for one in report.results if one.logical_id == "D"] == ["refuted"]


_SSO = {"instance_arn": "arn:aws:sso:::instance/ssoins-1"}
_SET = "arn:aws:sso:::permissionSet/ssoins-1/ps-1"
_AWS = "arn:aws:iam::aws:policy"
_ASSUME_ANY = allow("sts:AssumeRole")
_ASSUME = {"Version": "2012-10-17", "Statement": [_ASSUME_ANY]}
_DENIES = {"Version": "2012-10-17", "Statement": [_ASSUME_ANY | {"Effect": "Deny"}]}


@pytest.mark.parametrize(
    ("properties", "type_", "arguments"),
    [
        (
            {"InlinePolicy": _DENIES, "ManagedPolicies": [f"{_AWS}/AdministratorAccess"]},
            "aws_ssoadmin_permission_set_inline_policy",
            {"inline_policy": policy(allow("s3:GetObject"))},
        ),
        (
            {"InlinePolicy": _ASSUME, "ManagedPolicies": [f"{_AWS}/AWSDenyAll"]},
            "aws_ssoadmin_managed_policy_attachments_exclusive",
            {"managed_policy_arns": []},
        ),
        (
            {"InlinePolicy": _ASSUME, "PermissionsBoundary": {"ManagedPolicyArn": f"{_AWS}/AmazonS3ReadOnlyAccess"}},
            "aws_ssoadmin_permissions_boundary_attachment",
            {"permissions_boundary": [{"managed_policy_arn": f"{_AWS}/AdministratorAccess"}]},
        ),
    ],
)
def test_what_a_permission_set_of_a_template_has_may_be_replaced(
    tmp_path: Path, properties: dict[str, Any], type_: str, arguments: dict[str, Any]
) -> None:
    """No ARN says of which permission set it is: it may be that of the template, and is not one of the plan's own."""
    given = {"Type": "AWS::SSO::PermissionSet", "Properties": {"Name": "s", "InstanceArn": "x"} | properties}
    write(tmp_path / "template.json", {"Resources": {"PS": given}})

    def verdicts(*resources: Resource, kept: bool = False) -> set[str]:
        found = plan(*resources)
        for change in (one["change"] for one in found["resource_changes"] if kept):
            change |= {"actions": ["no-op"], "before": change["after"]}
        write(tmp_path / "plan.json", found)
        report = trustproof.check(
            [tmp_path / "plan.json", tmp_path / "template.json"],
            config={},
            account=OWN,
            properties=["assume-role-scoped"],
        )
        assert report.errors == ()
        return {one.verdict for one in report.results if one.logical_id == "PS"}

    taking = R(f"{type_}.x", {"permission_set_arn": _SET} | _SSO | arguments)
    assert verdicts(R("aws_iam_user.q", {"name": "q"})) == {"proved"}
    assert "unknown" in verdicts(taking)

    def own(name: str) -> Resource:
        return R("aws_ssoadmin_permission_set.own", {"name": name} | _SSO, {"arn": _SET})

    assert verdicts(taking, own("own")) == {"proved"}
    # One that the plan has already may be that of the template.
    assert verdicts(taking, own("own"), kept=True) == {"proved"}
    assert "unknown" in verdicts(taking, own("s"), kept=True)


@pytest.mark.parametrize(
    ("bucket", "on", "verdict"),
    [
        ("data", False, "unknown"),
        ("imported", False, "unknown"),
        ("imported", True, "proved"),
        (After(), False, "unknown"),
        ("another", False, "proved"),
        ("data", True, "proved"),
    ],
)
def test_what_keeps_a_bucket_of_a_template_private_may_be_switched_off(
    tmp_path: Path, bucket: object, on: bool, verdict: str
) -> None:
    """A bucket has one public access block, and a plan may have another one for the bucket of a template."""
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*"}
    document = {"Version": "2012-10-17", "Statement": [everybody]}
    properties = {"Bucket": {"Ref": "B"}, "PolicyDocument": document}
    resources = {
        "B": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "data"}},
        "P": {"Type": "AWS::S3::BucketPolicy", "Properties": properties},
    }
    write(tmp_path / "template.json", {"Resources": resources})
    names = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    block = R("aws_s3_bucket_public_access_block.x", {"bucket": bucket} | dict.fromkeys(names, on))
    found = plan(block)
    if bucket == "imported":
        block.arguments["bucket"] = "data"
        found = plan(R("aws_s3_bucket.b", {"bucket": "data"}, {"id": "data"}), block)
        found["resource_changes"][0]["change"]["importing"] = {"id": "data"}
    write(tmp_path / "plan.json", found)
    report = trustproof.check([tmp_path / "plan.json", tmp_path / "template.json"], config={}, account=OWN)
    assert {one.verdict for one in report.results if one.logical_id == "P"} == {verdict}


def _block(type_: str, on: bool, **more: object) -> R:
    names = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    return R(type_, dict.fromkeys(names, on) | more)


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        ([_block("aws_s3_bucket_public_access_block.b", True, bucket="b")], "proved"),
        ([_block("aws_s3_bucket_public_access_block.b", False, bucket="b")], "refuted"),
        ([R("aws_s3_bucket.b", {"bucket": "b"}, {"id": "b"})], "unknown"),
        ([_block("aws_s3_account_public_access_block.a", True, account_id=OWN)], "proved"),
        ([_block("aws_s3_account_public_access_block.a", True, account_id=HUB)], "refuted"),
        ([_block("aws_s3_bucket_public_access_block.b", True, bucket="another")], "refuted"),
    ],
)
def test_what_a_state_puts_around_a_bucket_that_a_template_has_a_policy_of(
    tmp_path: Path, state: list[R], verdict: str
) -> None:
    """The settings of a bucket, and those of all buckets of an account, count for policies that stand elsewhere."""
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
    properties = {"Bucket": "b", "PolicyDocument": {"Version": "2012-10-17", "Statement": [everybody]}}
    write(tmp_path / "template.json", {"Resources": {"P": {"Type": "AWS::S3::BucketPolicy", "Properties": properties}}})
    write(tmp_path / "state.json", raw_state(*state))
    report = trustproof.check([tmp_path / "state.json", tmp_path / "template.json"], config={}, account=OWN)
    assert {one.verdict for one in report.results if one.logical_id == "P"} == {verdict}


@pytest.mark.parametrize(
    ("accounts", "verdict"), [({}, "unknown"), ({"aws": HUB}, "proved"), ({"aws": OWN}, "unknown")]
)
def test_a_plan_for_an_account_that_is_not_known_may_take_away(
    tmp_path: Path, accounts: dict[str, str], verdict: str
) -> None:
    """The account of an assembly is written in it, and that of a plan is not; of another account nothing is taken."""
    user = {"Type": "AWS::IAM::User", "Properties": {"UserName": "u", "Policies": [_DENY]}}
    allowed = {"PolicyName": "p", "Users": [{"Ref": "U"}], "PolicyDocument": json.loads(policy(allow("iam:*")))}
    given = {"U": user, "P": {"Type": "AWS::IAM::Policy", "Properties": allowed}}
    write(tmp_path / "cdk.out" / "Prod.template.json", {"Resources": given})
    manifest = {"version": "36.0.0", "artifacts": {"Prod": stack("Prod.template.json", f"aws://{OWN}/eu-west-1")}}
    write(tmp_path / "cdk.out" / "manifest.json", manifest)
    write(tmp_path / "plan.json", plan(_inline_of("u")))
    report = trustproof.check(
        [tmp_path / "plan.json", tmp_path / "cdk.out"],
        config={},
        provider_accounts=accounts,
        properties=["sensitive-actions-require-mfa"],
    )
    assert {one.verdict for one in report.results if one.logical_id == "P"} == {verdict}


_ROLE_POLICY = {"policy": policy(allow("s3:GetObject"))}


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize(
    ("role", "name", "verdict"),
    [
        (After("var.role"), "d", "unknown"),
        (After(), After(), "unknown"),
        (After(), "e", "proved"),
        ("another", "d", "proved"),
    ],
)
def test_a_policy_of_a_role_that_is_not_known_may_replace_one_of_its_name(
    tmp_path: Path, named: bool, role: object, name: object, verdict: str
) -> None:
    """Which role a plan puts an inline policy on, nobody knows: it may be that of the template, which loses its own."""
    policies = [{"PolicyName": "p", "PolicyDocument": _ASSUME}, {"PolicyName": "d", "PolicyDocument": _DENIES}]
    properties = {"Policies": policies, "AssumeRolePolicyDocument": json.loads(trust())}
    properties |= {"RoleName": "r"} if named else {}
    write(tmp_path / "template.json", {"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": properties}}})
    write(tmp_path / "plan.json", plan(R("aws_iam_role_policy.x", {"role": role, "name": name} | _ROLE_POLICY)))
    report = trustproof.check(
        [tmp_path / "plan.json", tmp_path / "template.json"],
        config={},
        account=OWN,
        properties=["assume-role-scoped"],
    )
    assert report.errors == ()
    assert {one.verdict for one in report.results if one.logical_id == "R"} == {"proved", verdict}


def test_a_policy_of_an_unknown_role_is_none_of_what_its_plan_declares(tmp_path: Path) -> None:
    """A role that a plan makes is not one that a template makes, whatever it is called; by its name it is joined."""
    policies = [{"PolicyName": "p", "PolicyDocument": _ASSUME}, {"PolicyName": "d", "PolicyDocument": _DENIES}]
    properties = {"RoleName": "r", "Policies": policies, "AssumeRolePolicyDocument": json.loads(trust())}
    write(tmp_path / "template.json", {"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": properties}}})
    own = R("aws_iam_role.own", {"name": "own", "assume_role_policy": trust()})

    def verdicts(role: str) -> set[str]:
        write(tmp_path / "plan.json", plan(own, R("aws_iam_role_policy.x", {"role": role, "name": "d"} | _ROLE_POLICY)))
        report = trustproof.check(
            [tmp_path / "plan.json", tmp_path / "template.json"],
            config={},
            account=OWN,
            properties=["assume-role-scoped"],
        )
        return {one.verdict for one in report.results if one.logical_id == "R"}

    assert verdicts("own") == {"proved"}
    assert "refuted" in verdicts("r")
