"""
An output that a condition of its stack chooses, passed on to another stack and compared there.
"""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import pytest

import trustproof
from trustproof import PROVED, REFUTED

Json = dict[str, object]
ACCOUNT = "111122223333"
MFA: Json = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
STAGES, VALUES = ("dev", "prod"), ("true", "false")


def listed(*values: str) -> Json:
    """A parameter of a few values."""
    return {"Type": "String", "AllowedValues": [*values]}


def is_(name: str, value: str) -> Json:
    """A condition."""
    return {"Fn::Equals": [{"Ref": name}, value]}


def nested(url: str, **passed: object) -> Json:
    """A nested stack."""
    return {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url, "Parameters": passed}}


def trusting(condition: Json | None) -> Json:
    """A statement of a trust policy."""
    more = {} if condition is None else {"Condition": condition}
    return {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole", **more}


ROLE: Json = {
    "Parameters": {"Flag": {"Type": "String"}},
    "Conditions": {"Strict": is_("Flag", "true")},
    "Resources": {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [{"Fn::If": ["Strict", trusting(MFA), trusting(None)]}],
                }
            },
        }
    },
}
#: What the one stack gives back, and what that is by its parameters.
OUTPUTS = {
    "one or the other": ({"Fn::If": ["IsDev", {"Ref": "Value"}, "true"]}, lambda s, v: v if s == "dev" else "true"),
    "the other way round": ({"Fn::If": ["IsDev", "true", {"Ref": "Value"}]}, lambda s, v: "true" if s == "dev" else v),
    "one in another": (
        {"Fn::If": ["IsDev", {"Fn::If": ["IsTrue", "false", "true"]}, {"Ref": "Value"}]},
        lambda s, v: ("false" if v == "true" else "true") if s == "dev" else v,
    ),
    "the same": ({"Fn::If": ["IsDev", "true", "true"]}, lambda s, v: "true"),
    "in a text": ({"Fn::Sub": ["${x}", {"x": {"Fn::If": ["IsDev", {"Ref": "Value"}, "true"]}}]}, None),
}
#: What the parent passes, and what that is where its own parameter has a value.
PASSED: dict[str, tuple[object, dict[str, str]]] = {
    "as it is": ({"Ref": "V"}, {value: value for value in VALUES}),
    "true": ("true", dict.fromkeys(VALUES, "true")),
    "false": ("false", dict.fromkeys(VALUES, "false")),
    "neither": ("yes", dict.fromkeys(VALUES, "yes")),
}


def role_of(folder: Path, output: object, passed: object, flag: Json, **given: str) -> trustproof.Result:
    """What is said of the role, whose stack is passed what another one gives back."""
    folder.mkdir()
    files: dict[str, Json] = {
        "parent.json": {
            "Parameters": {"Stage": listed(*STAGES), "V": listed(*VALUES)},
            "Resources": {
                "Giver": nested("giver.json", Stage={"Ref": "Stage"}, Value=passed),
                "Taker": nested("taker.json", Flag={"Fn::GetAtt": ["Giver", "Outputs.Mfa"]}),
            },
        },
        "giver.json": {
            "Parameters": {"Stage": {"Type": "String"}, "Value": {"Type": "String"}},
            "Conditions": {"IsDev": is_("Stage", "dev"), "IsTrue": is_("Value", "true")},
            "Resources": {"Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"}},
            "Outputs": {"Mfa": {"Value": output}},
        },
        "taker.json": {**ROLE, "Parameters": {"Flag": flag}},
    }
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    report = trustproof.check(
        [folder], account=ACCOUNT, region="eu-west-1", properties=["mfa-required"], parameters=given
    )
    (found,) = (one for one in report.results if one.logical_id == "Role")
    return found


@pytest.mark.parametrize("flag", [{"Type": "String"}, listed(*VALUES)], ids=["any", "listed"])
@pytest.mark.parametrize("output", OUTPUTS)
def test_an_output_is_what_its_condition_chooses(output: str, flag: Json, tmp_path: Path) -> None:
    """The role is open where some parameters of the parent make the output another one, and these are named."""
    expression, meant = OUTPUTS[output]
    meant = meant or OUTPUTS["one or the other"][1]
    assert meant is not None
    for name, (passed, by_value) in PASSED.items():
        outcomes = {(s, v): meant(s, by_value[v]) for s, v in product(STAGES, VALUES)}
        # CloudFormation makes no stack with what the parameter does not list.
        made = {key: value for key, value in outcomes.items() if flag == {"Type": "String"} or value in VALUES}
        open_at = {key for key, value in made.items() if value != "true"}
        found = role_of(tmp_path / name, expression, passed, flag)
        assert found.verdict == (REFUTED if open_at else PROVED), (output, name)
        if found.counterexample is not None:
            named = {key.rpartition("/")[2]: value for key, value in found.counterexample.parameters.items()}
            assert set(named) <= {"Stage", "V"}, named
            fitting = {(s, v) for s, v in made if named.get("Stage", s) == s and named.get("V", v) == v}
            assert fitting <= open_at, named
            again = role_of(tmp_path / f"{name} again", expression, passed, flag, **named)
            assert again.verdict == REFUTED
