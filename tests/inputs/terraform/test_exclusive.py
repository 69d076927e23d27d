"""
Resources that take away what they do not list: what others declare may be there beside them or not.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import trustproof
from tests.inputs.terraform.builders import OWN, Resource, allow, plan, policy, raw_state, state, trust
from trustproof.results.report import Report

pytest.importorskip("tree_sitter_hcl", reason="tree-sitter-hcl is not installed; it is in the extra called terraform")

ASKED = "sensitive-actions-require-mfa"

GIVEN = """
locals {
  allow = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
  deny = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Deny", Action = "*", Resource = "*"
    Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }
  }] })
}
variable "name" { type = string }
variable "on" { type = bool }
resource "aws_iam_user" "u" { name = "u" }
resource "aws_iam_user" "other" { name = "other" }
resource "aws_iam_group" "g" { name = "g" }
resource "aws_iam_user_policy" "allow" {
  name = "allow"
  user = aws_iam_user.u.name
  policy = local.allow
}
resource "aws_iam_policy" "deny" {
  name = "deny"
  policy = local.deny
}
"""
INLINE = 'resource "aws_iam_user_policy" "d" {\n  name = "deny"\n  user = "u"\n  policy = local.deny\n}\n'
ATTACHED = (
    'resource "aws_iam_user_policy_attachment" "d" {\n  user = aws_iam_user.u.name\n'
    "  policy_arn = aws_iam_policy.deny.arn\n}\n"
)
IN_GROUP = (
    'resource "aws_iam_user_group_membership" "d" {\n  user = "u"\n  groups = [aws_iam_group.g.name]\n}\n'
    'resource "aws_iam_group_policy" "d" {\n  name = "deny"\n  group = "g"\n  policy = local.deny\n}\n'
)


def exclusive(type_: str, *arguments: str) -> str:
    return f'resource "aws_iam_{type_}" "x" {{\n' + "".join(f"  {one}\n" for one in arguments) + "}\n"


def policies(names: str, of: str = "aws_iam_user.u.name", *more: str) -> str:
    return exclusive("user_policies_exclusive", f"user_name = {of}", f"policy_names = {names}", *more)


def attachments(arns: str, of: str = "aws_iam_user.u.name") -> str:
    return exclusive("user_policy_attachments_exclusive", f"user_name = {of}", f"policy_arns = {arns}")


def of_policy(arn: str, users: str) -> str:
    return exclusive("policy_attachment", 'name = "x"', f"policy_arn = {arn}", f"users = {users}")


def members(users: str) -> str:
    return exclusive("group_membership", 'name = "x"', 'group = "g"', f"users = {users}")


DENY = "aws_iam_policy.deny.arn"
#: What gives it to a user and to a role.
BOTH = of_policy(DENY, '["u"]\n  roles = ["r"]').replace('"x"', '"d"')
#: What gives the Deny, what may take it away, and what is then to be said of the Allow.
CASES = [
    (INLINE + policies('["allow"]'), "refuted"),
    (INLINE + policies('["allow", "deny"]'), "proved"),
    (INLINE + policies("[aws_iam_user_policy.allow.name, aws_iam_user_policy.d.name]"), "proved"),
    (INLINE + policies("[]", '"u"'), "refuted"),
    (INLINE + policies("[]", "aws_iam_user.other.name"), "proved"),
    (INLINE + policies('["allow"]', "var.name"), "refuted"),
    (INLINE + policies('["allow", var.name]'), "refuted"),
    (INLINE + policies('["allow"]', '"u"', "count = var.on ? 1 : 0"), "refuted"),
    (INLINE + policies('["allow"]', '"u"', "count = 0"), "proved"),
    # Users, groups and roles have names of their own.
    ('resource "aws_iam_group" "u" { name = "u" }\n' + INLINE + policies("[]", '"u"'), "refuted"),
    ('resource "aws_iam_user" "g" { name = "g" }\n' + IN_GROUP + members('["other"]'), "refuted"),
    (
        'resource "aws_iam_user" "g" { name = "g" }\n'
        + IN_GROUP
        + exclusive("group_policies_exclusive", 'group_name = "g"', "policy_names = []"),
        "refuted",
    ),
    # A policy of AWS that is called alike is another one, and nobody knows what it denies.
    (ATTACHED + attachments('["arn:aws:iam::aws:policy/deny"]'), "unknown"),
    (INLINE + attachments("[]"), "proved"),
    (ATTACHED + attachments("[]"), "refuted"),
    (ATTACHED + attachments(f"[{DENY}]"), "proved"),
    (ATTACHED + attachments(f'["arn:aws:iam::{OWN}:policy/deny"]'), "proved"),
    (ATTACHED + attachments("[]", "aws_iam_user.other.name"), "proved"),
    (attachments(f"[{DENY}]"), "proved"),
    (ATTACHED + policies("[]"), "proved"),
    (ATTACHED + of_policy(DENY, "[aws_iam_user.other.name]"), "refuted"),
    (ATTACHED + of_policy(DENY, '["u", "other"]'), "proved"),
    (ATTACHED + of_policy('"arn:aws:iam::aws:policy/ReadOnlyAccess"', '["other"]'), "proved"),
    (of_policy(DENY, '["u", "other"]') + attachments("[]", '"other"').replace('"x"', '"y"'), "proved"),
    (of_policy(DENY, '["u", "other"]') + attachments("[]").replace('"x"', '"y"'), "refuted"),
    (attachments(f"[{DENY}]") + of_policy(DENY, '["other"]').replace('"x"', '"y"'), "refuted"),
    # What takes it from one of them leaves it to the other.
    (BOTH + attachments("[]"), "refuted"),
    (BOTH + exclusive("role_policy_attachments_exclusive", 'role_name = "r"', "policy_arns = []"), "proved"),
    (BOTH + of_policy(DENY, '["u"]'), "proved"),
    (BOTH + of_policy(DENY, '["other"]\n  roles = ["r"]'), "refuted"),
    (IN_GROUP + members('["other"]'), "refuted"),
    (IN_GROUP + members('["other", "u"]'), "proved"),
    (IN_GROUP + exclusive("group_policies_exclusive", 'group_name = "g"', "policy_names = []"), "refuted"),
    (IN_GROUP + exclusive("group_policies_exclusive", 'group_name = "g"', 'policy_names = ["deny"]'), "proved"),
]


@pytest.fixture
def check(tmp_path: Path) -> Callable[[str], Report]:
    """Checks a configuration."""

    def _check(text: str) -> Report:
        (tmp_path / "main.tf").write_text(text)
        report = trustproof.check([tmp_path], config={}, account=OWN)
        assert report.errors == ()
        return report

    return _check


def verdicts(report: Report, property_: str, resource: str) -> set[str]:
    return {one.verdict for one in report.results if one.property == property_ and one.logical_id == resource}


@pytest.mark.parametrize(("text", "verdict"), CASES)
def test_what_is_not_listed_may_not_be_there(check: Callable[[str], Report], text: str, verdict: str) -> None:
    """It is judged both ways; what is listed is there, and what is about somebody else is no matter."""
    assert verdicts(check(GIVEN + text), ASKED, "aws_iam_user_policy.allow") == {verdict}


#: What gives the Deny, and what takes it away only where `var.on` does not hold.
CONDITIONAL = [
    INLINE + policies('var.on ? ["allow", "deny"] : ["allow"]'),
    INLINE + policies('concat(["allow"], var.on ? ["deny"] : [])'),
    INLINE + policies('["allow", var.on ? "deny" : "z"]'),
    INLINE + policies('[for one in ["allow", "deny"] : one if one == "allow" || var.on]'),
    ATTACHED + attachments(f"var.on ? [{DENY}] : []"),
    ATTACHED + of_policy(DENY, 'var.on ? ["u", "other"] : ["other"]'),
    IN_GROUP + members('compact(["other", var.on ? "u" : ""])'),
]


@pytest.mark.parametrize("text", CONDITIONAL)
def test_an_item_under_a_condition_is_listed_where_that_holds(tmp_path: Path, text: str) -> None:
    """It is refuted where any value refutes it, and names that one."""
    (tmp_path / "main.tf").write_text(GIVEN + text)
    for values, verdict in ((None, "refuted"), ({"on": "true"}, "proved"), ({"on": "false"}, "refuted")):
        report = trustproof.check([tmp_path], config={}, account=OWN, parameters=values, properties=[ASKED])
        assert verdicts(report, ASKED, "aws_iam_user_policy.allow") == {verdict}
        if values is None:
            (found,) = (one for one in report.results if one.verdict == "refuted")
            assert found.counterexample is not None
            assert found.counterexample.parameters["var.on"] == "false"


def test_whom_an_attachment_names_at_other_values_only_is_said(check: Callable[[str], Report]) -> None:
    """It is there all the same, and somebody else has the policy: silence would be a proof to whoever reads it."""
    default = 'variable "named" {\n  type = list(string)\n  default = []\n}\n'
    report = check(GIVEN + default + of_policy(DENY, "var.named").replace("users", 'roles = ["r"]\n  users'))
    assert any(
        "in no deployment" in note and "aws_iam_policy_attachment.x (users = [])" in note for note in report.notes
    )


def test_what_is_in_a_list_in_any_case_is_listed(check: Callable[[str], Report]) -> None:
    """It stands on both sides."""
    report = check(GIVEN + INLINE + policies('var.on ? ["allow", "deny"] : ["deny", "allow"]'))
    assert verdicts(report, ASKED, "aws_iam_user_policy.allow") == {"proved"}
    assert not any("removes it" in note for note in report.notes)


@pytest.mark.parametrize(
    ("names", "verdict"), [('["deny", "allow"]', "proved"), ('var.on ? ["deny", "allow"] : ["allow"]', "unknown")]
)
def test_an_item_under_a_condition_in_another_root(tmp_path: Path, names: str, verdict: str) -> None:
    """What decides there is no matter of the root that gives the Deny."""
    listed = 'variable "on" { type = bool }\n' + policies(names, '"u"')
    for name, text in (("a", GIVEN + INLINE), ("b", listed)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(text)
    report = trustproof.check([tmp_path], config={}, account=OWN, properties=[ASKED])
    assert verdicts(report, ASKED, "aws_iam_user_policy.allow") == {verdict}


@pytest.mark.parametrize(("users", "verdict"), [('["other"]', "refuted"), ('["other", "v"]', "proved")])
def test_a_user_of_cloud_control_in_a_group(check: Callable[[str], Report], users: str, verdict: str) -> None:
    """It names its groups itself."""
    user = """
    resource "awscc_iam_user" "v" {
      user_name = "v"
      groups = ["g"]
      policies = [{ policy_name = "allow", policy_document = local.allow }]
    }
    """
    group = IN_GROUP[IN_GROUP.index('resource "aws_iam_group_policy"') :]
    assert verdicts(check(GIVEN + user + group + members(users)), ASKED, "awscc_iam_user.v") == {verdict}


def test_what_may_be_taken_away_is_named(check: Callable[[str], Report]) -> None:
    """A note says what takes it away, and the request of a refutation that this has happened."""
    report = check(GIVEN + INLINE + policies('["allow"]'))
    (found,) = (one for one in report.results if one.property == ASKED and one.verdict == "refuted")
    assert found.counterexample is not None
    removes = "aws_iam_user_policies_exclusive.x removes aws_iam_user_policy.d"
    assert found.counterexample.parameters == {removes: "true"}
    note = (
        "aws_iam_user_policy.d: aws_iam_user_policies_exclusive.x does not list it, and removes it when it is applied"
    )
    assert note in report.notes


def test_an_allow_that_is_right_is_proved_both_ways(check: Callable[[str], Report]) -> None:
    """What is right by itself is proved, whether it is there or not."""
    condition = 'Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }'
    with_mfa = GIVEN.replace('Resource = "*" }] })\n  deny', f'Resource = "*", {condition} }}] }})\n  deny')
    assert with_mfa != GIVEN
    assert verdicts(check(with_mfa + policies("[]")), ASKED, "aws_iam_user_policy.allow") == {"proved"}


HOP = """
resource "aws_iam_user" "bob" { name = "bob" }
resource "aws_iam_role" "hop" {
  name = "hop"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = aws_iam_user.bob.arn }
  }] })
  %s
}
resource "aws_iam_role_policy" "%s" {
  name = "deny"
  role = aws_iam_role.hop.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Action = "sts:*", Resource = "*" }] })
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
MAY = (
    'policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", '
    'Resource = aws_iam_role.end.arn }] })'
)  # fmt: skip


BESIDE = f'resource "aws_iam_role_policy" "a" {{\n  name = "a"\n  role = "hop"\n  {MAY}\n}}\n'
ALONE = 'resource "aws_iam_role_policies_exclusive" "x" {\n  role_name = "hop"\n  policy_names = ["a"]\n}\n'
CONDITIONALLY = 'variable "on" { type = bool }\n' + ALONE.replace('["a"]', 'var.on ? ["a", "deny"] : ["a"]')
ANY_ROLE = MAY.replace("aws_iam_role.end.arn", '"*"')


@pytest.mark.parametrize(
    ("blocks", "more", "verdict"),
    [
        ("", BESIDE, "proved"),
        (f'inline_policy {{\n    name = "a"\n    {ANY_ROLE}\n  }}', "", "refuted"),
        ("", BESIDE + ALONE, "refuted"),
        ("inline_policy {}", BESIDE, "refuted"),
        ("", BESIDE + CONDITIONALLY, "refuted"),
    ],
)
def test_roles_that_have_their_policies_alone(
    check: Callable[[str], Report], blocks: str, more: str, verdict: str
) -> None:
    """Blocks of a role are all the inline policies that it has, and so a chain over it is open."""
    report = check(HOP % (blocks, "deny") + more)
    assert verdicts(report, "mfa-survives-chaining", "aws_iam_role.end") == {verdict}


@pytest.mark.parametrize(
    ("arns", "verdict"),
    [
        ("managed_policy_arns = []", "refuted"),
        ("managed_policy_arns = [aws_iam_policy.no.arn]", "proved"),
        ("managed_policy_arns = var.on ? [aws_iam_policy.no.arn] : []", "refuted"),
        # Without a value, the role says nothing of what others attach.
        ("managed_policy_arns = var.on ? [aws_iam_policy.no.arn] : null", "proved"),
        ("", "proved"),
    ],
)
def test_roles_that_have_their_managed_policies_alone(check: Callable[[str], Report], arns: str, verdict: str) -> None:
    """What a role lists are all the managed policies that it has."""
    denied = (
        'variable "on" { type = bool }\n'
        'resource "aws_iam_policy" "no" {\n  name = "no"\n  policy = jsonencode({ Version = "2012-10-17", '
        'Statement = [{ Effect = "Deny", Action = "sts:*", Resource = "*" }] })\n}\n'
        'resource "aws_iam_role_policy_attachment" "no" {\n  role = "hop"\n  policy_arn = aws_iam_policy.no.arn\n}\n'
        f'resource "aws_iam_role_policy" "a" {{\n  name = "a"\n  role = "hop"\n  {MAY}\n}}\n'
    )
    start, _, rest = (HOP % (arns, "deny")).partition('resource "aws_iam_role_policy" "deny"')
    report = check(start + rest[rest.index("resource") :] + denied)
    assert verdicts(report, "mfa-survives-chaining", "aws_iam_role.end") == {verdict}


def test_what_a_plan_only_shows_is_no_claim(tmp_path: Path) -> None:
    """A role shows the inline policies that other resources have given to it, which takes nothing away."""
    deny = policy({"Effect": "Deny", "Action": "sts:*", "Resource": "*"})
    role = Resource("aws_iam_role.a", {"name": "a", "assume_role_policy": trust()})
    role.computed["inline_policy"] = [{"name": "p", "policy": policy(allow("sts:AssumeRole"))}]
    other = Resource("aws_iam_role_policy.q", {"name": "q", "role": "a", "policy": deny})
    (tmp_path / "plan.json").write_text(json.dumps(plan(role, other)))
    report = trustproof.check([tmp_path / "plan.json"], config={}, account=OWN)
    assert not any("removes it" in note for note in report.notes)


@pytest.mark.parametrize("write", [state, raw_state])
def test_what_a_state_shows_twice_is_one_policy(tmp_path: Path, write: Callable[..., object]) -> None:
    """An inline policy is that of its own resource, and replaces nothing where the role shows it too."""
    document = policy(allow("sts:AssumeRole"))
    role = Resource("aws_iam_role.a", {"name": "a", "assume_role_policy": trust()})
    role.computed["inline_policy"] = [{"name": "p", "policy": document}]
    own = Resource("aws_iam_role_policy.p", {"name": "p", "role": "a", "policy": document})
    (tmp_path / "terraform.tfstate").write_text(json.dumps(write(role, own)))
    report = trustproof.check([tmp_path / "terraform.tfstate"], config={}, account=OWN)
    found = [one for one in report.results if one.property == "assume-role-scoped"]
    assert [(one.logical_id, one.verdict) for one in found] == [("aws_iam_role_policy.p", "refuted")]
    (only,) = found
    assert only.counterexample is None or not only.counterexample.parameters
