"""
The words of a report.
"""

from __future__ import annotations

import json

import pytest

from tests.output.builders import counterexample
from trustproof.output.words import count, names, pointer, printable, request, to_json, value


@pytest.mark.parametrize(("number", "words"), [(0, "0 policies"), (1, "1 policy"), (2, "2 policies")])
def test_counts_agree_with_their_nouns(number: int, words: str) -> None:
    """One is singular, everything else is plural."""
    assert count(number, "policy", "policies") == words


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("a", "a"),
        ("ab", "a and b"),
        ("abc", "a, b and c"),
        ("abcd", "a, b, c and 1 more"),
        ("abcdefg", "a, b, c and 4 more"),
    ],
)
def test_long_lists_of_names_are_cut(given: str, words: str) -> None:
    """Three names are shown, the rest is counted."""
    assert names(list(given)) == words


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (None, "is absent"),
        ("false", 'is "false"'),
        ("", 'is ""'),
        ('a"\\', r'is "a\"\\"'),
        (("a", "b"), 'is ["a", "b"]'),
        ((), "is []"),
    ],
)
def test_values_are_quoted_and_absence_is_not_a_value(found: str | tuple[str, ...] | None, words: str) -> None:
    """An absent key, an empty string and an empty list are three different things."""
    assert value(found) == words


def test_the_resource_is_shown_unless_it_is_the_role_that_is_assumed() -> None:
    """AssumeRole's resource has been named by the finding."""
    assert request(counterexample(action="sts:AssumeRoleWithSAML")) == [
        "arn:aws:iam::222222222222:user/alice calls sts:AssumeRoleWithSAML (IAM user, long-term access key, no MFA)",
        "aws:MultiFactorAuthPresent is absent",
    ]
    assert request(counterexample(action="s3:GetObject", resource="*", context={})) == [
        "arn:aws:iam::222222222222:user/alice calls s3:GetObject (IAM user, long-term access key, no MFA)"
    ]


def test_a_pointer_can_be_taken_apart_again() -> None:
    """Slashes and tildes in keys are escaped as in a JSON pointer."""
    assert pointer(("Resources", "A", 0, "aws:PrincipalTag/team~1")) == "Resources/A/0/aws:PrincipalTag~1team~01"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ünïcödé 名", "plain ünïcödé 名"),
        ("\x1b[31m", "\\x1b[31m"),
        ("a\nb\tc", "a\\nb\\tc"),
        ("\u202eevil", "\\u202eevil"),
        ("\udcff", "\\udcff"),
        ("\U000e0001", "\\U000e0001"),
        ("\x7f\x9b\u2066", "\\x7f\\x9b\\u2066"),
        ("##[error]x ##vso[task.complete]", "#\\x23[error]x #\\x23vso[task.complete]"),
        ("###[group]", "##\\x23[group]"),
        ("# ## [a] b::c", "# ## [a] b::c"),
        ("::error::x", "\\x3a:error::x"),
        ("  ::set-output name=a::b", "  \\x3a:set-output name=a::b"),
    ],
)
def test_only_what_is_visible_is_printed_as_it_is(text: str, shown: str) -> None:
    """Control, format and surrogate characters are shown as escapes."""
    assert printable(text) == shown


def test_long_text_is_shown_by_its_ends() -> None:
    """A value of a megabyte takes no more than some lines of a report."""
    shown = printable("a" * 1_000_000 + "b")
    assert len(shown) < 4_100
    assert shown.startswith("aaa")
    assert shown.endswith("aab")
    assert "996201 more characters" in shown


def test_json_says_the_same_and_is_safe_to_print() -> None:
    """Controls, what turns the reading direction, and commands of a runner are escaped as JSON escapes them."""
    said = {"a": "\x7f\x9b\u202e\u2066##[error]##vso[x]\x1b", "##[b]": ["::error::", "名"]}
    text = to_json(said)
    assert json.loads(text) == said
    assert text.isascii() is False
    assert all(c.isprintable() or c == "\n" for c in text)
    assert "##[" not in text
    assert "##vso[" not in text
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())
