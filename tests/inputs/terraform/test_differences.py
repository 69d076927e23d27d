"""
Plans of Terraform compared and explained, with the configurations that they were made of.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import trustproof
from tests.inputs.terraform.builders import HUB, OTHER, OWN, After, Resource, Secret, plan, trust
from trustproof.errors import UsageError
from trustproof.output.difference import FORMS, render_difference
from trustproof.output.explanation import render_explanations
from trustproof.output.style import Style

pytest.importorskip("tree_sitter_hcl", reason="tree-sitter-hcl is not installed; it is in the extra called terraform")

PLAIN = Style(coloured=False)
ROLE = Resource(
    "aws_iam_role.a",
    {"name": "a", "assume_role_policy": After("aws_iam_user.alice.arn", "aws_iam_user.alice", "local.condition")},
)
USER = Resource("aws_iam_user.alice", {"name": "alice"})


def source(condition: str) -> str:
    """A configuration whose plan does not know the policy, as that names what is made."""
    return f"""
locals {{
  condition = {condition}
}}

resource "aws_iam_user" "alice" {{
  name = "alice"
}}

resource "aws_iam_role" "a" {{
  name = "a"
  assume_role_policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = {{ AWS = aws_iam_user.alice.arn }}
      Condition = local.condition
    }}]
  }})
}}
"""


MFA = '{ Bool = { "aws:MultiFactorAuthPresent" = "true" } }'


@pytest.fixture
def sides(tmp_path: Path) -> Path:
    """Two directories, each with a plan and the configuration that it was made of."""
    for side, condition in (("old", MFA), ("new", "{}")):
        (tmp_path / side / "infra").mkdir(parents=True)
        (tmp_path / side / "infra" / "main.tf").write_text(source(condition))
        (tmp_path / side / "plan.json").write_text(json.dumps(plan(USER, ROLE)))
    return tmp_path


def _diff(folder: Path, **options: Any) -> trustproof.Difference:
    return trustproof.diff(folder / "old" / "plan.json", folder / "new" / "plan.json", account=OWN, **options)


def test_each_plan_has_its_own_configuration(sides: Path) -> None:
    """What a plan does not know, its configuration says; the plans themselves are the same."""
    found = _diff(sides, old_source=sides / "old" / "infra", source=sides / "new" / "infra")
    assert [(one.direction, one.counterexample.credentials) for one in found.access] == [
        ("gained", "IAM user, long-term access key, no MFA")
    ]
    assert {(one.where.file, one.where.resource_type) for one in found.access} == {
        (str(sides / "new" / "infra" / "main.tf"), "aws_iam_role")
    }
    assert _diff(sides, old_source=sides / "new" / "infra", source=sides / "new" / "infra").is_empty


def test_the_configuration_of_one_plan_is_not_that_of_the_other(sides: Path) -> None:
    """Where only one is given, what the other plan does not know stays unknown, and that is said."""
    found = _diff(sides, source=sides / "new" / "infra")
    assert not found.access
    assert [one.reasons[0].partition(":")[0] for one in found.undecided] == ["on the old side"]


def test_what_both_plans_hide_is_unknown(sides: Path) -> None:
    """The same references say nothing of the policies: one reason, on both sides, and a failure with ``--strict``."""
    (one,) = _diff(sides).undecided
    assert one.reasons[0].startswith("on both sides: known after apply; made from aws_iam_user.alice.arn")
    called = [sys.executable, "-m", "trustproof", "diff", "old/plan.json", "new/plan.json", "--account", OWN]
    for more, code in (([], 0), (["--strict"], 1)):
        done = subprocess.run([*called, *more], cwd=sides, capture_output=True, text=True, check=False)
        assert (done.returncode, "on both sides" in done.stdout) == (code, True), done.stderr


def test_a_configuration_for_no_plan_is_a_mistake(sides: Path) -> None:
    """It would be for nothing."""
    with pytest.raises(UsageError, match="nothing that was read is a plan of Terraform"):
        trustproof.diff({"Resources": {}}, {"Resources": {}}, source=sides / "new" / "infra")
    with pytest.raises(UsageError, match="nothing that was read is a plan of Terraform"):
        trustproof.explain([sides / "new" / "infra"], "a", source=sides / "new" / "infra")


def test_explain_reads_a_plan_with_its_configuration(sides: Path) -> None:
    """As `check` does."""
    (found,) = trustproof.explain([sides / "new" / "plan.json"], "a", account=OWN, source=sides / "new" / "infra")
    assert [(one.who, one.mfa) for one in found.entrances] == [(f"user arn:aws:iam::{OWN}:user/alice", "not required")]
    (found,) = trustproof.explain([sides / "new" / "plan.json"], "a", account=OWN)
    assert not found.entrances
    assert found.undecided


def test_a_module_that_is_not_at_hand_is_said(tmp_path: Path) -> None:
    """What it holds may be anything; one that both sides have says nothing."""
    role = source("{}")
    for name, more in (("old", ""), ("new", 'module "z" {\n  source = "example/roles/aws"\n}\n')):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(role + more)
    found = trustproof.diff(tmp_path / "old", tmp_path / "new", account=OWN)
    assert [reason for one in found.undecided for reason in one.reasons] == [
        "on the new side: module.z, which has a source that is not at hand, example/roles/aws: terraform init brings it"
    ]
    assert trustproof.diff(tmp_path / "new", tmp_path / "new", account=OWN).is_empty


def _git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@b.example")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def test_a_revision_has_the_configuration_and_the_values_of_its_day(tmp_path: Path) -> None:
    """Of a plan, a configuration and a file of values that git keeps, the old side is what they were."""
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "main.tf").write_text(source(MFA))
    (tmp_path / "plan.json").write_text(json.dumps(plan(USER, ROLE)))
    (tmp_path / "module").mkdir()
    (tmp_path / "module" / "main.tf").write_text(
        'variable "who" {}\nresource "aws_iam_role" "b" {\n  name = "b"\n  assume_role_policy = jsonencode({\n'
        '    Version = "2012-10-17"\n    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", '
        "Principal = { AWS = var.who } }]\n  })\n}\n"
    )
    (tmp_path / "prod.tfvars").write_text(f'who = "{HUB}"\n')
    _git(tmp_path, "init", "-q")
    _git(tmp_path, "add", ".")
    _git(tmp_path, "commit", "-qm", "x")
    (tmp_path / "infra" / "main.tf").write_text(source("{}"))
    (tmp_path / "prod.tfvars").write_text(f'who = "{OTHER}"\n')
    found = trustproof.diff_since("HEAD", [tmp_path / "plan.json"], account=OWN, source=tmp_path / "infra")
    assert [one.direction for one in found.access] == ["gained"]
    found = trustproof.diff_since("HEAD", [tmp_path / "module"], account=OWN, var_files=[tmp_path / "prod.tfvars"])
    assert [(one.direction, one.counterexample.caller.split(":")[4]) for one in found.access] == [
        ("gained", OTHER),
        ("lost", HUB),
    ]


def test_what_is_sensitive_is_shown_by_nobody() -> None:
    """Neither a difference nor an explanation has the text of a secret, which decides all the same."""
    secret = "correct-horse-battery"

    def made(text: str) -> dict[str, Any]:
        held = trust({"AWS": f"arn:aws:iam::{OTHER}:root"}, {"StringEquals": {"sts:ExternalId": text}})
        return plan(Resource("aws_iam_role.a", {"name": "a", "assume_role_policy": Secret(held)}))

    found = trustproof.diff(made("something-else"), made(secret), account=OWN)
    assert found.gained
    for form in FORMS:
        shown = render_difference(found, form, PLAIN)
        assert secret not in shown
        assert "something-else" not in shown
    explained = trustproof.explain([made(secret)], "a", account=OWN)
    assert explained[0].entrances
    for form in ("text", "json"):
        assert secret not in render_explanations(explained, None, form, PLAIN)


def test_what_moves_to_a_policy_whose_arn_is_not_known_is_not_lost(tmp_path: Path) -> None:
    """A first plan does not know that the policy which it attaches is the one that it makes."""
    inline = json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    )
    role = {"name": "a", "assume_role_policy": trust()}
    arn = After("aws_iam_policy.p.arn", "aws_iam_policy.p")
    sides = {
        "old": [Resource("aws_iam_role.a", {**role, "inline_policy": [{"name": "p", "policy": inline}]})],
        "new": [
            Resource("aws_iam_role.a", role),
            Resource("aws_iam_policy.p", {"name": "p", "policy": inline}),
            Resource("aws_iam_role_policy_attachment.p", {"role": "a", "policy_arn": arn}),
        ],
    }
    for side, resources in sides.items():
        (tmp_path / f"{side}.json").write_text(json.dumps(plan(*resources)))
    found = trustproof.diff(tmp_path / "old.json", tmp_path / "new.json", config={}, account=OWN)
    assert "lost" not in [one.direction for one in found.access]
    assert [one.where.logical_id for one in found.undecided] == ["aws_iam_role.a"]


def test_what_nobody_looks_into_in_plans_is_undecided_with_other_values(tmp_path: Path) -> None:
    """A resource of a type that is not known may let in somebody else by another policy; tags say nothing."""
    files = []
    for number, (account, tags) in enumerate(((HUB, {}), (OTHER, {}), (HUB, {"a": "b"}))):
        policy = json.dumps({"Statement": [{"Effect": "Allow", "Principal": {"AWS": account}, "Action": "*"}]})
        files.append(tmp_path / f"{number}.json")
        files[-1].write_text(json.dumps(plan(Resource("aws_new_thing.a", {"policy": policy, "tags": tags}))))
    old, new, same = files
    (found,) = trustproof.diff(old, new, account=OWN).undecided
    assert found.reasons[0].endswith("aws_new_thing, and is not written alike")
    assert trustproof.diff(old, same, account=OWN).is_empty


def test_a_template_of_a_policy_is_the_same_where_nothing_of_it_changes(tmp_path: Path) -> None:
    """What stands in the name of a condition key is not known, and is what it was."""
    (tmp_path / "p.json").write_text(
        json.dumps(
            {
                "Effect": "Allow",
                "Action": "ec2:StopInstances",
                "Resource": "*",
                "Condition": {"StringEquals": {"ec2:ResourceTag/${name}": "owned"}},
            }
        ).join(('{"Version": "2012-10-17", "Statement": [', "]}"))
    )
    text = """\
variable "name" { type = string }
resource "aws_iam_role" "r" {
  name               = "r"
  assume_role_policy = jsonencode({ Statement = [
    { Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "%s" } } ] })
}
resource "aws_iam_role_policy" "p" {
  role   = "r"
  policy = templatefile("${path.module}/p.json", { name = %s })
}
"""
    sides = {"old": (HUB, "var.name"), "new": (OTHER, "var.name"), "other": (HUB, 'upper("a${var.name}")')}
    for side, values in sides.items():
        (tmp_path / side).mkdir()
        (tmp_path / side / "p.json").write_text((tmp_path / "p.json").read_text())
        (tmp_path / side / "main.tf").write_text(text % values)
    found = trustproof.diff(tmp_path / "old", tmp_path / "new", account=OWN)
    assert [one.direction for one in found.access] == ["gained", "lost"]
    assert not found.undecided
    assert trustproof.diff(tmp_path / "old", tmp_path / "other", account=OWN).undecided
    # Whatever that condition is, it is about no other action.
    template = (tmp_path / "new" / "p.json").read_text()
    beside = '{"Effect": "Allow", "Action": "ec2:RebootInstances", "Resource": "*"}]'
    (tmp_path / "new" / "p.json").write_text(template.replace("}]", "}, " + beside))
    found = trustproof.diff(tmp_path / "old", tmp_path / "new", account=OWN)
    assert {one.counterexample.action for one in found.gained} == {"sts:AssumeRole", "ec2:RebootInstances"}
    assert found.undecided


@pytest.mark.parametrize("name", ['  bucket = "named"\n', ""])
def test_a_bucket_is_called_by_its_address(tmp_path: Path, name: str) -> None:
    """Though its policy is another resource, for explanations and for invariants."""
    statement = f'Effect = "Allow", Principal = {{ AWS = "{HUB}" }}, Action = "s3:GetObject"'
    (tmp_path / "main.tf").write_text(
        f'resource "aws_s3_bucket" "b" {{\n{name}}}\n'
        'resource "aws_s3_bucket_policy" "p" {\n  bucket = aws_s3_bucket.b.id\n'
        f'  policy = jsonencode({{ Statement = [{{ {statement}, Resource = "${{aws_s3_bucket.b.arn}}/*" }}] }})\n}}\n'
    )
    (found,) = trustproof.explain([tmp_path], "aws_s3_bucket.b", config={}, account=OWN)
    assert found.entrances
    asked = {"invariant": [{"name": "i", "resources": ["aws_s3_bucket.b"], "accounts": [OWN]}]}
    (verdict,) = trustproof.check([tmp_path], config=asked, account=OWN, properties=["invariant-i"]).results
    assert verdict.verdict == trustproof.REFUTED
