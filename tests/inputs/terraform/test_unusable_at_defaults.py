"""
What nobody can use, or AWS would refuse, at the default of a variable: whoever deploys the module gives another value.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import trustproof
from tests.inputs.terraform.builders import OWN
from trustproof.analysis.assignments import stopping_defaults

pytest.importorskip("tree_sitter_hcl")

ROLE = """
resource "aws_iam_role" "r" {
  name               = "r-${var.team}"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = %s })
}
variable "team" { default = "a" }
"""
UNTIL = """[{
  Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "arn:aws:iam::111122223333:root" }
  Condition = { DateLessThan = { "aws:CurrentTime" = %s } }
}]"""
WHO = '[{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = %s } }]'
TEAMS = """concat(
  [for one in var.teams : {
    Effect = "Allow", Action = "sts:AssumeRoleWithWebIdentity", Principal = { Federated = var.provider_arn }
    Condition = { StringEquals = { "issuer.example.com:aud" = one } }
  }],
  [{ Sid = "Tags", Effect = "Allow", Action = "sts:TagSession", Principal = { Federated = var.provider_arn } }],
  length(var.ranges) == 0 ? [] : [{
    Effect = "Deny", Action = "sts:AssumeRoleWithWebIdentity", Principal = { Federated = var.provider_arn }
    Condition = { NotIpAddress = { "aws:SourceIp" = var.ranges } }
  }]
)"""
TEAMS_OF = 'variable "teams" { default = [] }\nvariable "ranges" { default = [] }\nvariable "provider_arn" {}\n'
# At another issuer nobody knows what the key says, so that it may be usable: the list is empty all the same.
SUBJECTS = """[{
  Effect = "Allow", Action = "sts:AssumeRoleWithWebIdentity"
  Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/${var.issuer}" }
  Condition = { StringLike = { "${var.issuer}:sub" = [for one in var.subjects : "repo:${one}"] } }
}]"""
SUBJECTS_OF = 'variable "subjects" { default = [] }\nvariable "issuer" { default = "issuer.example.com" }\n'
OFF, ON = '"1900-01-01T00:00:00Z"', 'variable "until" { default = "1900-01-01T00:00:00Z" }\n'
VALIDATION = (
    'validation {\n    condition = contains(["1900-01-01T00:00:00Z"], var.until)\n    error_message = "no"\n  }'
)
ONLY = ON.replace(" }", "\n  " + VALIDATION + "\n}").replace("{ default", "{\n  default")
GROUP = """
resource "aws_iam_group" "g" {
  for_each = toset([var.group])
  name     = each.key
}
data "aws_iam_policy_document" "d" {
  statement {
    actions   = ["sts:AssumeRole"]
    resources = ["arn:aws:iam::${local.account}:role/admin"]
    condition {
      test     = "Bool"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["true"]
    }
  }
}
resource "aws_iam_group_policy" "p" {
  for_each = toset([var.group])
  group    = aws_iam_group.g[each.key].id
  policy   = data.aws_iam_policy_document.d.json
}
variable "group" { default = "admins" }
variable "account" { default = "" }
locals { account = %s }
"""


@pytest.mark.parametrize(
    ("text", "switches"),
    [
        (ON + ROLE % (UNTIL % "var.until"), "var.until is " + OFF),
        (ON + "locals { until = var.until }\n" + ROLE % (UNTIL % "local.until"), "var.until is " + OFF),
        (
            'variable "who" { default = "arn:aws:iam::1:root" }\n' + ROLE % (WHO % "var.who"),
            'var.who is "arn:aws:iam::1:root"',
        ),
        (ROLE % (WHO % '"arn:aws:iam::1:root"'), ""),
        (TEAMS_OF + ROLE % TEAMS, "var.teams is []"),
        (SUBJECTS_OF + ROLE % SUBJECTS, "var.subjects is []"),
        (GROUP % "var.account", 'var.account is ""'),
        (GROUP % 'var.account == null ? "111122223333" : var.account', 'var.account is ""'),
        (GROUP % '""', ""),
    ],
)
def test_a_default_that_stops_everybody_is_a_switch(tmp_path: Path, text: str, switches: str) -> None:
    """
    A statement that only the default of a variable makes useless is a warning that names it, or a note where that is
    empty, and else an error.
    """
    (tmp_path / "main.tf").write_text(text)
    report = trustproof.check([tmp_path], config={}, account=OWN, properties=["statement-usable"])
    assert report.errors == ()
    (found,) = [one for one in report.results if one.verdict == trustproof.REFUTED]
    is_empty = switches.endswith(("[]", '""'))
    assert found.severity == ("note" if is_empty else "warning" if switches else "error")
    meant = [why for why in found.why if "as by default" in why]
    assert meant == ([f"this is taken to be meant where {switches}, as by default"] if switches else [])


@pytest.mark.parametrize(
    ("default", "severity"),
    [("bus_arn", "note"), ("Bus-ARN", "note"), ("bus", "warning"), ("the bus_arn", "warning")],
)
def test_a_default_that_is_the_name_of_its_variable_is_to_be_given(tmp_path: Path, default: str, severity: str) -> None:
    """Nobody deploys with it, and nobody has chosen it; what is called in another way may be a value."""
    variable = f'variable "bus_arn" {{ default = "{default}" }}\n'
    (tmp_path / "main.tf").write_text(variable + OBJECTS % ("[]", "[var.bus_arn]"))
    report = trustproof.check([tmp_path], config={}, account=OWN, properties=["statement-usable"])
    (found,) = [one for one in report.results if one.verdict == trustproof.REFUTED]
    assert found.severity == severity
    stands = f'var.bus_arn is "{default}" by default, which stands for what whoever deploys it gives'
    assert (found.why[0] == stands) is (severity == "note")


@pytest.mark.parametrize("text", [ROLE % (UNTIL % OFF), ONLY + ROLE % (UNTIL % "var.until")])
def test_a_time_that_is_over_whatever_is_chosen_is_a_warning_of_no_variable(tmp_path: Path, text: str) -> None:
    """A date that has passed turns no build red overnight, and no variable is named that could not change it."""
    (tmp_path / "main.tf").write_text(text)
    report = trustproof.check([tmp_path], config={}, account=OWN, properties=["statement-usable"])
    (found,) = [one for one in report.results if one.verdict == trustproof.REFUTED]
    assert found.severity == "warning"
    assert not [why for why in found.why if "as by default" in why]


def test_a_severity_of_the_project_stays(tmp_path: Path) -> None:
    """What a project says of a property, it says of defaults too."""
    (tmp_path / "main.tf").write_text(ON + ROLE % (UNTIL % "var.until"))
    config = {"properties": {"statement-usable": {"severity": "error"}}}
    report = trustproof.check([tmp_path], config=config, account=OWN, properties=["statement-usable"])
    (found,) = [one for one in report.results if one.verdict == trustproof.REFUTED]
    assert found.severity == "error"


OBJECTS = """
variable "projects" { default = %s }
variable "prefix" { default = "state" }
data "aws_iam_policy_document" "d" {
  statement {
    actions   = ["s3:GetObject"]
    resources = %s
  }
}
resource "aws_iam_role" "r" {
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}
resource "aws_iam_role_policy" "p" {
  role   = aws_iam_role.r.id
  policy = data.aws_iam_policy_document.d.json
}
"""
EACH = '[for one in var.projects : "arn:aws:s3:::b/${var.prefix}/${one}/*"]'
ALONE = '[for one in var.projects : "arn:aws:s3:::b/${one}/*"]'


@pytest.mark.parametrize("resources", [EACH, ALONE])
def test_a_default_that_aws_refuses_is_a_note(tmp_path: Path, resources: str) -> None:
    """A module whose default makes no policy is one that has to be given a value, and the variable is named."""
    (tmp_path / "main.tf").write_text(OBJECTS % ("[]", resources))
    report = trustproof.check([tmp_path], config={}, account=OWN)
    assert report.errors == ()
    (found,) = [one for one in report.results if one.verdict != trustproof.PROVED]
    assert (found.property, found.severity) == ("statement-usable", "note")
    assert found.why == (
        "this is taken to be meant where var.projects is [], as by default",
        "Resource is empty, so that the statement is about nothing",
    )
    given = trustproof.check([tmp_path], config={}, account=OWN, parameters={"projects": '["a"]'})
    assert {one.verdict for one in given.results} == {"proved"}


MANY = [f"v{number}" for number in range(12)]
#: What a list is made of, and how bad it is that it is about nothing where nobody asks which of them decides.
MADE_OF = {
    "compact([%s])": "note",
    "distinct(compact([%s]))": "note",
    # What is about something is a mistake, or a choice.
    '["${join("", [%s])}x"]': "warning",
    '["arn:aws:sqs:us-east-1:111122223333:${join("", [%s])}"]': "error",
}


@pytest.mark.parametrize("made", MADE_OF)
def test_of_many_defaults_of_which_nobody_knows_which_decide_none_is_named(
    tmp_path: Path, made: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large configuration is not read again for each of its variables, and what is empty makes an empty list."""
    monkeypatch.setattr(stopping_defaults, "asked_at_most", lambda *_: 0)
    variables = "".join(f'variable "{name}" {{ default = "" }}\n' for name in MANY)
    text = OBJECTS % ("[]", made % ", ".join(f"var.{name}" for name in MANY))
    (tmp_path / "main.tf").write_text(variables + text)
    report = trustproof.check([tmp_path], config={}, account=OWN, properties=["statement-usable"])
    (found,) = [one for one in report.results if one.verdict == trustproof.REFUTED]
    assert found.severity == MADE_OF[made]
    is_said = "some of 12 parameters have the values that they have" in found.why[0]
    assert is_said is (found.severity != "error")
    assert "var.v3" not in f"{found.why} {found.remedy}"


OTHERS = '}\nvariable "more" { default = [] }\ndata "aws_iam_policy_document" "d" {' + 2 * (
    '\n  statement {\n    actions   = ["s3:PutObject"]\n    resources = var.more\n  }'
)
STARTS = '\n  statement {\n    actions   = ["iam:*"]\n    resources = ["*"]\n  }'


def test_what_is_about_nothing_by_default_hides_no_other_statement(tmp_path: Path) -> None:
    """What else the policy allows is judged, wherever it stands."""
    text = (OBJECTS % ("[]", "var.projects")).replace('data "aws_iam_policy_document" "d" {', OTHERS[2:] + STARTS)
    (tmp_path / "main.tf").write_text(
        text.replace("aws_iam_role_policy", "aws_iam_user_policy").replace("role   =", "user   =")
    )
    asked = ["statement-usable", "sensitive-actions-require-mfa"]
    found = trustproof.check([tmp_path], config={}, account=OWN, properties=asked).results
    said = [(one.property, one.severity) for one in found if one.verdict == trustproof.REFUTED]
    assert sorted(said) == [("sensitive-actions-require-mfa", "error"), *[("statement-usable", "note")] * 3]


@pytest.mark.parametrize("default", ["[]", '["a"]'])
def test_what_aws_refuses_at_every_value_is_an_error(tmp_path: Path, default: str) -> None:
    """No value of a variable puts right what does not rest on it."""
    (tmp_path / "main.tf").write_text(OBJECTS % (default, "[]"))
    report = trustproof.check([tmp_path], config={}, account=OWN)
    (error,) = report.errors
    assert str(error).endswith("a statement of an identity policy has neither Resource nor NotResource")


def test_what_aws_refuses_and_may_never_be_there_is_unknown(tmp_path: Path) -> None:
    """An addition that nobody knows to be turned on keeps nobody from judging the rest."""
    optional = (OBJECTS % ("[]", "[]")).replace('_policy" "p" {\n', '_policy" "p" {\n  count = var.on ? 1 : 0\n')
    (tmp_path / "main.tf").write_text(optional + 'variable "on" { type = bool }\n')
    report = trustproof.check([tmp_path], config={}, account=OWN)
    assert report.errors == ()
    assert {one.logical_id for one in report.results if one.verdict == trustproof.UNKNOWN} == {
        "aws_iam_role_policy.p[0]"
    }
    assert "proved" in {one.verdict for one in report.results if one.logical_id == "aws_iam_role.r"}


def test_logs_of_an_account_that_is_not_given(tmp_path: Path) -> None:
    """An empty default in the place of the account is none, and who reads the logs' bucket is judged as ever."""
    text = """
variable "account" { default = "" }
resource "aws_s3_bucket_policy" "b" {
  bucket = "acme-logs"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "s3:PutObject", Principal = { %s }
    Resource = "arn:aws:s3:::acme-logs/AWSLogs/${var.account}/*"
  }] })
}
"""
    for principal, asked, verdict in (
        ('Service = "cloudtrail.amazonaws.com"', "no-confused-deputy", "unknown"),
        ('AWS = "*"', "inside-boundary", "refuted"),
    ):
        (tmp_path / "main.tf").write_text(text % principal)
        (found,) = trustproof.check([tmp_path], config={}, account=OWN, properties=[asked]).results
        assert found.verdict == verdict


NOBODY = """
variable "accounts" {
  type    = list(string)
  default = []
}
data "aws_iam_policy_document" "logs" {
  statement {
    sid       = "Accounts"
    actions   = ["s3:PutObject"]
    resources = ["arn:aws:s3:::acme-logs/*"]
    principals {
      type        = "AWS"
      identifiers = formatlist("arn:aws:iam::%s:root", var.accounts)
    }
  }
  statement {
    sid       = "Config"
    actions   = ["s3:PutObject"]
    resources = ["arn:aws:s3:::acme-logs/*"]
    principals {
      type        = "Service"
      identifiers = ["config.amazonaws.com"]
    }
  }
}
resource "aws_s3_bucket_policy" "p" {
  bucket = "acme-logs"
  policy = data.aws_iam_policy_document.logs.json
}
"""


def test_a_list_of_nobody_hides_no_other_statement(tmp_path: Path) -> None:
    """IAM refuses an empty list of principals, so whoever calls the module gives accounts: the rest is judged."""
    (tmp_path / "main.tf").write_text(NOBODY)

    def found(property_: str, **given: str) -> list[trustproof.Result]:
        report = trustproof.check([tmp_path], account=OWN, config={}, properties=[property_], parameters=given)
        assert report.errors == ()
        return list(report.results)

    deputy = found("no-confused-deputy")
    assert [one.path[-2] for one in deputy if one.verdict == "refuted"] == [1]
    (left,) = found("inside-boundary")
    assert (left.verdict, left.path[-1]) == ("unknown", 0)
    assert "AWS is an empty list" in left.reasons[0]
    assert (
        """at the default of var.accounts ([]): give a value with --parameter 'accounts=["VALUE"]'""" in left.reasons[0]
    )
    # Given, it is judged as any other.
    assert {one.verdict for one in found("inside-boundary", accounts=f'["{OWN}"]')} == {"proved"}
    # What no other value would mend is refused as a whole.
    (tmp_path / "main.tf").write_text(NOBODY.replace('formatlist("arn:aws:iam::%s:root", var.accounts)', "[]"))
    report = trustproof.check([tmp_path], account=OWN, config={})
    assert ["AWS is an empty list" in one.message for one in report.errors] == [True]


def test_a_list_of_statements_is_given_in_a_file(tmp_path: Path) -> None:
    """No text is a statement: a list of objects is given with a file of values."""
    text = """
variable "statement" {
  type    = list(any)
  default = []
}
data "aws_iam_policy_document" "d" {
  dynamic "statement" {
    for_each = var.statement
    content {
      actions   = statement.value.actions
      resources = statement.value.resources
    }
  }
}
resource "aws_iam_policy" "p" {
  name   = "p"
  policy = data.aws_iam_policy_document.d.json
}
"""
    (tmp_path / "main.tf").write_text(text)
    found = trustproof.check([tmp_path], account=OWN, config={}, properties=["assume-role-scoped"]).results
    told = [reason for one in found for reason in one.reasons]
    assert told == [
        "a policy has no Statement, at the default of var.statement ([]): give a value with --var-file FILE"
    ]


LOOP = """{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": [
%{ for at, one in buckets }"arn:aws:s3:::${one.name}/*"%{ if at < length(buckets) - 1 },%{ endif }
%{ endfor }]}]}"""
FROM_FILE = """
variable "env" { default = "test" }
variable "buckets" {
  type    = list(string)
  default = []
}
locals { all = [for one in var.buckets : { name = one, team = var.env }] }
resource "aws_iam_user" "u" { name = var.env }
resource "aws_iam_user_policy" "p" {
  user   = aws_iam_user.u.name
  policy = templatefile("${path.module}/policy.tftpl", { buckets = local.all })
}
"""


def test_the_variable_that_makes_a_loop_of_a_file_empty_is_named(tmp_path: Path) -> None:
    """What a template file makes of a list has no names of variables in it; the empty one is said all the same."""
    (tmp_path / "main.tf").write_text(FROM_FILE)
    (tmp_path / "policy.tftpl").write_text(LOOP)
    report = trustproof.check([tmp_path], config={}, account=OWN, properties=["statement-usable"])
    (found,) = report.results
    (reason,) = found.reasons
    assert reason.endswith(", at the default of var.buckets ([]): give a value with --parameter 'buckets=[\"VALUE\"]'")
    given = trustproof.check([tmp_path], config={}, account=OWN, parameters={"buckets": '["a"]'})
    assert {one.verdict for one in given.results} == {"proved"}


def test_a_call_without_a_value_that_the_module_needs_is_an_error_and_no_finding(tmp_path: Path) -> None:
    """Terraform refuses the call: that no plan says who the value lets in is no advice, and nobody gets in by it."""
    (tmp_path / "main.tf").write_text('module "m" { source = "./m" }\n')
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "main.tf").write_text('variable "who" {}\n' + ROLE % (WHO % "var.who"))
    report = trustproof.check([tmp_path], config={}, account=OWN)
    (error,) = report.errors
    assert str(error).endswith("main.tf:1:1: module.m: the argument who is missing, which the module needs")
    assert not [one for one in report.results if one.verdict == trustproof.REFUTED]
    reasons = {reason for one in report.results for reason in one.reasons}
    assert reasons == {"Principal: the call of the module gives module.m.var.who no value, and Terraform refuses that"}
