"""
What a configuration demands before its outputs and resources, and in its checks.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import trustproof
from tests.inputs.terraform.builders import OWN
from trustproof.results.report import Report

pytest.importorskip("tree_sitter_hcl", reason="tree-sitter-hcl is not installed; it is in the extra called terraform")

ROLE = f"""
resource "aws_iam_role" "r" {{
  name = "r"
  assume_role_policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ AWS = "{OWN}" }},
      Condition = {{ Bool = {{ "aws:MultiFactorAuthPresent" = "true" }} }} }}]
  }})
  LIFECYCLE
}}
variable "n" {{
  type    = number
  default = 1
}}
"""
CONDITION = '{\n  condition = CONDITION\n  error_message = "n must be one."\n}'
OUTPUT = 'output "o" {\n  value = 1\n  precondition ' + CONDITION + "\n}\n"
CHECK = 'check "c" {\n  assert ' + CONDITION + "\n}\n"
LIFECYCLE = "lifecycle {\n  precondition " + CONDITION + "\n}\n"


def check(tmp_path: Path, text: str, call: str | None = "n = 2") -> Report:
    """A report about a module, or about whoever calls it."""
    module = tmp_path / "modules" / "m" if call is not None else tmp_path / "m"
    module.mkdir(parents=True)
    (module / "main.tf").write_text(text)
    if call is None:
        return trustproof.check([module], config={}, account=OWN)
    (tmp_path / "main.tf").write_text(f'variable "x" {{}}\nmodule "m" {{\n  source = "./modules/m"\n  {call}\n}}\n')
    return trustproof.check([tmp_path], config={}, account=OWN)


@pytest.mark.parametrize("where", ["output", "resource"])
@pytest.mark.parametrize(
    ("condition", "call", "refused"),
    [
        ("var.n == 1", "n = 2", True),
        ("var.n == 1", "n = 1", False),
        ("var.n == 1", "n = var.x", False),
        ('can(regex("^([a-z]+/)*[a-z]+$", "a//b"))', "n = 1", True),
        ("aws_iam_role.r.unique_id == var.n", "n = 1", False),
    ],
)
def test_a_precondition_that_is_false_is_refused(
    tmp_path: Path, where: str, condition: str, call: str, refused: bool
) -> None:
    """As Terraform refuses it, in the words of its author; what is not known is passed over."""
    lifecycle, output = (LIFECYCLE, "") if where == "resource" else ("", OUTPUT)
    report = check(tmp_path, (ROLE.replace("LIFECYCLE", lifecycle) + output).replace("CONDITION", condition), call)
    assert bool(report.errors) is refused
    if refused:
        (error,) = report.errors
        named = "aws_iam_role.r" if where == "resource" else "output.o"
        assert error.message == f"module.m.{named}: a precondition does not hold: n must be one"
        assert error.file is not None
        assert error.file.endswith("modules/m/main.tf")


@pytest.mark.parametrize(
    ("condition", "refused"),
    [
        ("var.n == 1", True),
        ('self.name == "r"', False),
        ('self.name == "s"', True),
        ("self.unique_id == var.n", False),
        ("self.max_session_duration > 7200", False),
    ],
)
def test_a_postcondition_that_a_plan_decides_is_refused(tmp_path: Path, condition: str, refused: bool) -> None:
    """What the configuration says of the resource itself, a plan knows; what the provider says, it does not."""
    lifecycle = LIFECYCLE.replace("precondition", "postcondition")
    report = check(tmp_path, ROLE.replace("LIFECYCLE", lifecycle).replace("CONDITION", condition), "n = 2")
    messages = [error.message for error in report.errors]
    said = ["module.m.aws_iam_role.r: a postcondition does not hold: n must be one"]
    assert messages == (said if refused else [])


@pytest.mark.parametrize(
    ("kind", "condition", "verdict"),
    [
        ("precondition", "var.on", "proved"),
        ("postcondition", "var.on", "proved"),
        ("postcondition", 'self.name == "r" && var.on', "proved"),
        ("postcondition", "!var.on", "refuted"),
        ("postcondition", 'self.arn != ""', "refuted"),
    ],
)
def test_nothing_is_judged_at_what_a_condition_refuses(tmp_path: Path, kind: str, condition: str, verdict: str) -> None:
    """A variable is what the conditions of a resource may admit."""
    lifecycle = LIFECYCLE.replace("precondition", kind).replace("CONDITION", condition)
    text = ROLE.replace("LIFECYCLE", lifecycle).replace('= "true"', "= tostring(var.on)")
    report = check(tmp_path, text + 'variable "on" { type = bool }\n', None)
    assert {one.verdict for one in report.results if one.property == "mfa-required"} == {verdict}


def test_what_is_made_when_it_is_applied_decides_nothing_before(tmp_path: Path) -> None:
    """A postcondition of it fails when other resources may be there."""
    stored = """
variable "on" { type = bool }
resource "terraform_data" "d" {
  input = var.on
  lifecycle {
    postcondition {
      condition = self.output
      error_message = "no"
    }
  }
}
"""
    text = ROLE.replace("LIFECYCLE", "").replace('= "true"', "= tostring(var.on)")
    report = check(tmp_path, text + stored, None)
    assert {one.verdict for one in report.results if one.property == "mfa-required"} == {"refuted"}


def test_of_a_module_with_variables_it_is_a_note(tmp_path: Path) -> None:
    """Whoever applies it may give other values."""
    report = check(tmp_path, (ROLE.replace("LIFECYCLE", "") + OUTPUT).replace("CONDITION", "var.n == 2"), None)
    assert report.errors == ()
    assert any("output.o: a precondition does not hold: n must be one" in note for note in report.notes)
    assert report.results


def test_of_a_check_terraform_warns(tmp_path: Path) -> None:
    """It goes on, and so do we, with a note."""
    report = check(tmp_path, (ROLE.replace("LIFECYCLE", "") + CHECK).replace("CONDITION", "var.n == 1"))
    assert report.errors == ()
    assert any("module.m.check.c: an assertion does not hold: n must be one" in note for note in report.notes)


def test_what_may_not_be_there_demands_nothing(tmp_path: Path) -> None:
    """Of a resource that a variable decides about, a condition may be none."""
    text = ROLE.replace("LIFECYCLE", "count = var.n == 3 ? 1 : 0\n" + LIFECYCLE).replace("CONDITION", "var.n == 1")
    assert check(tmp_path, text, "n = var.x").errors == ()


def test_defaults_that_it_refuses_are_not_read(tmp_path: Path) -> None:
    """What is proved at a default of a root module that no one can apply it with is not proved; given, it is."""
    callee = ROLE.replace("LIFECYCLE", "").replace('{ AWS = "' + OWN + '" }', "{ AWS = var.who }")
    demand = 'output "o" {\n  value = 1\n  precondition {\n    condition = length(var.who) > 0\n'
    demand += '    error_message = "Nobody is trusted."\n  }\n}\n'
    module = tmp_path / "modules" / "m"
    module.mkdir(parents=True)
    (module / "main.tf").write_text(callee + demand + 'variable "who" { type = list(string) }\n')
    (tmp_path / "main.tf").write_text(
        'variable "who" {\n  type = list(string)\n  default = []\n}\nvariable "other" { default = 1 }\n'
        'module "m" {\n  source = "./modules/m"\n  who = var.who\n}\n'
    )

    def verdicts(parameters: dict[str, str]) -> tuple[Report, set[str]]:
        report = trustproof.check([tmp_path], config={}, account=OWN, parameters=parameters)
        return report, {one.verdict for one in report.results if one.property == "inside-boundary"}

    report, found = verdicts({})
    assert (report.errors, found) == ((), {"unknown"})
    (note,) = (one for one in report.notes if "precondition" in one)
    assert note.endswith("Nobody is trusted; no default is read of var.who")
    report, found = verdicts({"who": f'["{OWN}"]'})
    assert (report.errors, found) == ((), {"proved"})
    assert not any("precondition" in one for one in report.notes)
    # What is written is judged all the same.
    of_policy, error = verdicts({"who": "[]"})[0].errors
    assert "AWS is an empty list" in of_policy.message
    assert "Nobody is trusted" in error.message


@pytest.mark.parametrize(
    ("default", "validation"), [("null", "var.n != 1 || var.who != null"), ('""', "length(var.who) > 0")]
)
def test_a_default_that_a_validation_refuses_is_not_read(tmp_path: Path, default: str, validation: str) -> None:
    """Who calls a module has to give another value, and it can be checked by itself; what is given is refused."""
    demand = f'validation {{\n condition = {validation}\n error_message = "say who"\n }}'
    who = f'variable "who" {{\n type = string\n default = {default}\n {demand}\n}}\n'
    (tmp_path / "main.tf").write_text(ROLE.replace("LIFECYCLE", "").replace(f'"{OWN}"', "var.who") + who)
    report = trustproof.check([tmp_path], config={}, account=OWN)
    assert report.errors == ()
    assert any("a validation does not hold: say who; no default is read of" in note for note in report.notes)
    assert "proved" not in {one.verdict for one in report.results if one.property == "inside-boundary"}
    if default == '""':
        (error,) = trustproof.check([tmp_path], config={}, account=OWN, parameters={"who": ""}).errors
        assert "say who" in error.message


ADMINISTRATOR = """
variable "on" {
  type = bool
}
variable "repository" {
  default = "DEFAULT"
  VALIDATION
}
resource "aws_iam_user" "u" {
  name = "u"
  LIFECYCLE
}
resource "aws_iam_user_policy_attachment" "a" {
  count      = var.on ? 1 : 0
  user       = aws_iam_user.u.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
"""


@pytest.mark.parametrize("where", ["VALIDATION", "LIFECYCLE"])
@pytest.mark.parametrize("default", ["", "acme/app"])
def test_a_default_that_a_demand_refuses_in_some_cases_is_not_what_one_deploys_there(
    tmp_path: Path, where: str, default: str
) -> None:
    """Whoever switches on what needs a name gives one: that the default is none hides nothing."""
    demand = f"validation {CONDITION}" if where == "VALIDATION" else LIFECYCLE
    demand = demand.replace("CONDITION", '!var.on || var.repository != ""')
    text = ADMINISTRATOR.replace("DEFAULT", default).replace(where, demand)
    report = check(tmp_path, text.replace("VALIDATION", "").replace("LIFECYCLE", ""), None)
    assert trustproof.REFUTED in [one.verdict for one in report.results if one.severity == "error"]
    opened = [one for one in report.notes if "no default is read of var.repository" in str(one)]
    assert bool(opened) is not bool(default)
