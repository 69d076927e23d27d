"""
Proofs of a configuration that rest on the defaults of its variables.
"""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest

import trustproof
from tests.inputs.terraform.builders import OWN

pytest.importorskip("tree_sitter_hcl")

from trustproof.analysis.assignments import template_assignments
from trustproof.inputs.cloudformation.values.given_defaults import named_in
from trustproof.inputs.settings import Settings
from trustproof.inputs.terraform.sources import configuration_readings
from trustproof.inputs.terraform.sources.directory import templates

ROLE = """
resource "aws_iam_role" "r" {
  name = "r"
  %s
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "arn:aws:iam::222222222222:root" }
    Condition = { Bool = { "aws:MultiFactorAuthPresent" = %s } } }] })
}
"""
SWITCH = 'variable "mfa" {\n  type = bool\n  default = true\n}\nvariable "team" {\n  default = "a"\n}\n'
ASKED = ["mfa-required"]
#: A role whose policy is a template in a file that another variable chooses.
IN_A_FILE = """
variable "file" {
  default = "trust.json"
}
resource "aws_iam_role" "r" {
  name               = "r"
  assume_role_policy = templatefile("${path.module}/${var.file}", { mfa = var.mfa })
}
"""
OTHER = "222222222222"


def resting(folder: Path, **options: object) -> dict[str, dict[str, str]]:
    """What is proved of each resource, with the defaults that this rests on."""
    report = trustproof.check([folder], config={}, account=OWN, properties=ASKED, **options)  # type: ignore[arg-type]
    assert report.errors == ()
    assert {one.verdict for one in report.results} == {"proved"}
    return {one.logical_id: dict(one.at_defaults) for one in report.results}


def test_a_proof_names_the_defaults_behind_the_name_of_a_file(tmp_path: Path) -> None:
    condition = {"Bool": {"aws:MultiFactorAuthPresent": "${mfa}"}}
    allowed = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": OTHER}, "Condition": condition}
    (tmp_path / "trust.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": [allowed]}))
    (tmp_path / "main.tf").write_text(SWITCH + IN_A_FILE)
    assert resting(tmp_path) == {"aws_iam_role.r": {"var.file": '"trust.json"', "var.mfa": "true"}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (SWITCH + ROLE % ("", "var.mfa"), {"var.mfa": "true"}),
        (SWITCH + ROLE % ("", 'var.mfa ? "true" : "false"'), {"var.mfa": "true"}),
        (SWITCH + "locals {\n  on = var.mfa\n}\n" + ROLE % ("", "local.on"), {"var.mfa": "true"}),
        # What only decides whether the role is there, or what it is called, makes no difference.
        (SWITCH + ROLE % ("count = var.mfa ? 1 : 0", '"true"'), {}),
        (SWITCH + ROLE % ('tags = { team = "${var.team}-${var.mfa}" }', '"true"'), {}),
        (
            'variable "roles" {\n  default = { a = true }\n}\n' + ROLE % ("for_each = var.roles", "each.value"),
            {"var.roles": '{"a" = true}'},
        ),
        (
            'variable "mfa" {\n  type = string\n  default = "true"\n  sensitive = true\n}\n' + ROLE % ("", "var.mfa"),
            {"var.mfa": "(sensitive)"},
        ),
        (
            'variable "mfa" {\n  default = "true"\n  validation {\n    condition = contains(["true"], var.mfa)\n'
            '    error_message = "no"\n  }\n}\n' + ROLE % ("", "var.mfa"),
            {},
        ),
    ],
)
def test_a_proof_names_the_defaults_that_it_rests_on(tmp_path: Path, text: str, expected: dict[str, str]) -> None:
    """A variable is named where the property does not hold at every other value of it."""
    (tmp_path / "main.tf").write_text(text)
    assert list(resting(tmp_path).values()) == [expected]


def test_a_policy_that_is_a_default_in_whole_rests_on_it(tmp_path: Path) -> None:
    """At another value nobody knows what it says; and JSON says it like HCL."""
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    role = {"name": "r", "assume_role_policy": "${var.document}"}
    content = {"variable": {"document": {"default": document}}, "resource": {"aws_iam_role": {"r": role}}}
    (tmp_path / "main.tf.json").write_text(json.dumps(content))
    (found,) = resting(tmp_path).values()
    assert list(found) == ["var.document"]


def test_a_module_passes_a_default_on(tmp_path: Path) -> None:
    """The variable is one of the root module, whoever uses it."""
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "main.tf").write_text('variable "on" {\n  default = false\n}\n' + ROLE % ("", "var.on"))
    (tmp_path / "main.tf").write_text(SWITCH + 'module "m" {\n  source = "./m"\n  on = var.mfa\n}\n')
    assert resting(tmp_path) == {"module.m.aws_iam_role.r": {"var.mfa": "true"}}


def test_a_value_that_is_given_is_no_default(tmp_path: Path) -> None:
    """Neither one on the command line, nor one in a file."""
    (tmp_path / "main.tf").write_text(SWITCH + ROLE % ("", "var.mfa"))
    assert resting(tmp_path, parameters={"var.mfa": "true"}) == {"aws_iam_role.r": {}}
    (tmp_path / "terraform.tfvars").write_text("mfa = true\n")
    assert resting(tmp_path) == {"aws_iam_role.r": {}}


@pytest.mark.parametrize(("bound", "most"), [("_MAX_READ", 1), ("_MAX_STEPS", 4)])
def test_where_nothing_is_asked_once_more_all_defaults_of_a_policy_are_named(
    bound: str, most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large configuration is not read again for each of them; a policy that holds without any still rests on none."""
    used = 'path = "/${var.team}/"'
    other = ROLE.replace('"r"', '"s"') % (used, '"true"')
    (tmp_path / "main.tf").write_text(SWITCH + ROLE % (used, "var.mfa") + other)
    assert resting(tmp_path) == {"aws_iam_role.r": {"var.mfa": "true"}, "aws_iam_role.s": {}}
    monkeypatch.setattr(f"trustproof.analysis.assignments.defaults.{bound}", most)
    both = {"var.mfa": "true", "var.team": '"a"'}
    assert resting(tmp_path) == {"aws_iam_role.r": both, "aws_iam_role.s": {}}


def test_the_templates_of_a_configuration_share_its_readings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it says at other values than its defaults is made once for all places; another process makes it itself."""
    made: list[frozenset[str]] = []
    lower = configuration_readings.lowered_of

    def counted(*args: Any) -> Any:
        made.append(args[-1])
        return lower(*args)

    monkeypatch.setattr(configuration_readings, "lowered_of", counted)
    places = "".join(f'provider "aws" {{\n  alias = "{one}"\n  profile = "{one}"\n}}\n' for one in ("a", "b"))
    roles = "".join(ROLE.replace('"r"', f'"{one}"') % (f"provider = aws.{one}", "var.mfa") for one in ("a", "b"))
    (tmp_path / "main.tf").write_text(SWITCH + places + roles)
    settings = Settings(provider_accounts={"aws.a": OWN, "aws.b": OTHER})
    one, other = templates(str(tmp_path), str(tmp_path), settings)
    for template in (one, other, one):
        opened = template.at_other_values(("var.mfa",))
        assert opened is not None
        assert opened.source.defaults == {}
    assert made == [frozenset(), frozenset(("mfa",))]
    again = pickle.loads(pickle.dumps(other.origin)).open()
    assert (again.data, len(made)) == (other.data, 3)


@pytest.mark.parametrize(("most", "named"), [(2_000_000, ["var.hours"]), (1, ["var.hours", "var.mfa"])])
def test_what_is_made_anew_for_roles_and_their_policies_has_an_account_of_steps(
    most: int, named: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing is left of it, each default is named that how long sessions last may rest on."""
    monkeypatch.setattr(template_assignments, "MAX_STEPS_AT_OTHER_VALUES", most)
    hours = 'variable "hours" {\n  default = 1\n}\n'
    (tmp_path / "main.tf").write_text(SWITCH + hours + ROLE % ("max_session_duration = var.hours * 3600", "var.mfa"))
    report = trustproof.check([tmp_path], config={}, account=OWN, properties=["session-duration-bounded"])
    (found,) = report.results
    assert sorted(name for name, _ in found.at_defaults) == named


def test_a_report_has_one_note_of_a_template_with_all_its_defaults(tmp_path: Path) -> None:
    """Which proof rests on which default is said in JSON; nobody reads a line for each variable of a module."""
    other = ROLE.replace('"r"', '"s"') % ("", "var.on")
    variable = 'variable "on" {\n  type = bool\n  default = true\n}\n'
    (tmp_path / "main.tf").write_text(SWITCH + variable + ROLE % ("", "var.mfa") + other)
    report = trustproof.check([tmp_path], config={}, account=OWN, properties=ASKED)
    assert [note.partition(": ")[2] for note in report.notes] == [
        "proved, at the defaults of var.mfa and var.on: aws_iam_role.r (mfa-required), aws_iam_role.s (mfa-required)"
    ]


def test_a_report_names_defaults_in_a_note(tmp_path: Path) -> None:
    """As of a template of CloudFormation; a counterexample has no parameter more than before."""
    (tmp_path / "main.tf").write_text(SWITCH + ROLE % ("", "var.mfa") + ROLE.replace('"r"', '"s"') % ("", '"false"'))
    report = trustproof.check([tmp_path], config={}, account=OWN, properties=ASKED)
    assert [note.partition(": ")[2] for note in report.notes] == [
        "proved, at the default of var.mfa: aws_iam_role.r (mfa-required)"
    ]
    (refuted,) = (one for one in report.results if one.verdict == "refuted")
    assert not refuted.at_defaults
    assert refuted.counterexample is not None
    assert "var.mfa" not in str(refuted.counterexample)


COMPOSED = """
variable "mfa" {
  default = "false"
}
variable "team" {
  default = "a"
}
resource "aws_iam_user" "u" {
  name = "u-${var.team}"
}
resource "aws_iam_user_policy" "allow" {
  user   = aws_iam_user.u.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "iam:*", Resource = "*" }] })
}
resource "aws_iam_user_policy" "deny" {
  user   = aws_iam_user.u.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Action = "*", Resource = "*"
    Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = var.mfa } } }] })
}
"""


def test_a_composition_names_the_defaults_that_decide_it(tmp_path: Path) -> None:
    """What one policy of a user allows and another one denies at the default of a variable is proved at that."""
    (tmp_path / "main.tf").write_text(COMPOSED)
    options = {"config": {}, "account": OWN, "properties": ["sensitive-actions-require-mfa"]}
    report = trustproof.check([tmp_path], **options)  # type: ignore[arg-type]
    found = {one.logical_id: (one.verdict, dict(one.at_defaults)) for one in report.results}
    assert found["aws_iam_user_policy.allow"] == ("proved", {"var.mfa": '"false"'})
    assert {verdict for verdict, _ in found.values()} == {"proved"}
    assert any(
        note.endswith("proved, at the default of var.mfa: aws_iam_user_policy.allow (sensitive-actions-require-mfa)")
        for note in report.notes
    )


DENIED = COMPOSED.partition('resource "aws_iam_user_policy" "deny"')
ELSEWHERE = DENIED[0].partition("resource")[0] + "".join(DENIED[1:]).replace("aws_iam_user.u.name", '"u-a"')
#: The same by a template.
DENY = {"Effect": "Deny", "Action": "*", "Resource": "*"}
IN_TEMPLATE = {
    "UserName": "u-a",
    "PolicyName": "deny",
    "PolicyDocument": {
        "Version": "2012-10-17",
        "Statement": [{**DENY, "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": {"Ref": "Mfa"}}}}],
    },
}
TEMPLATE = {
    "Parameters": {"Mfa": {"Type": "String", "Default": "false"}},
    "Resources": {"Deny": {"Type": "AWS::IAM::UserPolicy", "Properties": IN_TEMPLATE}},
}
BUCKET = """
variable "on" {
  default = true
}
resource "aws_s3_bucket" "b" {
  bucket = "acme-b"
}
resource "aws_s3_bucket_public_access_block" "b" {
  bucket                  = aws_s3_bucket.b.id
  restrict_public_buckets = %s
}
"""
PUBLIC = """
resource "aws_s3_bucket_policy" "b" {
  bucket = "acme-b"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject"
    Principal = "*", Resource = "arn:aws:s3:::acme-b/*" }] })
}
"""


@pytest.mark.parametrize(
    ("other", "content", "given", "expected"),
    [
        ("b/main.tf", ELSEWHERE, {}, ["var.mfa of {}/b"]),
        ("b/main.tf", ELSEWHERE.replace("var.mfa", '"false"'), {}, []),
        ("b/main.tf", ELSEWHERE, {"mfa": "false"}, []),
        ("t.json", json.dumps(TEMPLATE), {}, ["Mfa of {}/t.json"]),
        ("t.json", json.dumps(TEMPLATE), {"Mfa": "false"}, []),
    ],
)
def test_a_composition_names_the_defaults_of_other_roots(
    other: str, content: str, given: dict[str, str], expected: list[str], tmp_path: Path
) -> None:
    """What another root module or template denies at a default is proved at that, which is called with its name."""
    for file, text in (("a/main.tf", DENIED[0]), (other, content)):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(text)
    asked = ["sensitive-actions-require-mfa"]
    report = trustproof.check([tmp_path], config={}, account=OWN, properties=asked, parameters=given)
    (found,) = (one for one in report.results if one.logical_id == "aws_iam_user_policy.allow")
    named = [name for name, _ in found.at_defaults if name != "var.team"]
    assert (found.verdict, named) == ("proved", [one.format(tmp_path) for one in expected])


@pytest.mark.parametrize(
    ("setting", "given", "is_named"),
    [
        ("var.on", {}, True),
        ("true", {}, False),
        ("var.on", {"on": "true"}, False),
        # The other one makes a resource, and has no part in what stands around buckets.
        ("local.on", {}, True),
    ],
)
def test_the_default_of_another_root_that_keeps_the_world_out_of_a_bucket(
    setting: str, given: dict[str, str], is_named: bool, tmp_path: Path
) -> None:
    """The settings of a bucket that another root module makes are read at the defaults of that one."""
    beside = 'locals {\n  on = var.on\n}\nresource "aws_sns_topic" "t" {\n  name = var.topic\n}\n'
    beside += 'variable "topic" {\n  default = "t"\n}\n'
    for file, text in (("a.tf", BUCKET % setting + beside), ("b.tf", PUBLIC)):
        (tmp_path / file[0]).mkdir()
        (tmp_path / file[0] / file).write_text(text)
    asked = ["inside-boundary"]
    report = trustproof.check([tmp_path], config={}, account=OWN, properties=asked, parameters=given)
    (found,) = report.results
    assert (found.verdict, "(at the default of var.on)" in "".join(found.reasons)) == ("proved", is_named)


def test_a_policy_that_names_one_variable_may_rest_on_another_one(tmp_path: Path) -> None:
    """What keeps the world out of a bucket is another resource, and the name of a local says no variable."""
    local = 'locals {\n  on = lower(var.env) == "prod"\n}\nvariable "env" {\n  default = "prod"\n}\n'
    public = PUBLIC.replace('"s3:GetObject"', 'var.on ? "s3:GetObject" : "s3:PutObject"')
    (tmp_path / "main.tf").write_text(local + BUCKET % "local.on" + public)
    report = trustproof.check([tmp_path], config={}, account=OWN, properties=["inside-boundary"])
    assert [(one.verdict, one.at_defaults) for one in report.results] == [("proved", (("var.env", '"prod"'),))]


def test_a_duration_names_the_default_that_says_it(tmp_path: Path) -> None:
    """How long sessions last is a fact of the role, and may be a variable's."""
    text = 'variable "long" {\n  default = 3600\n}\n' + ROLE % ("max_session_duration = var.long", '"true"')
    (tmp_path / "main.tf").write_text(text)
    report = trustproof.check([tmp_path], config={}, account=OWN, properties=["session-duration-bounded"])
    assert [(one.verdict, dict(one.at_defaults)) for one in report.results] == [("proved", {"var.long": "3600"})]


def test_a_place_is_the_same_one_where_there_are_more(tmp_path: Path) -> None:
    """What another account has only at other values than defaults does not take the place of what is judged."""
    provider = 'provider "aws" {{\n  alias = "{}"\n  allowed_account_ids = ["{}"]\n}}\n'
    providers = provider.format("b", OWN) + provider.format("c", OTHER)
    here = 'resource "aws_iam_user" "v" {\n  name = "v"\n}\n'
    user = 'resource "aws_iam_user" "a" {\n  provider = aws.c\n  count = var.mfa ? 0 : 1\n  name = "u"\n}\n'
    (tmp_path / "main.tf").write_text(SWITCH + providers + here + user + ROLE % ("provider = aws.b", "var.mfa"))
    found = {one.account: one for one in templates(str(tmp_path), str(tmp_path), Settings())}
    opened = found[OWN].at_other_values(("var.mfa",))
    assert opened is not None
    assert [one.logical_id for one in opened.documents] == ["aws_iam_role.r"]


def test_names_of_variables_are_looked_for_in_whole_words() -> None:
    """A name stands in a text with what it has behind a dot, and neither in a longer name nor behind one."""
    names = ["var.a", "var.b", "var.c", "var.d", "var.e-f", "v", "var[x]"]
    text = '"${var.a}${var.b.x}${var.cc}${x.var.d}${var.e-f}" var.d-e var[x]'
    assert named_in(text, names) == {"var.a", "var.b", "var.e-f", "var[x]"}
