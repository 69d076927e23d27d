"""
Role chains over names: policies that another template attaches, and roles that CloudFormation names.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

import trustproof
from tests.analysis.role_chains.templates import (
    HUB,
    MFA,
    PROD,
    ROLES_ONLY,
    Json,
    arn,
    assuming,
    check,
    document,
    role,
    statement,
)

ENTRY = role("entry", statement(HUB))
ADMIN = role("admin", statement(HUB, MFA), statement(HUB, ROLES_ONLY))
HOP = assuming(arn(HUB, "admin"))


def attached(type_: str, document_: Json = HOP, **properties: object) -> Json:
    """A policy resource."""
    return {"Type": f"AWS::IAM::{type_}", "Properties": {"PolicyDocument": document_, **properties}}


@pytest.mark.parametrize(
    ("type_", "key"), [("Policy", "Roles"), ("ManagedPolicy", "Roles"), ("RolePolicy", "RoleName")]
)
@pytest.mark.parametrize(("name", "verdict"), [("entry", "refuted"), ("other", "proved"), ("Entry", "proved")])
@pytest.mark.parametrize("together", [False, True])
def test_a_policy_is_attached_by_the_name_of_its_role(
    type_: str, key: str, name: str, verdict: str, together: bool, tmp_path: Path
) -> None:
    """A role has what any template attaches to its name, its own or another one."""
    hop = attached(type_, PolicyName="hop", **{key: name if key == "RoleName" else [name]})
    templates = (
        [{"Entry": ENTRY, "Hop": hop, "Admin": ADMIN}] if together else [{"Entry": ENTRY}, {"Hop": hop, "Admin": ADMIN}]
    )
    assert check(tmp_path, *templates)["Admin"].verdict == verdict


def test_a_role_of_another_account_has_another_policy(tmp_path: Path) -> None:
    """A name says which role is meant within one account."""
    hub = {"Hop": attached("RolePolicy", PolicyName="hop", RoleName="entry"), "Admin": ADMIN}
    files = []
    for number, (account, content) in enumerate([(PROD, {"Entry": ENTRY}), (HUB, hub)]):
        (tmp_path / f"{number}.json").write_text(json.dumps({"Resources": content}), encoding="utf-8")
        files.append((str(tmp_path / f"{number}.json"), account, None))
    report = trustproof.check_templates(files, properties=["mfa-survives-chaining"])
    assert {r.logical_id: r.verdict for r in report.results} == {"Admin": "proved"}


def test_a_policy_of_a_template_whose_account_is_not_known_may_be_attached(tmp_path: Path) -> None:
    """It names a role that another template has, in whatever account that is."""
    templates = [
        (PROD, {"Entry": ENTRY}),
        (None, {"Hop": attached("RolePolicy", assuming("*"), PolicyName="hop", RoleName="entry")}),
        (HUB, {"Admin": role("admin", statement(HUB, MFA), statement(PROD, ROLES_ONLY))}),
    ]
    files = []
    for number, (account, content) in enumerate(templates):
        (tmp_path / f"{number}.json").write_text(json.dumps({"Resources": content}), encoding="utf-8")
        files.append((str(tmp_path / f"{number}.json"), account, None))
    report = trustproof.check_templates(files, properties=["mfa-survives-chaining"])
    assert {r.logical_id: r.verdict for r in report.results} == {"Admin": "unknown"}


def test_a_deny_that_another_template_attaches_counts(tmp_path: Path) -> None:
    """A Deny is as good from elsewhere, unless a condition of that template decides whether it is there."""
    entry = role("entry", statement(HUB), assumes=arn(HUB, "admin"))
    deny = document({"Effect": "Deny", "Action": "sts:*", "Resource": "*"})
    hop = attached("Policy", deny, PolicyName="stop", Roles=["entry"])
    assert check(tmp_path, {"Entry": entry, "Admin": ADMIN}, {"Stop": hop})["Admin"].verdict == "proved"
    sections: dict[str, Json] = {
        "Parameters": {"Stage": {"Type": "String", "Default": "prod"}},
        "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
    }
    sometimes = {**sections, "Resources": {"Stop": {**hop, "Condition": "IsProd"}}}
    assert check(tmp_path, {"Entry": entry, "Admin": ADMIN}, sometimes)["Admin"].verdict == "refuted"


def test_a_deny_at_home_stops_what_another_template_allows(tmp_path: Path) -> None:
    """All policies of a role are decided together, wherever they stand."""
    deny = document({"Effect": "Deny", "Action": "sts:*", "Resource": "*"})
    entry = role("entry", statement(HUB), Policies=[{"PolicyName": "stop", "PolicyDocument": deny}])
    hop = attached("Policy", PolicyName="hop", Roles=["entry"])
    assert check(tmp_path, {"Entry": entry}, {"Hop": hop, "Admin": ADMIN})["Admin"].verdict == "proved"


def test_a_policy_under_a_condition_is_attached_where_that_holds(tmp_path: Path) -> None:
    """The template with the policy may be deployed so that it is there."""
    sections: dict[str, Json] = {
        "Parameters": {"Stage": {"Type": "String"}},
        "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
    }
    hop = {**attached("Policy", PolicyName="hop", Roles=["entry"]), "Condition": "IsProd"}
    templates = [{"Entry": ENTRY, "Admin": ADMIN}, {**sections, "Resources": {"Hop": hop}}]
    assert check(tmp_path, *templates)["Admin"].verdict == "refuted"


@pytest.mark.parametrize(
    ("name", "path", "named", "verdict"),
    [
        ("hop", None, "hop", "refuted"),
        ("hop", "/ops/", "ops/hop", "refuted"),
        ("hop", "/ops/", "hop", "unknown"),
        ("other", None, "hop", "unknown"),
    ],
)
def test_a_managed_policy_of_another_template_is_known(
    name: str, path: str | None, named: str, verdict: str, tmp_path: Path
) -> None:
    """A role names a managed policy by its ARN; what stands in no template is not known."""
    more = {} if path is None else {"Path": path}
    hop = attached("ManagedPolicy", ManagedPolicyName=name, **more)
    entry = role("entry", statement(HUB), ManagedPolicyArns=[f"arn:aws:iam::{HUB}:policy/{named}"])
    found = check(tmp_path, {"Entry": entry}, {"Hop": hop, "Admin": ADMIN})["Admin"]
    assert found.verdict == verdict
    assert any("in no template" in reason for reason in found.reasons) is (verdict == "unknown")


def test_a_managed_policy_that_allows_nothing_is_known_too(tmp_path: Path) -> None:
    """What another template says of a managed policy closes the question either way."""
    harmless = document({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    hop = attached("ManagedPolicy", harmless, ManagedPolicyName="hop")
    arn_ = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/hop"}
    entry = role("entry", statement(HUB), ManagedPolicyArns=[arn_])
    assert check(tmp_path, {"Entry": entry}, {"Hop": hop, "Admin": ADMIN})["Admin"].verdict == "proved"


# -- names that CloudFormation generates


@pytest.mark.parametrize(
    ("pattern", "verdict"),
    [
        ("*-Entry-*", "refuted"),
        ("*-Entry-?????????????", "refuted"),
        ("*", "refuted"),
        ("Entry", "proved"),
        ("Entry-*", "proved"),
        ("hub-deploy", "proved"),
    ],
)
def test_a_generated_name_has_the_form_that_cloudformation_gives_it(pattern: str, verdict: str, tmp_path: Path) -> None:
    """The stack's name, the logical id and a random text, with hyphens; never the logical id alone."""
    trusting = statement("*", {"ArnLike": {"aws:PrincipalArn": arn(HUB, pattern)}})
    found = check(
        tmp_path, {"Entry": role(None, statement(HUB)), "Admin": role("admin", statement(HUB, MFA), trusting)}
    )
    assert found["Admin"].verdict == verdict


@pytest.mark.parametrize(("resource", "verdict"), [("*-Admin-*", "refuted"), ("Admin", "proved")])
def test_the_generated_name_of_the_target_matches_too(resource: str, verdict: str, tmp_path: Path) -> None:
    """An identity policy that names a pattern of generated names allows the step."""
    entry = role("entry", statement(HUB), assumes=arn(HUB, resource))
    admin = role(None, statement(HUB, MFA), statement(HUB, ROLES_ONLY))
    assert check(tmp_path, {"Entry": entry, "Admin": admin})["Admin"].verdict == verdict


def test_messages_call_a_role_without_name_by_its_logical_id(tmp_path: Path) -> None:
    """The made-up name stands in ARNs only."""
    admin = role(None, statement(HUB, MFA), statement({"Fn::GetAtt": ["Entry", "Arn"]}))
    found = check(tmp_path, {"Entry": role(None, statement(HUB)), "Admin": admin})["Admin"]
    entry = arn(HUB, "example-stack-Entry-EXAMPLE000000")
    assert found.message.startswith(f"a user without MFA reaches Admin through Entry: arn:aws:iam::{HUB}:user/alice")
    assert f"{entry} -> {arn(HUB, 'example-stack-Admin-EXAMPLE000001')}" in found.message
    assert found.label.endswith("trusts Entry")
    assert str(found.remedy) == "demand MFA where people enter Entry, or do not let Admin trust Entry"


def test_a_long_name_is_shortened(tmp_path: Path) -> None:
    """No name is longer than IAM admits, and two that begin alike stay apart."""
    begins = "TheRoleWithTheVeryLongNameThatNobodyWouldReadToItsEnd"
    roles = {
        f"{begins}One": role(None, statement(HUB)),
        f"{begins}Two": role(None, statement(HUB, MFA), statement({"Fn::GetAtt": [f"{begins}One", "Arn"]})),
        f"{begins}Three": role(None, statement(HUB, MFA)),
    }
    found = check(tmp_path, roles)
    assert found[f"{begins}Two"].verdict == "refuted"
    assert found[f"{begins}Three"].verdict == "proved"


def test_a_name_made_of_the_name_of_the_stack_is_one(tmp_path: Path) -> None:
    """A role that is called after its stack is found, and is another one in each template."""
    entry = role("x", statement(HUB), assumes="*")
    entry["Properties"]["RoleName"] = {"Fn::Sub": "${AWS::StackName}-entry"}  # type: ignore[index]
    trusting = statement("*", {"ArnLike": {"aws:PrincipalArn": arn(HUB, "*-entry")}})
    own = statement({"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/${AWS::StackName}-entry"})
    here = {"Entry": entry, "Admin": role("admin", statement(HUB, MFA), own)}
    there = {"Far": role("far", statement(HUB, MFA), trusting), "Own": role("own", statement(HUB, MFA), own)}
    found = check(tmp_path, here, there)
    verdicts = {logical_id: result.verdict for logical_id, result in found.items()}
    assert verdicts == {"Admin": "refuted", "Far": "refuted", "Own": "proved"}


def test_generated_names_of_two_templates_are_different(tmp_path: Path) -> None:
    """A role is not the role of the same logical id in another template."""
    entry = role(None, statement(HUB))
    admin = role("admin", statement(HUB, MFA), statement({"Fn::GetAtt": ["Entry", "Arn"]}))
    closed = role(None, statement(HUB, MFA))
    found = check(tmp_path, {"Entry": entry}, {"Entry": closed, "Admin": admin})
    assert found["Admin"].verdict == "proved"


@pytest.mark.parametrize(
    ("written", "verdict"),
    [
        ("App-Entry-1ABCDEFGHIJKL", "unknown"),
        ("App-Other-1ABCDEFGHIJKL", "proved"),
        ("App-Entry-2", "proved"),
        ("entry", "proved"),
    ],
)
def test_a_generated_name_that_is_written_out_may_be_that_of_a_role(written: str, verdict: str, tmp_path: Path) -> None:
    """Whoever trusts, attaches a policy to, or may assume a role without a name writes the one that it got."""
    entry, admin = {"Entry": role(None, statement(HUB))}, role("admin", statement(HUB, MFA), statement(HUB, ROLES_ONLY))
    trusting = role("admin", statement(HUB, MFA), statement(arn(HUB, written)))
    hop = attached("RolePolicy", PolicyName="hop", RoleName=written)
    ending = {"Entry": role(None, statement(HUB, MFA), statement(HUB, ROLES_ONLY))}
    assuming_it = role("first", statement(HUB), assumes=arn(HUB, written))
    assert check(tmp_path, entry, {"Admin": trusting})["Admin"].verdict == verdict
    assert check(tmp_path, entry, {"Admin": admin, "Hop": hop})["Admin"].verdict == verdict
    assert check(tmp_path, ending, {"First": assuming_it})["Entry"].verdict == verdict


@pytest.mark.parametrize(("action", "verdict"), [("iam:GetRole", "proved"), ("sts:*", "unknown")])
def test_a_role_that_is_only_looked_at_is_not_assumed(action: str, verdict: str, tmp_path: Path) -> None:
    """An ARN in a statement about other actions says nothing of what its holder assumes."""
    looking = {"Effect": "Allow", "Action": action, "Resource": arn(HUB, "App-Entry-1ABCDEFGHIJKL")}
    elsewhere = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": arn(HUB, "other")}
    policies = [{"PolicyName": "p", "PolicyDocument": document(looking, elsewhere)}]
    ending = {"Entry": role(None, statement(HUB, MFA), statement(HUB, ROLES_ONLY))}
    first = {"First": role("first", statement(HUB), Policies=policies)}
    assert check(tmp_path, ending, first)["Entry"].verdict == verdict


def test_an_arn_that_is_written_out_may_be_that_of_a_role_whose_account_is_not_known(tmp_path: Path) -> None:
    """Another template says where that is, if by its trust policy alone."""
    entry = {"Entry": role("entry", statement(PROD), assumes="*")}
    admin = {"Admin": role("admin", statement(HUB, MFA), statement(arn(PROD, "entry")))}

    def verdict(*templates: tuple[str | None, Mapping[str, Json]]) -> str:
        files = []
        for number, (account, content) in enumerate(templates):
            (tmp_path / f"{number}.json").write_text(json.dumps({"Resources": content}), encoding="utf-8")
            files.append((str(tmp_path / f"{number}.json"), account, None))
        report = trustproof.check_templates(files, properties=["mfa-survives-chaining"])
        return {one.logical_id: one.verdict for one in report.results}["Admin"]

    assert verdict((None, entry), (HUB, admin)) == "unknown"
    assert verdict((None, entry), (HUB, admin), (PROD, {"Other": role("other", statement(PROD, MFA))})) == "refuted"


def test_a_role_whose_name_a_parameter_gives_is_on_the_way(tmp_path: Path) -> None:
    """What is found with one name is found; without a route, other names are not proved."""
    for open_, expected in ((True, "refuted"), (False, "unknown")):
        hop = role(None, statement(HUB, None if open_ else MFA), assumes="*", RoleName={"Fn::Sub": "${Env}-hop"})
        end = role("end", statement(HUB, MFA), statement({"Fn::GetAtt": ["Hop", "Arn"]}))
        content = {"Parameters": {"Env": {"Type": "String"}}, "Resources": {"Hop": hop, "End": end}}
        found = check(tmp_path, content)["End"]
        assert found.verdict == expected
        if not open_:
            why = "it depends on Env, which --parameter Env=VALUE says"
            assert found.reasons[0] == f"the name of the role Hop is not known before deployment: {why}"


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ({"RoleName": {"Fn::Unread": "its function is not read"}}, "it cannot be read"),
        ({"RoleName": {"Fn::GetAtt": ["Chosen", "Name"]}}, "it depends on Chosen.Name"),
        ({"RoleName": "hop", "Path": {"Fn::Unread": "a reason"}}, "it depends on path of Hop"),
    ],
)
def test_a_name_that_cannot_be_read_may_be_any(tmp_path: Path, named: Mapping[str, Json], why: str) -> None:
    """It is not one that CloudFormation generates, which nobody can have written into another policy."""
    content = {
        "Chosen": {"Type": "Custom::Name", "Properties": {"ServiceToken": "token"}},
        "Hop": role(None, statement(HUB), assumes="*", **named),
        "End": role("end", statement(HUB, MFA), statement(arn(HUB, "svc/hop"))),
    }
    found = check(tmp_path, content)["End"]
    assert (found.verdict, why in str(found)) == ("unknown", True)
