"""
Policies that functions give back as they were: they are read, and stand where their author wrote them.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from trustproof.output.json import render

pytest.importorskip("tree_sitter_hcl", reason="tree-sitter-hcl is not installed; it is in the extra called terraform")

FORMS = {
    "object": """
locals {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "sts:AssumeRole",
    Principal = { AWS = "arn:aws:iam::111122223333:root" }
  }] })
}
""",
    "heredoc": """
locals {
  policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole", "Sid": "${var.sid}",
        "Principal": {"AWS": "arn:aws:iam::111122223333:root"}
      }]
    }
  EOT
}
variable "sid" { DEFAULT }
""",
    "document": """
locals {
  policy = join("", data.aws_iam_policy_document.d[*].json)
}
data "aws_iam_policy_document" "d" {
  count = 1
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:root"]
    }
  }
}
""",
}
GIVEN_BACK = [
    "local.policy",
    'join("", [local.policy])',
    'format("%s", local.policy)',
    "trimspace(local.policy)",
    "chomp(local.policy)",
    'trim(local.policy, "\\n ")',
    'trimsuffix(local.policy, "\\n")',
    'trimprefix(local.policy, "\\n")',
    '"${local.policy}${""}"',
    'replace(trimspace(local.policy), "nothing", "")',
]


@pytest.mark.parametrize("default", ['default = "a"', "type = string"])
@pytest.mark.parametrize("written", GIVEN_BACK)
@pytest.mark.parametrize("form", FORMS)
def test_what_is_given_back_stands_where_it_was_written(tmp_path: Path, form: str, written: str, default: str) -> None:
    """The line of the principal is that of the finding, also where a part of the policy is not known."""
    text = FORMS[form].replace("DEFAULT", default)
    text += f'resource "aws_iam_role" "r" {{\n  name = "r"\n  assume_role_policy = {written}\n}}\n'
    (tmp_path / "main.tf").write_text(text)
    report = trustproof.check([tmp_path], config={}, account="111122223333", properties=["mfa-required"])
    assert [one.verdict for one in report.results] == ["refuted"]
    (found,) = json.loads(render(report))["results"]
    line = text.splitlines()[found["location"]["line"] - 1]
    assert "111122223333" in line or (form, default) == ("heredoc", "type = string"), line


PLACEHOLDERS = """
variable "x" {{
  type = string
}}
data "aws_caller_identity" "c" {{}}
resource "aws_iam_role" "r" {{
  name               = "r"
  assume_role_policy = replace(jsonencode({{ Version = "2012-10-17", Statement = [{{
    Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ AWS = {principal} }}
  }}] }}), {old}, {new})
}}
"""
ACCOUNT = "data.aws_caller_identity.c.account_id"


@pytest.mark.parametrize(
    ("principal", "verdict"),
    [
        (f'trimprefix("x-${{{ACCOUNT}}}", "x-")', "proved"),
        (f'trimsuffix("${{{ACCOUNT}}}/*", "/*")', "proved"),
        (f'trimprefix("arn:aws:iam::${{{ACCOUNT}}}:root", "x-")', "proved"),
        (f'trimsuffix("arn:aws:iam::${{{ACCOUNT}}}:root!", "!")', "proved"),
        # What is not known may go on as what is taken away does.
        (f'trimprefix("arn:${{var.x}}:iam::${{{ACCOUNT}}}:root", "arn:aws")', "unknown"),
        ('trimsuffix("arn:aws:iam::444455556666:${var.x}t", "root")', "unknown"),
    ],
)
def test_ends_of_what_is_known_in_part(tmp_path: Path, principal: str, verdict: str) -> None:
    """What a text begins or ends with is taken away, whatever is not known behind or before it."""
    text = PLACEHOLDERS.replace("replace(", "coalesce(").format(principal=principal, old='""', new='""')
    (tmp_path / "main.tf").write_text(text)
    report = trustproof.check([tmp_path], config={}, account="444455556666", properties=["inside-boundary"])
    assert [one.verdict for one in report.results] == [verdict]


@pytest.mark.parametrize(
    ("old", "new", "principal", "verdict"),
    [
        # What is not found changes nothing, whatever would stand there.
        ('"_ACCOUNT_ID_"', ACCOUNT, '"*"', "refuted"),
        # What is found is what stands there instead, also next to what is not known.
        ('"_ACCOUNT_ID_"', ACCOUNT, '"arn:aws:iam::_ACCOUNT_ID_:root"', "proved"),
        ('"_ACCOUNT_ID_"', ACCOUNT, f'["_ACCOUNT_ID_", {ACCOUNT}]', "proved"),
        ('"_ACCOUNT_ID_"', '"999988887777"', f'["_ACCOUNT_ID_", {ACCOUNT}]', "refuted"),
        ('"_ACCOUNT_ID_"', "var.x", '"arn:aws:iam::_ACCOUNT_ID_:root"', "unknown"),
        # A part that is not known may have it, or the end of it, or be what it is in another text.
        ('"444455556666"', '"999988887777"', f'"arn:aws:iam::${{{ACCOUNT}}}:root"', "unknown"),
        ('"5:user"', '"5:root"', f'"arn:aws:iam::${{{ACCOUNT}}}:user/a"', "proved"),
        # What is found may be none of a text.
        ('"Principal"', ACCOUNT, '"*"', "unknown"),
    ],
)
def test_placeholders(tmp_path: Path, old: str, new: str, principal: str, verdict: str) -> None:
    """One text in the place of another, where not all of the policy is known, or of what stands there then."""
    text = PLACEHOLDERS.format(principal=principal, old=old, new=new)
    (tmp_path / "main.tf").write_text(text)
    config = {"boundary": {"accounts": ["444455556666"]}}
    report = trustproof.check([tmp_path], config=config, account="444455556666", properties=["inside-boundary"])
    assert [one.verdict for one in report.results] == [verdict]


def test_the_account_may_have_the_beginning(tmp_path: Path) -> None:
    """What begins in an account that nobody says may be there or not; it is known where the account is said."""
    principal = f'"arn:aws:iam::${{{ACCOUNT}}}:user/a"'
    text = PLACEHOLDERS.format(principal=principal, old='"6:user"', new='"6:root"')
    (tmp_path / "main.tf").write_text(text)
    for account, verdict in ((None, "unknown"), ("444455556666", "proved"), ("444455556665", "proved")):
        report = trustproof.check([tmp_path], config={}, account=account, properties=["inside-boundary"])
        assert [one.verdict for one in report.results] == [verdict]


def test_what_is_replaced_decides(tmp_path: Path) -> None:
    """A Deny by a placeholder is one, whatever else is not known."""
    text = PLACEHOLDERS.format(principal='"*", Federated = var.x', old='"_EFFECT_"', new='"Deny"')
    (tmp_path / "main.tf").write_text(text.replace('"Allow"', '"_EFFECT_"'))
    report = trustproof.check([tmp_path], config={}, account="444455556666", properties=["inside-boundary"])
    assert [one.verdict for one in report.results] == ["proved"]


@pytest.mark.parametrize(
    ("text", "function", "value"),
    [
        (" a b ", "trimspace", "a b"),
        ("a\\r\\n\\n", "chomp", "a"),
        ("\\n a\\n", "chomp", "\\n a"),
    ],
)
def test_trimming(tmp_path: Path, text: str, function: str, value: str) -> None:
    """What stands around a text is taken away."""
    (tmp_path / "main.tf").write_text(
        f'variable "x" {{\n  default = "{text}"\n  validation {{\n    condition = {function}(var.x) == "{value}"\n'
        '    error_message = "no"\n  }\n}\nresource "aws_iam_user" "u" {\n  name = "u"\n}\n'
    )
    assert trustproof.check([tmp_path], config={}, account="111122223333").errors == ()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('jsonencode({ b = "<", a = 2 })', '{"a":2,"b":"\\u003c"}'),
        ("jsonencode([for one in toset([[2], [1]]) : one[0]])", "[1,2]"),
        ('jsonencode([for one in toset([["\u00e9", 2], ["a", 1]]) : one[1]])', None),
    ],
)
def test_json_in_a_condition_is_the_text_that_terraform_writes(
    tmp_path: Path, written: str, expected: str | None
) -> None:
    """Its keys are sorted; of a set whose order is not known it is not known."""
    (tmp_path / "main.tf").write_text(
        'resource "aws_iam_role" "r" {\n  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{\n'
        '    Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "111122223333" }\n'
        f'    Condition = {{ StringEquals = {{ "aws:UserAgent" = {written} }} }}\n  }}] }})\n}}\n'
    )
    (found,) = trustproof.check([tmp_path], config={}, properties=["mfa-required"]).results
    assert found.verdict == ("unknown" if expected is None else "refuted")
    if expected is not None:
        assert found.counterexample is not None
        assert found.counterexample.context["aws:UserAgent"] == expected


@pytest.mark.parametrize(
    ("pattern", "verdicts"),
    [
        ("trust/*.json", {"own": "proved", "open": "refuted"}),
        ("trust/o?n.json", {"own": "proved"}),
        ("none/*.json", {"*": "unknown"}),
        ("../*", {"*": "unknown"}),
        ("**/*.json", {"*": "unknown"}),
        ("trust/{own,open}.json", {"*": "unknown"}),
    ],
)
def test_a_policy_for_each_file(tmp_path: Path, pattern: str, verdicts: dict[str, str]) -> None:
    """The files of a directory that is at hand are known; what a pattern matches that is not read here is not."""
    (tmp_path / "a" / "trust").mkdir(parents=True)
    for name, principal in (("own", "111122223333"), ("open", "*")):
        statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": principal}}
        text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        (tmp_path / "a" / "trust" / f"{name}.json").write_text(text)
    (tmp_path / "a" / "main.tf").write_text(
        f'resource "aws_iam_role" "r" {{\n  for_each = fileset(path.module, "{pattern}")\n'
        '  name = "r"\n  assume_role_policy = file("${path.module}/${each.value}")\n}\n'
    )
    report = trustproof.check([tmp_path / "a"], config={}, account="111122223333", properties=["inside-boundary"])
    assert report.errors == ()
    roles = [one for one in report.results if one.logical_id.startswith("aws_iam_role")]
    found = {one.logical_id.partition("[")[2].strip('"]'): str(one.verdict) for one in roles}
    assert {name.rpartition("/")[2].removesuffix(".json"): verdict for name, verdict in found.items()} == verdicts


@pytest.mark.parametrize(
    ("rest", "is_read"),
    [
        ("", True),
        ("depends_on = [null_resource.x]", False),
        ('filename = local_file.made.filename }\nresource "local_file" "made" { filename = "p.json"', False),
    ],
)
def test_a_file_that_a_data_source_reads_is_read(tmp_path: Path, rest: str, is_read: bool) -> None:
    """The file is a part of the configuration, unless something makes it when that is applied."""
    (tmp_path / "p.json").write_text(
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}'
    )
    named = "" if rest.startswith("filename") else 'filename = "${path.module}/p.json"\n'
    (tmp_path / "main.tf").write_text(
        f'data "local_file" "p" {{\n{named}{rest}\n}}\n'
        'resource "aws_iam_role" "r" {\n assume_role_policy = data.local_file.p.content\n}\n'
    )
    found = trustproof.check([tmp_path], account="111122223333", properties=["inside-boundary"])
    found_there = [one.verdict for one in found.results if one.logical_id == "aws_iam_role.r"]
    assert found_there == ["refuted" if is_read else "unknown"]


@pytest.mark.parametrize(
    ("looked_up", "verdict"),
    [
        ('name = "AdministratorAccess"', "refuted"),
        ('arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaENIManagementAccess"', "proved"),
        ('arn = "arn:${data.aws_partition.p.partition}:iam::aws:policy/AdministratorAccess"', "refuted"),
        # Whose document nobody knows.
        ('arn = "arn:aws:iam::111122223333:policy/AdministratorAccess"', "unknown"),
        ('name = "AdministratorAccess"\n  path_prefix = "/own/"', "unknown"),
        ('name = "AdministratorAccess${var.end}"', "unknown"),
    ],
)
def test_the_document_of_a_policy_of_aws_that_is_looked_up_is_read(
    tmp_path: Path, looked_up: str, verdict: str
) -> None:
    """What AWS has published is judged where it is put into a policy of one's own, as where it is attached."""
    (tmp_path / "main.tf").write_text(
        f'data "aws_partition" "p" {{}}\nvariable "end" {{}}\ndata "aws_iam_policy" "aws" {{\n  {looked_up}\n}}\n'
        'resource "aws_iam_user_policy" "own" {\n  user = "u"\n  policy = data.aws_iam_policy.aws.policy\n}\n'
    )
    report = trustproof.check([tmp_path], account="111122223333", properties=["sensitive-actions-require-mfa"])
    assert {str(one.verdict) for one in report.results} == {verdict}


@pytest.mark.parametrize(
    ("service", "verdicts"),
    [
        # It acts for nobody else, so nothing is asked about it.
        ('"ec2"', []),
        # In some partitions it is called otherwise.
        ('"logs"', ["unknown"]),
        ("var.end", ["unknown"]),
    ],
)
def test_a_service_principal_that_is_looked_up_is_known(tmp_path: Path, service: str, verdicts: list[str]) -> None:
    """The data source makes its name of that of the service."""
    (tmp_path / "main.tf").write_text(
        f'variable "end" {{}}\ndata "aws_service_principal" "s" {{\n  service_name = {service}\n}}\n'
        'resource "aws_iam_role" "r" {\n  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow",'
        ' Action = "sts:AssumeRole", Principal = { Service = data.aws_service_principal.s.name } }] })\n}\n'
    )
    report = trustproof.check([tmp_path], account="111122223333", properties=["no-confused-deputy"])
    assert [str(one.verdict) for one in report.results] == verdicts


@pytest.mark.parametrize(
    "attached",
    [
        'resource "aws_iam_role_policy_attachment" "p" {\n role = "r"\n policy_arn = ARN\n}\n',
        'resource "aws_iam_user_policy_attachment" "p" {\n user = "r"\n policy_arn = ARN\n}\n',
        'resource "aws_iam_role" "r" {\n assume_role_policy = var.trust\n managed_policy_arns = [ARN]\n}\n',
    ],
)
def test_a_managed_policy_that_cannot_be_read_is_one(tmp_path: Path, attached: str) -> None:
    """By a name that a map gives for some keys only, it may be one that allows anything."""
    for side, level in (("old", "ReadOnlyAccess"), ("new", "AdministratorAccess")):
        (tmp_path / side).mkdir()
        (tmp_path / side / "main.tf").write_text(
            'variable "stage" { type = string }\nvariable "trust" { type = string }\n'
            f'locals {{ level = {{ dev = "{level}", prod = "ViewOnlyAccess" }} }}\n'
            + attached.replace("ARN", '"arn:aws:iam::aws:policy/${local.level[var.stage]}"')
        )
    report = trustproof.check([tmp_path / "new"], account="111122223333", properties=["assume-role-scoped"])
    assert [one for one in report.results if one.verdict != "proved"]
    difference = trustproof.diff(tmp_path / "old", tmp_path / "new", account="111122223333")
    assert difference.access or difference.undecided


def test_each_of_some_policies_is_attached_by_an_arn_that_is_not_all_known(tmp_path: Path) -> None:
    """What a partition is, nobody says: which policy of AWS's each of them is, does not depend on it."""
    arn = '"arn:${data.aws_partition.p.partition}:iam::aws:policy/AdministratorAccess"'
    (tmp_path / "main.tf").write_text(
        'data "aws_partition" "p" {}\nresource "aws_iam_user" "u" {\n  name = "u"\n}\n'
        'resource "aws_iam_user_policy_attachment" "a" {\n'
        f"  for_each = toset([{arn}])\n  user = aws_iam_user.u.name\n  policy_arn = each.value\n}}\n"
    )
    report = trustproof.check([tmp_path], account="111122223333", properties=["sensitive-actions-require-mfa"])
    assert [str(one.verdict) for one in report.results] == ["refuted"]
