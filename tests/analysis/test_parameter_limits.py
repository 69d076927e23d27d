"""
What a parameter may be by its declaration decides which conditions can hold.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

Json = dict[str, object]
OWN, OUTSIDE = "111122223333", "999988887777"
STRING: Json = {"Type": "String"}
NUMBER: Json = {"Type": "Number"}

#: The parameter, the text with which a condition compares it, and whether some deployment has it.
CASES: list[tuple[Json, str, bool]] = [
    (STRING, "", True),
    ({**STRING, "MinLength": 1}, "", False),
    ({**STRING, "MinLength": "1"}, "", False),
    ({**STRING, "MinLength": 1}, "x", True),
    ({**STRING, "MinLength": 1, "Default": "y"}, "", False),
    ({**STRING, "MinLength": 1, "Default": "y"}, "x", True),
    ({**STRING, "MaxLength": 3}, "dev", True),
    ({**STRING, "MaxLength": 3}, "prod", False),
    ({**STRING, "MaxLength": 0}, "x", False),
    ({**STRING, "MaxLength": 0}, "", True),
    ({**STRING, "MinLength": 12, "MaxLength": 12}, OUTSIDE, True),
    ({**STRING, "MinLength": 12, "MaxLength": 12}, "none", False),
    (NUMBER, "5", True),
    (NUMBER, "", False),
    (NUMBER, "five", False),
    ({**NUMBER, "MinValue": 1}, "0", False),
    ({**NUMBER, "MinValue": 1}, "1", True),
    ({**NUMBER, "MaxValue": 4}, "5", False),
    ({**NUMBER, "MaxValue": "4.5"}, "4.5", True),
    ({**NUMBER, "MinValue": 1, "MaxValue": 4, "Default": 2}, "5", False),
    ({**NUMBER, "MinValue": 1, "MaxValue": 4, "Default": 2}, "3", True),
    # Nothing but the default is likelier than what it is compared with.
    ({**NUMBER, "MinValue": 0, "MaxValue": 10, "Default": 1}, "70", False),
    ({**NUMBER, "MaxValue": 10, "Default": 1}, "70", False),
    ({**NUMBER, "MinValue": "0", "MaxValue": "10", "Default": "1"}, "7", True),
    ({**NUMBER, "MinValue": 1, "MaxValue": 1, "Default": 1}, "2", False),
    ({**STRING, "AllowedPattern": "[a-z]+", "MaxLength": 2}, "abc", False),
    ({**STRING, "AllowedPattern": "[a-z]+", "MaxLength": 3}, "abc", True),
]


@pytest.mark.parametrize(("declared", "text", "possible"), CASES)
@pytest.mark.parametrize("negated", [False, True])
def test_a_condition_that_no_value_meets(
    declared: Json, text: str, possible: bool, negated: bool, tmp_path: Path
) -> None:
    """What stands under a condition that holds in no deployment opens nothing, and what is there else is in all."""
    equal: Json = {"Fn::Equals": [{"Ref": "P"}, text]}
    allow = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": OUTSIDE}}
    own = {**allow, "Principal": {"AWS": OWN}}
    chosen = [own, allow] if negated else [allow, own]
    conditions = {"C": {"Fn::Not": [equal]} if negated else equal}
    role = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{"Fn::If": ["C", *chosen]}]}}
    file = tmp_path / "template.json"
    template = {
        "Parameters": {"P": declared},
        "Conditions": conditions,
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": role}},
    }
    file.write_text(json.dumps(template))
    config = {"boundary": {"accounts": []}}
    report = trustproof.check([str(file)], account=OWN, config=config, properties=["inside-boundary"])
    assert {result.verdict for result in report.results} == {"refuted" if possible else "proved"}
    for result in report.results:
        assert result.counterexample is not None or not possible
        if result.counterexample is not None and "P" in result.counterexample.parameters:
            assert result.counterexample.parameters["P"] == text
