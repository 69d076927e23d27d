"""
Texts of Terraform with the expressions in them.
"""

from __future__ import annotations

import pytest

from trustproof.inputs.terraform.values.interpolations import read_quoted_text, read_template_text, reference_in
from trustproof.model.text import Symbol, concat


def names(*parts: str) -> object:
    """A text, of which every second part is an expression."""
    return concat(Symbol(part, "intrinsic") if number % 2 else part for number, part in enumerate(parts))


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ('"plain"', ("plain",)),
        ('"a${var.b}c"', ("a", "var.b", "c")),
        ('"a${ var.b }"', ("a", "var.b")),
        ('"$${aws:username}/$5"', ("${aws:username}/$5",)),
        ('"a${lower("x}")}b"', ("a", 'lower("x}")', "b")),
        ('"a${join("-", [for k in var.l : k])}"', ("a", 'join("-", [for k in var.l : k])')),
        ('"a${{ x = 1 }.x}"', ("a", "{ x = 1 }.x")),
        (r'"say \"${var.b}\""', ('say "', "var.b", '"')),
    ],
)
def test_expressions_are_called_as_they_are_written(written: str, parts: tuple[str, ...]) -> None:
    """What stands between is the text that it is, without escapes."""
    assert read_quoted_text(written) == names(*parts)


@pytest.mark.parametrize(
    "written",
    ['"%{ if var.a }b%{ endif }"', '"a${var.b"', '"${~ var.b ~}"', "plain", '"', '"\\q${var.b}"', '"${"${var.a}"}"'],
)
def test_what_cannot_be_taken_apart_is_no_text(written: str) -> None:
    """Directives, and what does not close, are left alone."""
    assert read_quoted_text(written) is None


@pytest.mark.parametrize(
    ("written", "is_one"),
    [
        ("var.org", True),
        ("each.value", True),
        ('aws_sns_topic.t["a"].arn', True),
        ("aws_sns_topic.t[each.key].arn", True),
        ("lower(var.org)", False),
        ('"var.org"', False),
        ("null", False),
        ("var.a + 1", False),
    ],
)
def test_a_reference_is_a_name_with_attributes(written: str, is_one: bool) -> None:
    """A call of a function is none, and neither is a text."""
    assert (reference_in(written) is not None) is is_one


def test_a_text_of_a_file_has_no_quotes() -> None:
    """In a heredoc nothing is escaped but the mark of an expression."""
    assert read_template_text("repo:${var.org}/$${x}") == names("repo:", "var.org", "/${x}")
