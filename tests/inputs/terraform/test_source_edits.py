"""
Remedies as changes of the sources: in the language that the policy was written in, and proved when they are made.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from tests.inputs.terraform.builders import After, Resource, plan, trust
from tests.inputs.terraform.hcl import quoted
from trustproof.output.formats import render
from trustproof.output.style import Style
from trustproof.results.report import Replacement, Report

pytest.importorskip("tree_sitter_hcl")

CONFIG = {
    "boundary": {"accounts": ["111122223333", "222222222222"]},
    "properties": {"session-duration-bounded": {"max-seconds": 3600}},
}
ROLE = 'resource "aws_iam_role" "r" {\n  name = "admins"\n  assume_role_policy = %s\n}\n'
HUB_ROOT = "arn:aws:iam::222222222222:root"
USER = 'resource "aws_iam_user" "operator" {\n  name = "operator"\n}\n'
TRUST = 'Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "arn:aws:iam::222222222222:root" }'
OBJECT = """jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Action    = "sts:AssumeRole"
        Principal = { AWS = "arn:aws:iam::222222222222:root" } # the hub
      },
    ]
  })"""
CONDITION = """jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:aws:iam::222222222222:root" }
      Condition = {
        BoolIfExists = { "aws:MultiFactorAuthPresent" = "true" }
        StringLike = {
          "aws:PrincipalArn" = "arn:aws:iam::222222222222:user/$${aws:username}"
        }
      }
    }]
  })"""
HEREDOC = """<<-EOT
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Effect": "Allow",
          "Action": "sts:AssumeRole",
          "Principal": {"AWS": "arn:aws:iam::${local.hub}:root"}
        }
      ]
    }
  EOT"""
OPEN_HEREDOC = HEREDOC.replace(
    ':root"}\n',
    ':root"},\n          "Condition": {"StringEquals": {"aws:PrincipalOrgID": "${var.o}"}, '
    '"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}\n',
).replace("${local.hub}", "222222222222")
LOCALS = 'locals {\n  hub = "222222222222"\n}\n'
DOCUMENT = """data "aws_iam_policy_document" "d" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::222222222222:root"]
    }
%s  }
}
"""
BLOCK = """    condition {
      test     = "BoolIfExists"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["true"]
    }
"""
FROM_DOCUMENT = ROLE % "data.aws_iam_policy_document.d.json"

NEW_BLOCK = """    condition {
      test     = "Bool"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["true"]
    }
"""
NEW_ENTRY = """        Principal = { AWS = "arn:aws:iam::222222222222:root" } # the hub
        Condition = {
          Bool = {
            "aws:MultiFactorAuthPresent" = "true"
          }
        }
      },
"""
NEW_JSON = """          "Principal": {"AWS": "arn:aws:iam::${local.hub}:root"},
          "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
        }
"""
LOCAL = f"locals {{\n  p = {OBJECT.removeprefix('jsonencode(').removesuffix(')')}\n}}\n"

#: Sources, and what stands in them afterwards.
REMEDIES: dict[str, tuple[str, str]] = {
    "an object over several lines": (ROLE % OBJECT, NEW_ENTRY),
    "an object on one line": (
        ROLE % f'jsonencode({{ Version = "2012-10-17", Statement = [{{ {TRUST} }}] }})',
        f'{TRUST}, Condition = {{ Bool = {{ "aws:MultiFactorAuthPresent" = "true" }} }} }}]',
    ),
    "an operator of an object": (ROLE % CONDITION, '        Bool = { "aws:MultiFactorAuthPresent" = "true" }\n'),
    "JSON in a heredoc": (LOCALS + ROLE % HEREDOC, NEW_JSON),
    "a block of a policy document": (FROM_DOCUMENT + DOCUMENT % "", f"    }}\n{NEW_BLOCK}  }}\n}}\n"),
    "a condition block": (FROM_DOCUMENT + DOCUMENT % BLOCK, NEW_BLOCK),
    "a policy that comes through locals": (ROLE % "jsonencode(local.p)" + LOCAL, "          Bool = {\n"),
}
#: The same for policies of which a part is not known, of configurations without a plan.
OPEN_REMEDIES: dict[str, tuple[str, str]] = {
    "JSON in a heredoc with a part that nobody knows": (
        'variable "hub" {\n  type = string\n}\n' + ROLE % HEREDOC.replace("local.hub", "var.hub"),
        NEW_JSON.replace("local.hub", "var.hub"),
    ),
    "an operator in a heredoc with a part that nobody knows": (
        'variable "o" {\n  type = string\n}\n' + ROLE % OPEN_HEREDOC,
        '"StringEquals": {"aws:PrincipalOrgID": "${var.o}"}, "Bool": {"aws:MultiFactorAuthPresent": "true"}}\n',
    ),
}


LISTED = """[
        "arn:aws:iam::222222222222:role/ci", # the pipeline
        "arn:aws:iam::222222222222:root", # people
      ]"""
OWN_STATEMENT = """  statement {
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::222222222222:root"]
    }
    actions = ["sts:AssumeRole"]
    condition {
      test     = "Bool"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["true"]
    }
  }
}
"""
CI = '"arn:aws:iam::222222222222:role/ci"'
#: Lists of principals of which one gets a statement of its own, and what is left of them.
APART: dict[str, tuple[str, str]] = {
    "the last of several lines": (LISTED, f"[\n        {CI}, # the pipeline\n      ]"),
    "the first of several lines": (
        f'[\n        "{HUB_ROOT}", # people\n        {CI}, # the pipeline\n      ]',
        f"[\n        {CI}, # the pipeline\n      ]",
    ),
    "the last without a comma": (f'[\n        {CI},\n        "{HUB_ROOT}"\n      ]', f"[\n        {CI},\n      ]"),
    "the first of a line": (f'["{HUB_ROOT}", {CI}]', f"[{CI}]"),
    "the last of a line": (f'[{CI}, "{HUB_ROOT}"]', f"[{CI}]"),
    "one in the middle": (f'["{CI[1:-1]}/a", "{HUB_ROOT}", {CI}]', f'["{CI[1:-1]}/a", {CI}]'),
    "with a comma behind it": (f'[{CI}, "{HUB_ROOT}",]', f"[{CI}, ]"),
}


def check(folder: Path) -> Report:
    return trustproof.check([folder], config=CONFIG, account="111122223333")


def replaced(text: str, replacements: tuple[Replacement, ...]) -> str:
    """A text with something in the place of something else."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    for one in sorted(replacements, reverse=True):
        start, end = starts[one.line - 1] + one.column - 1, starts[one.end_line - 1] + one.end_column - 1
        text = text[:start] + one.text + text[end:]
    return text


def remedy(report: Report, property_: str = "mfa-required") -> tuple[Replacement, ...]:
    """What to replace for the remedy of a property."""
    (found,) = (one for one in report.results if one.property == property_ and one.verdict == "refuted")
    assert found.remedy is not None
    assert report.sources is not None
    return report.sources.replacements(found.template, found.remedy.edits)


@pytest.mark.parametrize(
    ("text", "expected"), [*REMEDIES.values(), *OPEN_REMEDIES.values()], ids=[*REMEDIES, *OPEN_REMEDIES]
)
def test_a_remedy_that_is_made_in_the_sources_proves_the_property(tmp_path: Path, text: str, expected: str) -> None:
    """A refuted policy is proved after the change, whichever way it is written, and the rest stays as it was."""
    file = tmp_path / "main.tf"
    file.write_text(text)
    changes = remedy(check(tmp_path))
    assert {one.file for one in changes} == {str(file)}
    after = replaced(text, changes)
    assert expected in after
    file.write_text(after)
    again = {one.property: one.verdict for one in check(tmp_path).results}
    assert again["mfa-required"] == "proved"


@pytest.mark.parametrize(("listed", "left"), APART.values(), ids=APART)
def test_a_principal_of_a_document_gets_a_statement_of_its_own(tmp_path: Path, listed: str, left: str) -> None:
    """It is taken out of the list, with its comment, and a new block stands behind the last one."""
    file = tmp_path / "main.tf"
    last = DOCUMENT.replace('"d"', '"x"') % ""
    text = FROM_DOCUMENT + (DOCUMENT % "").replace(f'["{HUB_ROOT}"]', listed) + last
    file.write_text(text)
    after = replaced(text, remedy(check(tmp_path)))
    expected = FROM_DOCUMENT + (DOCUMENT % "").replace(f'["{HUB_ROOT}"]', left)
    assert after == expected.removesuffix("}\n") + "\n" + OWN_STATEMENT + last
    file.write_text(after)
    assert "refuted" not in {one.verdict for one in check(tmp_path).results if one.property == "mfa-required"}


@pytest.mark.parametrize("way", ["document", "object"])
def test_a_neighbour_that_nobody_knows_stays_as_it_is_written(tmp_path: Path, way: str) -> None:
    """A principal is moved next to one of which only the deployment tells which it is."""
    listed = '["arn:aws:iam::222222222222:root", "${local.roles}/ci"]'
    roles = 'variable "hub" {\n  type = string\n}\nlocals {\n  roles = "arn:aws:iam::${var.hub}:role"\n}\n'
    own = FROM_DOCUMENT + DOCUMENT % "" if way == "document" else ROLE % OBJECT
    text = roles + own.replace(f'["{HUB_ROOT}"]', f'"{HUB_ROOT}"').replace(f'"{HUB_ROOT}"', listed)
    file = tmp_path / "main.tf"
    file.write_text(text)
    after = replaced(text, remedy(check(tmp_path)))
    assert '= ["${local.roles}/ci"]' in after
    file.write_text(after)
    assert "refuted" not in {one.verdict for one in check(tmp_path).results if one.property == "mfa-required"}


def test_a_principal_of_an_object_gets_a_statement_of_its_own(tmp_path: Path) -> None:
    """So it does where the policy is an object, and the comments of the others stay."""
    file = tmp_path / "main.tf"
    file.write_text(text := ROLE % OBJECT.replace(f'"{HUB_ROOT}"', LISTED))
    after = replaced(text, remedy(check(tmp_path)))
    assert '= [\n        "arn:aws:iam::222222222222:role/ci", # the pipeline\n      ]' in after
    assert after.count(HUB_ROOT) == 1
    file.write_text(after)
    assert "refuted" not in {one.verdict for one in check(tmp_path).results if one.property == "mfa-required"}


@pytest.mark.parametrize(("text", "expected"), REMEDIES.values(), ids=REMEDIES)
def test_lines_of_a_remedy_end_as_those_of_the_file(tmp_path: Path, text: str, expected: str) -> None:
    """Where lines end as they do on Windows, those that are new do so too."""
    file = tmp_path / "main.tf"
    file.write_bytes(text.replace("\n", "\r\n").encode())
    after = replaced(file.read_bytes().decode(), remedy(check(tmp_path)))
    assert after.count("\n") == after.count("\r\n")
    assert expected in after.replace("\r\n", "\n")
    file.write_bytes(after.encode())
    assert {one.property: one.verdict for one in check(tmp_path).results}["mfa-required"] == "proved"


def test_comments_in_a_block_stay(tmp_path: Path) -> None:
    """What somebody has written about a block stands before what comes in its place."""
    block = BLOCK.replace("{\n", '{ # asks for "MFA"\n      // see #12\n', 1)
    (tmp_path / "main.tf").write_text(FROM_DOCUMENT + DOCUMENT % block)
    after = replaced((tmp_path / "main.tf").read_text(), remedy(check(tmp_path)))
    assert f'    # asks for "MFA"\n    // see #12\n{NEW_BLOCK}' in after


def test_a_number_is_changed_where_it_is_written(tmp_path: Path) -> None:
    """An argument that is no policy is changed too, in the module or variable that says it."""
    (tmp_path / "main.tf").write_text(
        'variable "d" {\n  default = 43200\n}\n'
        + (ROLE % OBJECT).replace('name = "admins"', "max_session_duration = var.d")
    )
    (change,) = remedy(check(tmp_path), "session-duration-bounded")
    assert (change.line, change.column, change.end_column, change.text) == (2, 13, 18, "3600")


def test_what_a_change_would_say_besides_is_not_suggested(tmp_path: Path) -> None:
    """An object that is the policy of two roles is not changed for one of them."""
    role = ROLE % "jsonencode(local.p)"
    (tmp_path / "main.tf").write_text(role + role.replace('"r"', '"s"') + LOCAL)
    report = check(tmp_path)
    assert report.sources is not None
    found = [one for one in report.results if one.property == "mfa-required" and one.remedy is not None]
    assert len(found) == 2
    assert [report.sources.replacements(one.template, one.remedy.edits) for one in found if one.remedy] == [(), ()]


#: Sources, and how the remedy is shown.
SHOWN = {
    "an object": (
        ROLE % CONDITION,
        [f'{line} = {{ "aws:MultiFactorAuthPresent" = "true" }}' for line in ("- BoolIfExists", "+ Bool")],
    ),
    "JSON": (LOCALS + ROLE % HEREDOC, ['+ "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}']),
    "a document": (FROM_DOCUMENT + DOCUMENT % "", [f"+ {line[4:]}" for line in NEW_BLOCK.splitlines()]),
}


@pytest.mark.parametrize(("text", "lines"), SHOWN.values(), ids=SHOWN.keys())
def test_a_remedy_is_shown_as_it_would_be_written(tmp_path: Path, text: str, lines: list[str]) -> None:
    """Whoever reads the report can copy what it says into the file."""
    (tmp_path / "main.tf").write_text(text)
    (found,) = (one for one in check(tmp_path).results if one.property == "mfa-required")
    assert found.remedy is not None
    assert list(found.remedy.diff) == lines


def test_an_argument_is_shown_as_one(tmp_path: Path) -> None:
    """A number that is no part of a policy has the name that Terraform gives it."""
    (tmp_path / "main.tf").write_text((ROLE % OBJECT).replace('name = "admins"', "max_session_duration = 43200"))
    (found,) = (one for one in check(tmp_path).results if one.property == "session-duration-bounded")
    assert found.remedy is not None
    assert list(found.remedy.diff) == ["- max_session_duration = 43200", "+ max_session_duration = 3600"]


FILE = """{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {"AWS": "arn:aws:iam::222222222222:root"},
      "Action": "sts:AssumeRole",
      "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}
    }
  ]
}
"""


@pytest.mark.parametrize(
    ("expression", "place"),
    [
        ('file("${path.module}/t.tpl")', ("t.tpl", 8)),
        ('templatefile("${path.module}/t.tpl", {})', ("t.tpl", 8)),
        (quoted(" ".join(FILE.split())), ("main.tf", 3)),
    ],
)
def test_a_policy_that_is_text_is_shown_as_json_where_it_stands(
    tmp_path: Path, expression: str, place: tuple[str, int]
) -> None:
    """What is changed is a line of the text, and no argument that holds it."""
    (tmp_path / "main.tf").write_text(ROLE % expression)
    if "t.tpl" in expression:
        (tmp_path / "t.tpl").write_text(FILE)
    report = check(tmp_path)
    (found,) = (one for one in report.results if one.property == "mfa-required")
    assert found.remedy is not None
    lines = [f'{line}: {{"aws:MultiFactorAuthPresent": "true"}}' for line in ('- "BoolIfExists"', '+ "Bool"')]
    # In quotes of HCL, those of JSON have backslashes.
    assert list(found.remedy.diff) == [
        line.replace('"', '\\"') if "t.tpl" not in expression else line for line in lines
    ]
    position = report.sources.position(found.template, found.path)
    assert position is not None
    assert (Path(position.file).name, position.line) == place


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('BoolIfExists = { "aws:MultiFactorAuthPresent" = true }', 'Bool = { "aws:MultiFactorAuthPresent" = "true" }'),
        ("", 'Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }'),
    ],
)
def test_bare_truth_values_and_empty_objects_are_changed(tmp_path: Path, before: str, after: str) -> None:
    """The usual ways of HCL: a truth value without quotes, and an object with nothing in it."""
    text = OBJECT.replace(" # the hub", f"\n        Condition = {{{before}}}")
    (tmp_path / "main.tf").write_text(ROLE % text)
    (change,) = remedy(check(tmp_path), "mfa-required")
    assert change.text == after


def test_no_change_has_something_to_fill_in(tmp_path: Path) -> None:
    """A place for an external id or a repository is shown in words: a program would put it in as it is."""
    host = "token.actions.githubusercontent.com"
    web = (
        f'{{ Effect = "Allow", Action = "sts:AssumeRoleWithWebIdentity", Principal = {{ Federated = "arn:aws:iam::'
        f'111122223333:oidc-provider/{host}" }}, '
        f'Condition = {{ StringEquals = {{ "{host}:aud" = "sts.amazonaws.com" }} }} }}'
    )
    (tmp_path / "main.tf").write_text(
        ROLE % f'jsonencode({{ Version = "2012-10-17", Statement = [{web}, {{ {TRUST} }}] }})'
    )
    vendor = {"name": "vendor", "accounts": ["222222222222"]}
    config = {"boundary": {"accounts": ["111122223333"]}, "third-party": [vendor]}
    report = trustproof.check([tmp_path], config=config, account="111122223333")
    assert report.sources is not None
    found = {one.property: one for one in report.results if one.verdict == "refuted"}
    for ident in ("external-id-required", "web-identity-bound"):
        remedy_ = found[ident].remedy
        assert remedy_ is not None
        assert remedy_.edits == ()


def test_the_place_of_one_principal_is_that_of_its_author(tmp_path: Path) -> None:
    """As that of one of several: programs are shown the line that somebody has to change."""
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "main.tf").write_text('variable "trusted" {}\n' + FROM_DOCUMENT + DOCUMENT_OF_ONE)
    (tmp_path / "main.tf").write_text('module "m" {\n  source = "./m"\n  trusted = [\n    "999988887777",\n  ]\n}\n')
    report = trustproof.check([tmp_path], config=CONFIG, account="111122223333")
    written = json.loads(render("sarif", report, Style(coloured=False)))
    (found,) = (one for one in written["runs"][0]["results"] if one["ruleId"] == "inside-boundary")
    place = found["locations"][0]["physicalLocation"]
    assert place["region"]["startLine"] == 4
    assert not place["artifactLocation"]["uri"].endswith("m/main.tf")


DOCUMENT_OF_ONE = """data "aws_iam_policy_document" "d" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = var.trusted
    }
  }
}
"""


@pytest.mark.parametrize(
    ("expression", "account"),
    [
        ('file("${path.module}/trust.json")', "222222222222"),
        ('templatefile("${path.module}/trust.json", { hub = "222222222222" })', "${hub}"),
    ],
)
def test_a_policy_in_a_file_of_its_own_is_changed_there(tmp_path: Path, expression: str, account: str) -> None:
    """The change is one of the file that is read, and so is the place of the finding."""
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)
    (tmp_path / "trust.json").write_text(policy)
    (tmp_path / "main.tf").write_text(ROLE % expression)
    report = trustproof.check([tmp_path], config=CONFIG)
    found = [one for one in report.results if one.logical_id == "aws_iam_role.r" and one.property == "mfa-required"]
    assert [one.verdict for one in found] == ["refuted"]
    assert found[0].remedy is not None
    place = report.sources.position(found[0].template, (*found[0].path, *found[0].caret))
    assert place is not None
    assert (Path(place.file or "").name, place.line) == ("trust.json", 8)
    changes = report.sources.replacements(found[0].template, found[0].remedy.edits)
    assert {Path(change.file).name for change in changes} == {"trust.json"}
    (tmp_path / "trust.json").write_text(replaced(policy, changes))
    again = trustproof.check([tmp_path], config=CONFIG)
    assert [
        one.verdict for one in again.results if (one.logical_id, one.property) == ("aws_iam_role.r", "mfa-required")
    ] == ["proved"]


#: What the policy refers to, where it is written elsewhere.
BESIDE = {
    "local.p": ("local.p",),
    "local.hub": ("local.hub",),
    "data.": ("data.aws_iam_policy_document.d.json", "data.aws_iam_policy_document.d"),
}


@pytest.mark.parametrize(("text", "expected"), REMEDIES.values(), ids=REMEDIES.keys())
def test_a_remedy_for_a_plan_is_made_in_its_sources(tmp_path: Path, text: str, expected: str) -> None:
    """A policy that the plan does not know is changed where and as it was written, and proved with the same plan."""
    operator = "aws_iam_user.operator.arn"
    text = text.replace(f'"{HUB_ROOT}"', operator).replace("222222222222:user", "111122223333:user") + USER
    expected = expected.replace(f'"{HUB_ROOT}"', operator)
    file = tmp_path / "infra" / "main.tf"
    file.parent.mkdir()
    file.write_text(text)
    names = next((names for name, names in BESIDE.items() if name in text), (operator, "aws_iam_user.operator"))
    role = Resource("aws_iam_role.r", {"name": "admins", "assume_role_policy": After(*names)})
    beside = [Resource("data.aws_iam_policy_document.d", {})] if "data." in text else []
    content = plan(Resource("aws_iam_user.operator", {"name": "operator"}), role, *beside)
    (tmp_path / "plan.json").write_text(json.dumps(content))
    report = check_plan(tmp_path)
    assert report.errors == ()
    (found,) = (one for one in report.results if one.property == "mfa-required")
    assert report.sources is not None
    place = report.sources.position(found.template, found.path)
    assert place is not None
    assert place.file == str(file)
    changes = remedy(report)
    assert {one.file for one in changes} == {str(file)}
    after = replaced(text, changes)
    assert expected in after
    file.write_text(after)
    again = {one.property: one.verdict for one in check_plan(tmp_path).results}
    assert again["mfa-required"] == "proved"


@pytest.mark.parametrize("text", [ROLE % OBJECT, ROLE % CONDITION])
def test_a_policy_that_the_plan_knows_is_changed_in_the_sources(tmp_path: Path, text: str) -> None:
    """The plan is another one after the change: what the changed sources say is proved."""
    file = tmp_path / "infra" / "main.tf"
    file.parent.mkdir()
    file.write_text(text)
    condition = {"BoolIfExists": MFA, "StringLike": USERS} if text == ROLE % CONDITION else None
    known = trust({"AWS": HUB_ROOT}, condition)
    role = Resource("aws_iam_role.r", {"name": "admins", "assume_role_policy": known})
    (tmp_path / "plan.json").write_text(json.dumps(plan(role)))
    report = check_plan(tmp_path)
    assert report.errors == ()
    file.write_text(replaced(text, remedy(report)))
    again = {one.property: one.verdict for one in check(tmp_path / "infra").results}
    assert again["mfa-required"] == "proved"


@pytest.mark.parametrize("type_", ["any", "object({ BoolIfExists = map(string) })"])
def test_what_a_type_leaves_out_is_no_remedy_of_a_plan(tmp_path: Path, type_: str) -> None:
    """A key that the type of a variable in the sources does not name never comes to the policy: that is said."""
    file = tmp_path / "infra" / "main.tf"
    file.parent.mkdir()
    file.write_text(
        f'variable "c" {{\n  type = {type_}\n'
        '  default = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "true" } }\n}\n'
        'resource "aws_iam_role" "r" {\n  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{\n'
        f'    Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ AWS = "{HUB_ROOT}" }}\n'
        "    Condition = var.c }] })\n}\n"
    )
    known = trust({"AWS": HUB_ROOT}, {"BoolIfExists": MFA})
    role = Resource("aws_iam_role.r", {"assume_role_policy": known})
    content = plan(role, variables={"c": {"value": {"BoolIfExists": MFA}}})
    configured = content["configuration"]["root_module"]
    configured["resources"][0]["expressions"] = {"assume_role_policy": {"references": ["var.c"]}}
    configured["variables"] = {"c": {"default": {"BoolIfExists": MFA}}}
    (tmp_path / "plan.json").write_text(json.dumps(content))
    report = check_plan(tmp_path)
    assert report.errors == ()
    (found,) = (one.remedy for one in report.results if one.property == "mfa-required")
    assert found is not None
    assert ("Bool in the place of BoolIfExists" in found.text) is (type_ != "any")
    assert bool(found.edits) is (type_ == "any")


MFA = {"aws:MultiFactorAuthPresent": "true"}
USERS = {"aws:PrincipalArn": "arn:aws:iam::222222222222:user/${aws:username}"}


def check_plan(folder: Path) -> Report:
    source = folder / "infra"
    return trustproof.check([folder / "plan.json"], config=CONFIG, account="111122223333", source=source)


@pytest.mark.parametrize("before", ["NONE", "AWS_IAM"])
def test_arguments_that_change_together_have_their_names(tmp_path: Path, before: str) -> None:
    """Each line of a permission's remedy has its own argument, and what stays as it is has none."""
    (tmp_path / "main.tf").write_text(
        'resource "aws_lambda_permission" "p" {\n  action = "lambda:InvokeFunctionUrl"\n  function_name = "f"\n'
        f'  principal = "*"\n  function_url_auth_type = "{before}"\n}}\n'
    )
    ours = {"boundary": {"organizations": ["o-a1b2c3d4e5"]}}
    report = trustproof.check([tmp_path], config=ours, account="111122223333")
    (found,) = (one for one in report.results if one.property == "inside-boundary")
    assert found.remedy is not None
    changed = ['- function_url_auth_type = "NONE"', '+ function_url_auth_type = "AWS_IAM"'] if before == "NONE" else []
    assert list(found.remedy.diff) == [*changed, '+ principal_org_id = "o-a1b2c3d4e5"']


#: The statement of a policy document whose condition is made of what is passed to it.
PASSED = """
variable "conditions" {
  type    = any
  default = [{ test = "BoolIfExists", variable = "aws:MultiFactorAuthPresent", values = ["true"] }]
}
data "aws_iam_policy_document" "p" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:root"]
    }
    %s
  }
}
resource "aws_iam_role" "r" { assume_role_policy = data.aws_iam_policy_document.p.json }
"""
DYNAMIC = """dynamic "condition" {
      for_each = var.conditions
      content {
        test     = condition.value.test
        variable = condition.value.variable
        values   = condition.value.values
      }
    }"""
REFERRING = """condition {
      test     = var.conditions[0].test
      variable = "aws:MultiFactorAuthPresent"
      values   = ["true"]
    }"""


@pytest.mark.parametrize("block", [DYNAMIC, REFERRING])
def test_a_block_that_others_pass_something_to_stays(tmp_path: Path, block: str) -> None:
    """What a block says of one value is no reason to take it from all others."""
    (tmp_path / "main.tf").write_text(PASSED % block)
    report = check(tmp_path)
    assert remedy(report) == ()


PERMISSION = """
resource "aws_cloudwatch_event_rule" "nightly" {
  schedule_expression = "rate(1 day)"
}
resource "aws_lambda_function" "f" {
  function_name = "f"
}
resource "aws_cloudwatch_event_target" "t" {
  rule = aws_cloudwatch_event_rule.nightly.name
  arn  = aws_lambda_function.f.arn
}
resource "aws_lambda_permission" "p" {
  %s
}
"""
ARGUMENTS = [
    'action = "lambda:InvokeFunction"',
    "function_name = aws_lambda_function.f.function_name",
    'principal = "events.amazonaws.com"',
]


def test_an_argument_that_a_permission_lacks_is_added(tmp_path: Path) -> None:
    """It stands on a line of its own, behind one that is there, and then the service calls for nobody else."""
    file = tmp_path / "main.tf"
    file.write_text(PERMISSION % "\n  ".join(ARGUMENTS))
    changes = remedy(check(tmp_path), "no-confused-deputy")
    after = replaced(file.read_text(), changes)
    assert "\n  source_arn = aws_cloudwatch_event_rule.nightly.arn\n" in after
    file.write_text(after)
    assert {one.verdict for one in check(tmp_path).results if one.property == "no-confused-deputy"} == {"proved"}


def test_an_argument_is_added_beside_no_value_of_a_variable(tmp_path: Path) -> None:
    """Where a value is the default of a variable, that is no place for an argument."""
    given = [f"{name.split(' = ')[0]} = var.{name.split(' = ')[0]}" for name in ARGUMENTS]
    values = ["lambda:InvokeFunction", "f", "events.amazonaws.com"]
    variables = [
        f'variable "{one.split(" = ")[0]}" {{\n  default = "{value}"\n}}\n'
        for one, value in zip(ARGUMENTS, values, strict=True)
    ]
    file = tmp_path / "main.tf"
    file.write_text("".join(variables) + PERMISSION % "\n  ".join(given))
    changes = remedy(check(tmp_path), "no-confused-deputy")
    assert not changes or "= var.principal\n" in replaced(file.read_text(), changes)
    for one in changes:
        assert one.line > len(variables) * 3
