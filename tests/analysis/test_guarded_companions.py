"""
A part of a call that one statement allows, where the call itself is allowed by a condition of the template.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from trustproof import PROVED

Json = dict[str, object]

ACCOUNT = "111122223333"
NOTHING: Json = {"Ref": "AWS::NoValue"}


def allow(action: object, account: str = ACCOUNT, **conditions: object) -> Json:
    """A statement of a trust policy."""
    condition = {"Condition": {"StringEquals": conditions}} if conditions else {}
    return {"Effect": "Allow", "Principal": {"AWS": account}, "Action": action, **condition}


@pytest.mark.parametrize(
    ("call", "part"),
    [
        ({"Fn::If": ["C", allow("sts:AssumeRole"), NOTHING]}, allow("sts:TagSession")),
        ({"Fn::If": ["C", NOTHING, allow("sts:AssumeRole")]}, allow("sts:TagSession")),
        (
            {"Fn::If": ["C", allow("sts:AssumeRole"), allow("sts:AssumeRole", "222233334444")]},
            allow("sts:TagSession"),
        ),
        ({"Fn::If": ["C", allow("sts:AssumeRole"), NOTHING]}, allow("sts:SetSourceIdentity")),
        (
            {"Fn::If": ["C", allow("sts:AssumeRole", **{"aws:RequestTag/team": "x"}), NOTHING]},
            allow("sts:TagSession"),
        ),
        (
            {"Fn::If": ["C", allow("sts:AssumeRole"), NOTHING]},
            {"Fn::If": ["C", allow("sts:TagSession", **{"aws:RequestTag/team": "x"}), NOTHING]},
        ),
    ],
)
@pytest.mark.parametrize("default", [{}, {"Default": "on"}, {"Default": "off"}])
def test_a_part_of_a_call_can_be_used_where_the_call_can(tmp_path: Path, call: Json, part: Json, default: Json) -> None:
    """Whoever passes tags in the deployment with the call uses the statement."""
    document = {"Version": "2012-10-17", "Statement": [call, part]}
    template = {
        "Parameters": {"P": {"Type": "String", **default}},
        "Conditions": {"C": {"Fn::Equals": [{"Ref": "P"}, "on"]}},
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}},
    }
    file = tmp_path / "template.json"
    file.write_text(json.dumps(template))
    report = trustproof.check([str(file)], account=ACCOUNT, properties=["statement-usable"])
    assert [result.verdict for result in report.results] == [PROVED]
