"""
Names of templates that do not say their account, where others of the run declare them in an account that is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.analysis.stacks import (
    ADMINISTRATOR,
    FALSE_MFA,
    HUB,
    MFA,
    NO_MFA,
    OWN,
    Json,
    arn,
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
RIGHT, WRONG = may("Deny", "*", NO_MFA), may("Deny", "*", FALSE_MFA)
#: The same for what allows with MFA alone, and for what allows without.
WITH_MFA, WITHOUT = may("Allow", "*", MFA), may("Allow", "*", NO_MFA)
OWN_ACCOUNT: Json = {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:policy/b"}
#: A parameter that is a part of names, and what it may be.
STAGES: Json = {"Stage": {"Type": "String", "Default": "a", "AllowedValues": ["a", "b"]}}


def written(account: str) -> str:
    """The ARN of the policy in an account."""
    return f"arn:aws:iam::{account}:policy/b"


def policy(statement: Json, name: object = "b", **properties: object) -> Json:
    """A template with a managed policy."""
    return template(
        B=resource("ManagedPolicy", ManagedPolicyName=name, PolicyDocument=document(statement), **properties)
    )


def group(statement: Json) -> Json:
    """A template with a group."""
    own = [{"PolicyName": "own", "PolicyDocument": document(statement)}]
    return template(Group=resource("Group", GroupName="g", Policies=own))


def user(**properties: object) -> Json:
    """A template with a user who may do everything."""
    return template(Ann=resource("User", ManagedPolicyArns=[ADMINISTRATOR], **properties))


def bounded(arn: object) -> Json:
    """The same with a permissions boundary."""
    return user(PermissionsBoundary=arn)


def attached(arn: object) -> Json:
    """The same with one more policy."""
    return template(Ann=resource("User", ManagedPolicyArns=[ADMINISTRATOR, arn]))


def of(tmp_path: Path, templates: Mapping[str, Json], placed: Mapping[str, Json], account: str = HUB) -> str:
    """The verdict about the user of templates that do not say their account, beside those of an account."""
    folder = tmp_path / "assembly"
    folder.mkdir()
    there = {name: (f"aws://{account}/eu-central-1", content) for name, content in placed.items()}
    files = plain(tmp_path, templates)
    found = set()
    for paths in ([*files, assembly(folder, there)], [str(folder), *reversed(files)]):
        found.add(verdicts(check(paths, ASKED), "Ann")[ASKED])
    (verdict,) = found
    return verdict


#: What names something, what declares it rightly, and what declares it wrongly.
WAYS = [
    pytest.param(bounded(written(HUB)), policy(WITH_MFA), policy(WITHOUT), id="boundary"),
    pytest.param(bounded(OWN_ACCOUNT), policy(WITH_MFA), policy(WITHOUT), id="boundary of the own account"),
    pytest.param(attached(written(HUB)), policy(RIGHT), policy(WRONG), id="policy"),
    pytest.param(attached(OWN_ACCOUNT), policy(RIGHT), policy(WRONG), id="policy of the own account"),
    pytest.param(
        attached({"Fn::Sub": f"arn:${{AWS::Partition}}:iam::{HUB}:policy/b"}),
        policy(RIGHT),
        policy(WRONG),
        id="policy of any partition",
    ),
    pytest.param(user(Groups=["g"]), group(RIGHT), group(WRONG), id="group"),
]


@pytest.mark.parametrize(("naming", "right", "wrong"), WAYS)
def test_what_an_account_declares_is_not_passed_over(naming: Json, right: Json, wrong: Json, tmp_path: Path) -> None:
    """Of two that may be meant, one in an account that is known, neither decides."""
    for number, (near, placed) in enumerate(((right, wrong), (wrong, right))):
        (folder := tmp_path / str(number)).mkdir()
        assert of(folder, {"naming": naming, "near": near}, {"There": placed}) == "unknown"


@pytest.mark.parametrize(("naming", "right", "wrong"), WAYS)
def test_what_is_declared_once_is_meant(naming: Json, right: Json, wrong: Json, tmp_path: Path) -> None:
    """A template of another name in an account changes nothing."""
    for number, (near, verdict) in enumerate(((right, "proved"), (wrong, "refuted"))):
        (folder := tmp_path / str(number)).mkdir()
        others = template(Other=resource("Group", GroupName="other"))
        assert of(folder, {"naming": naming, "near": near}, {"There": others}) == verdict


@pytest.mark.parametrize(("naming", "right", "wrong"), WAYS)
def test_the_account_that_is_known_decides(naming: Json, right: Json, wrong: Json, tmp_path: Path) -> None:
    """Of a template that says its account, what is declared there is meant, whatever may be there besides."""
    for number, (near, placed, verdict) in enumerate(((right, wrong, "refuted"), (wrong, right, "proved"))):
        (folder := tmp_path / str(number)).mkdir()
        assert of(folder, {"near": near}, {"Naming": naming, "There": placed}) == verdict


@pytest.mark.parametrize(("naming", "right", "wrong"), [WAYS[0], WAYS[2], WAYS[4]])
def test_another_account_than_that_of_the_arn(naming: Json, right: Json, wrong: Json, tmp_path: Path) -> None:
    """What is declared in an account that the ARN does not name is not meant by it."""
    for number, (near, placed, verdict) in enumerate(((right, wrong, "proved"), (wrong, right, "refuted"))):
        (folder := tmp_path / str(number)).mkdir()
        assert of(folder, {"naming": naming, "near": near}, {"There": placed}, OWN) == verdict


def test_a_name_that_is_one_of_several(tmp_path: Path) -> None:
    """So it is where the name hangs on a parameter of who names it, or of who declares it beside them."""
    stage = {"Fn::Sub": "${Stage}"}
    arn = {"Fn::Sub": f"arn:aws:iam::{HUB}:policy/${{Stage}}"}
    naming = {**attached(arn), "Parameters": STAGES}
    cases = [
        ("naming", naming, policy(RIGHT, "b"), policy(WRONG, "b")),
        ("both", naming, {**policy(RIGHT, stage), "Parameters": STAGES}, policy(WRONG, "b")),
        ("near", attached(written(HUB)), {**policy(RIGHT, stage), "Parameters": STAGES}, policy(WRONG, "b")),
    ]
    for name, first, near, placed in cases:
        (folder := tmp_path / name).mkdir()
        assert of(folder, {"naming": first, "near": near}, {"There": placed}) != "proved", name


def test_whoever_attaches_by_name(tmp_path: Path) -> None:
    """A Deny for a user of a name that an account has as well may be for that one: neither is refuted without it."""
    deny = policy(RIGHT, Users=["ann"])
    ann = user(UserName="ann")
    assert of(tmp_path, {"people": ann, "deny": deny}, {"There": template(Bob=ann["Resources"]["Ann"])}) == "unknown"


def test_the_reason_names_the_files(tmp_path: Path) -> None:
    """Whoever reads it can say the account of each."""
    (folder := tmp_path / "assembly").mkdir()
    files = plain(tmp_path, {"naming": bounded(written(HUB)), "near": policy(WITH_MFA)})
    there = assembly(folder, {"There": (f"aws://{HUB}/eu-central-1", policy(WITHOUT))})
    report = check([*files, there], ASKED)
    reasons = [reason for one in report.results if one.logical_id == "Ann" for reason in one.reasons]
    said = f"is declared by {there}/There.template.json and {files[1]}, and it is not known which is meant"
    assert any(said in reason for reason in reasons), reasons


#: A role that only who has MFA can enter, of which another one takes whom it trusts by the name of an export.
HUBS = {
    "right": template({"Out": exported("x", arn("Entry"))}, Entry=demanding(HUB, MFA)),
    "wrong": template({"Out": exported("x", "*")}, Other=demanding(HUB, MFA)),
}
NOWHERE = "aws://unknown-account/unknown-region"


def test_stacks_of_one_assembly_go_together(tmp_path: Path) -> None:
    """What the CDK writes beside each other and leaves to whoever deploys it goes to one account, whichever it is."""
    cases = [
        (user(Groups=["g"]), group(RIGHT), group(WRONG), ASKED, "Ann", "proved"),
        (attached(OWN_ACCOUNT), policy(RIGHT), policy(WRONG), ASKED, "Ann", "proved"),
        (attached(written(HUB)), policy(RIGHT), policy(WRONG), ASKED, "Ann", "unknown"),
        (template(Target=trusting(imported("x"))), HUBS["right"], HUBS["wrong"], "mfa-required", "Target", "proved"),
    ]
    for number, (naming, near, placed, asked, name, verdict) in enumerate(cases):
        (folder := tmp_path / str(number)).mkdir()
        there = (f"aws://{HUB}/eu-central-1", placed)
        report = check(assembly(folder, {"Naming": (NOWHERE, naming), "Near": (NOWHERE, near), "There": there}), asked)
        assert verdicts(report, name) == {asked: verdict}, number


@pytest.mark.parametrize("environment", [f"aws://{HUB}/eu-central-1", f"aws://{HUB}/unknown-region"])
def test_an_export_of_an_account_is_not_passed_over(environment: str, tmp_path: Path) -> None:
    """So it is with the names of exports; one that is where the template itself is, decides."""
    naming = template(Target=trusting(imported("x")))
    for near, placed, verdict in (("right", "wrong", "refuted"), ("wrong", "right", "proved")):
        (folder := tmp_path / near).mkdir()
        (inside := folder / "assembly").mkdir()
        files = plain(folder, {"naming": naming, "near": HUBS[near]})
        stacks = {"There": (environment, HUBS[placed]), "Naming": (environment, naming)}
        report = check([*files, assembly(inside, stacks)], "mfa-required")
        found = {one.template.rpartition("/")[2]: one.verdict for one in report.results if one.logical_id == "Target"}
        assert found == {"naming.json": "unknown", "Naming.template.json": verdict}
