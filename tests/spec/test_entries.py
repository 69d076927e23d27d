"""
`condition_met`: one entry of a condition block, where one key of the request is known.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

import trustproof

MFA, ARN, TAGS = "aws:MultiFactorAuthPresent", "aws:PrincipalArn", "aws:TagKeys"


@pytest.mark.parametrize(
    ("operator", "key", "operands", "values", "met"),
    [
        ("Bool", MFA, ["true"], ["true"], True),
        ("bool", MFA.lower(), ["true"], ["false"], False),
        ("Bool", MFA, ["true"], None, False),
        ("BoolIfExists", MFA, ["false"], None, True),
        ("Null", MFA, ["true"], None, True),
        ("Null", MFA, ["${x}"], None, None),
        ("StringNotEquals", ARN, ["a"], None, True),
        ("StringLike", ARN, ["*/admin", "${aws:username}"], ["x/admin"], True),
        ("StringLike", ARN, ["*/admin", "${aws:username}"], ["x/other"], None),
        ("StringNotLike", ARN, ["*/admin", "${aws:username}"], ["x/admin"], False),
        ("StringNotLike", ARN, ["*/admin", "${aws:username}"], ["x/other"], None),
        ("StringLike", ARN, ["${aws:username}"], ["x"], None),
        # Whatever the variable is, an absent key is absent.
        ("StringLike", ARN, ["${aws:username}"], None, False),
        ("StringNotLike", ARN, ["${aws:username}"], None, True),
        ("ForAllValues:StringEquals", TAGS, ["a"], None, True),
        ("ForAllValues:StringEquals", TAGS, ["a"], ["a", "b"], False),
        ("ForAllValues:StringEquals", TAGS, ["a", "${x}"], ["a", "b"], None),
        ("ForAnyValue:StringEquals", TAGS, ["a"], ["a", "b"], True),
        ("StringEquals", TAGS, ["a"], ["a", "b"], None),
        ("NumericLessThan", "aws:MultiFactorAuthAge", ["3600"], ["60"], True),
        ("StringIs", ARN, ["a"], ["a"], None),
        ("StringEquals", ARN, [], ["a"], False),
    ],
)
def test_an_entry_is_met_where_all_it_depends_on_is_known(
    operator: str, key: str, operands: Sequence[str], values: Sequence[str] | None, met: bool | None
) -> None:
    """What is not known may be anything: it decides nothing, where the rest does."""
    assert trustproof.condition_met(operator, key, operands, values) is met
