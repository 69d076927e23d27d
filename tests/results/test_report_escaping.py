"""
What a program raises and does not catch stands in a log, and gives the runner no command.
"""

from __future__ import annotations

import pytest

import trustproof


@pytest.mark.parametrize("name", ["x\n::error::y", "x\x1b[31m", "x##vso[task.complete]", "x\u202ey"])
def test_what_is_raised_is_escaped(name: str) -> None:
    """The name of a resource says nothing in a log but what it is."""
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": [statement]}}}
    with pytest.raises(trustproof.NotProvedError) as raised:
        trustproof.check([{"Resources": {name: role}}]).raise_for_status()
    assert str(raised.value).isprintable()
    assert "##" not in str(raised.value)
