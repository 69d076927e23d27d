"""
What users, groups and roles may do by policies that stand in several templates of a run.
"""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
import yaml

import trustproof
from tests.analysis.stacks import (
    ADMINISTRATOR,
    CONFIG,
    FALSE_MFA,
    HUB,
    MFA,
    NO_MFA,
    OWN,
    Json,
    assembly,
    check,
    demanding,
    document,
    exported,
    imported,
    may,
    plain,
    resource,
    template,
    trusting,
    verdicts,
)

ASKED = "sensitive-actions-require-mfa"
#: Denies whatever lacks MFA, and what looks like it and does not.
RIGHT, WRONG = may("Deny", "*", NO_MFA), may("Deny", "*", FALSE_MFA)
BY_NAME: Json = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/team/force-mfa"}


def policy(statement: Json, **properties: object) -> Json:
    """A managed policy."""
    return resource("ManagedPolicy", PolicyDocument=document(statement), **properties)


def inline(statement: Json, *, name: str = "p", **properties: object) -> Json:
    """A policy that is attached by the names of those who have it."""
    return resource("Policy", PolicyName=name, PolicyDocument=document(statement), **properties)


def own(statement: Json) -> list[Json]:
    """The policies of an entity itself."""
    return [{"PolicyName": "own", "PolicyDocument": document(statement)}]


def named_policy(deny: Json) -> dict[str, Json]:
    """A policy that is attached by its name."""
    return {
        "Security": template(Policy=policy(deny, ManagedPolicyName="force-mfa", Path="/team/")),
        "People": template(Ann=resource("User", ManagedPolicyArns=[ADMINISTRATOR, BY_NAME])),
    }


def imported_policy(deny: Json) -> dict[str, Json]:
    """A policy whose name CloudFormation makes up."""
    return {
        "Security": template({"Out": exported("policy", {"Ref": "Policy"})}, Policy=policy(deny)),
        "People": template(Ann=resource("User", ManagedPolicyArns=[ADMINISTRATOR, imported("policy")])),
    }


def attached_by_name(deny: Json) -> dict[str, Json]:
    """A policy that names the user it is for."""
    return {
        "Security": template(Policy=inline(deny, Users=["ann"])),
        "People": template(Ann=resource("User", UserName="ann", ManagedPolicyArns=[ADMINISTRATOR])),
    }


def attached_by_import(deny: Json) -> dict[str, Json]:
    """A policy that imports the name of the user it is for."""
    return {
        "Security": template(Policy=policy(deny, Users=[imported("ann")])),
        "People": template(
            {"Out": exported("ann", {"Ref": "Ann"})}, Ann=resource("User", ManagedPolicyArns=[ADMINISTRATOR])
        ),
    }


def group_by_name(deny: Json) -> dict[str, Json]:
    """A group of another stack."""
    return {
        "Security": template(Group=resource("Group", GroupName="people", Policies=own(deny))),
        "People": template(Ann=resource("User", Groups=["people"], ManagedPolicyArns=[ADMINISTRATOR])),
    }


def membership_of_a_third(deny: Json) -> dict[str, Json]:
    """A stack that puts the user of one into the group of another."""
    return {
        "Security": template(Group=resource("Group", GroupName="people", Policies=own(deny))),
        "Joins": template(Joins=resource("UserToGroupAddition", GroupName="people", Users=["ann"])),
        "People": template(Ann=resource("User", UserName="ann", ManagedPolicyArns=[ADMINISTRATOR])),
    }


def policy_of_a_group_of_a_third(deny: Json) -> dict[str, Json]:
    """A policy of one stack, attached to the group of another."""
    return {
        "Security": template({"Out": exported("policy", {"Ref": "Policy"})}, Policy=policy(deny)),
        "Groups": template(Group=resource("Group", GroupName="people", ManagedPolicyArns=[imported("policy")])),
        "People": template(Ann=resource("User", Groups=["people"], ManagedPolicyArns=[ADMINISTRATOR])),
    }


def boundary(deny: Json) -> dict[str, Json]:
    """A permissions boundary of another stack, which allows what the policy does not deny."""
    bound = policy(may("Allow", "*", MFA if deny is RIGHT else NO_MFA), ManagedPolicyName="bound")
    arn = {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:policy/bound"}
    return {
        "Security": template(Policy=bound),
        "People": template(Ann=resource("User", ManagedPolicyArns=[ADMINISTRATOR], PermissionsBoundary=arn)),
    }


WAYS = [
    named_policy,
    imported_policy,
    attached_by_name,
    attached_by_import,
    group_by_name,
    membership_of_a_third,
    policy_of_a_group_of_a_third,
    boundary,
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_what_another_stack_denies(way: object, tmp_path: Path) -> None:
    """A Deny, or a boundary, that is in another stack counts, and the result stands where the Allow stands."""
    assert callable(way)
    for statement, verdict in ((RIGHT, "proved"), (WRONG, "refuted")):
        path = assembly(tmp_path, way(statement))
        report = check(path, ASKED)
        (result,) = [result for result in report.results if result.logical_id == "Ann"]
        assert result.verdict == verdict
        assert result.template == f"{path}/People.template.json"
        position = report.sources.position(result.template, result.path)
        assert position is not None
        assert "policy/AdministratorAccess" in report.sources.line(result.template, position[0])


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_the_order_of_the_templates_is_of_no_account(way: object, tmp_path: Path) -> None:
    """Neither is whether they are in an assembly, where they go to one account."""
    assert callable(way)
    for statement, verdict in ((RIGHT, "proved"), (WRONG, "refuted")):
        files = plain(tmp_path, way(statement))
        for order in (files, files[::-1]):
            for account in (None, OWN):
                assert verdicts(check(order, ASKED, account=account), "Ann") == {ASKED: verdict}


@pytest.mark.parametrize(("deny", "verdict"), [(RIGHT, "proved"), (WRONG, "refuted")])
def test_what_another_stack_allows(deny: Json, verdict: str, tmp_path: Path) -> None:
    """An Allow that is in another stack stands there, and says whom it reaches."""
    path = assembly(
        tmp_path,
        {
            "People": template(Ann=resource("User", UserName="ann", Policies=own(deny))),
            "More": template(Extra=inline(may("Allow", "*"), Users=["ann"])),
        },
    )
    found = {result.logical_id: result for result in check(path, ASKED).results}
    assert found["Ann"].verdict == "proved"
    assert found["Extra"].verdict == verdict
    assert found["Extra"].template == f"{path}/More.template.json"
    if verdict == "refuted":
        assert found["Extra"].message.endswith(": user People/Ann")


def test_a_policy_that_nobody_had(tmp_path: Path) -> None:
    """A managed policy is asked about as soon as somebody has it, in whatever stack."""
    stacks = imported_policy(may("Allow", "iam:*"))
    report = check(assembly(tmp_path, stacks), ASKED)
    assert verdicts(report, "Policy") == {ASKED: "refuted"}
    assert report.policies == 2
    (alone,) = plain(tmp_path, {"security": stacks["Security"]})
    assert verdicts(check(alone, ASKED), "Policy") == {}


@pytest.mark.parametrize(("default", "verdict"), [("yes", "refuted"), (None, "proved")])
def test_a_deny_under_a_condition_of_its_stack(default: str | None, verdict: str, tmp_path: Path) -> None:
    """What a parameter of another stack decides may not be there, and the counterexample says where."""
    stacks = attached_by_name(RIGHT)
    if default is not None:
        parameter = {"Strict": {"Type": "String", "AllowedValues": ["yes", "no"], "Default": default}}
        condition = {"IsStrict": {"Fn::Equals": [{"Ref": "Strict"}, "yes"]}}
        deny = {**inline(RIGHT, Users=["ann"]), "Condition": "IsStrict"}
        stacks["Security"] = template(Policy=deny, Parameters=parameter, Conditions=condition)
    report = check(assembly(tmp_path, stacks), ASKED)
    assert verdicts(report, "Ann") == {ASKED: verdict}
    shown = [result.counterexample.parameters for result in report.results if result.counterexample is not None]
    assert shown == ([] if default is None else [{"Security/Strict": "no"}])


def test_another_account(tmp_path: Path) -> None:
    """A policy of that name in another account is another policy, and whether it denies is not known."""
    stacks: dict[str, Json | tuple[str, Json]] = {**named_policy(RIGHT)}
    stacks["Security"] = (f"aws://{HUB}/eu-central-1", named_policy(RIGHT)["Security"])
    assert verdicts(check(assembly(tmp_path, stacks), ASKED), "Ann") == {ASKED: "unknown"}


def test_another_region(tmp_path: Path) -> None:
    """IAM is one for all Regions of an account."""
    stacks: dict[str, Json | tuple[str, Json]] = {**named_policy(RIGHT)}
    stacks["Security"] = (f"aws://{OWN}/us-east-1", named_policy(RIGHT)["Security"])
    assert verdicts(check(assembly(tmp_path, stacks), ASKED), "Ann") == {ASKED: "proved"}


@pytest.mark.parametrize("way", [named_policy, attached_by_name, group_by_name], ids=lambda way: way.__name__)
def test_two_templates_declare_a_name(way: object, tmp_path: Path) -> None:
    """It is not guessed which is meant, although both would be right."""
    assert callable(way)
    stacks = way(RIGHT)
    twice = "People" if way is attached_by_name else "Security"
    path = assembly(tmp_path, {**stacks, "Again": stacks[twice]})
    report = check(path, ASKED)
    if way is attached_by_name:
        # Each of the two is judged without the policy; and the policy lets nobody do anything.
        assert verdicts(report, "Ann") == {ASKED: "refuted"}
        assert verdicts(report, "Policy") == {ASKED: "proved"}
        return
    assert verdicts(report, "Ann") == {ASKED: "unknown"}
    files = f"{path}/Again.template.json and {path}/Security.template.json"
    reasons = {reason for result in report.results if result.logical_id == "Ann" for reason in result.reasons}
    assert any(f"is declared by {files}, and it is not known which is meant" in reason for reason in reasons)


def test_two_users_of_a_name(tmp_path: Path) -> None:
    """What is attached by the name may reach one or the other, and what these have besides is not known."""
    users = {name: template(Ann=resource("User", UserName="ann", Policies=own(RIGHT))) for name in ("A", "B")}
    stacks = {**users, "More": template(Extra=inline(may("Allow", "*"), Users=["ann"]))}
    assert verdicts(check(assembly(tmp_path, stacks), ASKED), "Extra") == {ASKED: "unknown"}


@pytest.mark.parametrize(("account", "verdict"), [(OWN, "proved"), (None, "refuted")])
def test_a_user_that_nobody_declares(account: str | None, verdict: str, tmp_path: Path) -> None:
    """Two policies for one name go together in an account, and not where it is not known that they are in one."""
    stacks = {
        "deny": template(Deny=inline(RIGHT, Users=["ann"])),
        "allow": template(Extra=inline(may("Allow", "*"), name="q", Users=["ann"])),
    }
    assert verdicts(check(plain(tmp_path, stacks), ASKED, account=account), "Extra") == {ASKED: verdict}


def test_two_policies_of_a_name_in_two_templates(tmp_path: Path) -> None:
    """One replaces the other, as in one template."""
    stacks = {
        "deny": template(Deny=inline(RIGHT, Users=["ann"])),
        "allow": template(Extra=inline(may("Allow", "*"), Users=["ann"])),
    }
    assert verdicts(check(plain(tmp_path, stacks), ASKED, account=OWN), "Extra") == {ASKED: "refuted"}


def test_an_account_that_only_the_name_of_a_policy_says(tmp_path: Path) -> None:
    """Nobody can attach a policy of another account, so it is that of the template, in one template and in two."""
    user = resource("User", ManagedPolicyArns=[ADMINISTRATOR, f"arn:aws:iam::{OWN}:policy/force-mfa"])
    deny = policy(RIGHT, ManagedPolicyName="force-mfa")
    two = plain(tmp_path, {"user": template(Ann=user), "policy": template(Policy=deny)})
    one = plain(tmp_path, {"both": template(Ann=user, Policy=deny)})
    for files in (one, two):
        assert verdicts(check(files, ASKED), "Ann") == {ASKED: "proved"}
        assert verdicts(check(files, ASKED, account=HUB), "Ann") == {ASKED: "unknown"}


def test_roles_of_another_stack(tmp_path: Path) -> None:
    """What a role may assume is decided by its policies of all stacks."""
    for limit, verdict in ((may("Deny", "sts:AssumeRole"), "proved"), (may("Deny", "s3:*"), "refuted")):
        stacks = {
            "Roles": template({"Out": exported("role", {"Ref": "Role"})}, Role=trusting(OWN)),
            "Deny": template(Deny=policy(limit, Roles=[imported("role")])),
            "Allow": template(Allow=inline(may("Allow", "sts:*"), Roles=[imported("role")])),
        }
        report = check(assembly(tmp_path, stacks), "assume-role-scoped")
        assert verdicts(report, "Allow") == {"assume-role-scoped": verdict}


def test_templates_in_yaml_and_in_json_that_speak_of_each_other(tmp_path: Path) -> None:
    """A policy for a role of another file is judged with it, in whatever language either is written."""
    role = template(Role=trusting(OWN, RoleName="a"))
    more = template(Policy=policy(may("Allow", "sts:AssumeRole"), Roles=["a"]))
    forms = {"json": json.dumps, "yaml": yaml.safe_dump, "yml": lambda content: "# {\n" + json.dumps(content)}
    found = {}
    for first, second in itertools.product(forms, forms):
        folder = tmp_path / f"{first}-{second}"
        folder.mkdir()
        (folder / f"a.{first}").write_text(forms[first](role))
        (folder / f"b.{second}").write_text(forms[second](more))
        report = check([str(folder)], "assume-role-scoped")
        found[first, second] = [(one.logical_id, one.verdict) for one in report.results]
        assert not report.errors
        assert report.results[-1].message.endswith("role a/Role")
    assert set(map(tuple, found.values())) == {(("Policy", "refuted"),)}


def test_a_statement_that_somebody_of_another_stack_can_use(tmp_path: Path) -> None:
    """A statement is of use if anybody who has it can use it."""
    alice = {"StringEquals": {"aws:username": "alice"}}
    shared = template(
        {"Out": exported("policy", {"Ref": "Policy"})},
        Policy=policy(may("Allow", "s3:*", alice), Users=["ann"]),
        Ann=resource("User", UserName="ann"),
    )
    for name, verdict in (("alice", "proved"), ("bob", "refuted")):
        people = template(User=resource("User", UserName=name, ManagedPolicyArns=[imported("policy")]))
        report = check(assembly(tmp_path, {"Shared": shared, "People": people}), "statement-usable")
        assert verdicts(report, "Policy") == {"statement-usable": verdict}


def entry(limit: object) -> Json:
    """A role for people, with a permissions boundary, whose sessions may assume others by what else they have."""
    role = trusting(f"arn:aws:iam::{HUB}:root", Policies=own(may("Allow", "sts:*")), PermissionsBoundary=limit)
    return {"Entry": role, "Target": demanding(OWN, {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}})}


@pytest.mark.parametrize(("allowed", "verdict"), [("sts:*", "refuted"), ("s3:*", "proved")])
def test_the_boundary_of_a_role_on_a_chain(allowed: str, verdict: str, tmp_path: Path) -> None:
    """A boundary of another stack lets a session assume the next role, or does not."""
    bound = template({"Out": exported("bound", {"Ref": "Policy"})}, Policy=policy(may("Allow", allowed)))
    stacks = {"Bound": bound, "Roles": template(**entry(imported("bound")))}
    report = check(assembly(tmp_path, stacks), "mfa-survives-chaining")
    assert verdicts(report, "Target") == {"mfa-survives-chaining": verdict}


def test_a_conditional_boundary_bounds_nothing(tmp_path: Path) -> None:
    """A chain is not stopped by a boundary that may not be there."""
    bound = template({"Out": exported("bound", {"Ref": "Policy"})}, Policy=policy(may("Allow", "s3:*")))
    parameter = {"Bounded": {"Type": "String", "AllowedValues": ["yes", "no"]}}
    condition = {"IsBounded": {"Fn::Equals": [{"Ref": "Bounded"}, "yes"]}}
    limit = {"Fn::If": ["IsBounded", imported("bound"), {"Ref": "AWS::NoValue"}]}
    roles = template(**entry(limit), Parameters=parameter, Conditions=condition)
    report = check(assembly(tmp_path, {"Bound": bound, "Roles": roles}), "mfa-survives-chaining")
    assert verdicts(report, "Target") == {"mfa-survives-chaining": "refuted"}
    (result,) = [result for result in report.results if result.logical_id == "Target"]
    assert result.counterexample is not None
    assert result.counterexample.parameters == {"Bounded": "no"}


def test_the_library_and_the_plugin_say_the_same(tmp_path: Path) -> None:
    """Templates whose places are given one by one are judged together too."""
    for statement, verdict in ((RIGHT, "proved"), (WRONG, "refuted")):
        stacks = imported_policy(statement)
        files = plain(tmp_path, {f"{name}.template": content for name, content in stacks.items()})
        listed = [(file, OWN, "eu-central-1") for file in files]
        report = trustproof.check_templates(listed, config=CONFIG, properties=[ASKED])
        assert verdicts(report, "Ann") == {ASKED: verdict}
        elsewhere = [(files[0], HUB, "eu-central-1"), listed[1]]
        report = trustproof.check_templates(elsewhere, config=CONFIG, properties=[ASKED])
        assert verdicts(report, "Ann") == {ASKED: "unknown"}


def test_two_resources_of_a_name_of_which_one_is_there(tmp_path: Path) -> None:
    """Conditions may decide which of two users of a name there is; each has what the name is given."""
    parameter = {"Strict": {"Type": "String", "AllowedValues": ["yes", "no"]}}
    conditions = {"Yes": {"Fn::Equals": [{"Ref": "Strict"}, "yes"]}, "No": {"Fn::Not": [{"Condition": "Yes"}]}}
    for other, verdict in ((RIGHT, "proved"), (WRONG, "refuted")):
        users = {
            name: {**resource("User", UserName="ann", Policies=own(deny)), "Condition": name}
            for name, deny in (("Yes", RIGHT), ("No", other))
        }
        content = template(
            **users, Extra=inline(may("Allow", "*"), Users=["ann"]), Parameters=parameter, Conditions=conditions
        )
        report = check(plain(tmp_path, {"one": content}), ASKED)
        assert verdicts(report, "Extra") == {ASKED: verdict}


@pytest.mark.parametrize(("stage", "verdict"), [("a", "proved"), ("b", "refuted")])
@pytest.mark.parametrize("name", [None, "<one>.json", "{{one}}.json"])
def test_a_name_in_a_text_of_a_template_whose_own_name_is_a_placeholder(
    name: str | None, stage: str, verdict: str, tmp_path: Path
) -> None:
    """Templates that are given as mappings, and files that a generator of projects names, are read like any other."""
    denying: Json = {
        "Parameters": {"Stage": {"Type": "String", "AllowedValues": ["a", "b"]}},
        "Resources": {"Guard": policy(RIGHT, Users=[{"Fn::Sub": "${Stage}"}])},
    }
    user = resource("User", UserName="a", Policies=own(may("Allow", "*")))
    given: list[object] = [denying, {"Resources": {"User": user}}]
    if name is not None:
        (tmp_path / name).write_text(json.dumps(denying))
        given[0] = tmp_path / name
    report = trustproof.check(given, account=HUB, config={}, parameters={"Stage": stage}, properties=[ASKED])  # type: ignore[arg-type]
    assert {one.verdict for one in report.results if one.logical_id == "User"} == {verdict}


@pytest.mark.parametrize("default", ["", OWN], ids=["empty", "a value"])
def test_the_default_of_a_parameter_that_stops_everybody(default: str, tmp_path: Path) -> None:
    """In templates together, what nobody can use by the default of a parameter is as mild as in one alone."""
    compared = {"StringEquals": {"aws:ResourceAccount": {"Ref": "Id"}}, "StringNotEquals": {"aws:ResourceAccount": OWN}}
    asking = may("Allow", "s3:GetObject", compared)
    role = trusting({"Service": "lambda.amazonaws.com"}, RoleName="here", Policies=own(asking))
    (tmp_path / "a.yaml").write_text(
        yaml.safe_dump({**template(Role=role), "Parameters": {"Id": {"Type": "String", "Default": default}}})
    )
    (tmp_path / "b.json").write_text(json.dumps(template(P=inline(may("Allow", "s3:ListBucket"), Roles=["here"]))))
    (found,) = (one for one in trustproof.check([tmp_path], config={}).results if one.verdict == "refuted")
    assert (found.property, found.template) == ("statement-usable", str(tmp_path / "a.yaml"))
    assert found.severity == ("warning" if default else "note")
    assert (str(found.remedy) == "give Id a value; where there is none, leave the statement out") is not bool(default)


_HCL = """
resource "aws_iam_role" "r" {
  name               = "here"
  assume_role_policy = jsonencode({ Statement = [
    { Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }
  ] })
}
resource "aws_iam_role_policy" "p" {
  role   = aws_iam_role.r.name
  policy = jsonencode({ Statement = [{
    Effect    = "Allow"
    Action    = "s3:GetObject"
    Resource  = "*"
    Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }
  }] })
}
"""
_BESIDE = """
resource "aws_iam_role_policy" "q" {
  role   = "here"
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:ListBucket", Resource = "*" }] })
}
"""


def test_a_remedy_in_the_language_of_its_own_template(tmp_path: Path) -> None:
    """Where configurations are checked together, a diff is one of HCL, as where one is checked alone."""
    for name, text in (("a", _HCL), ("b", _BESIDE)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(text)
    found = [
        {str(one.remedy) for one in trustproof.check(paths, config={}).results if one.verdict == "refuted"}
        for paths in ([tmp_path / "a"], [tmp_path / "a", tmp_path / "b"])
    ]
    assert found[0] == found[1]
    assert any("- Condition = {" in one for one in found[1]), found


STAGE: Json = {"Stage": {"Type": "String", "AllowedValues": ["dev", "prod"]}}
IS_DEV: Json = {"IsDev": {"Fn::Equals": [{"Ref": "Stage"}, "dev"]}}


def importing(*held: object, **sections: object) -> Json:
    """A template with a user who may do anything, and holds managed policies besides."""
    user = resource("User", Policies=own(may("Allow", "*")), ManagedPolicyArns=list(held), UserName="ann")
    return template(Ann=user, Parameters=STAGE, Conditions=IS_DEV, **sections)


OF_STAGE, OF_DEV, OF_PROD = ({"Fn::ImportValue": name} for name in ({"Fn::Sub": "${Stage}-mfa"}, "dev-mfa", "prod-mfa"))


@pytest.mark.parametrize(
    ("people", "expected", "named"),
    [
        (importing(OF_PROD), "proved", None),
        (importing(OF_DEV), "refuted", {"Security/Stage": "dev"}),
        (importing(OF_STAGE), "refuted", {"Security/Stage": "dev", "Stage": "dev"}),
        (
            importing({"Fn::If": ["IsDev", {"Ref": "AWS::NoValue"}, OF_STAGE]}),
            "refuted",
            {"Security/Stage": "dev", "Stage": "dev"},
        ),
        # What is given to her by her name may come from any deployment.
        (importing(OF_PROD, More=inline(may("Allow", "*"), Users=["ann"])), "refuted", {"Security/Stage": "dev"}),
    ],
)
def test_an_export_whose_name_says_the_deployment(
    people: Json, expected: str, named: dict[str, str] | None, tmp_path: Path
) -> None:
    """Whoever imports it is judged beside that deployment: what another one would say is nothing to her."""
    deny = policy({"Fn::If": ["IsDev", may("Allow", "s3:ListAllMyBuckets"), RIGHT]})
    name = {"Value": {"Ref": "Policy"}, "Export": {"Name": {"Fn::Sub": "${Stage}-mfa"}}}
    security = template({"Out": name}, Policy=deny, Parameters=STAGE, Conditions=IS_DEV)
    report = check(plain(tmp_path, {"People": people, "Security": security}), ASKED)
    (found,) = [one for one in report.results if one.logical_id == "Ann"]
    shown = found.counterexample
    assert (found.verdict, None if shown is None else shown.parameters) == (expected, named)
