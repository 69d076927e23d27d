"""
What a policy is at each assignment of the parameters is read once for a question, however much there is to say of it.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from trustproof.inputs.cloudformation.template import Template

VALUES = ("none", "read", "write", "both")


def policy(statements: int) -> dict[str, object]:
    """A bucket that is open to so many requests at one of the values of a parameter, with a test of the network."""
    opened = [
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"{number:012d}"},
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::b/{number}",
            "Condition": {"Bool": {"aws:SecureTransport": {"Ref": "P"}}},
        }
        for number in range(1, statements + 1)
    ]
    switched = [{"Fn::If": ["Is", one, {"Ref": "AWS::NoValue"}]} for one in opened]
    properties = {"Bucket": "b", "PolicyDocument": {"Version": "2012-10-17", "Statement": switched}}
    return {
        "Parameters": {
            "P": {"Type": "String", "AllowedValues": ["true", "false"]},
            "Q": {"Type": "String", "AllowedValues": [*VALUES]},
        },
        "Conditions": {"Is": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Q"}, "none"]}]}},
        "Resources": {"B": {"Type": "AWS::S3::BucketPolicy", "Properties": properties}},
    }


def readings(folder: Path, patch: pytest.MonkeyPatch, statements: int) -> int:
    """How often the policy is read at some assignment."""
    file = folder / f"{statements}.json"
    file.write_text(json.dumps(policy(statements)), encoding="utf-8")
    count = 0
    read = Template.documents_at

    def documents_at(template: Template, logical_id: str, path: tuple[str | int, ...]) -> object:
        nonlocal count
        count += 1
        return read(template, logical_id, path)

    with patch.context() as patched:
        patched.setattr(Template, "documents_at", documents_at)
        report = trustproof.check([file], config={}, account="111122223333", properties=["inside-boundary"])
    assert sum(one.verdict != "proved" for one in report.results) >= statements
    return count


def test_what_is_found_reads_nothing_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few, many = (readings(tmp_path, monkeypatch, statements) for statements in (1, 12))
    assert few == many > 0
