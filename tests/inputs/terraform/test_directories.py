"""
Directories with configurations: what is found in them, and what is said where something is missing.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import trustproof
from tests.cli.program import called
from trustproof.inputs.terraform.sources import directory
from trustproof.results.report import Report

pytest.importorskip("tree_sitter_hcl")

POLICY = 'jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })'
TRUST = (
    'jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", '
    'Principal = { AWS = "arn:aws:iam::222222222222:root" } }] })'
)
ROLE = f'resource "aws_iam_role" "r" {{\n  name = "r"\n  assume_role_policy = {TRUST}\n}}\n'
FALSE = "      condition = 1 > 2\n"
OTHER = 'resource "aws_iam_role" "o" {\n  assume_role_policy = %s\n}\n'


def check(folder: Path, files: dict[str, str], **options: object) -> Report:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return trustproof.check([folder], config={}, **options)  # type: ignore[arg-type]


def test_every_root_module_is_judged_by_itself(tmp_path: Path) -> None:
    """A directory of several root modules is a template for each, beside the templates of CloudFormation in it."""
    template = {"Resources": {"R": {"Type": "AWS::IAM::User", "Properties": {}}}}
    report = check(
        tmp_path,
        {"a/main.tf": ROLE, "b/main.tf": ROLE, "c/template.json": json.dumps(template), "a/.terraform/x.tf": ROLE},
    )
    assert report.errors == ()
    assert sorted({Path(one.template).name for one in report.results}) == ["a", "b"]
    assert report.templates == 3


@pytest.mark.parametrize(
    ("expression", "others", "judged"),
    [
        ('file("${path.module}/p.json")', {}, ["a"]),
        ('templatefile("${path.module}/${local.name}.json", {})', {}, ["a"]),
        ("file(local.path)", {}, ["a"]),
        ('"${file("${path.module}/p.json")}"', {}, ["a"]),
        # What another part of the directory has, or nobody reads, is a policy of its own.
        ('file("${path.module}/p.json")', {"b/p.json": "", "b/main.tf": ""}, ["a", "p.json"]),
        (TRUST, {}, ["a", "p.json"]),
    ],
)
def test_a_policy_that_the_configuration_reads_is_judged_where_it_is_attached(
    tmp_path: Path, expression: str, others: dict[str, str], judged: list[str]
) -> None:
    """The file by itself says less: what is put in its parts, and whose policy it is."""
    allow = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:iam::222222222222:root"}}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    names = 'locals {\n  name = "p"\n  path = "${path.module}/p.json"\n}\n'
    files = {"a/main.tf": names + ROLE.replace(TRUST, expression), "a/p.json": policy}
    files |= {name: policy if name.endswith(".json") else 'output "o" {\n  value = 1\n}\n' for name in others}
    report = check(tmp_path, files)
    assert report.errors == ()
    assert sorted({Path(one.template).name for one in report.results}) == judged


@pytest.mark.parametrize(
    ("type_", "argument"),
    [("organizations_policy", 'type = "RESOURCE_CONTROL_POLICY"\n  content'), ("vpc_endpoint", "policy")],
)
def test_what_only_restricts_is_no_policy_of_its_own(tmp_path: Path, type_: str, argument: str) -> None:
    """A resource control policy names everybody, and lets nobody in."""
    deny = {"Effect": "Deny", "Action": ["s3:*", "sqs:*"], "Principal": "*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    resource = f'resource "aws_{type_}" "p" {{\n  {argument} = file("${{path.module}}/p.json")\n}}\n'
    report = check(tmp_path, {"a/main.tf": ROLE + resource, "a/p.json": policy})
    assert report.errors == ()
    assert {Path(one.template).name for one in report.results} == {"a"}


@pytest.mark.parametrize("name", ["examples", "example", "tests/deep/er", "test", ".infra"])
def test_what_is_no_part_of_a_module_is_passed_over_and_named(tmp_path: Path, name: str) -> None:
    """Sources that are left out are in the report, and a configuration can exclude them."""
    report = check(tmp_path, {"main.tf": ROLE, f"{name}/x.tf": ROLE.replace("222222222222", "*")})
    outermost = str(tmp_path / name.split("/")[0])
    assert [path for path, _ in report.passed_over] == [outermost]
    (tmp_path / "trustproof.toml").write_text(f'exclude = ["/{name}/"]\n')
    assert trustproof.check([tmp_path], config=trustproof.load_config(start=tmp_path)).passed_over == ()


LONG = "accounts_of_the_organization_that_may_use_it"


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ({"main.tf": ROLE.replace('"r" {', '"r" {\n  count = 0', 1)}, "aws_iam_role.r (count = 0)"),
        (
            {"main.tf": 'variable "n" {\n  default = 0\n}\n' + ROLE.replace('"r" {', '"r" {\n  count = var.n', 1)},
            "aws_iam_role.r (count = var.n)",
        ),
        ({"main.tf": ROLE.replace('"r" {', '"r" {\n  for_each = {}', 1)}, "aws_iam_role.r (for_each = {})"),
        (
            {"main.tf": 'module "m" {\n  source = "./m"\n  count = 0\n}\n', "m/main.tf": ROLE},
            "module.m (count = 0)",
        ),
        (
            {
                "main.tf": 'module "m" {\n  source = "./m"\n}\n',
                "m/main.tf": ROLE.replace('"r" {', '"r" {\n  count = 1 - 1', 1),
            },
            "module.m.aws_iam_role.r (count = (1 - 1))",
        ),
        (
            {
                "main.tf": f'variable "{LONG}" {{\n  default = []\n}}\n'
                + ROLE.replace('"r" {', f'"r" {{\n  count = length(var.{LONG}) > 0 ? 1 : 0', 1)
            },
            f"aws_iam_role.r (count = ((length(var.{LONG})…)",
        ),
    ],
    ids=["count", "default", "for_each", "module", "inside", "shortened"],
)
def test_what_is_in_no_deployment_is_named(tmp_path: Path, files: dict[str, str], named: str) -> None:
    """A role that no instance is made of is said, with the reason; what has nothing to do with access is not."""
    topic = 'resource "aws_vpc" "v" {\n  count = 0\n}\n'
    report = check(tmp_path, {**files, "main.tf": files["main.tf"] + topic})
    assert f"in no deployment, and so not asked about: {named}" in report.notes
    # Where nothing else is asked about, that is no pass.
    assert any("in no deployment" in line for line in report.overlooked) == (not report.policies)


#: A call of which nothing is evaluated.
CALLED = 'module "m" {\n  source = "./m"\n}\n'


def test_a_broken_module_does_not_hide_the_others(tmp_path: Path) -> None:
    """What is wrong in one is an error with its place, and the other one is judged."""
    report = check(tmp_path, {"a/main.tf": "x = {", "b/main.tf": ROLE})
    assert [(Path(error.file).name, error.line) for error in report.errors] == [("main.tf", 1)]
    assert report.results


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a.tf": 'variable "v" {}\nvariable "v" {}\n'}, "a.tf:2:1: variable v is declared twice"),
        ({"a.tf": "locals {\n  v = 1\n}\nlocals {\n  v = 2\n}\n"}, "a.tf:5:3: local.v is declared twice"),
        ({"a.tf": OTHER % TRUST * 2}, "a.tf:4:1: resource aws_iam_role.o is declared twice"),
        ({"a.tf": "locals {\n  v = local.v\n}\n" + OTHER % "local.v"}, "a.tf:2:3: local.v refers to itself"),
        (
            {"a.tf": "locals {\n  v = [for k in [1] : local.w]\n  w = try(local.v, 1)\n}\n"},
            "a.tf:2:3: local.v refers to",
        ),
        ({"a.tf": CALLED, "m/m.tf": "locals {\n  v = local.v\n}\n"}, "m/m.tf:2:3: local.v refers to itself"),
        (
            {"a.tf": 'variable "v" {\n  type = number\n}\n' + OTHER % "var.v", "x.auto.tfvars": "v = []"},
            "x.auto.tfvars:1:5",
        ),
        (
            {
                "a.tf": 'variable "v" {\n  validation {\n    condition = var.v != ""\n  }\n}\n' + OTHER % "var.v",
                "terraform.tfvars": 'v = ""',
            },
            "terraform.tfvars:1:5: the value of the variable v",
        ),
        (
            {"a.tf": 'module "m" {\n  source = "./m"\n  w = 1\n}\n', "m/m.tf": 'output "o" {\n  value = 1\n}\n'},
            "a.tf:3:3: module.m: the module has no variable w",
        ),
        (
            {"a.tf": 'module "m" {\n  source = "./m"\n}\n', "m/m.tf": 'variable "v" {}\n' + OTHER % "var.v"},
            "a.tf:1:1: module.m: the argument v is missing",
        ),
        (
            {"a.tf.json": '{"resource": {"aws_iam_role": {"o": {"assume_role_policy": "${1 +}"}}}}'},
            "a.tf.json:1:38: a part that is to be filled in",
        ),
        (
            {
                "a.tf": 'resource "aws_vpc" "v" {\n  count = 3\n  lifecycle {\n    precondition {\n'
                + FALSE
                + "    }\n  }\n}\n"
            },
            "a.tf:4:5: aws_vpc.v[0]: a precondition does not hold",
        ),
        (
            {"a.tf": 'resource "aws_iam_user" "u" {\n  count = 0\n  for_each = toset(["a"])\n}\n'},
            "a.tf:3:3: aws_iam_user.u has both count and for_each",
        ),
        (
            {"a.tf": 'resource "aws_iam_user" "u" {\n  for_each = toset([sensitive("hush")])\n  name = each.key\n}\n'},
            "a.tf:2:3: for_each of aws_iam_user.u is sensitive, and its keys would be shown",
        ),
        (
            {"override.tf": OTHER % TRUST},
            "override.tf:1:1: resource aws_iam_role.o is not declared in a file that this one overrides",
        ),
    ],
    ids=(
        "variable local resource cycle unused called type validation argument missing json condition both sensitive"
        " override"
    ).split(),
)
def test_what_terraform_refuses_does_not_hide_the_rest(tmp_path: Path, files: dict[str, str], message: str) -> None:
    """It is an error with its place, the rest is judged, and what hangs on it is not known."""
    report = check(tmp_path, {"main.tf": ROLE, **files})
    assert [str(error).removeprefix(f"{tmp_path}/")[: len(message)] for error in report.errors] == [message]
    refuted = {one.logical_id for one in report.results if one.verdict == "refuted"}
    assert refuted == {"aws_iam_role.r"}
    assert not any(one.logical_id == "aws_iam_role.o" and one.verdict == "proved" for one in report.results)


@pytest.mark.parametrize("target", ["nowhere", "/nowhere/x"])
@pytest.mark.parametrize("named", [".", "m", "./m"])
def test_a_link_to_nothing_is_one_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, named: str
) -> None:
    """Who looks for files meets it, and so does who reads the module."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / named
    folder.mkdir(exist_ok=True)
    (folder / "main.tf").write_text(ROLE)
    (folder / "terraform.tfvars").symlink_to(target)
    report = trustproof.check([named], config={})
    assert [error.message for error in report.errors] == ["cannot be read: no such file or directory"]
    assert report.results


BUCKET = """
resource "aws_s3_bucket" "b" { bucket = "b" }
resource "aws_s3_bucket_policy" "p" {
  bucket = aws_s3_bucket.b.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "arn:aws:s3:::b/*" }
  ] })
}
"""
ON, OFF = (
    f"""resource "aws_s3_bucket_public_access_block" "x" {{
  bucket = "b"
  block_public_policy = {on}
  restrict_public_buckets = {on}
}}
"""
    for on in ("true", "false")
)
#: A policy of a user, with an effect and a condition.
OF_USER = """resource "aws_iam_user_policy" "%s" {
  user = "u"
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "%s", Action = "*", Resource = "*", Condition = %s }
  ] })
}
"""
DENY = OF_USER % ("deny", "Deny", '{ BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }')
USER = 'resource "aws_iam_user" "u" { name = "u" }\n' + OF_USER % ("allow", "Allow", "{}")
PUBLIC, SENSITIVE = "inside-boundary", "sensitive-actions-require-mfa"


@pytest.mark.parametrize(
    ("files", "property_", "verdict"),
    [
        ({"a.tf": BUCKET}, PUBLIC, "proved"),
        ({"a.tf": BUCKET + OFF}, PUBLIC, "refuted"),
        ({"a.tf": BUCKET + OFF + OFF}, PUBLIC, "unknown"),
        ({"a.tf": BUCKET + ON, "b.tf": "{{ x }}"}, PUBLIC, "unknown"),
        ({"a.tf": BUCKET + OFF, "b.tf": "{{ x }}"}, PUBLIC, "refuted"),
        ({"a.tf": USER + DENY}, SENSITIVE, "proved"),
        ({"a.tf": USER + DENY, "b.tf": "{{ x }}"}, SENSITIVE, "unknown"),
        ({"a.tf": USER + DENY + ROLE + ROLE}, SENSITIVE, "unknown"),
        ({"a.tf": USER + DENY.replace("user =", 'count = "x"\n  user =')}, SENSITIVE, "refuted"),
    ],
)
def test_nothing_is_proved_that_what_is_not_read_may_change(
    tmp_path: Path, files: dict[str, str], property_: str, verdict: str
) -> None:
    """A resource that is declared twice, or in a file that cannot be read, may let in whom the others keep out."""
    found = check(tmp_path, files, properties=[property_])
    verdicts = {one.verdict for one in found.results if one.logical_id != "aws_iam_role.r"}
    assert verdicts - ({"proved"} if verdict == "refuted" else set()) == {verdict}


def test_a_source_is_not_read_without_the_others(tmp_path: Path) -> None:
    """One file of a module says half of it."""
    (tmp_path / "main.tf").write_text(ROLE)
    (error,) = trustproof.check([tmp_path / "main.tf"], config={}).errors
    assert error.message == "a source of Terraform's is read with the others: name its directory"


def test_a_policy_of_a_type_that_is_not_known_is_a_note(tmp_path: Path) -> None:
    """A new version of the provider never passes in silence."""
    report = check(tmp_path, {"main.tf": f'resource "aws_new_thing" "x" {{\n  resource_policy = {POLICY}\n}}\n'})
    assert any("aws_new_thing.x" in note and "not checked" in note for note in report.notes)


def test_a_parameter_is_a_variable(tmp_path: Path) -> None:
    """What the command line says of a parameter is the value of the variable."""
    role = ROLE.replace("222222222222", "${var.hub}")
    (tmp_path / "main.tf").write_text(f'variable "hub" {{}}\n{role}')
    report = trustproof.check([tmp_path], config={}, parameters={"hub": "222222222222"})
    assert report.errors == ()
    assert all("var.hub" not in one.message for one in report.results)


def test_without_the_parser_there_is_one_line_that_says_so(tmp_path: Path) -> None:
    """The extra is asked for where a source is met, and nowhere else."""
    (tmp_path / "main.tf").write_text(ROLE)
    program = (
        "import sys; sys.modules['tree_sitter'] = None; import trustproof; "
        "[print(error) for error in trustproof.check([sys.argv[1]], config={}).errors]"
    )
    done = subprocess.run([sys.executable, "-c", program, tmp_path], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["reading .tf files needs the extra: pip install 'trustproof[terraform]'"]


@pytest.mark.parametrize(
    ("files", "what"),
    [
        ({"main.tf": 'module "m" {\n  source = "x/y/aws"\n}\n' + ROLE}, "module.m"),
        ({"main.tf": 'module "m" {\n  source = "./m"\n}\n' + ROLE}, "module.m"),
        (
            {
                "main.tf": 'module "m" {\n  source = "./m"\n}\n',
                "m/main.tf": 'module "n" {\n  source = "a/b/c"\n}\n' + ROLE,
            },
            "module.m.module.n",
        ),
        ({"main.tf": f'resource "aws_new_thing" "x" {{\n  resource_policy = {POLICY}\n}}\n' + ROLE}, "aws_new_thing.x"),
    ],
    ids=["remote", "missing", "inside", "type"],
)
def test_what_nobody_has_looked_into_fails_where_that_counts(tmp_path: Path, files: dict[str, str], what: str) -> None:
    """What is not checked is named, counted in the summary, and a failure of the strict gate alone."""
    report = check(tmp_path, files)
    assert report.not_checked == ((str(tmp_path), what),)
    assert any(note.startswith(f"{tmp_path}: not checked: {what}, which ") for note in report.notes)
    found = called(tmp_path, "check", "--strict", "--property", "web-identity-bound", str(tmp_path))
    assert (found.returncode, "; 1 not checked" in found.stdout) == (1, True)


@pytest.mark.parametrize(
    ("kind", "chosen"),
    [
        ("string", 'var.x == null ? local.good : var.x == "" ? local.bad : local.good'),
        ("string", 'var.x == "" ? local.good : var.x == null ? local.bad : local.good'),
        ("bool", "var.x == null ? local.bad : local.good"),
    ],
)
def test_null_is_no_other_value(tmp_path: Path, kind: str, chosen: str) -> None:
    """A variable that may be null is judged there, too: that is neither the empty text, nor true or false."""
    good = TRUST.replace("} }]", '}, Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } } }]')
    text = (
        f'variable "x" {{\n  type = {kind}\n}}\nlocals {{\n  good = {good}\n  bad = {TRUST}\n}}\n'
        f'resource "aws_iam_role" "r" {{\n  name = "r"\n  assume_role_policy = {chosen}\n}}\n'
    )
    report = check(tmp_path, {"main.tf": text}, properties=["mfa-required"])
    assert report.errors == ()
    assert "refuted" in {one.verdict for one in report.results}


@pytest.mark.parametrize(
    ("name", "given", "skipped"),
    [
        ("terraform.tfvars.json", [], []),
        ("more.auto.tfvars.json", [], []),
        ("prod.tfvars.json", ["prod.tfvars.json"], []),
        ("prod.tfvars.json", [], ["prod.tfvars.json"]),
        ("sub/terraform.tfvars.json", [], ["terraform.tfvars.json"]),
    ],
)
def test_values_of_variables_are_not_skipped(tmp_path: Path, name: str, given: list[str], skipped: list[str]) -> None:
    """A JSON file with the values of variables is read with the configuration, or said to be skipped: never both."""
    text = 'variable "x" {\n  default = ""\n}\n' + ROLE
    report = check(tmp_path, {"main.tf": text, name: '{"x": "y"}'}, var_files=[tmp_path / one for one in given])
    assert report.errors == ()
    assert [Path(path).name for path, _ in report.skipped] == skipped


def test_providers_by_key_are_accounts_of_their_own(tmp_path: Path) -> None:
    """What one of them deploys is not in the account of another one."""
    role = ROLE.replace("{", "{\n  for_each = local.accounts\n  provider = aws.by[each.key]\n", 1)
    provider = (
        'locals {\n  accounts = { a = "111122223333", "b:c" = "222222222222" }\n}\n'
        'provider "aws" {\n  alias = "by"\n  for_each = local.accounts\n  assume_role {\n'
        '    role_arn = "arn:aws:iam::${each.value}:role/deploy"\n  }\n}\n'
    )
    report = check(tmp_path, {"main.tf": provider + role})
    assert {one.logical_id: one.account for one in report.results} == {
        'aws_iam_role.r["a"]': "111122223333",
        'aws_iam_role.r["b:c"]': "222222222222",
    }


def test_whoever_is_declared_elsewhere_stands_where_something_is_attached(tmp_path: Path) -> None:
    """A finding about a role that only an attachment names is at the line of that."""
    (tmp_path / "main.tf").write_text(
        'resource "aws_iam_role_policy_attachment" "a" {\n  role = "elsewhere"\n'
        '  policy_arn = "arn:aws:iam::111122223333:policy/mine"\n}\n'
    )
    report = trustproof.check([tmp_path], config={}, account="111122223333", properties=["assume-role-scoped"])
    (found,) = report.results
    assert report.sources.position(found.template, found.path).line == 3


MFA = TRUST.replace(" }] })", ', Condition = { Bool = { "aws:MultiFactorAuthPresent" = VALUE } } }] })')
BROKEN = "{{- if .Values.on }}\n"


@pytest.mark.parametrize(
    ("value", "others", "verdict"),
    [
        # What another file declares is not known, and neither is what a file of values may say.
        ('"true"', {"t.tf": BROKEN}, "proved"),
        ('"false"', {"t.tf.json": BROKEN}, "refuted"),
        ("local.a", {"t.tf": BROKEN}, "unknown"),
        ("var.a", {"t.tf": BROKEN}, "unknown"),
        ("try(aws_x.a.id, true)", {"t.tf": BROKEN}, "unknown"),
        ("module.m.o", {"t.tf": BROKEN, "m/a.tf": 'output "o" {\n  value = "true"\n}\n'}, "unknown"),
        (
            "module.m.o",
            {"c.tf": 'module "m" {\n  source = "./m"\n  a = 1\n}\n', "m/t.tf": BROKEN, "m/a.tf": ""},
            "unknown",
        ),
        ("var.a", {"v.tf": 'variable "a" {\n  default = "true"\n}\n', "terraform.tfvars": BROKEN}, "unknown"),
        ("var.a", {"v.tf": 'variable "a" {\n  default = "true"\n}\n', "t.auto.tfvars.json": BROKEN}, "unknown"),
        (
            "var.a",
            {"v.tf": 'variable "a" {}\n', "terraform.tfvars": BROKEN, "a.auto.tfvars": 'a = "true"\n'},
            "proved",
        ),
        # One that overrides may say anything about the others.
        ('"true"', {"t_override.tf": BROKEN}, None),
    ],
)
def test_beside_a_file_that_cannot_be_read_the_others_are_judged(
    tmp_path: Path, value: str, others: dict[str, str], verdict: str | None
) -> None:
    """The error is there with file and line, and nothing is proved from what stands in that file."""
    main = ROLE.replace(TRUST, MFA.replace("VALUE", value))
    report = check(tmp_path, {"main.tf": main, **others}, properties=["mfa-required"])
    (error,) = report.errors
    assert error.line == 1
    broken = next(name for name, text in others.items() if text == BROKEN)
    assert error.file == str(tmp_path / broken)
    assert [one.verdict for one in report.results] == ([verdict] if verdict else [])


def test_of_several_root_modules_each_note_says_which(tmp_path: Path) -> None:
    """What is in no deployment may be called alike in each of them."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text('resource "aws_iam_user" "u" {\n  count = 0\n  name = "u"\n}\n')
    said = [note for note in trustproof.check([tmp_path]).notes if "in no deployment" in note]
    assert [note.partition(": ")[0] for note in said] == [str(tmp_path / "a"), str(tmp_path / "b")]


def test_what_the_accounts_of_a_configuration_have_in_common_is_there_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A configuration for many accounts takes memory as its text does: what all templates share is made once."""
    times: list[int] = []
    whole = directory.together
    monkeypatch.setattr(directory, "together", lambda made: (times.append(len(made)), whole(made))[1])
    accounts = [f"{number:012d}" for number in range(1, 6)]
    providers = "".join(
        f'provider "aws" {{\n  alias = "a{one}"\n  '
        f'assume_role {{\n    role_arn = "arn:aws:iam::{one}:role/x"\n  }}\n}}\n'
        f'resource "aws_sns_topic" "t{one}" {{\n  provider = aws.a{one}\n  name = "t"\n}}\n'
        for one in accounts
    )
    report = check(tmp_path, {"main.tf": providers, "roles.tf": ROLE})
    assert (report.errors, report.templates) == ((), len(accounts) + 1)
    assert times == [len(accounts) + 1]
