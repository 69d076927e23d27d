"""
`trustproof.aws.lambda_functions`: the names of functions.
"""

from __future__ import annotations

import pytest

from trustproof.aws.lambda_functions import FunctionName, name_and_qualifier, parse_function_name

ACCOUNT, REGION = "111122223333", "eu-west-1"
CHINA = "aws-cn"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f", FunctionName("f")),
        ("f:live", FunctionName("f", "live")),
        ("f:$LATEST", FunctionName("f", "$LATEST")),
        ("f.g-1:2", FunctionName("f.g-1", "2")),
        (f"{ACCOUNT}:function:f", FunctionName("f", account=ACCOUNT)),
        (f"{ACCOUNT}:f", FunctionName("f", account=ACCOUNT)),
        (f"{ACCOUNT}:function:f:live", FunctionName("f", "live", account=ACCOUNT)),
        (f"{REGION}:{ACCOUNT}:function:f", FunctionName("f", "", REGION, ACCOUNT)),
        ("function:f", FunctionName("f")),
        (f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f", FunctionName("f", "", REGION, ACCOUNT, "aws")),
        (
            f"arn:aws-cn:lambda:cn-north-1:{ACCOUNT}:function:f:v",
            FunctionName("f", "v", "cn-north-1", ACCOUNT, "aws-cn"),
        ),
        # What is not known has a character of its own, and is an account where a name follows.
        ("\x01:function:f", FunctionName("f", account="\x01")),
        ("\x02:\x01:function:f", FunctionName("f", "", "\x02", "\x01")),
        ("\x01:live", FunctionName("\x01", "live")),
        ("a-\x01:live", FunctionName("a-\x01", "live")),
        ("", None),
        ("a b", None),
        ("a:b:c:d", None),
        ("f:", None),
        (f"arn:aws:s3:::{ACCOUNT}", None),
    ],
)
def test_a_function_is_named_in_several_ways(text: str, expected: FunctionName | None) -> None:
    """A name, a part of an ARN and an ARN, with or without an alias or a version; anything else is none."""
    assert parse_function_name(text) == expected


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        (f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f", ("f", "")),
        (f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f:live", ("f", "live")),
        (f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:l:3", ("l", "3")),
        (f"arn:aws:sqs:{REGION}:{ACCOUNT}:f:live", None),
        ("*", None),
    ],
)
def test_an_arn_has_a_name_and_a_qualifier(arn: str, expected: tuple[str, str] | None) -> None:
    """Of functions and layers, and of nothing else."""
    assert name_and_qualifier(arn) == expected
