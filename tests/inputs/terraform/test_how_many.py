"""
How many there are of what restricts: where nobody knows whether a resource is there, both are judged.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import trustproof
from tests.inputs.terraform.builders import OWN
from trustproof.results.report import Report

pytest.importorskip("tree_sitter_hcl", reason="tree-sitter-hcl is not installed; it is in the extra called terraform")

SENSITIVE, PUBLIC, CHAIN = "sensitive-actions-require-mfa", "inside-boundary", "mfa-survives-chaining"

GIVEN = """
locals {
  allow = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
  deny = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Deny", Action = "*", Resource = "*"
    Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }
  }] })
  public = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "arn:aws:s3:::b/*"
  }] })
}
variable "n" { type = number }
variable "names" { type = set(string) }
variable "on" { type = bool }
data "aws_vpcs" "all" {}
"""

USER = """
resource "aws_iam_user" "u" { name = "u" }
resource "aws_iam_user_policy" "allow" {
  name = "allow"
  user = aws_iam_user.u.name
  policy = local.allow
}
"""


@pytest.fixture
def check(tmp_path: Path) -> Callable[..., Report]:
    """Checks a configuration, and the modules that are beside it."""

    def _check(text: str, modules: dict[str, str] | None = None) -> Report:
        for name, content in {"main.tf": GIVEN + text, **(modules or {})}.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(content)
        return trustproof.check([tmp_path], config={}, account=OWN)

    return _check


def verdicts(report: Report, property_: str, *resources: str) -> set[str]:
    assert report.errors == ()
    found = [one for one in report.results if one.property == property_]
    return {one.verdict for one in found if not resources or one.logical_id in resources}


def deny(how_many: str) -> str:
    lines = f'  {how_many}\n  name = "deny"\n  user = aws_iam_user.u.name\n  policy = local.deny\n'
    return f'resource "aws_iam_user_policy" "deny" {{\n{lines}}}\n'


#: How many there are, and what is then to be said of the Allow beside.
HOW_MANY = {
    "count = 1": "proved",
    "count = 0": "refuted",
    "count = var.n": "refuted",
    "count = var.on ? 1 : 0": "refuted",
    "count = var.on ? 1 : 2": "proved",
    "count = length(data.aws_vpcs.all.ids)": "refuted",
    "count = length(data.aws_vpcs.all.ids) > 0 ? 1 : 0": "refuted",
    "count = var.on ? 1 : length(data.aws_vpcs.all.ids)": "refuted",
    "count = var.on ? var.n : 0": "refuted",
    "for_each = var.names": "refuted",
    "for_each = toset(data.aws_vpcs.all.ids)": "refuted",
    'for_each = { for name in var.names : name => 1 if name != "x" }': "refuted",
    "for_each = var.on ? var.names : toset([])": "refuted",
    'for_each = var.on ? toset(["a"]) : toset([])': "refuted",
    'for_each = toset([data.aws_vpcs.all.id, "x"])': "proved",
    "for_each = { (data.aws_vpcs.all.id) = 1 }": "proved",
    'for_each = var.on ? toset([data.aws_vpcs.all.id]) : toset(["x"])': "proved",
}


@pytest.mark.parametrize(("how_many", "verdict"), HOW_MANY.items(), ids=list(HOW_MANY))
def test_a_deny_that_may_not_be_there_proves_nothing(check: Callable[..., Report], how_many: str, verdict: str) -> None:
    """It counts where it is there, and both are judged; what is there in any number counts."""
    report = check(USER + deny(how_many))
    assert verdicts(report, SENSITIVE, "aws_iam_user_policy.allow") == {verdict}


def test_a_variable_that_admits_no_zero_makes_one(check: Callable[..., Report]) -> None:
    """What a validation keeps out is no number of instances."""
    given = 'variable "m" {\n  type = number\n  validation {\n    condition = contains([1, 2], var.m)\n'
    report = check(USER + deny("count = var.m") + given + '    error_message = "one or two"\n  }\n}\n')
    assert verdicts(report, SENSITIVE, "aws_iam_user_policy.allow") == {"proved"}


def test_what_is_there_together_is_judged_together(check: Callable[..., Report]) -> None:
    """What goes through the same set, or through the instances of the other, is there where the other is."""
    for how_many in ("for_each = var.names", "for_each = aws_iam_user_policy.deny"):
        allow = USER.replace('  name = "allow"', f'  {how_many}\n  name = "allow"')
        report = check(allow + deny("for_each = var.names"))
        assert verdicts(report, SENSITIVE, "aws_iam_user_policy.allow[*]") == {"proved"}


def test_an_allow_that_may_not_be_there_is_refuted(check: Callable[..., Report]) -> None:
    """It is an error as it would be without a condition: nobody makes no user so that his policy is right."""
    (found,) = (
        one
        for one in check(USER.replace('  name = "allow"', "  count = length(data.aws_vpcs.all.ids)")).results
        if one.property == SENSITIVE and one.verdict != "proved"
    )
    assert (found.verdict, found.severity, found.logical_id) == ("refuted", "error", "aws_iam_user_policy.allow[*]")
    assert found.counterexample is not None
    assert found.counterexample.parameters == {"length(data.aws_vpcs.all.ids) > 0": "true"}


def test_a_trust_in_the_world_stays_an_error(check: Callable[..., Report]) -> None:
    """How many roles there are says nothing about whom they are meant for."""
    role = (
        'resource "aws_iam_role" "r" {\n  for_each = var.names\n  name = each.key\n'
        "  assume_role_policy = jsonencode({\n"
        '    Version = "2012-10-17"\n'
        '    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = "*" }]\n  })\n}\n'
    )
    found = {one.property: one.severity for one in check(role).results if one.verdict == "refuted"}
    assert found[PUBLIC] == "error"


MANAGED = 'resource "aws_iam_policy" "deny" {\n  name = "deny"\n  policy = local.deny\n}\n'
GROUP = (
    'resource "aws_iam_group" "g" { name = "g" }\n'
    'resource "aws_iam_group_policy" "deny" {\n  name = "deny"\n  group = aws_iam_group.g.name\n'
    "  policy = local.deny\n}\n"
)
BOUNDARY = """
resource "aws_iam_policy" "limit" {
  name = "limit"
  policy = jsonencode({
    Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:List*", Resource = "*" }]
  })
}
"""
IN_SSO = """
resource "aws_ssoadmin_permission_set" "u" {
  name = "u"
  instance_arn = "arn:aws:sso:::instance/ssoins-1111111111111111"
}
resource "aws_ssoadmin_permission_set_inline_policy" "allow" {
  instance_arn = "arn:aws:sso:::instance/ssoins-1111111111111111"
  permission_set_arn = aws_ssoadmin_permission_set.u.arn
  inline_policy = local.allow
}
"""

#: What gives the user a Deny, or a boundary; with a place for how many there are.
RESTRICTING = {
    "attachment": USER + MANAGED + 'resource "aws_iam_user_policy_attachment" "d" {\n  %s\n  user = "u"\n'
    "  policy_arn = aws_iam_policy.deny.arn\n}\n",
    "managed policy": USER
    + MANAGED.replace('  name = "deny"', '  %s\n  name = "deny"')
    + 'resource "aws_iam_user_policy_attachment" "d" {\n  %s\n  user = "u"\n'
    "  policy_arn = one(aws_iam_policy.deny[*].arn)\n}\n",
    "attachment by policy": USER
    + MANAGED
    + 'resource "aws_iam_policy_attachment" "d" {\n  %s\n  name = "d"\n  users = ["u"]\n'
    "  policy_arn = aws_iam_policy.deny.arn\n}\n",
    "membership": USER
    + GROUP
    + 'resource "aws_iam_user_group_membership" "d" {\n  %s\n  user = "u"\n  groups = [aws_iam_group.g.name]\n}\n',
    "members": USER + GROUP + 'resource "aws_iam_group_membership" "d" {\n  %s\n  name = "d"\n  users = ["u"]\n'
    "  group = aws_iam_group.g.name\n}\n",
    "group policy": USER
    + GROUP.replace('  name = "deny"', '  %s\n  name = "deny"')
    + 'resource "aws_iam_user_group_membership" "d" {\n  user = "u"\n  groups = [aws_iam_group.g.name]\n}\n',
}
BOUNDED = (
    IN_SSO + BOUNDARY + 'resource "aws_ssoadmin_permissions_boundary_attachment" "d" {\n  %s\n'
    '  instance_arn = "arn:aws:sso:::instance/ssoins-1111111111111111"\n'
    "  permission_set_arn = aws_ssoadmin_permission_set.u.arn\n"
    '  permissions_boundary {\n    customer_managed_policy_reference { name = "limit" }\n  }\n}\n'
)


@pytest.mark.parametrize("restricting", RESTRICTING.values(), ids=list(RESTRICTING))
@pytest.mark.parametrize("how_many", ["count = var.n", "for_each = var.names", "count = var.on ? 1 : 0"])
def test_whatever_restricts_may_not_be_there(check: Callable[..., Report], restricting: str, how_many: str) -> None:
    """Attachments, memberships, policies of groups: none of them counts as there."""
    allowed = "aws_iam_user_policy.allow"
    found = verdicts(check(restricting.replace("%s", how_many)), SENSITIVE, allowed)
    assert len(found) == 1
    assert "proved" not in found
    assert verdicts(check(restricting.replace("%s", "")), SENSITIVE, allowed) == {"proved"}


@pytest.mark.parametrize(
    ("how_many", "verdict"),
    [("", "unknown"), ("count = var.n", "refuted"), ("for_each = var.names", "refuted"), ("count = 0", "refuted")],
)
def test_a_boundary_of_a_permission_set_may_not_be_there(
    check: Callable[..., Report], how_many: str, verdict: str
) -> None:
    """It is a policy by its name in each account, of which nobody knows what it says; without it, all is allowed."""
    report = check(BOUNDED.replace("%s", how_many))
    assert verdicts(report, "assume-role-scoped", "aws_ssoadmin_permission_set_inline_policy.allow") == {verdict}


def test_a_module_that_may_not_be_called(check: Callable[..., Report]) -> None:
    """What it makes is there or not all together, however deep it is."""
    inner = deny("").replace("aws_iam_user.u.name", "var.user").replace("local.deny", "var.policy")
    inner += 'variable "user" {}\nvariable "policy" {}\n'
    outer = 'variable "user" {}\nvariable "policy" {}\nmodule "inner" {\n  source = "../inner"\n'
    outer += "  user = var.user\n  policy = var.policy\n}\n"
    modules = {"modules/inner/main.tf": inner, "modules/outer/main.tf": outer}
    call = (
        'module "m" {{\n  source = "./modules/outer"\n  {}\n  user = aws_iam_user.u.name\n  policy = local.deny\n}}\n'
    )
    for how_many, verdict in (("", "proved"), ("count = var.n", "refuted"), ("for_each = var.names", "refuted")):
        report = check(USER + call.format(how_many), modules)
        assert verdicts(report, SENSITIVE, "aws_iam_user_policy.allow") == {verdict}


BUCKET = """
resource "aws_s3_bucket" "b" { bucket = "b" }
resource "aws_s3_bucket_policy" "b" {
  bucket = aws_s3_bucket.b.id
  policy = local.public
}
"""
OFF = """
resource "aws_s3_bucket_public_access_block" "b" {
  bucket = aws_s3_bucket.b.id
  block_public_policy = false
}
"""
OF_THE_ACCOUNT = 'resource "aws_s3_account_public_access_block" "a" {{\n  {}\n  {} = true\n}}\n'
OF_THE_BUCKET = (
    'resource "aws_s3_bucket_public_access_block" "b" {{\n  {}\n  bucket = "b"\n  block_public_policy = {}\n}}\n'
)


@pytest.mark.parametrize("setting", ["block_public_policy", "restrict_public_buckets"])
@pytest.mark.parametrize("how_many", ["count = var.n", "for_each = var.names", "count = var.on ? 1 : 0"])
def test_settings_of_an_account_that_may_not_be_there(
    check: Callable[..., Report], setting: str, how_many: str
) -> None:
    """They keep nobody out where they are not there."""
    assert verdicts(check(BUCKET + OFF + OF_THE_ACCOUNT.format("", setting)), PUBLIC) == {"proved"}
    assert verdicts(check(BUCKET + OFF + OF_THE_ACCOUNT.format(how_many, setting)), PUBLIC) == {"refuted"}


def test_settings_of_a_bucket_that_may_not_be_there(check: Callable[..., Report]) -> None:
    """What turns them off does where it is there; a bucket of somebody else has none where they are not there."""
    for how_many in ("count = var.n", "count = var.on ? 1 : 0"):
        assert verdicts(check(BUCKET + OF_THE_BUCKET.format(how_many, "true")), PUBLIC) == {"proved"}
        assert verdicts(check(BUCKET + OF_THE_BUCKET.format(how_many, "false")), PUBLIC) == {"refuted"}
        policy = BUCKET[BUCKET.index('resource "aws_s3_bucket_policy"') :]
        elsewhere = policy.replace("aws_s3_bucket.b.id", '"b"')
        # Nothing says that the block is made before the policy, and it refuses only what comes after it.
        assert verdicts(check(elsewhere + OF_THE_BUCKET.format("", "true")), PUBLIC) == {"unknown"}
        waits = elsewhere.replace('"b"\n', '"b"\n  depends_on = [aws_s3_bucket_public_access_block.b]\n')
        assert verdicts(check(waits + OF_THE_BUCKET.format("", "true")), PUBLIC) == {"proved"}
        assert verdicts(check(elsewhere + OF_THE_BUCKET.format(how_many, "true")), PUBLIC) == {"refuted"}


def test_settings_of_one_of_two_buckets(check: Callable[..., Report]) -> None:
    """A block of which a variable decides the bucket is around each of them in some cases."""
    other = 'resource "aws_s3_bucket" "other" { bucket = "other" }\n'
    off = OFF.replace("aws_s3_bucket.b.id", "var.on ? aws_s3_bucket.b.id : aws_s3_bucket.other.id")
    assert verdicts(check(BUCKET + other + off), PUBLIC) == {"refuted"}


def test_a_chain_over_a_role_whose_deny_may_not_be_there(check: Callable[..., Report]) -> None:
    """A hop that only a Deny closes is open where that is not there."""
    hop = """
    resource "aws_iam_user" "bob" { name = "bob" }
    resource "aws_iam_role" "hop" {
      name = "hop"
      assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{
        Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = aws_iam_user.bob.arn }
      }] })
    }
    resource "aws_iam_role_policy" "allow" {
      name = "allow"
      role = aws_iam_role.hop.name
      policy = local.allow
    }
    resource "aws_iam_role_policy" "deny" {
      %s
      name = "deny"
      role = aws_iam_role.hop.name
      policy = jsonencode({
        Version = "2012-10-17", Statement = [{ Effect = "Deny", Action = "sts:*", Resource = "*" }]
      })
    }
    resource "aws_iam_role" "end" {
      name = "end"
      assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [
        { Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = aws_iam_role.hop.arn } },
        { Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = aws_iam_user.bob.arn }
          Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } } },
      ] })
    }
    """
    assert verdicts(check(hop % ""), CHAIN, "aws_iam_role.end") == {"proved"}
    for how_many in ("count = var.n", "for_each = var.names"):
        assert "proved" not in verdicts(check(hop % how_many), CHAIN, "aws_iam_role.end")


ON = OFF.replace("false", "true").replace('"b"', '"on"', 1)


@pytest.mark.parametrize("blocks", [ON + OFF, OFF + ON], ids=["off last", "on last"])
def test_two_blocks_of_one_bucket(check: Callable[..., Report], blocks: str) -> None:
    """The one that was applied last is there, and which that is does not depend on where they are written."""
    assert verdicts(check(BUCKET + ON), PUBLIC) == {"proved"}
    assert verdicts(check(BUCKET + blocks), PUBLIC) == {"refuted"}


def test_two_inline_policies_of_a_permission_set(check: Callable[..., Report]) -> None:
    """A permission set has one of them."""
    deny = IN_SSO[IN_SSO.index('resource "aws_ssoadmin_permission_set_inline_policy"') :].replace('"allow"', '"deny"')
    no_roles = (
        'jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Action = "sts:*", Resource = "*" }] })'
    )
    report = check(IN_SSO + deny.replace("local.allow", no_roles))
    assert verdicts(report, "assume-role-scoped", "aws_ssoadmin_permission_set_inline_policy.allow") == {"refuted"}


USERS = """
resource "aws_iam_user" "u" {
  HOW_MANY
  name = "u-${KEY}"
}
resource "aws_iam_user_policy" "allow" {
  HOW_MANY
  name   = "allow"
  user   = NAMED
  policy = local.allow
}
"""


def users(named: str, how_many: str = "count = var.n", key: str = "count.index") -> str:
    return USERS.replace("HOW_MANY", how_many).replace("KEY", key).replace("NAMED", named)


@pytest.mark.parametrize(
    "text",
    [
        users("aws_iam_user.u[0].id"),
        users("aws_iam_user.u[count.index].id"),
        users("element(aws_iam_user.u.*.name, count.index)"),
        users("one(aws_iam_user.u[*].id)"),
        users('join("", aws_iam_user.u.*.name)'),
        users('try(aws_iam_user.u[0].id, "")'),
        users("aws_iam_user.u[each.value].id", "for_each = var.names", "each.key"),
        users("each.value.id", "for_each = aws_iam_user.v", "each.key")
        + 'resource "aws_iam_user" "v" {\n  for_each = var.names\n  name = each.key\n}\n',
    ],
)
def test_an_instance_is_judged_where_there_is_one(check: Callable[..., Report], text: str) -> None:
    """What is given to an instance of a block is refuted where there is one, and proves nothing elsewhere."""
    found = [one for one in check(text).results if one.property == SENSITIVE and one.verdict == "refuted"]
    assert [one.severity for one in found] == ["error"]


def deny_by(named: str, how_many: str) -> str:
    return f"""
resource "aws_iam_user_policy" "deny" {{
  {how_many}
  name   = "deny"
  user   = {named}
  policy = local.deny
}}
"""


@pytest.mark.parametrize(
    ("named", "how_many", "verdict"),
    [
        ("aws_iam_user.u[count.index].id", "count = var.n", "proved"),
        ("element(aws_iam_user.u.*.id, count.index)", "count = length(aws_iam_user.u)", "proved"),
        ("aws_iam_user.u[0].id", "count = var.n", "refuted"),
        ("aws_iam_user.u[count.index].id", "count = length(data.aws_vpcs.all.ids)", "unknown"),
        ("element(aws_iam_user.u.*.id, count.index + 1)", "count = var.n", "unknown"),
    ],
)
def test_a_deny_of_another_instance_stops_nobody(
    check: Callable[..., Report], named: str, how_many: str, verdict: str
) -> None:
    """A Deny is that of each instance if it is given to the one of the same key, and of no other."""
    report = check(users("aws_iam_user.u[count.index].id") + deny_by(named, how_many))
    assert verdict in verdicts(report, SENSITIVE)
    assert verdict == "refuted" or "refuted" not in verdicts(report, SENSITIVE)
    assert verdict == "proved" or verdicts(report, SENSITIVE) != {"proved"}


def test_other_keys_are_other_instances(check: Callable[..., Report]) -> None:
    """What is given to one instance is not stopped by what is given to another one."""
    report = check(users("aws_iam_user.u[0].id") + deny_by("aws_iam_user.u[1].id", "count = var.n"))
    assert "refuted" in verdicts(report, SENSITIVE)


@pytest.mark.parametrize("reference", ["aws_iam_policy.p[0].arn", 'join("", aws_iam_policy.p.*.arn)'])
def test_a_policy_that_may_be_there_is_attached(check: Callable[..., Report], reference: str) -> None:
    """A managed policy of a block of which nobody knows how many there are is judged where it is attached."""
    report = check(
        f"""
resource "aws_iam_policy" "p" {{
  count  = var.n
  policy = local.allow
}}
resource "aws_iam_user" "u" {{ name = "u" }}
resource "aws_iam_user_policy_attachment" "a" {{
  user       = aws_iam_user.u.name
  policy_arn = {reference}
}}
"""
    )
    assert "refuted" in verdicts(report, SENSITIVE)
    (refuted,) = [one for one in report.results if one.property == SENSITIVE and one.verdict == "refuted"]
    assert refuted.counterexample is not None
    assert "var.n" in dict(refuted.counterexample.parameters)


def test_an_instance_of_a_module_that_may_be_called(check: Callable[..., Report]) -> None:
    """What a module gives is that of its instance, if there is one."""
    module = 'resource "aws_iam_user" "u" {\n  name = "u"\n}\noutput "id" {\n  value = aws_iam_user.u.id\n}\n'
    text = 'module "m" {\n  source = "./m"\n  count = var.n\n}\n' + USER.replace(
        "aws_iam_user.u.name", "module.m[0].id"
    )
    assert "refuted" in verdicts(check(text, {"m/main.tf": module}), SENSITIVE)


@pytest.mark.parametrize(
    ("over", "found"),
    [
        ('toset(concat(["*"], tolist(var.names)))', {"refuted", "unknown"}),
        ('merge(var.map, { a = "*" })', {"refuted", "unknown"}),
        ('merge({ a = "*" }, var.map)', {"refuted", "unknown"}),
        ('merge({ a = "*" }, var.map, { a = "iam:Get*" })', {"proved", "unknown"}),
        # What else there is has to be there, and may be anything.
        ('merge({ a = "*" }, var.some)', {"unknown"}),
        ('toset(concat(["*"], tolist(var.names), ["denied"]))', {"proved"}),
    ],
)
def test_what_is_there_beside_others(check: Callable[..., Report], over: str, found: set[str]) -> None:
    """A policy of a known key is there in any case, and a later object may have another one at its key."""
    text = f"""
variable "map" {{ type = map(string) }}
variable "some" {{
  type = map(string)
  validation {{
    condition     = length(var.some) > 0
    error_message = "At least one."
  }}
}}
resource "aws_iam_user" "u" {{ name = "u" }}
resource "aws_iam_user_policy" "p" {{
  for_each = {over}
  user     = aws_iam_user.u.name
  policy = jsonencode({{ Version = "2012-10-17", Statement = [{{
    Effect   = each.key == "denied" ? "Deny" : "Allow"
    Action   = each.key == "denied" ? "*" : each.value
    Resource = "*"
  }}] }})
}}
"""
    assert verdicts(check(text), SENSITIVE) == found


def test_what_goes_with_each_of_several_goes_with_all(check: Callable[..., Report]) -> None:
    """Of users not all of whom are known one stands for all, and so does what each of them has."""
    text = """
resource "aws_iam_user" "u" {
  for_each = toset(concat(["alice"], tolist(var.names)))
  name     = each.key
}
resource "aws_iam_user_policy" "p" {
  for_each = toset(concat(["alice"], tolist(var.names)))
  user     = aws_iam_user.u[each.key].name
  policy   = local.allow
}
"""
    assert [one.verdict for one in check(text).results if one.property == SENSITIVE] == ["refuted"]


def test_how_many_modules_there_are_may_hang_on_where_a_provider_deploys_to(check: Callable[..., Report]) -> None:
    """No module of several has a provider of its own, so that nothing here refers to itself."""
    report = check(
        'variable "home" { default = "eu-west-1" }\n'
        'data "aws_region" "r" {}\n'
        "locals { is_home = data.aws_region.r.region == var.home }\n"
        'module "m" {\n  source = "./m"\n  count = local.is_home ? 1 : 0\n  text = local.public\n}\n',
        {
            "m/main.tf": 'variable "text" {}\n'
            'resource "aws_s3_bucket_policy" "b" {\n  bucket = "b"\n  policy = var.text\n}\n'
        },
    )
    assert verdicts(report, PUBLIC, "module.m[0].aws_s3_bucket_policy.b") == {"refuted"}


#: How a policy that is there in some cases names a role that is there in others, and what is then to be said of both.
NAMED_ROLES = {
    "aws_iam_role.r[0].name": "proved",
    '"${aws_iam_role.r[count.index].name}"': "proved",
    "var.b ? aws_iam_role.r[0].name : var.name": "refuted",
    'try(aws_iam_role.r[0].name, "r")': "refuted",
    '"r"': "refuted",
}


@pytest.mark.parametrize(("name", "expected"), NAMED_ROLES.items())
def test_a_role_that_is_referred_to_by_a_key(check: Callable[..., Report], name: str, expected: str) -> None:
    """Terraform refuses an index that no instance has, so the role is there wherever the policy is that names it so."""
    report = check(f"""
    variable "b" {{ type = bool }}
    variable "name" {{}}
    resource "aws_iam_role" "r" {{
      count = var.on ? 1 : 0
      name = "r"
      assume_role_policy = jsonencode({{ Version = "2012-10-17", Statement = [{{
        Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ Service = "ec2.amazonaws.com" }}
      }}] }})
      permissions_boundary = aws_iam_policy.none.arn
    }}
    resource "aws_iam_policy" "none" {{ policy = replace(local.deny, "BoolIfExists", "Null") }}
    resource "aws_iam_role_policy" "p" {{
      count = var.b ? 1 : 0
      role = {name}
      policy = local.allow
    }}
    """)
    assert verdicts(report, "assume-role-scoped", "aws_iam_role_policy.p[0]", "aws_iam_role.r[0]") == {expected}
