"""
Plans next to what else is checked: cloud assemblies, templates, other plans; and the program as users run it.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import trustproof
from tests.cli.program import called, environment
from tests.inputs.terraform.builders import HUB, MFA, OWN, After, Resource, allow, plan, policy, trust
from tests.inputs.test_cdk_assembly import stack, write

R = Resource


def _may(name: str, resource: str) -> Resource:
    return R(f"aws_iam_role_policy.{name}", {"name": "next", "role": name, "policy": policy(_assume(resource))})


def _assume(resource: str) -> dict[str, Any]:
    return allow("sts:AssumeRole") | {"Resource": resource}


def _end(trusted: str) -> dict[str, Any]:
    """A role that demands MFA of users, and lets another role in."""
    users, roles = (
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": arn}}
        for arn in (f"arn:aws:iam::{HUB}:root", trusted)
    )
    return json.loads(policy({**users, "Condition": MFA}, roles))


def _chains(report: trustproof.Report) -> dict[str, str]:
    assert report.errors == ()
    return {one.logical_id: one.verdict for one in report.results if one.property == "mfa-survives-chaining"}


def test_chains_go_from_a_plan_to_an_assembly(tmp_path: Path) -> None:
    """A role of the plan lets users in without MFA, and a role of the CDK's trusts it."""
    arn = f"arn:aws:iam::{HUB}:role/hop"
    template = {
        "Resources": {
            "End": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "end", "AssumeRolePolicyDocument": _end(arn)}}
        }
    }
    write(tmp_path / "cdk.out" / "Prod.template.json", template)
    manifest = {"version": "36.0.0", "artifacts": {"Prod": stack("Prod.template.json", f"aws://{OWN}/eu-west-1")}}
    write(tmp_path / "cdk.out" / "manifest.json", manifest)
    hop = R("aws_iam_role.hop", {"name": "hop", "assume_role_policy": trust()})
    write(tmp_path / "plan.json", plan(hop, _may("hop", f"arn:aws:iam::{OWN}:role/end")))
    alone = trustproof.check([tmp_path / "cdk.out"])
    assert _chains(alone)["End"] != "refuted"
    both = trustproof.check([tmp_path / "cdk.out", tmp_path / "plan.json"], provider_accounts={"aws": HUB})
    assert _chains(both)["End"] == "refuted"


def test_chains_go_from_an_assembly_to_a_plan(tmp_path: Path) -> None:
    """The other way round."""
    hop = {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": "hop",
            "AssumeRolePolicyDocument": json.loads(trust()),
            "Policies": [
                {"PolicyName": "next", "PolicyDocument": json.loads(policy(_assume(f"arn:aws:iam::{OWN}:role/end")))}
            ],
        },
    }
    write(tmp_path / "cdk.out" / "Hub.template.json", {"Resources": {"Hop": hop}})
    manifest = {"version": "36.0.0", "artifacts": {"Hub": stack("Hub.template.json", f"aws://{HUB}/eu-west-1")}}
    write(tmp_path / "cdk.out" / "manifest.json", manifest)
    trusting = json.dumps(_end(f"arn:aws:iam::{HUB}:role/hop"))
    write(tmp_path / "plan.json", plan(R("aws_iam_role.end", {"name": "end", "assume_role_policy": trusting})))
    both = trustproof.check([tmp_path / "cdk.out", tmp_path / "plan.json"], account=OWN)
    assert _chains(both)["aws_iam_role.end"] == "refuted"


def test_policies_of_a_plan_are_composed_with_those_of_a_template(tmp_path: Path) -> None:
    """A user of the template is denied what the plan attaches to her group; slashes in addresses tell nobody apart."""
    admin = json.loads(policy(allow("*")))
    user = {
        "Type": "AWS::IAM::User",
        "Properties": {"UserName": "u", "Groups": ["g"], "Policies": [{"PolicyName": "p", "PolicyDocument": admin}]},
    }
    write(tmp_path / "template.json", {"Resources": {"User": user}})
    without = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
    deny = policy({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": without})
    group = R('aws_iam_group.g["team/a"]', {"name": "g"})
    its = R('aws_iam_group_policy.d["team/a"]', {"name": "d", "group": "g", "policy": deny})
    write(tmp_path / "plan.json", plan(group, its))
    options: dict[str, Any] = {"account": OWN, "properties": ["sensitive-actions-require-mfa"]}
    (alone,) = trustproof.check([tmp_path / "template.json"], **options).results
    assert alone.verdict == "refuted"
    both = trustproof.check([tmp_path / "template.json", tmp_path / "plan.json"], **options)
    assert {one.logical_id: one.verdict for one in both.results}["User"] == "proved"
    assert {one.verdict for one in both.results} == {"proved"}


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A directory with a plan for two accounts."""
    providers = {"aws": {}, "aws.hub": {"alias": {"constant_value": "hub"}, "profile": {"constant_value": "hub"}}}
    role = R("aws_iam_role.a", {"name": "a", "assume_role_policy": trust()})
    other = R("aws_iam_role.b", {"name": "b", "assume_role_policy": trust()}, provider="aws.hub")
    write(tmp_path / "plan.json", plan(role, other, providers=providers))
    return tmp_path


def test_the_program_takes_accounts_of_providers(here: Path) -> None:
    """`--provider-account` may be repeated, and is what `account` is in JSON."""
    done = called(
        here, "check", "plan.json", "--provider-account", f"aws={OWN}", "--provider-account", f"aws.hub={HUB}"
    )
    assert (done.returncode, done.stderr) == (1, "")
    accounts = (f"--provider-account=aws={OWN}", f"--provider-account=aws.hub={HUB}")
    found = json.loads(called(here, "check", "plan.json", "--format", "json", *accounts).stdout)
    assert {one["logical_id"]: one["account"] for one in found["results"]} == {
        "aws_iam_role.a": OWN,
        "aws_iam_role.b": HUB,
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--provider-account", "aws.hub"), 'must be PROVIDER=ACCOUNT, as aws.hub=111122223333, got "aws.hub"'),
        (("--provider-account", "aws.hub=1"), 'must be PROVIDER=ACCOUNT, as aws.hub=111122223333, got "aws.hub=1"'),
        (
            ("--provider-account", f"aws={OWN}", "--provider-account", f"aws={HUB}"),
            f"--provider-account aws is given twice: {OWN} and {HUB}",
        ),
        (("--provider-account", f"aws.x={OWN}"), "no provider is called aws.x; the providers there are: aws, aws.hub"),
        (("--source", "nowhere"), "nowhere"),
    ],
)
def test_wrong_options_are_one_line(here: Path, arguments: tuple[str, ...], message: str) -> None:
    """What was received, and what is accepted; exit status 2 and no traceback."""
    done = called(here, "check", "plan.json", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_without_the_extra_there_is_one_line(here: Path) -> None:
    """Whoever has no parser is told what to install, with a directory and with `--source`; a plan needs none."""
    (here / "infra").mkdir()
    (here / "infra" / "main.tf").write_text('resource "aws_iam_user" "u" {\n  name = "u"\n}\n')
    program = (
        "import sys\n"
        "sys.modules['tree_sitter'] = sys.modules['tree_sitter_hcl'] = None\n"
        "from trustproof.cli.main import main\n"
        "for asked in (['plan.json'], ['infra'], ['plan.json', '--source', 'infra']):\n"
        "    sys.stderr.write(f'exit {main([\"check\", *asked])}\\n')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=here, check=True, capture_output=True, text=True, env=environment()
    )
    first, *others = re.findall(r"(.*\n)?exit (\d)\n", done.stderr)
    assert first == ("", "1")
    assert [status for _, status in others] == ["2", "2"]
    assert all("pip install 'trustproof[terraform]'" in said for said, _ in others)
    assert done.stderr.count("\n") == 5


def test_standard_input_may_be_a_plan(here: Path) -> None:
    """`terraform show -json tfplan | trustproof check -`"""
    done = called(here, "check", "-", stdin=(here / "plan.json").read_text())
    assert done.returncode == 1
    assert "<stdin>: aws_iam_role.a.assume_role_policy:7:16" in done.stdout


def test_plans_are_compared_by_meaning(here: Path) -> None:
    """`trustproof diff` takes them as it takes templates."""
    role = R("aws_iam_role.a", {"name": "a", "assume_role_policy": trust(None, MFA)})
    write(here / "old.json", plan(role))
    write(here / "new.json", plan(R("aws_iam_role.a", {"name": "a", "assume_role_policy": trust()})))
    done = called(here, "diff", "old.json", "new.json", "--account", OWN)
    assert done.returncode == 1
    assert "aws_iam_role.a" in done.stdout
    assert called(here, "diff", "old.json", "old.json", "--account", OWN).returncode == 0


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
