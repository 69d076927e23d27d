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
from tests.inputs.terraform.builders import HUB, MFA, OWN, Resource, allow, plan, policy, trust
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
