"""
The Rules of a template: no deployment has parameters that an assertion does not admit.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from trustproof.inputs.cloudformation.parameters.rules import MAX_COMPARISONS, rules_about, rules_together
from trustproof.model.policy import Guard
from trustproof.output.formats import render
from trustproof.output.style import Style

Json = dict[str, object]
R: Json = {"Ref": "R"}
ENV: Json = {"Ref": "Env"}
FREE: Json = {"Type": "String"}
BOOLEAN: Json = {"Type": "String", "AllowedValues": ["true", "false"]}
OFF: Json = {"Type": "String", "Default": "false"}
STAGE: Json = {"Type": "String", "AllowedValues": ["dev", "prod"]}
IS_TRUE: Json = {"Fn::Equals": [R, "true"]}
IN_PROD: Json = {"Fn::Equals": [ENV, "prod"]}


def judged(
    directory: Path, parameters: Json, rule: Json, mfa: object = R, given: dict[str, str] | None = None, **more: object
) -> trustproof.Report:
    """What mfa-required says of a role that demands MFA as a parameter says."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "111122223333"},
        "Action": "sts:AssumeRole",
        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": mfa}},
    }
    role = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    template = {
        "Parameters": parameters,
        "Rules": {"Mfa": rule},
        "Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": role}},
        **more,
    }
    path = directory / "template.json"
    path.write_text(json.dumps(template), encoding="utf-8")
    return trustproof.check([str(path)], account="111122223333", properties=["mfa-required"], parameters=given or {})


def asserted(*assertions: object, when: object = None) -> Json:
    """A rule."""
    return {
        **({} if when is None else {"RuleCondition": when}),
        "Assertions": [{"Assert": one, "AssertDescription": "a sentence"} for one in assertions],
    }


#: Parameters, a rule, and the verdict.
CASES: list[tuple[str, Json, Json, str]] = [
    ("one value", {"R": BOOLEAN}, asserted(IS_TRUE), "proved"),
    ("one value of any", {"R": FREE}, asserted(IS_TRUE), "proved"),
    ("the other value", {"R": BOOLEAN}, asserted({"Fn::Equals": ["false", R]}), "refuted"),
    ("a default that is not admitted", {"R": OFF}, asserted(IS_TRUE), "proved"),
    ("among some", {"R": FREE}, asserted({"Fn::Contains": [["true", "True"], R]}), "proved"),
    ("among some with another", {"R": FREE}, asserted({"Fn::Contains": [["true", "false"], R]}), "refuted"),
    ("not the other", {"R": BOOLEAN}, asserted({"Fn::Not": [{"Fn::Equals": [R, "false"]}]}), "proved"),
    ("either of two", {"R": FREE}, asserted({"Fn::Or": [IS_TRUE, {"Fn::Equals": [R, "TRUE"]}]}), "proved"),
    ("two assertions", {"R": BOOLEAN, "Env": STAGE}, asserted(IN_PROD, IS_TRUE), "proved"),
    ("each member", {"R": BOOLEAN}, asserted({"Fn::EachMemberIn": [[R], ["true", "yes"]]}), "proved"),
    ("each member equal", {"R": BOOLEAN}, asserted({"Fn::EachMemberEquals": [[R], "true"]}), "proved"),
    ("in one stage only", {"R": BOOLEAN, "Env": STAGE}, asserted(IS_TRUE, when=IN_PROD), "refuted"),
    (
        "in the one stage that there is",
        {"R": BOOLEAN, "Env": {"Type": "String", "AllowedValues": ["prod"]}},
        asserted(IS_TRUE, when=IN_PROD),
        "proved",
    ),
    (
        "defaults that are not admitted together",
        {"R": OFF, "Env": {**STAGE, "Default": "prod"}},
        asserted(IS_TRUE, when=IN_PROD),
        "refuted",
    ),
    (
        "what is looked up",
        {"R": BOOLEAN},
        asserted({"Fn::Contains": [{"Fn::RefAll": "AWS::EC2::VPC::Id"}, R]}),
        "refuted",
    ),
    ("about another", {"R": BOOLEAN, "Env": STAGE}, asserted(IN_PROD), "refuted"),
    ("no assertion", {"R": BOOLEAN}, asserted(), "refuted"),
    ("a rule that is none", {"R": BOOLEAN}, {"Assertions": "x"}, "refuted"),
]


@pytest.mark.parametrize(("parameters", "rule", "verdict"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_rules(parameters: Json, rule: Json, verdict: str, tmp_path: Path) -> None:
    """A parameter is judged at the values that the rules admit."""
    (found,) = judged(tmp_path, parameters, rule).results
    assert found.verdict == verdict


def test_a_counterexample_is_admitted(tmp_path: Path) -> None:
    """Where a rule speaks of several parameters, the request is for values that it admits together."""
    (found,) = judged(tmp_path, {"R": BOOLEAN, "Env": STAGE}, asserted(IS_TRUE, when=IN_PROD)).results
    assert found.counterexample is not None
    assert found.counterexample.parameters == {"Env": "dev", "R": "false"}


#: A rule, and the verdict where a condition gives MFA in production only.
CHOSEN: list[tuple[object, str]] = [(IN_PROD, "proved"), ({"Fn::Contains": [["dev", "prod"], ENV]}, "refuted")]


@pytest.mark.parametrize(("assertion", "verdict"), CHOSEN)
def test_conditions_and_rules(assertion: object, verdict: str, tmp_path: Path) -> None:
    """What a condition decides is judged where the rules admit it."""
    chosen = {"Fn::If": ["IsProd", "true", "false"]}
    (found,) = judged(tmp_path, {"Env": STAGE}, asserted(assertion), chosen, Conditions={"IsProd": IN_PROD}).results
    assert found.verdict == verdict


def test_given_values(tmp_path: Path) -> None:
    """Values that are given, and that a rule does not admit, are an error in the input, at the rule."""
    both = {"R": BOOLEAN, "Env": STAGE}
    rule = asserted(IS_TRUE, when=IN_PROD)
    (found,) = judged(tmp_path, both, rule, given={"Env": "prod"}).results
    assert found.verdict == "proved"
    report = judged(tmp_path, both, rule, given={"Env": "prod", "R": "false"})
    (error,) = report.errors
    assert "no values of the parameters that are not given satisfy the rule Mfa" in str(error)


#: Rules that nothing satisfies, the parameters, and how a note calls them.
CONTRADICTIONS: list[tuple[Json, Json, str]] = [
    ({"R": BOOLEAN}, {"Mfa": asserted({"Fn::Equals": [R, "yes"]})}, "the rule Mfa"),
    ({"R": FREE}, {"Mfa": asserted(IS_TRUE, {"Fn::Equals": [R, "false"]})}, "the rule Mfa"),
    ({"R": BOOLEAN}, {"Mfa": asserted({"Fn::Contains": [["yes", "no"], R]})}, "the rule Mfa"),
    ({"R": {**FREE, "AllowedPattern": "[0-9]+"}}, {"Mfa": asserted(IS_TRUE)}, "the rule Mfa"),
    ({"R": BOOLEAN}, {"A": asserted(IS_TRUE), "B": asserted({"Fn::Not": [IS_TRUE]})}, "the rules A, B together"),
]


@pytest.mark.parametrize(("parameters", "rules", "said"), CONTRADICTIONS)
def test_rules_that_nothing_satisfies(parameters: Json, rules: Json, said: str, tmp_path: Path) -> None:
    """The template is judged as if they were not there, and a note says so."""
    report = judged(tmp_path, parameters, {}, "false", Rules=rules)
    assert [result.verdict for result in report.results] == ["refuted"]
    assert not report.errors
    path = tmp_path / "template.json"
    assert report.notes == (f"{path}: not checked: {said}, which no values of the parameters satisfy",)


def test_rules_that_nothing_satisfies_prove_nothing(tmp_path: Path) -> None:
    """What a parameter decides is judged at each value that it may have without them."""
    (found,) = judged(tmp_path, {"R": BOOLEAN}, asserted(IS_TRUE, {"Fn::Equals": [R, "no"]})).results
    assert found.verdict == "refuted"
    assert found.counterexample is not None
    assert found.counterexample.parameters == {"R": "false"}


ON: Json = {**FREE, "Default": "true"}
IS_FALSE: Json = {"Fn::Equals": [R, "false"]}
AT_DEV: Json = {**STAGE, "Default": "dev"}


@pytest.mark.parametrize(
    ("parameters", "rule", "expected"),
    [
        ({"R": ON, "Env": AT_DEV}, asserted(IS_FALSE, when=IN_PROD), "refuted"),
        ({"R": ON, "Env": AT_DEV}, asserted({"Fn::Not": [IS_TRUE]}, when=IN_PROD), "refuted"),
        ({"R": ON, "Env": AT_DEV}, asserted({"Fn::Or": [{"Fn::Equals": [ENV, "dev"]}, IS_FALSE]}), "refuted"),
        ({"R": ON, "Env": {**BOOLEAN, "Default": "true"}}, asserted({"Fn::Equals": [R, ENV]}), "refuted"),
        # In each of the stages the default may stay.
        ({"R": ON, "Env": AT_DEV}, asserted(IS_TRUE, when=IN_PROD), "proved"),
        ({"R": ON, "Env": AT_DEV}, asserted({"Fn::Contains": [["true", "false"], R]}, when=IN_PROD), "proved"),
        ({"R": ON, "Env": {**STAGE, "AllowedValues": ["dev"]}}, asserted(IS_FALSE, when=IN_PROD), "proved"),
        ({"R": OFF, "Env": AT_DEV}, asserted(IS_TRUE, when=IN_PROD), "refuted"),
    ],
)
def test_a_default_that_a_rule_refuses_beside_an_allowed_value(
    parameters: Json, rule: Json, expected: str, tmp_path: Path
) -> None:
    """What is judged at its default is judged at what a rule leaves of it beside each allowed value of another one."""
    report = judged(tmp_path, parameters, rule)
    assert min((one.verdict for one in report.results), key=("refuted", "unknown", "proved").index) == expected
    for one in report.results:
        if one.counterexample is not None:
            again = judged(tmp_path, parameters, rule, given=dict(one.counterexample.parameters))
            assert [other.verdict for other in again.results] == ["refuted"]


@pytest.mark.parametrize("contradictory", [False, True])
def test_rules_about_different_parameters_are_no_more_work_together(contradictory: bool, tmp_path: Path) -> None:
    """Rules of which each says something of parameters of its own are looked into one after the other."""
    kinds = [f"{letter}{number}" for letter in "PQ" for number in range(5)]
    emails: Json = {name: {"Type": "String", "MinLength": 1} for name in kinds}
    given: Json = {f"G{number}": {"Type": "String", "Default": ""} for number in range(6)}
    uses: Json = {f"U{number}": {**BOOLEAN, "Default": "false"} for number in range(6)}
    rules: Json = {
        f"Given{n}": asserted(
            {"Fn::Not": [{"Fn::Equals": [{"Ref": f"G{n}"}, ""]}]}, when={"Fn::Equals": [{"Ref": f"U{n}"}, "true"]}
        )
        for n in range(6)
    }
    for letter in "PQ":
        own = [name for name in kinds if name.startswith(letter)]
        pairs = [(one, other) for number, one in enumerate(own) for other in own[:number]]
        rules[f"Different{letter}"] = asserted(
            *({"Fn::Not": [{"Fn::Equals": [{"Ref": one}, {"Ref": other}]}]} for one, other in pairs)
        )
    if contradictory:
        rules |= {"A": asserted(IS_TRUE), "B": asserted({"Fn::Not": [IS_TRUE]})}
    parameters = {"R": BOOLEAN, "Env": AT_DEV, **emails, **given, **uses}
    report = judged(tmp_path, parameters, {}, "true", Rules=rules)
    assert [one.verdict for one in report.results] == ["proved"]
    assert not any("budget" in note for note in report.notes)
    assert any("no values of the parameters satisfy" in note for note in report.notes) is contradictory


def test_rules_that_share_parameters_are_looked_into_together() -> None:
    """Rules are in one group by way of a third one too, in their order; a rule without parameters is by itself."""
    about = {"a": ["P"], "b": ["X"], "c": ["Q"], "d": ["P", "Q"], "e": []}
    conditions = {
        rule: {"Fn::And": [{"Fn::Equals": [{"Ref": name}, "x"]} for name in names]} for rule, names in about.items()
    }
    assert [*rules_together(conditions, conditions, {})] == [("a", "c", "d"), ("b",), ("e",)]
    assert rules_about(conditions, conditions, [Guard("Q", "x")], {}, {}) == ("c", "d", "a")


def test_what_only_a_rule_asks_for_is_not_shown(tmp_path: Path) -> None:
    """The request needs no value of it; who reads the report as data has all that a deployment needs."""
    named = {"Fn::Not": [{"Fn::Equals": [{"Ref": "Name"}, ""]}]}
    report = judged(tmp_path, {"R": BOOLEAN, "Name": FREE}, asserted(named, when={"Fn::Equals": [R, "false"]}))
    found = report.results[0].counterexample
    assert found is not None
    assert found.deciding == {"R": "false"}
    assert found.parameters.keys() == {"R", "Name"}
    text = render("text", report, Style(coloured=False))
    assert "parameter: R = false" in text
    assert "Name = " not in text


@pytest.mark.parametrize(
    ("assertion", "is_refused"),
    [
        ({"Fn::Contains": [["x"] * 10, {"Ref": "P"}]}, False),
        ({"Fn::Contains": [["x"] * (MAX_COMPARISONS + 1), {"Ref": "P"}]}, True),
        # Each of one list is compared with each of the other.
        ({"Fn::EachMemberIn": [[{"Ref": "P"}] * 50, ["x"] * 50]}, True),
        ({"Fn::And": [{"Fn::Not": [{"Fn::Equals": [{"Ref": "P"}, "x"]}]}] * (MAX_COMPARISONS + 1)}, True),
    ],
)
def test_very_many_comparisons_are_refused(assertion: Json, is_refused: bool, tmp_path: Path) -> None:
    """Before any is written out: each search for values of parameters looks at all of them."""
    file = tmp_path / "t.json"
    template = {
        "Parameters": {"P": {"Type": "String", "Default": "x"}},
        "Rules": {"R": {"Assertions": [{"Assert": assertion}]}},
        "Resources": {"T": {"Type": "AWS::SNS::Topic"}},
    }
    file.write_text(json.dumps(template), encoding="utf-8")
    said = [str(error) for error in trustproof.check([file]).errors]
    assert [f"budget reached: comparisons in Rules ({MAX_COMPARISONS})" in one for one in said] == [True] * is_refused
