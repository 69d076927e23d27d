"""
A counterexample in lines.
"""

from __future__ import annotations

import pytest

from tests.output.builders import counterexample
from trustproof.output.counterexamples import assumption_line, request, value


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


def test_what_stays_of_two_of_one_name_is_said_in_words() -> None:
    """Which of two policies of one name stays is no parameter, and nobody can give it."""
    assert assumption_line("Size", "small") == ("parameter", "Size = small")
    assert assumption_line("B replaces A", "false") == (
        "where",
        "B and A are for the same place, and A is the one that stays",
    )
