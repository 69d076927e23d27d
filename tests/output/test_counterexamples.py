"""
A counterexample in lines.
"""

from __future__ import annotations

import pytest

from tests.output.builders import counterexample
from trustproof.output.counterexamples import assumption_line, cases, request, value


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
        "B and A overwrite each other, and A is the one that stays",
    )


@pytest.mark.parametrize(
    ("resource_type", "said"),
    [
        ("aws_iam_role", ("account", "111122223333 stands for the one of the provider")),
        ("AWS::IAM::Role", ("parameter", "AWS::AccountId = 111122223333")),
    ],
)
def test_the_account_is_called_as_the_language_calls_it(resource_type: str, said: tuple[str, str]) -> None:
    """Terraform has no name for the account that it deploys to, and CloudFormation's says nothing there."""
    ((_, *line),) = cases({"AWS::AccountId": "111122223333"}, resource_type)
    assert tuple(line) == said


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Hub", ("parameter", "Hub = x")),
        ('Fn::Split [",", {"Ref": "H"}]', ("where", '!Split [",", !Ref H] gives x')),
        (
            'Fn::Select ["0", {"Fn::Split": [":", {"Ref": "AWS::StackId"}]}]',
            ("where", '!Select [0, !Split [":", !Ref AWS::StackId]] gives x'),
        ),
        (
            'Fn::FindInMap ["M", {"Fn::Sub": "${Stage}-x"}, "Id"]',
            ("where", '!FindInMap [M, !Sub "${Stage}-x", Id] gives x'),
        ),
        ("Fn::ImportValue hub-account", ("parameter", "Fn::ImportValue hub-account = x")),
        ("Fn::Split [", ("parameter", "Fn::Split [ = x")),
    ],
)
def test_what_a_function_gives_is_no_parameter(name: str, said: tuple[str, str]) -> None:
    """It is written as in a template, and nobody takes it for something to pass."""
    assert assumption_line(name, "x") == said
