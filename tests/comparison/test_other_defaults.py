"""
What variables of Terraform decide by their defaults, compared at other values as well.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import trustproof
from trustproof.results.difference import Difference

OWNER = "111122223333"
ROLE = """
resource "aws_iam_role" "r" {
  name               = NAME
  COUNT
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = TRUSTED } }]
  })
}
"""
CI = f'"arn:aws:iam::{OWNER}:role/ci"'
POLICY = """
resource "aws_iam_role_policy" "p" {
  COUNT
  role   = "r"
  policy = data.aws_iam_policy_document.d.json
}
data "aws_iam_policy_document" "d" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["*"]
  }
  MORE
}
"""
DECRYPT = """dynamic "statement" {
    for_each = WHETHER ? { create = true } : {}
    content {
      actions   = ["kms:Decrypt"]
      resources = ["*"]
    }
  }"""


def role(name: str = '"r"', trusted: str = CI, count: str = "") -> str:
    """A configuration with a role."""
    return ROLE.replace("NAME", name).replace("TRUSTED", trusted).replace("COUNT", count)


def policy(more: str = "", count: str = "") -> str:
    """A role with a policy."""
    return role() + POLICY.replace("MORE", more).replace("COUNT", count)


def variable(name: str, default: str) -> str:
    """The declaration of a variable."""
    return f'variable "{name}" {{\n  default = {default}\n}}\n'


@pytest.fixture
def between(tmp_path: Path) -> object:
    """Compares two configurations."""

    def compared(old: str, new: str) -> Difference:
        for side, text in (("old", old), ("new", new)):
            (tmp_path / side).mkdir()
            (tmp_path / side / "main.tf").write_text(text)
        return trustproof.diff(str(tmp_path / "old"), str(tmp_path / "new"), account=OWNER)

    return compared


KEY, ON = variable("key", '""'), variable("on", "false")
ARNS = variable("arns", "[]")
WHOEVER = '"*" }, Condition = { StringEquals = { "aws:PrincipalArn" = var.arns }'
BESIDE = """, Principal = { AWS = var.arns } }, {
    Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "WHO" }"""


def beside(who: str) -> str:
    """A role that AWS refuses at the default of a list, with a statement beside that of the list."""
    return ARNS + role().replace(f", Principal = {{ AWS = {CI} }}", BESIDE.replace("WHO", who))


@pytest.mark.parametrize(
    ("old", "new", "gained", "lost"),
    [
        (KEY + policy(), KEY + policy(DECRYPT.replace("WHETHER", 'var.key != ""')), ["kms:Decrypt"], []),
        # The variable may come with what it decides.
        (policy(), KEY + policy(DECRYPT.replace("WHETHER", 'var.key != ""')), ["kms:Decrypt"], []),
        (ON + role(), ON + policy(count="count = var.on ? 1 : 0"), ["s3:GetObject"], []),
        (
            ON + role(count="count = var.on ? 1 : 0"),
            ON + role(count="count = var.on ? 1 : 0", trusted='"999988887777"'),
            ["sts:AssumeRole"],
            ["sts:AssumeRole"],
        ),
        # A list with somebody in it makes what is there.
        (
            ARNS + role(count="count = length(var.arns) > 0 ? 1 : 0"),
            ARNS + role(count="count = length(var.arns) > 0 ? 1 : 0", trusted="var.arns"),
            ["sts:AssumeRole"],
            ["sts:AssumeRole"],
        ),
        # It is said of the default once, and of other values not again.
        (ON + role(), ON + policy(DECRYPT.replace("WHETHER", "!var.on")), ["s3:GetObject", "kms:Decrypt"], []),
        # AWS refuses all of a policy with an empty list, so nobody deploys it with that.
        (beside(f"{OWNER}"), beside("999988887777"), ["sts:AssumeRole"], ["sts:AssumeRole"]),
        (ARNS + role(), ARNS + policy().replace('["*"]', "var.arns"), ["s3:GetObject"], []),
        (
            ARNS + policy().replace('["*"]', "var.arns"),
            ARNS + policy().replace('["*"]', "var.arns").replace("s3:GetObject", "s3:PutObject"),
            ["s3:PutObject"],
            ["s3:GetObject"],
        ),
        # Nobody meets a condition without values, and somebody does as soon as there is one.
        (ARNS + role(), ARNS + role(trusted=WHOEVER), ["sts:AssumeRole"], ["sts:AssumeRole"]),
        (ARNS + role(trusted=WHOEVER), ARNS + policy().replace(CI, WHOEVER), ["s3:GetObject"], []),
        # What adds nobody by default may add somebody, and what ends a name does not.
        (role(), ARNS + role(trusted=f"concat([{CI}], var.arns)"), ["sts:AssumeRole"], []),
        (ARNS + role(trusted=f"concat([{CI}], var.arns)"), role(), [], ["sts:AssumeRole"]),
        (ARNS + role(trusted=f"concat([{CI}], var.arns)"), ARNS + role(trusted=f"concat(var.arns, [{CI}])"), [], []),
        (role(), KEY + role(trusted=f"compact([{CI}, var.key])"), ["sts:AssumeRole"], []),
        (
            policy().replace('"*"', '"arn:aws:s3:::b/*"'),
            KEY + policy().replace('"*"', '"arn:aws:s3:::b${var.key}/*"'),
            [],
            [],
        ),
        # A name in place of what it stands for is no change, and whether a new variable may leave something out.
        (role(), variable("name", '"r"') + variable("who", CI) + role("var.name", "var.who"), [], []),
        (role(), variable("create", "true") + role(count="count = var.create ? 1 : 0"), [], []),
    ],
)
def test_what_a_default_decides_is_compared_at_other_values(
    between: object, old: str, new: str, gained: list[str], lost: list[str]
) -> None:
    """Whoever sets the variable has what is there then, as whoever gives a template's parameter another value has."""
    assert callable(between)
    found = between(old, new)
    assert [[one.counterexample.action for one in there] for there in (found.gained, found.lost)] == [gained, lost]
    assert not found.undecided


BUCKET = """
resource "aws_iam_role_policy" "LABEL" {
  name   = "p"
  role   = aws_iam_role.r.name
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = RESOURCE }] })
}
"""
CHOICE = 'var.on == null ? "arn:aws:s3:::none/*" : "arn:aws:s3:::${var.on}/*"'


def reading(resource: str, label: str = "p") -> str:
    """A policy of a role, of one name whatever its label."""
    return BUCKET.replace("LABEL", label).replace("RESOURCE", resource)


@pytest.mark.parametrize(
    ("new", "notes"),
    [
        # A default may stand for nothing.
        (reading(CHOICE), ("at var.on = example it is s3:GetObject on arn:aws:s3:::example/app",)),
        (reading('"arn:aws:s3:::none/*"'), ()),
        # Either stays, and both give the same.
        (
            reading('"arn:aws:s3:::x/*"') + reading('"arn:aws:s3:::x/*"', "q"),
            ("so it is where aws_iam_role_policy.q is the one that stays",),
        ),
    ],
)
def test_what_is_given_in_several_cases_is_one_gain_with_a_note(
    between: object, new: str, notes: tuple[str, ...]
) -> None:
    """Nobody reads the same twice, and what only other values show is not left unsaid."""
    assert callable(between)
    declared = variable("on", "null") + role()
    assert [one.notes for one in between(declared, declared + new).gained] == [notes]


def test_each_of_several_policies_for_one_place_is_named_where_they_give_something_else(between: object) -> None:
    """Only one of them stays."""
    assert callable(between)
    found = between(role(), role() + reading('"arn:aws:s3:::x/*"') + reading('"arn:aws:s3:::y/*"', "q"))
    assert {one.counterexample.resource for one in found.gained} == {"arn:aws:s3:::x/app", "arn:aws:s3:::y/app"}


ELSEWHERE_TOO = """
resource "aws_sqs_queue" "q" {
  provider = aws.elsewhere
  name     = "q"
}
resource "aws_iam_user_policy" "p" {
  provider = aws.elsewhere
  user     = "u"
  policy = jsonencode({ Statement = [{
    Effect = "Allow", Action = "sqs:SendMessage", Resource = aws_sqs_queue.q.arn
  }] })
}
"""
RECEIVING = """
resource "aws_sqs_queue_policy" "p" {
  provider  = aws.elsewhere
  count     = var.on ? 1 : 0
  queue_url = aws_sqs_queue.q.url
  policy = jsonencode({ Statement = [{
    Effect = "Allow", Action = "sqs:ReceiveMessage", Resource = "*", Principal = { AWS = "999988887777" }
  }] })
}
"""


def test_what_is_in_an_account_is_compared_with_what_was_in_it(between: object) -> None:
    """A variable is of the default provider: the new side has a template for one account more, which comes first."""
    assert callable(between)
    found = between(ELSEWHERE_TOO, ON + ELSEWHERE_TOO + RECEIVING)
    assert [one.counterexample.action for one in found.gained] == ["sqs:ReceiveMessage"]
    assert not found.lost
    assert not found.undecided


ACTIONS = """
resource "aws_iam_role_policy" "p" {
  role   = "r"
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = ACTIONS, Resource = "*" }] })
}
"""
ELSEWHERE = """
module "m" {
  source  = "git::https://example.com/m.git"
  name    = NAME
  actions = ACTIONS
}
"""
CALLED = '\nmodule "m" {\n'
COUNTED = CALLED + "  count   = var.on ? 1 : 0\n"
ANY, TRIED = variable("on", "{}"), 'try(var.on.admin, false) ? ["iam:*"] : ["s3:GetObject"]'
CHOSEN = 'var.on ? ["iam:*"] : ["s3:GetObject"]'
S3 = '["s3:GetObject"]'


def passing(actions: str, name: str = '"n"') -> str:
    """A module that is not at hand, and what it is given."""
    return ELSEWHERE.replace("NAME", name).replace("ACTIONS", actions)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (ANY + ACTIONS.replace("ACTIONS", S3), ANY + ACTIONS.replace("ACTIONS", TRIED), "is not known before"),
        (
            ANY + ACTIONS.replace("ACTIONS", TRIED.replace("iam", "s3")),
            ANY + ACTIONS.replace("ACTIONS", TRIED),
            "is not known before",
        ),
        (ON + passing(S3), ON + passing(CHOSEN), "is not written alike"),
        (ON + passing(CHOSEN.replace("iam", "s3")), ON + passing(CHOSEN), "is not written alike"),
        (ON + passing(S3), ON + passing(TRIED), "is not written alike"),
        # What is called at no default.
        (ON, ON + COUNTED + passing(S3)[len(CALLED) :], "not at hand"),
        (
            ON + COUNTED + passing(S3)[len(CALLED) :],
            ON + COUNTED + passing('["iam:*"]')[len(CALLED) :],
            "not written alike",
        ),
        # What changes is not what the variable decides: a name in place of what it stands for.
        (ON + passing(CHOSEN), ON + variable("name", '"n"') + passing(CHOSEN, "var.name"), ""),
        (ON + passing(S3), ON + variable("name", '"n"') + passing(S3, "var.name"), ""),
    ],
)
def test_what_nobody_can_tell_of_another_value_is_unknown(between: object, old: str, new: str, reason: str) -> None:
    """By its default alone nothing changed, and who sets the variable has something else."""
    assert callable(between)
    found = between(old, new)
    assert not found.access
    assert [reason in one.reasons[0] for one in found.undecided] == [True] * bool(reason)


@pytest.mark.parametrize("sides", [("true", "false"), ("false", "true")])
def test_whether_a_variable_may_be_null_is_compared(between: object, sides: tuple[str, str]) -> None:
    """In place of null, one that may not be has its default."""
    assert callable(between)
    declared = 'variable "on" {\n  default = "no"\n  nullable = NULLABLE\n}\n'
    text = declared + ACTIONS.replace("ACTIONS", 'var.on == null ? ["iam:*"] : ["s3:GetObject"]')
    found = between(*(text.replace("NULLABLE", one) for one in sides))
    there = found.lost if sides[0] == "true" else found.gained
    assert [one.counterexample.action.partition(":")[0] for one in there] == ["iam"]


REQUIRED = 'variable "who" {}\n'
GIVEN = variable("who", '"arn:aws:iam::999988887777:root"')


@pytest.mark.parametrize(
    ("old", "new", "gained", "lost", "is_unknown"),
    [
        (REQUIRED + role(trusted="var.who"), GIVEN + role(trusted="var.who"), 1, 0, True),
        (GIVEN + role(trusted="var.who"), REQUIRED + role(trusted="var.who"), 0, 0, True),
        (REQUIRED + role(trusted=f"[var.who, {CI}]"), GIVEN + role(trusted=CI), 0, 1, False),
        (GIVEN + role(trusted=CI), REQUIRED + role(trusted=f"[var.who, {CI}]"), 1, 0, False),
        (GIVEN + role(trusted="var.who"), REQUIRED + role(trusted='[var.who, "*"]'), 1, 0, False),
    ],
    ids=["given", "gone", "taken", "read", "widened"],
)
def test_a_default_that_one_side_alone_has(
    between: object, old: str, new: str, gained: int, lost: int, is_unknown: bool
) -> None:
    """Whoever gives a value on both sides has what was there; what the policies say otherwise is a change."""
    found = between(old, new)  # type: ignore[operator]
    assert (len(found.gained), len(found.lost), bool(found.undecided)) == (gained, lost, is_unknown)
