"""
Values that are only known when something is deployed: of what else is given, nothing is the same.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

ROLE = """
resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = jsonencode({Version = "2012-10-17", Statement = [
    {Effect = "Allow", Action = "sts:AssumeRole", Principal = {AWS = %s}}
  ]})
}
"""
PARAMETER = 'data "aws_ssm_parameter" "p" { name = "/ONE" }\n'
USER = 'resource "aws_iam_user" "u" { name = "u" }\n'
CHOSEN = 'data.aws_ssm_parameter.p.value == "x"'
OURS = '"arn:aws:iam::111122223333:root"'
THEIRS = '{Effect = "Allow", Action = "sts:AssumeRole", Principal = {AWS = "222233334444"}}'
#: Configurations in which ONE decides who gets in.
OPEN = {
    "a data source": PARAMETER + ROLE % "data.aws_ssm_parameter.p.value",
    "a part of a text": PARAMETER + ROLE % '"arn:aws:iam::${data.aws_ssm_parameter.p.value}:root"',
    "one of several": 'data "aws_ssm_parameter" "p" {\n  for_each = toset(["k"])\n  name     = "/ONE/${each.key}"\n}'
    + ROLE % 'data.aws_ssm_parameter.p["k"].value',
    "a default of a variable": 'variable "n" { default = "ONE" }\ndata "aws_ssm_parameter" "p" { name = var.n }'
    + ROLE % "data.aws_ssm_parameter.p.value",
    "another data source": PARAMETER
    + 'data "aws_ssm_parameter" "q" { name = data.aws_ssm_parameter.p.value }'
    + ROLE % "data.aws_ssm_parameter.q.value",
    "a state": 'data "terraform_remote_state" "s" {\n  backend = "s3"\n  config  = { key = "ONE" }\n}'
    + ROLE % "data.terraform_remote_state.s.outputs.arn",
    "another provider": 'resource "random_id" "i" {\n  byte_length = 4\n  prefix      = "ONE"\n}'
    + ROLE % '"arn:aws:iam::111122223333:role/${random_id.i.hex}"',
    "a loop": 'data "aws_iam_roles" "a" { name_regex = "ONE" }\n'
    + ROLE % '[for one in data.aws_iam_roles.a.arns : one if one != "x"]',
    "each of several": 'data "aws_iam_roles" "a" { name_regex = "ONE" }\n'
    + (ROLE % "each.value").replace('name = "r"', "for_each = toset(data.aws_iam_roles.a.arns)"),
    "whether it is there": PARAMETER
    + (ROLE % OURS).replace('name = "r"', 'count = data.aws_ssm_parameter.p.value == "x" ? 1 : 0'),
    "a whole policy": PARAMETER
    + 'resource "aws_iam_role" "r" {\n  assume_role_policy = data.aws_ssm_parameter.p.value\n}\n',
    "some statements": PARAMETER
    + (ROLE % OURS).replace("[\n", "concat([\n").replace("\n  ]", f"\n  ], {CHOSEN} ? [{THEIRS}] : [])"),
    "one of two": PARAMETER + ROLE % f'{CHOSEN} ? {OURS} : "222233334444"',
    "a policy that is attached": PARAMETER
    + USER
    + 'resource "aws_iam_user_policy_attachment" "a" {\n  user       = aws_iam_user.u.name\n'
    + "  policy_arn = data.aws_ssm_parameter.p.value\n}\n",
    "a secret that others may have changed": 'resource "aws_secretsmanager_secret_version" "v" {\n  secret_id = "ONE"\n'
    '  secret_string = "x"\n  lifecycle {\n    ignore_changes = [secret_string]\n  }\n}\n'
    'data "aws_secretsmanager_secret_version" "d" {\n  secret_id = "ONE"\n}\n'
    + ROLE
    % "data.aws_secretsmanager_secret_version.d.secret_string",
    "a module that is not at hand": 'module "m" { source = "acme/m/aws//ONE" }\n' + ROLE % "module.m.arn",
    "what a module is given": 'locals { accounts = ["ONE"] }\n'
    'module "m" {\n  source   = "acme/m/aws"\n  accounts = local.accounts\n}\n',
    "a type that is not known": 'locals { p = jsonencode({Statement = [{Effect = "Allow", Sid = "ONE"}]}) }'
    '\nresource "aws_new" "p" { policy = local.p }\n',
}


def configurations(folder: Path, **texts: str) -> list[Path]:
    """Directories with a configuration each."""
    for name, text in texts.items():
        (folder / name).mkdir()
        (folder / name / "main.tf").write_text(text)
    return [folder / name for name in texts]


@pytest.mark.parametrize("text", OPEN.values(), ids=OPEN)
def test_what_is_given_something_else_is_undecided(text: str, tmp_path: Path) -> None:
    """Two parameters of Systems Manager may name two accounts; comments and layout say nothing."""
    old, new, same = configurations(
        tmp_path, old=text, new=text.replace("ONE", "OTHER"), same="# why\n" + text.replace(" = ", "  =  ")
    )
    found = trustproof.diff(old, new, account="111122223333")
    assert found.undecided
    assert not found.access
    assert trustproof.diff(old, same, account="111122223333").is_empty


def test_whole_resources_in_a_value_are_the_same(tmp_path: Path) -> None:
    """What is handed on with all its attributes is called by its address, and by nothing of the run."""
    text = (
        'variable "name" {}\n'
        'resource "aws_organizations_account" "a" {\n  name = var.name\n  email = "a@example.com"\n}\n'
        "locals {\n  all = { for one in [aws_organizations_account.a] : one.name => { account = one } }\n}\n"
        'resource "aws_ssoadmin_account_assignment" "a" {\n  for_each = local.all\n  instance_arn = "i"\n'
        '  permission_set_arn = "arn:aws:sso:::permissionSet/ssoins-1111111111111111/ps-1111111111111111"\n'
        '  principal_id = "g"\n  principal_type = "GROUP"\n  target_id = each.value.account.id\n}\n'
    )
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(text)
    (tmp_path / "new" / "more.tf").write_text('resource "aws_sns_topic" "t" {\n  name = "t"\n}\n')
    assert trustproof.diff(tmp_path / "old", tmp_path / "new", account="111122223333").is_empty


@pytest.mark.parametrize("is_called", [False, True])
@pytest.mark.parametrize(("other", "is_open"), [("who", True), ("z", False)])
def test_another_default_within_a_type_is_undecided(other: str, is_open: bool, is_called: bool, tmp_path: Path) -> None:
    """
    Whoever gives ``{}`` on both sides gives another account by it; the default of another attribute is nothing. So it
    is where a module is passed the value.
    """
    types = {"who": "111122223333", "z": "a"}
    for name, changed in (("old", types), ("new", types | {other: "999988887777"})):
        said = ", ".join(f'{one} = optional(string, "{value}")' for one, value in changed.items())
        folder = tmp_path / name / "m" if is_called else tmp_path / name
        folder.mkdir(parents=True)
        if is_called:
            call = 'module "m" {\n  source = "./m"\n  x = var.x\n}\nvariable "x" {}\n'
            (tmp_path / name / "main.tf").write_text(call)
        text = f'variable "x" {{\n  type = object({{ {said} }})\n}}\n' + ROLE % "var.x.who"
        (folder / "main.tf").write_text(text)
    found = trustproof.diff(tmp_path / "old", tmp_path / "new", account="111122223333")
    assert not found.access
    assert bool(found.undecided) is is_open


def test_a_new_attribute_decides_nothing_of_the_old_side(tmp_path: Path) -> None:
    """What is gained is said, and nothing beside it."""
    types = ("a = string", "a = string, more = optional(bool, false)")
    named = ('"arn:aws:iam::111122223333:root"', 'var.x.more ? "*" : "arn:aws:iam::111122223333:root"')
    old, new = configurations(
        tmp_path,
        **{
            side: f'variable "x" {{\n  type = object({{ {type_} }})\n}}\n' + ROLE % who
            for side, type_, who in zip(("old", "new"), types, named, strict=True)
        },
    )
    found = trustproof.diff(old, new, account="111122223333")
    assert found.gained
    assert not found.undecided


#: A queue: what a statement allows, and the statements of others, of whom nobody knows anything.
QUEUE = """
variable "all" { type = bool }
variable "x" { type = list(object({ name = string, account = string })) }
resource "aws_sqs_queue_policy" "p" {
  queue_url = "q"
  policy    = data.aws_iam_policy_document.d.json
}
data "aws_iam_policy_document" "d" {
  dynamic "statement" {
    for_each = %s
    content {
      actions = strcontains(statement.value["name"], "x") ? ["sqs:ReceiveMessage"] : ["sqs:GetQueueAttributes"]
      resources = ["*"]
      principals {
        type        = "AWS"
        identifiers = [statement.value["account"] == null ? "222233334444" : statement.value["account"]]
      }
    }
  }
  statement {
    actions   = concat(["sqs:SendMessage"], %s)
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["222233334444"]
    }
  }
}
"""


@pytest.mark.parametrize(
    ("new", "is_gained"),
    [
        pytest.param(("var.x", 'var.all ? ["sqs:DeleteMessage"] : []'), True, id="another action"),
        pytest.param(("var.x", 'var.all ? ["sqs:ReceiveMessage"] : []'), True, id="what others may not be allowed"),
        pytest.param(("var.all ? var.x : []", "[]"), False, id="less for others"),
    ],
)
def test_what_has_no_part_in_a_gain_may_be_undecided(tmp_path: Path, new: tuple[str, str], is_gained: bool) -> None:
    """
    Two conditions that depend on one value which nobody knows say nothing of the statements of others: that they are
    not decided is said beside a gain, and hides none.
    """
    old, other = configurations(tmp_path, old=QUEUE % ("var.x", "[]"), new=QUEUE % new)
    found = trustproof.diff(old, other, account="111122223333")
    assert [one.counterexample.parameters["var.all"] for one in found.gained] == ["true"] * is_gained
    assert not found.lost
    assert found.undecided


def test_what_decides_between_two_values_that_a_module_is_passed_is_none_of_them(tmp_path: Path) -> None:
    """A module that is newly passed one of two objects changes nothing of what the same condition decides elsewhere."""
    who = '"arn:aws:iam::${var.stage == "prod" ? "111122223333" : "222233334444"}:root"'
    text = 'variable "stage" {}\n' + ROLE % who
    call = 'module "m" {\n  source = "./m"\n  x = var.stage == "prod" ? { a = "1" } : { a = "2" }\n}\n'
    old, new = configurations(tmp_path, old=text, new=text + call)
    configurations(new, m='variable "x" {\n  type = object({ a = string, b = optional(list(string), []) })\n}\n')
    assert trustproof.diff(old, new, account="111122223333").is_empty


def test_a_variable_of_another_module_is_another_one(tmp_path: Path) -> None:
    """A module that is newly called has one of the same name; what an expression in one is made of still counts."""
    text = 'variable "who" {}\nvariable "other" {}\n' + ROLE % "var.who"
    call = 'module "m" {\n  source = "./m"\n  who = %s\n}\n'
    old, new = configurations(tmp_path, old=text, new=text + call % '"${var.who}-x"')
    configurations(new, m='variable "who" {}\n')
    assert trustproof.diff(old, new, account="111122223333").is_empty
    old, new = configurations(tmp_path, old2=text + call % "var.who", new2=text + call % "var.other")
    for root in (old, new):
        configurations(root, m='variable "who" {}\n' + ROLE % 'replace(var.who, "/x$/", "")')
    assert trustproof.diff(old, new, account="111122223333").undecided


def test_another_default_of_what_is_never_null_is_undecided(tmp_path: Path) -> None:
    """Where a module is passed null, a variable of its own that is never null has its default."""
    call = 'module "m" {\n  source = "./m"\n  x = var.x\n}\nvariable "x" {}\n'
    old, new = configurations(tmp_path, old=call, new=call)
    for root, name in ((old, "111122223333"), (new, "999988887777")):
        variable = f'variable "x" {{\n  default = "{name}"\n  nullable = false\n}}\n'
        configurations(root, m=variable + ROLE % "var.x")
    assert trustproof.diff(old, new, account="111122223333").undecided


def test_it_is_undecided_inside_of_a_module(tmp_path: Path) -> None:
    """Where expressions are called by the names of the module that they stand in."""
    text = PARAMETER + ROLE % f'data.aws_ssm_parameter.p.value == "x" ? {OURS} : "arn:aws:iam::222233334444:root"'
    old, new = configurations(tmp_path, old='module "m" { source = "./m" }\n', new='module "m" { source = "./m" }\n')
    for root, name in ((old, "ONE"), (new, "OTHER")):
        configurations(root, m=text.replace("ONE", name))
    assert trustproof.diff(old, new, account="111122223333").undecided


def test_names_that_stay_are_the_same(tmp_path: Path) -> None:
    """Resources of AWS have one identity here, however they are changed, and so have their names and ids."""
    text = (
        'resource "aws_instance" "i" { ami = "ONE" }\n' + ROLE % '"arn:aws:iam::111122223333:role/${aws_instance.i.id}"'
    )
    old, new = configurations(tmp_path, old=text, new=text.replace("ONE", "OTHER"))
    assert trustproof.diff(old, new, account="111122223333").is_empty


def test_all_tags_of_a_resource_are_made_of_its_own(tmp_path: Path) -> None:
    """And of those that the provider gives to everything: what the bucket is called says nothing of these."""
    text = 'resource "aws_s3_bucket" "b" {\n  tags = { who = "WHO" }\n}\n' + ROLE % 'aws_s3_bucket.b.tags_all["who"]'
    provider = 'provider "aws" {\n  default_tags {\n    tags = { who = "WHO" }\n  }\n}\n'
    for number, said in enumerate((text, provider + text.replace("WHO", "x"))):
        root = tmp_path / str(number)
        root.mkdir()
        old, new = configurations(root, old=said.replace("WHO", "1"), new=said.replace("WHO", "2"))
        assert trustproof.diff(old, new, account="111122223333").undecided
        assert trustproof.diff(old, old, account="111122223333").is_empty


# -- what goes through the Parameter Store and back

STORED = 'resource "aws_ssm_parameter" "s" {\n  name  = "/kept"\n  type  = "String"\n  value = "222233334444"\n}\n'
#: Configurations in which the parameter that they make themselves decides who gets in.
KEPT = {
    name: STORED + text.replace("/ONE", "/kept")
    for name, text in OPEN.items()
    if PARAMETER in text and name != "another data source"
}


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_what_is_read_back_is_compared(text: str, tmp_path: Path) -> None:
    """A data source gives what a resource of the same configuration puts under its name."""
    old, new, same = configurations(
        tmp_path, old=text, new=text.replace("222233334444", "x"), same="# why\n" + text.replace(" = ", "  =  ")
    )
    assert not trustproof.diff(old, new, account="111122223333").is_empty
    assert trustproof.diff(old, same, account="111122223333").is_empty


def template(value: object, principal: object, **more: object) -> dict[str, object]:
    """A template that keeps a value in the Parameter Store, and lets in whom another value names."""
    trust = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": principal}}]}
    kept = {"Name": "/kept", "Type": "String", "Value": value}
    return {
        "Parameters": {"Kept": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/kept"}},
        "Resources": {
            "P": {"Type": "AWS::SSM::Parameter", "Properties": kept},
            "R": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "r", "AssumeRolePolicyDocument": trust}},
            **more,
        },
    }


@pytest.mark.parametrize(
    "principal",
    [
        "{{resolve:ssm:/kept}}",
        {"Ref": "Kept"},
        {"Fn::Sub": "arn:aws:iam::{{resolve:ssm:/kept}}:root"},
        {"Fn::GetAtt": ["P", "Value"]},
        {"Fn::Sub": "arn:aws:iam::${P.Value}:root"},
    ],
    ids=str,
)
def test_what_is_kept_is_what_is_read(principal: object) -> None:
    """Where the value is known on both sides, it is said who is let in by it and who no more, with a request each."""
    old, new = (template(value, principal) for value in ("222233334444", "333344445555"))
    found = trustproof.diff(old, new, account="111122223333")
    callers = [change.counterexample.request.caller.account for change in (*found.gained, *found.lost)]
    assert callers == ["333344445555", "222233334444"]
    assert not found.undecided
    assert trustproof.diff(old, old, account="111122223333").is_empty


def test_another_template_may_keep_it(tmp_path: Path) -> None:
    """By its name everybody in the account reads it; a version is never written again, and another name is not its."""
    for side, value in (("old", "222233334444"), ("new", "333344445555")):
        (tmp_path / side).mkdir()
        (tmp_path / side / "one.json").write_text(json.dumps(template(value, "111122223333")))
        for name, reference in (("reads", "/kept"), ("versioned", "/kept:1"), ("another", "/kept/not")):
            reading = template("", "{{resolve:ssm:" + reference + "}}")
            reading["Resources"].pop("P")  # type: ignore[attr-defined]
            (tmp_path / side / f"{name}.json").write_text(json.dumps(reading))
    found = trustproof.diff(tmp_path / "old", tmp_path / "new", account="111122223333")
    assert {change.where.template.rpartition("/")[2] for change in found.access} == {"reads.json"}
    assert not found.undecided


@pytest.mark.parametrize("type_", ["Custom::Lookup", "AWS::CloudFormation::CustomResource", "Acme::Accounts::Account"])
def test_what_a_custom_resource_is_given_decides(type_: str) -> None:
    """What its function gives for other properties, or for another parameter, nobody knows."""

    def of(account: object, default: str = "x") -> dict[str, object]:
        properties = {"ServiceToken": "arn:aws:lambda:us-east-1:111122223333:function:f", "Account": account}
        made = template("x", {"Fn::GetAtt": ["C", "Arn"]}, C={"Type": type_, "Properties": properties})
        return {**made, "Parameters": {"Account": {"Type": "String", "Default": default}}}

    for old, new in ((of("ONE"), of("OTHER")), (of({"Ref": "Account"}), of({"Ref": "Account"}, "y"))):
        assert trustproof.diff(old, new, account="111122223333").undecided
        assert trustproof.diff(old, old, account="111122223333").is_empty


def test_what_a_secret_is_made_of_decides() -> None:
    """Nobody is shown what it says."""
    old, new = (
        template(
            "x",
            "{{resolve:secretsmanager:n:SecretString:account}}",
            S={"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": "n", "SecretString": value}},
        )
        for value in ("ONE", "OTHER")
    )
    found = trustproof.diff(old, new, account="111122223333")
    assert found.undecided
    assert "OTHER" not in str(found)


# -- what is only called something else

LOOK_UP = 'data "aws_ssm_parameter" "%s" { name = "/%s" }\n'
NAMED = ROLE % '"arn:aws:iam::${data.aws_ssm_parameter.%s.value}:root"'


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (LOOK_UP % ("a", "x") + NAMED % "a", LOOK_UP % ("b", "x") + NAMED % "b"),
        (
            'data "aws_ssm_parameter" "a" {\n  for_each = toset(["k"])\n  name = each.key\n}\n' + NAMED % 'a["k"]',
            'data "aws_ssm_parameter" "b" {\n  for_each = toset(["k"])\n  name = each.key\n}\n' + NAMED % 'b["k"]',
        ),
        (
            'data "aws_iam_policy" "a" { name = "x" }\n' + ROLE % '"${data.aws_iam_policy.a.description}"',
            'data "aws_iam_policy" "b" { name = "x" }\n' + ROLE % '"${data.aws_iam_policy.b.description}"',
        ),
    ],
)
def test_a_data_source_by_another_name_is_the_same(old: str, new: str, tmp_path: Path) -> None:
    """Who is let in is who was, and what else changes is said without it."""
    more = 'resource "aws_iam_user" "u" { name = "u" }\n'
    both = configurations(tmp_path, old=old, new=new + more)
    assert trustproof.diff(*both, account="111122223333").is_empty
    assert trustproof.diff(*both[::-1], account="111122223333").is_empty


@pytest.mark.parametrize(
    ("old", "new"),
    [
        # Another parameter.
        (LOOK_UP % ("a", "x") + NAMED % "a", LOOK_UP % ("b", "y") + NAMED % "b"),
        # The old name is that of another one, which another role trusts.
        (
            LOOK_UP % ("a", "x") + NAMED % "a" + (NAMED % "a").replace('"r"', '"s"'),
            LOOK_UP % ("a", "y") + LOOK_UP % ("b", "x") + NAMED % "b" + (NAMED % "a").replace('"r"', '"s"'),
        ),
        # Two of the names: one of them was let in.
        (
            LOOK_UP % ("a", "x") + LOOK_UP % ("c", "y") + NAMED % "a",
            LOOK_UP % ("b", "y") + LOOK_UP % ("c", "x") + NAMED % "b",
        ),
        # Asked in another Region.
        (
            LOOK_UP % ("a", "x") + NAMED % "a",
            'provider "aws" {\n  alias  = "other"\n  region = "eu-west-1"\n}\n'
            + (LOOK_UP % ("b", "x")).replace("{ ", "{\n  provider = aws.other\n  ").replace(" }", "\n}")
            + NAMED % "b",
        ),
        # Two that are made alike are two.
        (
            'resource "random_id" "a" { byte_length = 4 }\n'
            + ROLE % '"arn:aws:iam::111122223333:role/${random_id.a.hex}"',
            'resource "random_id" "b" { byte_length = 4 }\n'
            + ROLE % '"arn:aws:iam::111122223333:role/${random_id.b.hex}"',
        ),
        # Another instance.
        (
            'data "aws_ssm_parameter" "a" {\n  for_each = toset(["k", "l"])\n  name = "x"\n}\n' + NAMED % 'a["k"]',
            'data "aws_ssm_parameter" "b" {\n  for_each = toset(["k", "l"])\n  name = each.key\n}\n' + NAMED % 'b["l"]',
        ),
    ],
)
def test_what_is_looked_up_otherwise_is_not(old: str, new: str, tmp_path: Path) -> None:
    """By another name and with something else given, or by the name of another one, it may be anything."""
    both = configurations(tmp_path, old=old, new=new)
    for sides in (both, both[::-1]):
        assert not trustproof.diff(*sides, account="111122223333").is_empty


# -- what another root keeps in its state

BACKEND = 'terraform {\n  backend "s3" {\n%s  }\n}\n'
STATE = 'data "terraform_remote_state" "a" {\n  backend = "s3"\n  config  = {\n%s  }\n}\n'
WHICH = '    bucket = "states"\n    key    = "a.tfstate"\n'
READS = ROLE % "data.terraform_remote_state.a.outputs.x"
KEEPS = 'output "x" { value = "%s" }\n'


def two_roots(folder: Path, keeps: str, reads: str) -> tuple[Path, Path]:
    """Both sides with a root that keeps one account and then another one, and a root that reads it."""
    for side, account in (("old", "222233334444"), ("new", "333344445555")):
        (folder / side).mkdir()
        configurations(folder / side, a=keeps % account, b=reads)
    return folder / "old", folder / "new"


@pytest.mark.parametrize("which", [WHICH, '    key = "${"a"}"\n    bucket = "b"\n'])
def test_an_output_of_another_root_is_what_is_read(which: str, tmp_path: Path) -> None:
    """Where both say the same bucket and key, it is known who is let in, with a request each."""
    found = trustproof.diff(*two_roots(tmp_path, BACKEND.replace("%s", which) + KEEPS, STATE % which + READS))
    callers = [change.counterexample.request.caller.account for change in (*found.gained, *found.lost)]
    assert callers == ["333344445555", "222233334444"]
    assert not found.undecided


@pytest.mark.parametrize(
    ("keeps", "reads"),
    [
        # A file that is not here may say the backend, an option its bucket, and a variable which one is read.
        (KEEPS, STATE % WHICH + READS),
        (BACKEND.replace("%s", '    key = "a.tfstate"\n') + KEEPS, STATE % WHICH + READS),
        (
            BACKEND.replace("%s", WHICH) + KEEPS,
            'variable "k" {}\n' + STATE % '    bucket = "states"\n    key = var.k\n' + READS,
        ),
        (
            KEEPS,
            STATE.replace('"s3"', '"local"') % '    path = "../a/terraform.tfstate"\n' + READS,
        ),
        # A part of an output, and one that is not shown.
        (
            BACKEND.replace("%s", WHICH) + 'output "x" { value = { one = "%s" } }\n',
            STATE % WHICH + ROLE % "data.terraform_remote_state.a.outputs.x.one",
        ),
        (
            BACKEND.replace("%s", WHICH) + 'output "x" {\n  sensitive = true\n  value = "%s"\n}\n',
            STATE % WHICH + READS,
        ),
    ],
)
def test_what_may_be_read_is_undecided(keeps: str, reads: str, tmp_path: Path) -> None:
    """What cannot be told apart from another root's state may be it."""
    found = trustproof.diff(*two_roots(tmp_path, keeps, reads), account="111122223333")
    assert found.undecided
    assert not found.access
    assert trustproof.diff(tmp_path / "new", tmp_path / "new", account="111122223333").is_empty


@pytest.mark.parametrize(
    ("keeps", "reads"),
    [
        (BACKEND.replace("%s", WHICH) + KEEPS, STATE % WHICH.replace("a.tf", "b.tf") + READS),
        (BACKEND.replace("%s", '    key = "b.tfstate"\n') + KEEPS, STATE % WHICH + READS),
        (BACKEND.replace("%s", WHICH) + KEEPS.replace("x", "y"), STATE % WHICH + READS),
        ('terraform {\n  backend "gcs" {}\n}\n' + KEEPS, STATE % WHICH + READS),
    ],
)
def test_another_state_is_not_read(keeps: str, reads: str, tmp_path: Path) -> None:
    """Another key, another output and another kind of backend are those of somebody else."""
    assert trustproof.diff(*two_roots(tmp_path, keeps, reads), account="111122223333").is_empty


def planned(path: Path, outputs: dict[str, object]) -> None:
    """A plan with outputs; without any, one that is to read the output x of a state when it is applied."""
    state = "data.terraform_remote_state.a"
    permission = {"address": "aws_lambda_permission.p", "mode": "managed", "type": "aws_lambda_permission", "name": "p"}
    data = {"address": state, "mode": "data", "type": "terraform_remote_state", "name": "a"}
    values = {"function_name": "f", "action": "lambda:InvokeFunction"}
    change = {"actions": ["create"], "after": values, "after_unknown": {"principal": True}}
    principal = {"references": [f"{state}.outputs.x", f"{state}.outputs", state]}
    which = {"backend": {"constant_value": "s3"}, "config": {"constant_value": {"bucket": "states", "key": "a"}}}
    written = [{**permission, "expressions": {"principal": principal}}, {**data, "expressions": which}]
    content = {
        "format_version": "1.2",
        "planned_values": {
            "outputs": outputs,
            "root_module": {"resources": [] if outputs else [{**permission, "values": values}]},
        },
        "resource_changes": [] if outputs else [{**permission, "change": change}],
        "configuration": {"root_module": {"resources": [] if outputs else written}},
    }
    path.write_text(json.dumps({**content, "terraform_version": "1.9.0"}))


@pytest.mark.parametrize(
    ("name", "account", "is_open"), [("x", "333344445555", True), ("y", "333344445555", False), ("x", None, False)]
)
def test_an_output_of_another_plan_may_be_read(name: str, account: str | None, is_open: bool, tmp_path: Path) -> None:
    """No plan says which state it is for; one that reads an output of that name, once it is applied, is undecided."""
    for side, value in (("old", "222233334444"), ("new", account or "222233334444")):
        (tmp_path / side).mkdir()
        planned(tmp_path / side / "a.json", {name: {"sensitive": False, "value": value}})
        planned(tmp_path / side / "b.json", {})
    found = trustproof.diff(tmp_path / "old", tmp_path / "new", account="111122223333")
    assert [one.where.template.rpartition("/")[2] for one in found.undecided] == (["b.json"] if is_open else [])
    assert found.is_empty != is_open


def test_a_state_hands_on_what_another_one_has(tmp_path: Path) -> None:
    """Whoever reads the second one has something else to read since the first one changed."""
    own = BACKEND.replace("%s", WHICH.replace("a.tf", "b.tf"))
    hands_on = own + STATE % WHICH + 'output "x" { value = data.terraform_remote_state.a.outputs.x }\n'
    sides = two_roots(tmp_path, BACKEND.replace("%s", WHICH) + KEEPS, hands_on)
    for side in sides:
        configurations(side, c=STATE % WHICH.replace("a.tf", "b.tf") + READS)
    found = trustproof.diff(*sides, account="111122223333")
    assert [one.where.template.rpartition("/new/")[2] for one in found.undecided] == ["c"]
    assert trustproof.diff(sides[0], sides[0], account="111122223333").is_empty


@pytest.mark.parametrize(
    ("keeps", "reads", "value"),
    [
        (STORED.replace("222233334444", "%s"), PARAMETER.replace("ONE", "kept"), "data.aws_ssm_parameter.p.value"),
        (BACKEND.replace("%s", WHICH) + KEEPS, STATE % WHICH, "data.terraform_remote_state.a.outputs.x"),
    ],
)
def test_policies_of_several_roots_read_it_too(keeps: str, reads: str, value: str, tmp_path: Path) -> None:
    """A role of one root has a policy of another one, and what it may do is what both say."""
    reads += 'resource "aws_iam_role_policy" "p" {\n  role = "r"\n  policy = jsonencode({Statement = [%s]})\n}\n'
    statement = f'Effect = "Allow", Action = "sts:AssumeRole", Resource = "arn:aws:iam::${{{value}}}:role/x"'
    sides = two_roots(tmp_path, keeps + ROLE % '"111122223333"', reads % f"{{{statement}}}")
    found = trustproof.diff(*sides, account="111122223333")
    assert [change.direction for change in found.access] == ["gained", "lost"]
    assert "arn:aws:iam::333344445555:role/x" in found.access[0].message
    assert not found.undecided


@pytest.mark.parametrize(("action", "is_same"), [("execute-api:Invoke", True), ("execute-api:*", False)])
def test_a_policy_of_an_api_may_become_an_argument_of_it(action: str, is_same: bool, tmp_path: Path) -> None:
    """It is the same one where it says the same; else it is not known what it lets in besides."""
    said = """jsonencode({ Version = "2012-10-17", Statement = [
      { Effect = "Allow", Principal = { AWS = "444455556666" }, Action = "ACTION", Resource = "execute-api:/*" }
    ] })"""
    api = 'resource "aws_api_gateway_rest_api" "a" {\n  name = "a"\nMORE}\n'
    apart = 'resource "aws_api_gateway_rest_api_policy" "p" {\n  rest_api_id = aws_api_gateway_rest_api.a.id\nMORE}\n'
    policy = f"  policy = {said}\n"
    before = api.replace("MORE", "") + apart.replace("MORE", policy.replace("ACTION", "execute-api:Invoke"))
    old, new = configurations(tmp_path, old=before, new=api.replace("MORE", policy.replace("ACTION", action)))
    found = trustproof.diff(old, new, account="111122223333")
    assert not found.access
    assert found.is_empty is is_same


@pytest.mark.parametrize(
    ("address", "prefix", "is_same"), [("b", "one-", True), ("b", "two-", False), ("r", "two-", False)]
)
def test_a_role_is_another_one_where_its_name_begins_otherwise(
    address: str, prefix: str, is_same: bool, tmp_path: Path
) -> None:
    """Whatever AWS completes it with, and wherever it stands."""
    text = (ROLE % '"arn:aws:iam::444455556666:root"').replace('name = "r"', 'name_prefix = "one-"')
    moved = text.replace("one-", prefix).replace('"aws_iam_role" "r"', f'"aws_iam_role" "{address}"')
    old, new = configurations(tmp_path, old=text, new=moved)
    found = trustproof.diff(old, new, account="111122223333")
    assert found.is_empty is is_same
    assert bool(found.gained) is not is_same


def reading(*statements: object) -> dict[str, object]:
    """A role whose policy has these statements, and others that another tool is to fill in."""
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    policy = {"PolicyName": "p", "PolicyDocument": {"Statement": ["${file(more.yml)}", *statements]}}
    properties = {"AssumeRolePolicyDocument": {"Statement": trust}, "Policies": [policy]}
    return {"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": properties}}}


def stating(effect: str, action: str) -> dict[str, str]:
    return {"Effect": effect, "Action": action, "Resource": "*"}


READ, SEND = stating("Allow", "s3:GetObject"), stating("Allow", "sqs:SendMessage")
KEPT = stating("Deny", "s3:DeleteBucket")


@pytest.mark.parametrize(
    ("old", "new", "gained", "is_unknown"),
    [
        ((READ,), (READ, SEND), ["sqs:SendMessage"], False),
        ((READ, KEPT), (KEPT, READ, SEND), ["sqs:SendMessage"], False),
        ((READ, SEND), (SEND, READ), [], False),
        # What is not known may be allowed there, and was denied.
        ((READ, KEPT), (READ,), [], True),
        ((KEPT,), (SEND,), [], True),
    ],
)
def test_one_unknown_value_on_both_sides_says_nothing_of_what_others_give(
    old: tuple[object, ...], new: tuple[object, ...], gained: list[str], *, is_unknown: bool
) -> None:
    """Somebody gains by a statement more, whatever is beside it; a note says that this may say otherwise."""
    there, back = trustproof.diff(reading(*old), reading(*new)), trustproof.diff(reading(*new), reading(*old))
    assert (
        [one.counterexample.action for one in there.gained]
        == gained
        == [one.counterexample.action for one in back.lost]
    )
    assert all(any("which both sides have" in note for note in one.notes) for one in (*there.access, *back.access))
    assert [bool(one.undecided) for one in (there, back)] == [is_unknown] * 2
    assert not there.lost
    assert not back.gained
