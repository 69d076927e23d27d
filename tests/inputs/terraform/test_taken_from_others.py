"""
What a plan deletes, and what was there before it, that templates and assemblies beside it give as well.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof
from tests.inputs.terraform.builders import OWN, Resource, allow, plan, policy, state, trust
from tests.inputs.test_cdk_assembly import write

R = Resource

_DENY = {"Effect": "Deny", "Action": "iam:*", "Resource": "*"} | {
    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
}
_ALLOW = allow("iam:*")
_DOCUMENT = {"PolicyDocument": json.loads(policy(_DENY))}
_BOTH = {"PolicyDocument": json.loads(policy(_DENY, allow("*")))}
_D = f"arn:aws:iam::{OWN}:policy/D"
_POLICY = {"D": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"ManagedPolicyName": "D"} | _DOCUMENT}}
_GROUP = {"GroupName": "g", "Policies": [{"PolicyName": "d"} | _DOCUMENT]}
#: How a template keeps its user out: what the user has, and resources.
KEEPS_OUT: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "inline": ({"Policies": [{"PolicyName": "d"} | _DOCUMENT]}, {}),
    "attached": ({"ManagedPolicyArns": [{"Ref": "D"}]}, _POLICY),
    "group": ({"Groups": [{"Ref": "G"}]}, {"G": {"Type": "AWS::IAM::Group", "Properties": _GROUP}}),
    "boundary": (
        {"PermissionsBoundary": {"Ref": "D"}},
        {"D": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"ManagedPolicyName": "D"} | _BOTH}},
    ),
}


def _kept(*resources: Resource, deleted: tuple[Resource, ...] = ()) -> dict[str, Any]:
    """A plan that keeps some resources as they are, and deletes others."""
    found = plan(*resources)
    for one in found["resource_changes"]:
        one["change"] |= {"actions": ["no-op"], "before": one["change"]["after"]}
    for resource in deleted:
        change = {"actions": ["delete"], "before": resource.values, "after": None, "after_unknown": {}}
        found["resource_changes"].append(resource.change | {"change": change})
    return found


def _inline(user: str, name: str) -> Resource:
    return R("aws_iam_user_policy.x", {"user": user, "name": name, "policy": policy(_DENY)})


def _attachment(user: str, arn: str) -> Resource:
    return R("aws_iam_user_policy_attachment.x", {"user": user, "policy_arn": arn})


def _membership(user: str, *groups: str) -> Resource:
    return R("aws_iam_user_group_membership.x", {"user": user, "groups": list(groups)})


def _policy(name: str, *statements: dict[str, Any]) -> Resource:
    arn = f"arn:aws:iam::{OWN}:policy/{name}"
    return R("aws_iam_policy.x", {"name": name, "policy": policy(*statements)}, {"arn": arn, "id": arn})


def _user(name: str, boundary: str | None = None) -> Resource:
    return R("aws_iam_user.x", {"name": name, "permissions_boundary": boundary}, {"id": name})


@pytest.mark.parametrize(("is_deleted", "expected"), [(False, "proved"), (True, "unknown")])
def test_what_a_third_file_gives_goes_with_whom_a_plan_deletes(is_deleted: bool, expected: str) -> None:
    """What is declared with the new one is put on that one."""
    gone = _kept(R("aws_iam_group.g", {"name": "z"}), deleted=(_user("n"),) if is_deleted else ())
    new = plan(_user("n"), R("aws_iam_user_policy.a", {"user": "n", "name": "a", "policy": policy(_ALLOW)}))
    own = plan(_user("n"), R("aws_iam_user_policy.a", {"user": "n", "name": "a", "policy": policy(_ALLOW, _DENY)}))
    for given, found in (((gone, new, state(_inline("n", "d"))), expected), ((gone, own), "proved")):
        report = trustproof.check(given, config={}, account=OWN, properties=["sensitive-actions-require-mfa"])
        verdicts = {one.verdict for one in report.results if one.logical_id == "aws_iam_user_policy.a"}
        assert (report.errors, verdicts) == ((), {found})


@pytest.mark.parametrize(("actions", "expected"), [("no-op", "proved"), ("delete", "unknown"), ("update", "unknown")])
def test_what_a_template_gives_goes_with_the_stack_that_a_plan_deletes_or_changes(actions: str, expected: str) -> None:
    """It may be the template of that stack."""
    given = {"PolicyName": "d", "UserName": "n"} | _DOCUMENT
    body = {"Resources": {"D": {"Type": "AWS::IAM::UserPolicy", "Properties": given}}}
    other = {"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}
    stack = R("aws_cloudformation_stack.s", {"name": "s", "template_body": json.dumps(body)})
    change: dict[str, Any] = {"actions": [actions], "before": stack.values}
    after = {"delete": None, "update": {"name": "s", "template_body": json.dumps(other)}}.get(actions, stack.values)
    changes = _kept(R("aws_iam_group.g", {"name": "z"}))
    changes["resource_changes"].append(stack.change | {"change": change | {"after": after, "after_unknown": {}}})
    new = plan(_user("n"), R("aws_iam_user_policy.a", {"user": "n", "name": "a", "policy": policy(_ALLOW)}))
    report = trustproof.check(
        [changes, body, new], config={}, account=OWN, properties=["sensitive-actions-require-mfa"]
    )
    verdicts = {one.verdict for one in report.results if one.logical_id == "aws_iam_user_policy.a"}
    assert (report.errors, verdicts) == ((), {expected})


_OTHER = {"policy_document": policy(allow("s3:GetObject"))}


def _by_cloud_control(kind: str, **arguments: Any) -> Resource:
    return R(f"awscc_iam_{kind}.x", arguments, provider="awscc")


def _verdicts(tmp_path: Path, keeps_out: str, beside: dict[str, Any]) -> set[str]:
    more, resources = KEEPS_OUT[keeps_out]
    user = {"Type": "AWS::IAM::User", "Properties": {"UserName": "u"} | more}
    allowed = {"PolicyName": "p", "Users": [{"Ref": "U"}], "PolicyDocument": json.loads(policy(_ALLOW))}
    given = {"U": user, "P": {"Type": "AWS::IAM::Policy", "Properties": allowed}} | resources
    write(tmp_path / "template.json", {"Resources": given})
    write(tmp_path / "plan.json", beside)
    report = trustproof.check(
        [tmp_path / "plan.json", tmp_path / "template.json"],
        config={},
        account=OWN,
        properties=["sensitive-actions-require-mfa"],
    )
    assert report.errors == ()
    return {one.verdict for one in report.results if one.logical_id == "P"}


@pytest.mark.parametrize(
    ("keeps_out", "deleted", "verdict"),
    [
        ("inline", _inline("u", "d"), "unknown"),
        ("inline", _inline("u", "e"), "proved"),
        ("inline", _inline("another", "d"), "proved"),
        ("attached", _attachment("u", _D), "unknown"),
        ("attached", _attachment("u", f"{_D}E"), "proved"),
        ("attached", _policy("D", _DENY), "unknown"),
        ("group", _membership("u", "g", "h"), "unknown"),
        ("group", _membership("u", "h"), "proved"),
        ("group", R("aws_iam_group_membership.x", {"name": "m", "group": "g", "users": ["u"]}), "unknown"),
        ("group", R("aws_iam_group_policy.x", {"group": "g", "name": "d", "policy": policy(_DENY)}), "unknown"),
        ("boundary", _inline("u", "d"), "proved"),
        ("boundary", _policy("D", _DENY, allow("*")), "unknown"),
        ("boundary", _policy("E", _DENY, allow("*")), "proved"),
        ("inline", _by_cloud_control("user_policy", user_name="u", policy_name="d"), "unknown"),
        ("inline", _by_cloud_control("user_policy", user_name="u", policy_name="e"), "proved"),
        ("inline", _by_cloud_control("user", user_name="u", policies=[{"policy_name": "d"}]), "unknown"),
        ("attached", _by_cloud_control("managed_policy", managed_policy_name="D"), "unknown"),
        ("attached", _by_cloud_control("managed_policy", managed_policy_name="E"), "proved"),
        ("attached", _by_cloud_control("user", user_name="u", managed_policy_arns=[_D]), "unknown"),
        ("group", _by_cloud_control("user", user_name="u", groups=["g"]), "unknown"),
        ("boundary", _by_cloud_control("user", user_name="u", permissions_boundary=_D), "unknown"),
    ],
)
def test_what_a_plan_deletes_may_be_what_a_template_gives(
    tmp_path: Path, keeps_out: str, deleted: Resource, verdict: str
) -> None:
    """The template gives it, and Terraform deletes it by its name: then nothing is left that keeps anybody out."""
    other = R("aws_iam_user.q", {"name": "q"})
    assert _verdicts(tmp_path, keeps_out, _kept(other, deleted=(deleted,))) == {verdict}


@pytest.mark.parametrize(
    ("keeps_out", "renamed", "was", "verdict"),
    [
        ("inline", _user("v"), "u", "unknown"),
        ("inline", _user("v"), "v", "proved"),
        ("inline", _user("v"), "another", "proved"),
        ("group", R("aws_iam_group.x", {"name": "h"}, {"id": "h"}), "g", "unknown"),
    ],
)
def test_who_is_given_another_name_takes_along_what_others_give_by_the_old_one(
    tmp_path: Path, keeps_out: str, renamed: Resource, was: str, verdict: str
) -> None:
    """A user or group keeps what it has, and whoever has its name now has nothing of it."""
    found = _kept(renamed)
    change = found["resource_changes"][0]["change"]
    change |= {"actions": ["update"], "before": change["before"] | {"name": was, "path": "/"}}
    assert _verdicts(tmp_path, keeps_out, found) == {verdict}


@pytest.mark.parametrize(
    ("keeps_out", "kept", "verdict"),
    [
        ("attached", _policy("D", allow("s3:GetObject")), "unknown"),
        ("attached", _policy("D", _DENY), "proved"),
        ("attached", _policy("E", allow("s3:GetObject")), "proved"),
        ("boundary", _policy("D", allow("*")), "unknown"),
        ("boundary", _user("u"), "unknown"),
        ("boundary", _user("u", f"{_D}E"), "unknown"),
        ("boundary", _user("u", _D), "proved"),
        ("boundary", _user("another"), "proved"),
        ("inline", _user("u"), "proved"),
        ("attached", _by_cloud_control("managed_policy", managed_policy_name="D", **_OTHER), "unknown"),
        ("boundary", _by_cloud_control("user", user_name="u"), "unknown"),
        ("inline", _by_cloud_control("user", user_name="u", policies=[{"policy_name": "d"} | _OTHER]), "unknown"),
    ],
)
def test_what_terraform_has_already_is_not_another_thing_of_the_name(
    tmp_path: Path, keeps_out: str, kept: Resource, verdict: str
) -> None:
    """A policy or user of one name is one thing: what Terraform writes there counts as much as the template."""
    assert _verdicts(tmp_path, keeps_out, _kept(kept)) == {verdict}


def _named(name: str, *statements: dict[str, Any]) -> dict[str, Any]:
    return {"PolicyName": name, "PolicyDocument": json.loads(policy(*statements))}


_HARMLESS = allow("s3:GetObject")
_IS_HIGHER = {"StringEquals": {"aws:PrincipalTag/level": "1"}}
_TAGGED = {
    "Tags": [{"Key": "level", "Value": "0"}],
    "Policies": [_named("p", allow("iam:*", Condition=_IS_HIGHER))],
}
_USER_HAS = R("aws_iam_user_policy.p", {"user": "u", "name": "p", "policy": policy(_ALLOW)})


@pytest.mark.parametrize(
    ("user", "resources", "beside", "is_proved"),
    [
        # A template attaches a policy that lets nobody do much, and Terraform writes another text there.
        ({"ManagedPolicyArns": [{"Ref": "D"}]}, {"D": [_HARMLESS]}, [_policy("D", _ALLOW)], False),
        ({"ManagedPolicyArns": [{"Ref": "D"}]}, {"D": [_HARMLESS]}, [_policy("E", _ALLOW)], True),
        ({}, {"D": [_HARMLESS], "Users": ["u"]}, [_policy("D", _ALLOW)], False),
        ({"ManagedPolicyArns": [{"Ref": "D"}]}, {"D": [_DENY, _ALLOW]}, [_policy("D", _DENY, _ALLOW)], True),
        # A template puts a policy on the user of Terraform that replaces what keeps the user out.
        ({"Policies": [_named("d", _HARMLESS)]}, {}, [_USER_HAS, _user("u"), _inline("u", "d")], False),
        ({"Policies": [_named("d", _DENY)]}, {}, [_USER_HAS, _user("u"), _inline("u", "d")], True),
        ({"Policies": [_named("e", _HARMLESS)]}, {}, [_USER_HAS, _user("u"), _inline("u", "d")], True),
        # A template gives the user of Terraform no boundary, or another one.
        ({}, {}, [_USER_HAS, _user("u", _D), _policy("D", _DENY, allow("*"))], False),
        ({"PermissionsBoundary": f"{_D}E"}, {}, [_USER_HAS, _user("u", _D), _policy("D", _DENY, allow("*"))], False),
        ({"PermissionsBoundary": _D}, {}, [_USER_HAS, _user("u", _D), _policy("D", _DENY, allow("*"))], True),
        # What a user may do by a tag that only one of both sets.
        (_TAGGED, {}, [R("aws_iam_user.x", {"name": "u", "tags": {"level": "1"}}, {"id": "u"})], False),
        (_TAGGED, {}, [R("aws_iam_user.x", {"name": "u", "tags": {"level": "0", "a": "b"}}, {"id": "u"})], True),
    ],
)
def test_what_a_template_and_terraform_have_by_one_name_may_be_as_either_writes_it(
    tmp_path: Path, user: dict[str, Any], resources: dict[str, Any], beside: list[Resource], is_proved: bool
) -> None:
    """Whoever was applied last has written it: what holds for both is proved, and nothing else."""
    given: dict[str, Any] = {"U": {"Type": "AWS::IAM::User", "Properties": {"UserName": "u"} | user}}
    if "D" in resources:
        properties = {"ManagedPolicyName": "D", "PolicyDocument": json.loads(policy(*resources["D"]))}
        properties |= {"Users": [{"Ref": "U"}]} if "Users" in resources else {}
        given["D"] = {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}
    write(tmp_path / "template.json", {"Resources": given})
    write(tmp_path / "plan.json", _kept(*beside))
    report = trustproof.check(
        [tmp_path / "plan.json", tmp_path / "template.json"],
        config={},
        account=OWN,
        properties=["sensitive-actions-require-mfa"],
    )
    assert report.errors == ()
    assert ({one.verdict for one in report.results} <= {"proved"}) == is_proved


_ASSUME = allow("sts:AssumeRole")


@pytest.mark.parametrize(
    ("name", "policies", "is_proved"),
    [
        ("r", {"d": [_HARMLESS]}, False),
        ("r", {"d": [_ASSUME | {"Effect": "Deny"}]}, True),
        ("another", {"d": [_HARMLESS]}, True),
    ],
)
def test_what_a_role_has_by_blocks_replaces_what_a_template_gives(
    tmp_path: Path, name: str, policies: dict[str, list[dict[str, Any]]], is_proved: bool
) -> None:
    """A role has one inline policy of a name, wherever it is written."""
    listed = [_named("p", _ASSUME), _named("d", _ASSUME | {"Effect": "Deny"})]
    properties = {"RoleName": "r", "AssumeRolePolicyDocument": json.loads(trust()), "Policies": listed}
    write(tmp_path / "template.json", {"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": properties}}})
    blocks = [{"name": "p", "policy": policy(_ASSUME)}]
    blocks += [{"name": called, "policy": policy(*statements)} for called, statements in policies.items()]
    role = R("aws_iam_role.x", {"name": name, "assume_role_policy": trust(), "inline_policy": blocks}, {"id": name})
    write(tmp_path / "plan.json", _kept(role))
    report = trustproof.check(
        [tmp_path / "plan.json", tmp_path / "template.json"],
        config={},
        account=OWN,
        properties=["assume-role-scoped"],
    )
    assert ({one.verdict for one in report.results if one.logical_id == "R"} == {"proved"}) == is_proved


@pytest.mark.parametrize("type_", ["AWS::IAM::RolePolicy", "AWS::IAM::ManagedPolicy"])
@pytest.mark.parametrize(("name", "path", "verdict"), [("r", "/", "proved"), ("r", "/x/", "unknown")])
def test_a_role_that_is_made_anew_has_nothing_of_what_others_gave_to_it(
    tmp_path: Path, type_: str, name: str, path: str, verdict: str
) -> None:
    """A plan that replaces a role takes away all policies with it, and puts back its own."""
    is_inline = type_ == "AWS::IAM::RolePolicy"
    document = {"PolicyDocument": json.loads(policy(_ASSUME | {"Effect": "Deny"}))}
    properties = document | ({"RoleName": "r", "PolicyName": "d"} if is_inline else {"Roles": ["r"]})
    write(tmp_path / "template.json", {"Resources": {"D": {"Type": type_, "Properties": properties}}})
    role = R("aws_iam_role.r", {"name": name, "path": path, "assume_role_policy": trust()}, {"id": name})
    allowed = R("aws_iam_role_policy.p", {"role": "r", "name": "p", "policy": policy(_ASSUME)})
    found = _kept(role, allowed)
    if path != "/":
        change = found["resource_changes"][0]["change"]
        change |= {"actions": ["delete", "create"], "before": change["before"] | {"path": "/"}}
    write(tmp_path / "plan.json", found)
    report = trustproof.check(
        [tmp_path / "plan.json", tmp_path / "template.json"],
        config={},
        account=OWN,
        properties=["assume-role-scoped"],
    )
    assert {one.verdict for one in report.results if one.logical_id == allowed.address} == {verdict}


_CONFIGURED = """
resource "aws_iam_user" "u" {
  name = "%s"
}
resource "aws_iam_user_policy" "d" {
  user   = aws_iam_user.u.name
  name   = "d"
  policy = jsonencode({ Version = "2012-10-17", Statement = [%s] })
}
"""
_GET = '{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }'


@pytest.mark.parametrize(
    ("name", "statement", "verdicts"),
    [
        ("u", _GET, {"proved", "unknown"}),
        ("another", _GET, {"proved"}),
        ("u", f"jsondecode({json.dumps(json.dumps(_DENY))})", {"proved"}),
    ],
)
def test_a_configuration_makes_nothing_anew_that_an_account_has(
    tmp_path: Path, name: str, statement: str, verdicts: set[str]
) -> None:
    """Terraform has made it then: what the configuration says is what an apply makes of it."""
    listed = [_named("p", _ALLOW), _named("d", _DENY)]
    user = {"UserName": "u", "Path": "/", "UserId": "AIDAU", "Arn": f"arn:aws:iam::{OWN}:user/u"}
    lists: dict[str, list[Any]] = {"GroupDetailList": [], "RoleDetailList": [], "Policies": []}
    write(tmp_path / "account.json", {"UserDetailList": [user | {"UserPolicyList": listed}]} | lists)
    (tmp_path / "main").mkdir()
    (tmp_path / "main" / "main.tf").write_text(_CONFIGURED % (name, statement))
    report = trustproof.check(
        [tmp_path / "main", tmp_path / "account.json"],
        config={},
        account=OWN,
        properties=["sensitive-actions-require-mfa"],
    )
    assert report.errors == ()
    assert {one.verdict for one in report.results if one.logical_id == "u"} == verdicts


def test_an_imported_user_is_one_that_a_template_may_make(tmp_path: Path) -> None:
    """The inline policies that Terraform puts on a user that it imports replace those of the template."""
    (tmp_path / "main").mkdir()
    user = 'import {\n  to = aws_iam_user.u\n  id = "u"\n}\nresource "aws_iam_user" "u" {\n  name = "u"\n}\n'
    text = json.dumps(policy(allow("s3:GetObject")))
    arguments = f'  user   = aws_iam_user.u.name\n  name   = "d"\n  policy = {text}\n'
    (tmp_path / "main" / "main.tf").write_text(f'{user}resource "aws_iam_user_policy" "d" {{\n{arguments}}}\n')
    _verdicts(tmp_path, "inline", plan())
    report = trustproof.check(
        [tmp_path / "main", tmp_path / "template.json"],
        config={},
        account=OWN,
        properties=["sensitive-actions-require-mfa"],
    )
    assert {one.verdict for one in report.results if one.logical_id == "P"} <= {"unknown", "refuted"}


def test_a_plan_beside_its_own_state_takes_nothing_away_that_it_keeps(tmp_path: Path) -> None:
    """State and plan have the same things, which are no others of their names."""
    resources = (
        _user("u", _D),
        _policy("D", _DENY, allow("*")),
        R("aws_iam_user_policy.p", {"user": "u", "name": "p", "policy": policy(_ALLOW)}),
        R("aws_iam_user_policy.d", {"user": "u", "name": "d", "policy": policy(_DENY)}),
    )
    write(tmp_path / "plan.json", _kept(*resources))
    write(tmp_path / "state.json", state(*resources))
    report = trustproof.check(
        [tmp_path / "plan.json", tmp_path / "state.json"],
        config={},
        account=OWN,
        properties=["sensitive-actions-require-mfa"],
    )
    assert {one.verdict for one in report.results} == {"proved"}


_BESIDE = {
    "inline": {"Type": "AWS::IAM::UserPolicy", "Properties": {"UserName": "u", "PolicyName": "z"}},
    "managed": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"ManagedPolicyName": "Z", "Users": ["u"]}},
}


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
@pytest.mark.parametrize("by", [*_BESIDE])
@pytest.mark.parametrize(
    ("there", "kept", "given", "expected"),
    [
        (_ALLOW, True, _DENY, {"proved"}),
        (_DENY, True, _ALLOW, {"proved"}),
        # As it was, nobody got in; that of the plan does.
        (_DENY, False, _ALLOW, {"proved", "refuted"}),
        (None, True, _ALLOW, {"refuted"}),
    ],
)
def test_what_a_third_file_gives_is_given_to_whom_a_plan_and_its_state_have(
    there: dict[str, Any] | None, kept: bool, given: dict[str, Any], expected: set[str], by: str, order: tuple[int, ...]
) -> None:
    """They speak of one user: neither is another one of the name."""
    user = R("aws_iam_user.x", {"name": "u"}, {"id": "u"})
    own = [R("aws_iam_user_policy.p", {"user": "u", "name": "p", "policy": policy(there)})] if there else []
    now = _kept(user, *own) if kept else _kept(user, deleted=tuple(own))
    said = {**_BESIDE[by], "Properties": {**_BESIDE[by]["Properties"], "PolicyDocument": json.loads(policy(given))}}
    files = (now, state(user, *own), {"Resources": {"P": said}})
    report = trustproof.check(
        [files[at] for at in order], config={}, account=OWN, properties=["sensitive-actions-require-mfa"]
    )
    assert (report.errors, {one.verdict for one in report.results}) == ((), expected)


def test_what_a_third_file_gives_is_given_to_none_of_two_deployments_beside_a_state() -> None:
    """Two templates that make a user of one name are for two accounts, whichever the state is of."""
    allowed = {"PolicyName": "p", "PolicyDocument": json.loads(policy(_ALLOW))}
    made = {"Type": "AWS::IAM::User", "Properties": {"UserName": "u", "Policies": [allowed]}}
    said = {**_BESIDE["managed"], "Properties": {**_BESIDE["managed"]["Properties"], **_DOCUMENT}}
    files = [{"Resources": {"U": made}}, {"Resources": {"V": made}}, {"Resources": {"P": said}}]
    before = state(R("aws_iam_user.x", {"name": "u"}, {"id": "u"}))
    for given in (files, [*files, before]):
        report = trustproof.check(given, config={}, account=OWN, properties=["sensitive-actions-require-mfa"])
        found = {one.verdict for one in report.results if one.logical_id in {"U", "V"}}
        assert (report.errors, found) == ((), {"refuted"})


def test_a_plan_that_deletes_what_another_plan_has_leaves_nothing_of_it(tmp_path: Path) -> None:
    """Of two root modules nobody knows which is applied last."""
    allowed = R("aws_iam_user_policy.p", {"user": "u", "name": "p", "policy": policy(_ALLOW)})
    write(tmp_path / "one.json", _kept(_user("u"), allowed, _inline("u", "d")))

    def verdicts(*deleted: Resource) -> set[str]:
        write(tmp_path / "two.json", _kept(_user("q"), deleted=deleted))
        report = trustproof.check(
            [tmp_path / "one.json", tmp_path / "two.json"],
            config={},
            account=OWN,
            properties=["sensitive-actions-require-mfa"],
        )
        return {one.verdict for one in report.results if one.logical_id == allowed.address}

    assert verdicts() == {"proved"}
    assert verdicts(_inline("u", "d")) == {"unknown"}


@pytest.mark.parametrize("actions", [["delete"], ["update"]])
def test_a_provider_that_is_not_read_takes_nothing_away(tmp_path: Path, actions: list[str]) -> None:
    """Whatever its resources are called: nobody knows what these are."""
    beside = _kept(R("aws_iam_user.q", {"name": "q"}), deleted=(_inline("u", "d"),))
    changed = beside["resource_changes"][-1]
    changed["provider_name"] = "registry.terraform.io/acme/aws"
    changed["change"] |= {"actions": actions} | ({} if "delete" in actions else {"after": {"name": "e"}})
    assert _verdicts(tmp_path, "inline", beside) == {"proved"}


def test_what_a_plan_deletes_with_another_provider_is_of_its_account(tmp_path: Path) -> None:
    """A plan that makes nothing with a provider any more deletes with it all the same; others' resources are none."""
    other = R("aws_iam_user.q", {"name": "q"})
    deleted = _inline("u", "d")
    deleted.provider = "aws.hub"
    beside = _kept(other, deleted=(deleted,))
    beside["resource_changes"].append(
        {"address": "null_resource.x", "mode": "managed", "type": "null_resource", "name": "x"}
        | {"provider_name": "registry.terraform.io/hashicorp/null"}
        | {"change": {"actions": ["delete"], "before": {"id": "1"}, "after": None}}
    )
    configuration = beside["configuration"]
    configuration["provider_config"]["aws.hub"] = {"name": "aws", "alias": "hub"}
    configuration["root_module"]["resources"].append(deleted.configured)
    assert "unknown" in _verdicts(tmp_path, "inline", beside)
