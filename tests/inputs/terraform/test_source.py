"""
A plan together with the configuration that it was made of.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import trustproof
from tests.inputs.terraform.builders import HUB, OTHER, OWN, After, Resource, Secret, allow, plan, policy, trust
from trustproof.errors import InputError, UsageError
from trustproof.inputs.discovery.inputs import Inputs
from trustproof.inputs.settings import Settings
from trustproof.output.formats import FORMATS, render
from trustproof.output.style import Style
from trustproof.results.report import Report

pytest.importorskip("tree_sitter_hcl", reason="tree-sitter-hcl is not installed; it is in the extra called terraform")

R = Resource
PLAIN = Style(coloured=False)
ALICE = R("aws_iam_user.alice", {"name": "alice"})
HIDDEN = After("aws_iam_user.alice.arn", "aws_iam_user.alice")
ROLE = R("aws_iam_role.a", {"name": "a", "assume_role_policy": HIDDEN})
SOURCE = """
resource "aws_iam_user" "alice" {
  name = "alice"
}

resource "aws_iam_role" "a" {
  name = "a"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = aws_iam_user.alice.arn }
    }]
  })
}
"""


@pytest.fixture
def planned(tmp_path: Path) -> Callable[..., Report]:
    """Checks a plan with a configuration."""

    def _planned(content: dict[str, Any], written: str, **options: Any) -> Report:
        (tmp_path / "infra").mkdir(exist_ok=True)
        (tmp_path / "infra" / "main.tf").write_text(written)
        (tmp_path / "plan.json").write_text(json.dumps(content))
        options.setdefault("source", tmp_path / "infra")
        return trustproof.check([tmp_path / "plan.json"], **options)

    return _planned


def _verdicts(report: Report) -> dict[str, str]:
    return {f"{one.property} {one.logical_id}": one.verdict for one in report.results}


def test_what_the_plan_does_not_know_the_configuration_says(planned: Callable[..., Report]) -> None:
    """The policy is judged as it will be: the user is named by her ARN."""
    report = planned(plan(ALICE, ROLE), SOURCE, account=OWN)
    found = next(one for one in report.results if one.property == "mfa-required")
    assert found.verdict == "refuted"
    assert found.counterexample is not None
    assert found.counterexample.caller == f"arn:aws:iam::{OWN}:user/alice"
    assert not any(one.unread for one in report.results)


@pytest.mark.parametrize(("later", "verdict"), [(False, "proved"), (True, "refuted")])
def test_what_is_read_when_a_plan_is_applied_is_not_what_it_was(
    planned: Callable[..., Report], later: bool, verdict: str
) -> None:
    """A plan of Terraform 0.12 keeps what a data source had said: what it is to say is written in the configuration."""
    document = f"""
        data "aws_iam_policy_document" "d" {{
          statement {{
            actions = ["sts:AssumeRole"]
            principals {{
              type        = "AWS"
              identifiers = [aws_iam_user.alice.arn, {"'*'" if later else "'" + OWN + "'"}]
            }}
          }}
        }}
        """.replace("'", '"')
    written = SOURCE.partition("jsonencode")[0] + "data.aws_iam_policy_document.d.json\n}\n" + document
    hidden = After("data.aws_iam_policy_document.d.json", "data.aws_iam_policy_document.d")
    statement = [{"actions": ["sts:AssumeRole"], "principals": [{"type": "AWS", "identifiers": HIDDEN}]}]
    read = R("data.aws_iam_policy_document.d", {"statement": statement}, {"json": trust({"AWS": OWN})})
    content = plan(ALICE, R("aws_iam_role.a", {"name": "a", "assume_role_policy": hidden}), read)
    if later:
        after = {"after": {}, "after_unknown": {"json": True}, "after_sensitive": {}}
        content["resource_changes"].append({**read.change, "change": {"actions": ["read"], "before": None, **after}})
    report = planned(content, written, account=OWN, properties=["inside-boundary"])
    assert _verdicts(report) == {"inside-boundary aws_iam_role.a": verdict}


def test_findings_stand_in_the_configuration(planned: Callable[..., Report], tmp_path: Path) -> None:
    """Text, JSON and SARIF have the file and the line of whoever wrote the value."""
    report = planned(plan(ALICE, ROLE), SOURCE, account=OWN)
    file = str(tmp_path / "infra" / "main.tf")
    text = render("text", report, PLAIN)
    assert f"{file}:13:" in text
    assert "13 |       Principal = { AWS = aws_iam_user.alice.arn }" in text
    (found,) = [
        one for one in json.loads(render("json", report, PLAIN))["results"] if one["property"] == "mfa-required"
    ]
    assert (found["location"]["file"], found["location"]["line"]) == (file, 13)
    sarif = json.loads(render("sarif", report, PLAIN))["runs"][0]["results"]
    places = [one["locations"][0]["physicalLocation"] for one in sarif if one["ruleId"] == "mfa-required"]
    assert [(place["artifactLocation"]["uri"].endswith("infra/main.tf")) for place in places] == [True]


def test_a_policy_that_the_plan_knows_stands_in_the_configuration_too(planned: Callable[..., Report]) -> None:
    """The plan has the value, the configuration the place: in a heredoc, the line inside it."""
    source = f"""
resource "aws_iam_role" "a" {{
  name               = "a"
  assume_role_policy = <<-EOT
    {{
      "Version": "2012-10-17",
      "Statement": [{{
        "Effect": "Allow",
        "Principal": {{"AWS": "arn:aws:iam::{HUB}:root"}},
        "Action": "sts:AssumeRole"
      }}]
    }}
  EOT
}}
"""
    document = source.partition("EOT\n")[2].partition("  EOT")[0]
    known = "".join(line.removeprefix("    ") for line in document.splitlines(keepends=True))
    report = planned(plan(R("aws_iam_role.a", {"name": "a", "assume_role_policy": known})), source)
    (found,) = [one for one in report.results if one.property == "mfa-required"]
    position = report.sources.position(found.template, (*found.path, *found.caret))
    assert position is not None
    line = report.sources.line(found.template, position.line, position.file)
    assert line[position.column - 1 : position.end_column - 1] == f'"arn:aws:iam::{HUB}:root"'


def test_a_plan_file_holds_its_sources(planned: Callable[..., Report], tmp_path: Path) -> None:
    """The file that `plan -out` writes is as good as the directory."""
    with zipfile.ZipFile(tmp_path / "tfplan", "w") as archive:
        archive.writestr("tfplan", b"\x00")
        archive.writestr("tfconfig/modules.json", json.dumps([{"Key": "", "Dir": "."}]))
        archive.writestr("tfconfig/m-/main.tf", SOURCE)
    report = planned(plan(ALICE, ROLE), "", account=OWN, source=tmp_path / "tfplan")
    assert _verdicts(report)["mfa-required aws_iam_role.a"] == "refuted"


def test_a_plan_file_does_not_hold_other_files(planned: Callable[..., Report], tmp_path: Path) -> None:
    """What `fileset` found when it was planned is not known there: that is not what the archive has."""
    chosen = 'length(fileset(".", "*.json")) > 0 ? aws_iam_user.alice.arn : "*"'
    with zipfile.ZipFile(tmp_path / "tfplan", "w") as archive:
        archive.writestr("tfplan", b"\x00")
        archive.writestr("tfconfig/modules.json", json.dumps([{"Key": "", "Dir": "."}]))
        archive.writestr("tfconfig/m-/main.tf", SOURCE.replace("aws_iam_user.alice.arn", chosen))
    report = planned(plan(ALICE, ROLE), "", account=OWN, source=tmp_path / "tfplan")
    assert report.errors == ()
    assert _verdicts(report)["inside-boundary aws_iam_role.a"] == "unknown"


@pytest.mark.parametrize(
    ("source", "difference"),
    [
        (SOURCE.replace('"alice"', '"bob"', 1), "aws_iam_user.alice is in the plan, and not in the configuration"),
        (SOURCE + 'resource "aws_iam_group" "g" {\n  name = "g"\n}\n', "aws_iam_group.g is in the configuration"),
        (SOURCE.replace('name = "a"', 'name = "b"'), "aws_iam_role.a: name has another value"),
        (SOURCE.replace("aws_iam_user.alice.arn", "aws_iam_user.alice.arn, X = var.y"), "refers to var.y in the"),
        (
            SOURCE.replace("aws_iam_user.alice.arn", '"*"'),
            "assume_role_policy refers to aws_iam_user.alice in the plan",
        ),
        (
            SOURCE.replace('name = "a"', 'name = "a"\n  path = "/x/"'),
            "path is set in the configuration, and not in the",
        ),
        (SOURCE.replace('  name = "a"\n', ""), "name is set in the plan, and not in the configuration"),
    ],
)
def test_another_configuration_is_an_error(planned: Callable[..., Report], source: str, difference: str) -> None:
    """The first difference is named, and nothing is judged."""
    report = planned(plan(ALICE, ROLE), source)
    (error,) = report.errors
    assert "is not the one that was planned: " in error.message
    assert difference in error.message
    assert report.results == ()


def test_a_policy_that_is_another_one_is_an_error(planned: Callable[..., Report]) -> None:
    """What the plan knows must be what the configuration makes, through whatever locals."""
    source = """
locals {{
  account = "{}"
}}

resource "aws_iam_role" "a" {{
  name = "a"
  assume_role_policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{
      Effect = "Allow", Action = ["sts:AssumeRole"], Principal = {{ AWS = "arn:aws:iam::${{local.account}}:root" }}
    }}]
  }})
}}
"""
    content = plan(R("aws_iam_role.a", {"name": "a", "assume_role_policy": trust()}))
    expressions = content["configuration"]["root_module"]["resources"][0]["expressions"]
    expressions["assume_role_policy"] = {"references": ["local.account"]}
    assert planned(content, source.format(HUB)).errors == ()
    (error,) = planned(content, source.format(OTHER)).errors
    assert error.message.endswith(
        "is not the one that was planned: aws_iam_role.a.assume_role_policy is another policy"
    )


def test_a_configuration_without_a_plan_is_an_error(tmp_path: Path) -> None:
    """An option that would do nothing is none."""
    (tmp_path / "template.json").write_text('{"Resources": {}}')
    (tmp_path / "main.tf").write_text(SOURCE)
    for options, what in (
        ({"source": tmp_path}, "a plan of Terraform"),
        ({"var_files": [tmp_path / "x.tfvars"]}, "a configuration of Terraform"),
    ):
        with pytest.raises(UsageError, match=f"nothing that was read is {what}"):
            trustproof.check([tmp_path / "template.json"], **options)


def test_a_source_that_is_none_is_an_error(planned: Callable[..., Report], tmp_path: Path) -> None:
    """One line says what it is instead."""
    (tmp_path / "empty").mkdir()
    for source, message in (
        (tmp_path / "empty", "no .tf files in the directory"),
        (tmp_path / "nothing", "cannot be read: no such file or directory"),
        (tmp_path / "plan.json", "neither a directory nor a plan file"),
    ):
        (error,) = planned(plan(ALICE, ROLE), SOURCE, source=source).errors
        assert message in error.message
        assert isinstance(error, InputError)


def test_values_of_variables_come_from_files(tmp_path: Path) -> None:
    """`--var-file` is for configurations; the later one wins."""
    source = SOURCE.replace("aws_iam_user.alice.arn", "var.principal") + 'variable "principal" {\n  type = string\n}\n'
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "main.tf").write_text(source)
    (tmp_path / "a.tfvars").write_text('principal = "*"\n')
    (tmp_path / "b.tfvars").write_text(f'principal = "arn:aws:iam::{HUB}:root"\n')
    found = trustproof.check([tmp_path / "infra"], var_files=[tmp_path / "a.tfvars", tmp_path / "b.tfvars"])
    assert _verdicts(found)["inside-boundary aws_iam_role.a"] == "unknown"
    found = trustproof.check([tmp_path / "infra"], var_files=[tmp_path / "b.tfvars", tmp_path / "a.tfvars"])
    assert _verdicts(found)["inside-boundary aws_iam_role.a"] == "refuted"


@pytest.mark.parametrize(
    ("kind", "given", "operator"),
    [
        ("bool", "false", 'var.v == false ? "BoolIfExists" : "Bool"'),
        ("number", "3600", 'var.v == 3600 ? "BoolIfExists" : "Bool"'),
        ("string", 5, 'var.v == 5 ? "Bool" : "BoolIfExists"'),
        ("set(string)", ["b", "a", "b"], 'tolist(var.v)[0] == "a" ? "BoolIfExists" : "Bool"'),
        ("object({ a = string })", {"a": "x", "b": "y"}, 'length(keys(var.v)) == 2 ? "Bool" : "BoolIfExists"'),
        ("object({ mfa = optional(bool, false) })", {}, 'try(var.v.mfa, true) ? "Bool" : "BoolIfExists"'),
    ],
)
def test_values_in_a_plan_are_of_the_types_of_their_variables(
    planned: Callable[..., Report], kind: str, given: Any, operator: str
) -> None:
    """A plan has values of variables as they were given, and expressions see them as their types make them."""
    condition = f'Condition = {{ ({operator}) = {{ "aws:MultiFactorAuthPresent" = "true" }} }}'
    source = SOURCE.replace("= aws_iam_user.alice.arn }", f"= aws_iam_user.alice.arn }}\n      {condition}")
    hidden = After("aws_iam_user.alice.arn", "aws_iam_user.alice", "var.v")
    role = R("aws_iam_role.a", {"name": "a", "assume_role_policy": hidden})
    content = plan(ALICE, role, variables={"v": {"value": given}})
    content["configuration"]["root_module"]["variables"] = {"v": {}}
    report = planned(content, f'{source}variable "v" {{\n  type = {kind}\n}}\n')
    assert report.errors == ()
    assert _verdicts(report)["mfa-required aws_iam_role.a"] == "refuted"


def test_what_is_sensitive_stays_hidden_with_its_source(planned: Callable[..., Report]) -> None:
    """A variable that is sensitive is compared, and no excerpt shows it."""
    secret = "correct-horse-battery"
    hidden = trust({"AWS": f"arn:aws:iam::{OTHER}:root"}, {"StringEquals": {"sts:ExternalId": secret}})
    content = plan(
        R("aws_iam_role.a", {"name": "a", "assume_role_policy": Secret(hidden)}),
        variables={"secret": {"value": secret}},
    )
    content["configuration"]["root_module"]["variables"] = {"secret": {"sensitive": True}}
    source = f"""
variable "secret" {{
  type      = string
  sensitive = true
}}

resource "aws_iam_role" "a" {{
  name = "a"
  assume_role_policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = {{ AWS = "arn:aws:iam::{OTHER}:root" }}
      Condition = {{ StringEquals = {{ "sts:ExternalId" = var.secret }} }}
    }}]
  }})
}}
"""
    config = {"boundary": {"accounts": [OWN]}, "third-party": [{"name": "vendor", "accounts": [OTHER]}]}
    report = planned(content, source, config=config)
    assert report.errors == ()
    assert _verdicts(report)["external-id-required aws_iam_role.a"] == "proved"
    for form in FORMATS:
        assert secret not in render(form, report, PLAIN)


def test_a_name_that_aws_makes_up_is_the_role_all_the_same(planned: Callable[..., Report]) -> None:
    """What is attached to a role by a name that is unknown yet is attached to it."""
    role = R("aws_iam_role.a", {"name_prefix": "a-", "assume_role_policy": trust()}, {"name": After()})
    its = R(
        "aws_iam_role_policy.p",
        {"name": "p", "role": After("aws_iam_role.a.id", "aws_iam_role.a"), "policy": policy(allow("s3:*"))},
    )
    source = f"""
resource "aws_iam_role" "a" {{
  name_prefix        = "a-"
  assume_role_policy = jsonencode({json.dumps(json.loads(trust()))})
}}

resource "aws_iam_role_policy" "p" {{
  name   = "p"
  role   = aws_iam_role.a.id
  policy = jsonencode({json.dumps(json.loads(policy(allow("s3:*"))))})
}}
"""
    report = planned(plan(role, its), source)
    assert report.errors == ()
    file = report.results[0].template
    (found,) = Inputs([file], Settings(source=str(Path(file).parent / "infra"))).templates
    assert [(holder.logical_id, len(holder.documents)) for holder in found.holders] == [("aws_iam_role.a", 1)]


def test_the_call_of_a_module_is_a_related_place(planned: Callable[..., Report], tmp_path: Path) -> None:
    """Where a policy comes from a module, SARIF points at the call too."""
    module = tmp_path / "infra" / "role"
    module.mkdir(parents=True)
    (module / "main.tf").write_text(SOURCE)
    source = 'module "role" {\n  for_each = toset(["x"])\n  source   = "./role"\n}\n'
    address = 'module.role["x"].'
    hidden = After("aws_iam_user.alice.arn", "aws_iam_user.alice")
    content = plan(
        R(f"{address}aws_iam_user.alice", {"name": "alice"}),
        R(f"{address}aws_iam_role.a", {"name": "a", "assume_role_policy": hidden}),
    )
    for report in (planned(content, source, account=OWN), trustproof.check([tmp_path / "infra"], account=OWN)):
        assert report.errors == ()
        sarif = json.loads(render("sarif", report, PLAIN))["runs"][0]["results"]
        (found,) = [one for one in sarif if one["ruleId"] == "mfa-required"]
        assert found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].endswith("role/main.tf")
        (related,) = found["relatedLocations"]
        assert related["message"]["text"] == 'module role["x"] is called here'
        assert related["physicalLocation"]["artifactLocation"]["uri"].endswith("infra/main.tf")
        assert related["physicalLocation"]["region"]["startLine"] == 1


def test_the_version_that_a_plan_asks_for_says_how_the_arn_of_a_log_group_ends(planned: Callable[..., Report]) -> None:
    """Before version 3.0 of the provider, it is about the streams of the group."""
    group = R("aws_cloudwatch_log_group.g", {"name": "g"})
    put = R("aws_iam_user_policy.p", {"user": "u", "policy": After("aws_cloudwatch_log_group.g.arn")})
    written = """
resource "aws_cloudwatch_log_group" "g" { name = "g" }
resource "aws_iam_user_policy" "p" {
  user   = "u"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "logs:PutLogEvents",
    Resource = aws_cloudwatch_log_group.g.arn }] })
}
"""
    content = plan(group, put)
    found = _verdicts(planned(content, written, account=OWN, properties=["statement-usable"]))
    assert found == {"statement-usable aws_iam_user_policy.p": "refuted"}
    content["configuration"]["provider_config"]["aws"]["version_constraint"] = "~> 2.0"
    found = _verdicts(planned(content, written, account=OWN, properties=["statement-usable"]))
    assert found == {"statement-usable aws_iam_user_policy.p": "proved"}
