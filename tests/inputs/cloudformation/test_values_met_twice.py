"""
Values that nobody gives, which conditions meet more than once: by themselves, as a part of a text, and as what a
condition chooses, or chooses by. Each is judged at what makes any of the comparisons true.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof

Json = dict[str, Any]
OURS, OUTSIDE = "arn:aws:iam::111122223333:root", "arn:aws:iam::999988887777:root"
BOUNDARY = {"boundary": {"accounts": ["111122223333"]}}
ENV, VALUE = {"Ref": "Env"}, {"Ref": "A"}


def equals(one: object, other: object) -> Json:
    """A comparison."""
    return {"Fn::Equals": [one, other]}


def either(condition: str, one: object, other: object) -> Json:
    """What a condition chooses."""
    return {"Fn::If": [condition, one, other]}


def both(*conditions: Json) -> Json:
    """Conditions together."""
    return {"Fn::And": [*conditions]}


def no(condition: Json) -> Json:
    """The opposite of a condition."""
    return {"Fn::Not": [condition]}


def role(condition: Json, **sections: object) -> Json:
    """A template with a role that lets in an outsider where a condition holds."""
    statement = {"Effect": "Allow", "Principal": {"AWS": either("Out", OUTSIDE, OURS)}, "Action": "sts:AssumeRole"}
    properties = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    resources = {"R": {"Type": "AWS::IAM::Role", "Properties": properties}}
    return {"Conditions": {"Out": condition, "Other": no(equals(ENV, "qa"))}, "Resources": resources, **sections}


def stack(template: str, passed: Json) -> Json:
    """A template with a nested stack, and a parameter."""
    properties = {"TemplateURL": template, "Parameters": passed}
    return {
        "Parameters": {"Env": {"Type": "String"}},
        "Conditions": {"Other": no(equals(ENV, "qa"))},
        "Resources": {"S": {"Type": "AWS::CloudFormation::Stack", "Properties": properties}},
    }


def verdicts(directory: Path, **files: Json) -> set[str]:
    """What is said of outsiders."""
    for name, content in files.items():
        (directory / f"{name}.json").write_text(json.dumps(content))
    report = trustproof.check([directory], config=BOUNDARY, account="111122223333", properties=["inside-boundary"])
    return {str(one.verdict) for one in report.results}


#: What the stack between passes as `B`, besides `Env` as `A`; what the nested stack compares; and whether some `Env`
#: makes that true.
PASSED = {
    "chosen": (either("Other", ENV, "prod"), equals({"Ref": "B"}, "dev"), True),
    "chosen, and itself": (
        either("Other", ENV, "prod"),
        both(no(equals(VALUE, "x")), equals({"Ref": "B"}, "dev")),
        True,
    ),
    "chosen, and the same": (either("Other", ENV, "prod"), both(*(equals({"Ref": n}, "dev") for n in "AB")), True),
    "a part": ({"Fn::Sub": "x-${Env}"}, both(no(equals(VALUE, "qa")), equals({"Ref": "B"}, "x-dev")), True),
    "a part, chosen": (either("Other", {"Fn::Sub": "x-${Env}"}, "prod"), equals({"Ref": "B"}, "x-dev"), True),
    "chosen, as a part": (
        {"Fn::Sub": ["x-${V}", {"V": either("Other", ENV, "prod")}]},
        equals({"Ref": "B"}, "x-dev"),
        True,
    ),
    "never chosen": (either("Other", "prod", ENV), equals({"Ref": "B"}, "dev"), False),
    "never both": (either("Other", ENV, "prod"), both(equals(VALUE, "qa"), equals({"Ref": "B"}, "dev")), False),
    "never that part": ({"Fn::Sub": "x-${Env}"}, equals({"Ref": "B"}, "y-dev"), False),
}


@pytest.mark.parametrize("case", PASSED)
def test_what_is_passed_on_is_judged_wherever_it_makes_a_condition_true(case: str, tmp_path: Path) -> None:
    value, condition, is_possible = PASSED[case]
    nested = role(condition, Parameters={"A": {"Type": "String"}, "B": {"Type": "String"}})
    del nested["Conditions"]["Other"]
    found = verdicts(
        tmp_path,
        root=stack("between.json", {"Env": ENV}),
        between=stack("nested.json", {"A": ENV, "B": value}),
        nested=nested,
    )
    assert found == {"refuted" if is_possible else "proved"}


@pytest.mark.parametrize("middle", [ENV, either("Other", ENV, "prod")])
@pytest.mark.parametrize("default", [{}, {"Default": "prod"}])
def test_a_stack_that_is_there_at_one_value_only_is_judged_there(middle: object, default: Json, tmp_path: Path) -> None:
    root, between, last = (stack(f"{name}.json", {"Env": ENV}) for name in ("between", "last", "nested"))
    root["Parameters"]["Env"].update(default)
    between["Resources"]["S"]["Properties"]["Parameters"]["Env"] = middle
    last["Conditions"] = {"Dev": equals(ENV, "dev")}
    last["Resources"]["S"]["Condition"] = "Dev"
    nested = role(no(equals(ENV, "none")), Parameters={"Env": {"Type": "String"}})
    assert verdicts(tmp_path, root=root, between=between, last=last, nested=nested) == {"refuted"}


@pytest.mark.parametrize(
    "given", [{"Fn::ImportValue": "env"}, "{{resolve:ssm:env}}"], ids=["an import", "a parameter of Systems Manager"]
)
def test_what_is_looked_up_is_judged_so_in_one_template(given: object, tmp_path: Path) -> None:
    condition = both(no(equals(given, "qa")), equals({"Fn::Join": ["-", ["x", given]]}, "x-dev"))
    template = role(condition)
    del template["Conditions"]["Other"]
    assert verdicts(tmp_path, template=template) == {"refuted"}
