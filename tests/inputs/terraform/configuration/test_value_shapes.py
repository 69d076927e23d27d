"""
Tests of accounts and ARNs that nobody knows before a configuration is applied: what holds of all of them is known.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from trustproof.inputs.terraform.values.values import Known, Value

AROUND = """
data "aws_caller_identity" "c" {}
resource "aws_iam_role" "o" {
  name = "o"
}
resource "aws_organizations_account" "m" {
  name  = "m"
  email = "m@example.com"
}
resource "random_uuid" "u" {}
resource "random_id" "i" {
  byte_length = 4
}
variable "x" {
  type = string
}
locals {
  account = data.aws_caller_identity.c.account_id
  role    = aws_iam_role.o.arn
}
"""
ACCOUNT, ROLE, ROOT = "local.account", "local.role", '"arn:aws:iam::${local.account}:root"'
OPEN = '"e${var.x}/z"'


@pytest.mark.parametrize(
    ("value", "test", "expected"),
    [
        (ACCOUNT, "length(a) == 12", True),
        (ACCOUNT, "length(a) > 12", False),
        (ACCOUNT, r'can(regex("^\\d{12}$", a))', True),
        (ACCOUNT, r'can(regex("^[0-9]+$", a))', True),
        (ACCOUNT, r'can(regex("^\\d{11}$", a))', False),
        (ACCOUNT, r'can(regex("^1", a))', None),
        (ACCOUNT, r'length(regexall("^\\d{12}$", a)) == 1', True),
        (ACCOUNT, r'length(regexall("[a-z]", a)) == 0', True),
        (ACCOUNT, r'length(regexall("\\d{6}", a)) == 1', None),
        (ACCOUNT, "can(tonumber(a))", True),
        # As a number it loses the zeros that it begins with.
        (ACCOUNT, "length(tostring(tonumber(a))) == 12", None),
        (ACCOUNT, "tostring(tonumber(a)) == a", None),
        (ACCOUNT, "can(tostring(a))", True),
        (ACCOUNT, "can(lower(a))", True),
        (ACCOUNT, 'substr(a, 0, 0) == ""', True),
        (ACCOUNT, 'substr(a, 0, 1) == "1"', None),
        (ACCOUNT, 'strcontains(a, ":")', False),
        (ACCOUNT, 'strcontains(a, "1")', None),
        (ACCOUNT, 'startswith(a, "arn:")', False),
        (ACCOUNT, 'a == "12345678901"', False),
        (ACCOUNT, 'a == "123456789012"', None),
        (ACCOUNT, 'contains(["self", "root"], a)', False),
        ("aws_organizations_account.m.id", "length(a) == 12", True),
        (ROLE, 'startswith(a, "arn:")', True),
        (ROLE, 'startswith(a, "arn:aws:iam::")', None),
        (ROLE, 'strcontains(a, ":role/")', True),
        (ROLE, 'strcontains(a, ":user/")', None),
        (ROLE, 'endswith(a, ":root")', False),
        (ROLE, "length(a) > 20", True),
        (ROLE, "length(a) > 40", None),
        (ROLE, "length(a) == 12", False),
        (ROLE, "can(tonumber(a))", False),
        (ROLE, 'substr(a, 0, 3) == "arn"', True),
        (ROLE, r'can(regex("^arn:aws[\\w-]*:iam::\\d{12}:role/.+$", a))', True),
        (ROLE, r'can(regex("^\\d{12}$", a))', False),
        (ROLE, r'can(regex("(?i)^ARN:", a))', True),
        (ROLE, r'can(regex("^arn:[^:]+:sts:", a))', False),
        (ROLE, r'replace(a, "/^arn:[^:]+:sts:/", "") == a', None),
        (ROOT, 'endswith(a, ":root")', True),
        (ROOT, r'can(regex("^arn:aws:iam::\\d{12}:root$", a))', True),
        (ROOT, 'a == "arn:aws:iam::1:root"', False),
        # A mark that the variable begins with makes another letter of the one before it.
        (OPEN, 'strcontains(a, "e")', None),
        (OPEN, 'strcontains(a, "/")', True),
        (OPEN, 'endswith(a, "z")', True),
        (OPEN, "length(a) >= 3", None),
        ("random_uuid.u.result", "length(a) == 36", True),
        ("random_id.i.hex", 'a != ""', True),
    ],
)
def test_what_holds_of_every_value_is_known(
    worth: Callable[..., Value], value: str, test: str, expected: bool | None
) -> None:
    """Also in a loop over what is not known; what depends on the value stays open."""
    found = worth(f"[for a in [{value}] : {test}][0]", AROUND)
    assert (found.value if isinstance(found, Known) else None) is expected
