"""
Texts that have a wildcard when somebody has read them.
"""

from __future__ import annotations

import base64
import json

import pytest

from trustproof.model.wildcards import may_stand_for_wildcard


def coded(text: str) -> str:
    """A text in base64."""
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "text",
    [
        "*",
        "ab?",
        r'{"a":"\u002a"}',
        json.dumps({"a": r'{"b":"\u003F"}'}),
        r"\\\u0075002a",
        r"a: \x2a",
        r"a: \U0000002a",
        coded("*"),
        f"  {coded('*')}\n",
        f"x,{coded('*')},y",
        f"a: {coded('repo:*')}",
        json.dumps({"a": coded("*")}),
        json.dumps({"a": json.dumps({"a": coded("*")})}),
        repr({"a": coded("ab*")}),
        coded(coded("*")),
        coded(r'{"a":"\u002a"}'),
        f"{coded('a' * 57)}\n{coded('b*')}",
        repr(f"{coded('a' * 57)}\r\n{coded('b*')}"),
    ],
)
def test_a_wildcard_in_an_encoding(text: str) -> None:
    """It is one, however often it is encoded."""
    assert may_stand_for_wildcard(text)


@pytest.mark.parametrize(
    "text",
    [
        "repo:acme/app:ref:refs/heads/main",
        "data.aws_secretsmanager_secret_version.read.secret_string",
        "{'Type': 'AWS::SNS::Topic', 'InstanceType': 'm5.large', 'KmsKeyId': 'alias/x'}",
        r"caf\u00e9 \ud83d\ude00 \U00110000",
        "Fields((Entry(key=Known('Type'), value=Known('AWS::SNS::Topic')),))",
        coded("abc"),
        json.dumps({"a": coded("abc")}),
        "name = 'main'",
        "",
    ],
)
def test_a_text_without_wildcards(text: str) -> None:
    """Names and words are no codes of something else."""
    assert not may_stand_for_wildcard(text)


@pytest.mark.parametrize("text", ["a" * 90_000, "\\" * 90_000, "A\\n" * 30_000, "A" + "\n" * 90_000, "'A" * 50_000])
def test_long_texts(text: str) -> None:
    """They are looked through once."""
    assert not may_stand_for_wildcard(text)
