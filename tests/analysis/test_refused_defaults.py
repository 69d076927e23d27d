"""
A parameter is judged at its default where that can be deployed, and elsewhere at whatever can be: what refuses a
default may do so next to some values of other parameters only.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

Json = dict[str, object]
OWN, OTHER, OUTSIDE = "111122223333", "222233334444", "999988887777"
CONFIG = {"boundary": {"accounts": [OWN, OTHER]}}

HUB: Json = {"Ref": "Hub"}
STAGE: Json = {"Type": "String", "Default": "dev", "AllowedValues": ["dev", "prod"]}
HUBS: Json = {"Fn::Sub": "arn:aws:iam::${Hub}:root"}
#: Accounts in a list, written as ARNs.
LISTED: Json = {
    "Fn::Split": [",", {"Fn::Sub": ["arn:aws:iam::${x}:root", {"x": {"Fn::Join": [":root,arn:aws:iam::", [HUB]]}}]}]
}
FIRST: Json = {"Fn::Select": [0, {"Fn::Split": ["|", HUB]}]}


def text(default: str) -> Json:
    """A parameter with a default, which may be anything."""
    return {"Type": "String", "Default": default}


def is_(name: str, value: object) -> Json:
    """That a parameter is a text, or what another one is."""
    return {"Fn::Equals": [{"Ref": name}, value]}


def either(*parts: object) -> Json:
    """That one of several assertions holds."""
    return {"Fn::Or": [*parts]}


def rule(assertion: object, when: object = None) -> Json:
    """A rule."""
    return {**({} if when is None else {"RuleCondition": when}), "Assertions": [{"Assert": assertion}]}


def template(
    declared: Json, *rules: Json, trusted: object = HUBS, more: Json | None = None, conditions: Json | None = None
) -> Json:
    """A role that trusts whom parameters say."""
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": trusted},
        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    }
    role = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    return {
        "Parameters": declared,
        "Conditions": {"InProd": is_("Stage", "prod"), "IsOutside": is_("Hub", OUTSIDE), **(conditions or {})},
        "Mappings": {"Names": {OUTSIDE: {"Name": "x"}}},
        "Rules": {f"Rule{number}": one for number, one in enumerate(rules)},
        "Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": role}, **(more or {})},
    }


def topic(name: object, condition: str | None = None) -> Json:
    """A topic with a name for people."""
    found: Json = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": name}}
    return found if condition is None else {**found, "Condition": condition}


ROW: Json = {"Fn::FindInMap": ["Names", HUB, "Name"]}
BOTH: Json = {"Stage": STAGE, "Hub": text(OWN)}
PROD: Json = is_("Stage", "prod")
CHAIN = (rule(is_("Tier", "y"), PROD), rule(is_("Hub", OUTSIDE), is_("Tier", "y")))

#: What it is about, the template, the verdict, and the parameters that the counterexample names.
CASES: list[tuple[str, Json, str, dict[str, str]]] = [
    ("a rule", template(BOTH, rule(is_("Hub", OUTSIDE), PROD)), "refuted", {"Hub": OUTSIDE, "Stage": "prod"}),
    ("the other way", template(BOTH, rule(is_("Hub", OWN), PROD)), "proved", {}),
    ("another own account", template(BOTH, rule(is_("Hub", OTHER), PROD)), "proved", {}),
    ("anything but the default", template(BOTH, rule({"Fn::Not": [is_("Hub", OWN)]}, PROD)), "unknown", {}),
    (
        "one of several",
        template(BOTH, rule({"Fn::Contains": [[OTHER, OUTSIDE], HUB]}, PROD)),
        "refuted",
        {"Hub": OUTSIDE, "Stage": "prod"},
    ),
    ("one of own ones", template(BOTH, rule({"Fn::Contains": [[OTHER, OWN], HUB]}, PROD)), "proved", {}),
    ("two of which one holds", template(BOTH, rule(either(is_("Stage", "dev"), is_("Hub", OUTSIDE)))), "refuted", {}),
    (
        "what another one is",
        template(
            {"Of": {**STAGE, "Default": OWN, "AllowedValues": [OWN, OUTSIDE]}, "Hub": text(OWN)},
            rule(is_("Hub", {"Ref": "Of"})),
        ),
        "refuted",
        {"Hub": OUTSIDE, "Of": OUTSIDE},
    ),
    (
        "what another own one is",
        template(
            {"Of": {**STAGE, "Default": OWN, "AllowedValues": [OWN, OTHER]}, "Hub": text(OWN)},
            rule(is_("Hub", {"Ref": "Of"})),
        ),
        "proved",
        {},
    ),
    (
        "one without allowed values",
        template({"Stage": text("dev"), "Hub": text(OWN)}, rule(is_("Hub", OUTSIDE), PROD)),
        "refuted",
        {},
    ),
    (
        "one without a default",
        template({"Stage": {"Type": "String"}, "Hub": text(OWN)}, rule(is_("Hub", OUTSIDE), PROD)),
        "refuted",
        {},
    ),
    ("a chain of rules", template({**BOTH, "Tier": text("x")}, *CHAIN), "refuted", {}),
    (
        "several assertions",
        template(
            {**BOTH, "A": text(""), "B": text("")},
            {
                "RuleCondition": PROD,
                "Assertions": [{"Assert": {"Fn::Not": [is_(name, "")]}} for name in "AB"]
                + [{"Assert": is_("Hub", OTHER)}],
            },
        ),
        "proved",
        {},
    ),
    ("a rule about others", template({**BOTH, "A": text("")}, rule({"Fn::Not": [is_("A", "")]}, PROD)), "proved", {}),
    (
        "a default refused everywhere",
        template({"Stage": STAGE, "Hub": text(OUTSIDE)}, rule(either(is_("Stage", "test"), is_("Hub", OWN)))),
        "proved",
        {},
    ),
    (
        "the same in a list",
        template(
            {"Stage": STAGE, "Hub": text(OUTSIDE)}, rule(either(is_("Stage", "test"), is_("Hub", OWN))), trusted=LISTED
        ),
        "proved",
        {},
    ),
    (
        "the same in a part",
        template(
            {"Stage": STAGE, "Hub": text(f"{OUTSIDE}|x")},
            rule(either(is_("Stage", "test"), is_("Hub", f"{OWN}|x"))),
            trusted=FIRST,
        ),
        "proved",
        {},
    ),
    (
        "a default refused in prod",
        template(
            {"Stage": STAGE, "Hub": text(OUTSIDE)}, rule(either(is_("Stage", "dev"), is_("Hub", OWN))), trusted=LISTED
        ),
        "refuted",
        {"Hub": OUTSIDE, "Stage": "dev"},
    ),
    (
        "items of a list",
        template(
            {"Stage": STAGE, "Hub": {"Type": "CommaDelimitedList", "Default": OWN}},
            rule({"Fn::EachMemberIn": [HUB, [OUTSIDE]]}, PROD),
            trusted=HUB,
        ),
        "unknown",
        {},
    ),
    (
        "own items of a list",
        template(
            {"Stage": STAGE, "Hub": {"Type": "CommaDelimitedList", "Default": OWN}},
            rule({"Fn::EachMemberIn": [HUB, [OWN, OTHER]]}, PROD),
            trusted=HUB,
        ),
        "proved",
        {},
    ),
    (
        "what is looked up",
        template(BOTH, rule({"Fn::Contains": [{"Fn::RefAll": "AWS::EC2::VPC::Id"}, HUB]}, PROD)),
        "proved",
        {},
    ),
    ("a row", template({"Hub": text(OWN)}, more={"Topic": topic(ROW)}), "refuted", {"Hub": OUTSIDE}),
    (
        "a row in prod",
        template(BOTH, more={"Topic": topic(ROW, "InProd")}),
        "refuted",
        {"Hub": OUTSIDE, "Stage": "prod"},
    ),
    (
        "a row by If",
        template(BOTH, more={"Topic": topic({"Fn::If": ["InProd", ROW, "x"]})}),
        "refuted",
        {"Hub": OUTSIDE, "Stage": "prod"},
    ),
    (
        "a reference",
        template({"Hub": text(OWN)}, more={"X": topic("x", "IsOutside"), "Y": topic({"Ref": "X"})}),
        "refuted",
        {"Hub": OUTSIDE},
    ),
    (
        "a reference in prod",
        template(BOTH, more={"X": topic("x", "IsOutside"), "Y": topic({"Ref": "X"}, "InProd")}),
        "refuted",
        {"Hub": OUTSIDE, "Stage": "prod"},
    ),
    (
        "a reference by If",
        template(BOTH, more={"X": topic("x", "IsOutside"), "Y": topic({"Fn::If": ["InProd", {"Ref": "X"}, "x"]})}),
        "refuted",
        {"Hub": OUTSIDE, "Stage": "prod"},
    ),
    (
        "a reference of an output",
        {
            **template({"Hub": text(OWN)}, more={"X": topic("x", "IsOutside")}),
            "Outputs": {"Name": {"Value": {"Ref": "X"}}},
        },
        "refuted",
        {"Hub": OUTSIDE},
    ),
    (
        "a reference of an output that is left out",
        {
            **template(BOTH, more={"X": topic("x", "InProd")}),
            "Outputs": {"Name": {"Value": {"Ref": "X"}, "Condition": "InProd"}},
        },
        "proved",
        {},
    ),
    (
        "a reference that is left out",
        template(BOTH, more={"X": topic("x", "InProd"), "Y": topic({"Ref": "X"}, "InProd")}),
        "proved",
        {},
    ),
]


def check(content: Json, given: dict[str, str] | None = None) -> trustproof.Report:
    """What is said of who may have the role."""
    return trustproof.check(
        [content], config=CONFIG, account=OWN, region="us-east-1", properties=["inside-boundary"], parameters=given
    )


def verdict(report: trustproof.Report) -> str:
    """The worst one."""
    return min((one.verdict for one in report.results), key=("refuted", "unknown", "proved").index)


def without_unused(content: Json) -> Json:
    """A template without the conditions on parameters that it does not have."""
    declared = content["Parameters"]
    assert isinstance(declared, dict)
    kept = {"InProd": "Stage", "IsOutside": "Hub"}
    conditions = content["Conditions"]
    assert isinstance(conditions, dict)
    return {**content, "Conditions": {name: one for name, one in conditions.items() if kept[name] in declared}}


@pytest.mark.parametrize(("about", "content", "expected", "named"), CASES, ids=[case[0] for case in CASES])
def test_a_default_that_cannot_be_deployed(about: str, content: Json, expected: str, named: dict[str, str]) -> None:
    """What is proved is so wherever the template can be deployed, and a counterexample names where that is."""
    content = without_unused(content)
    report = check(content)
    assert verdict(report) == expected, [(one.verdict, one.reasons, one.counterexample) for one in report.results]
    for one in report.results:
        if one.counterexample is not None:
            assert not named or one.counterexample.parameters == named
            again = check(content, dict(one.counterexample.parameters))
            assert verdict(again) == "refuted"


def test_with_what_decides_given() -> None:
    """The same is said where the parameter is given next to which the default is refused."""
    assert verdict(check(template({**BOTH, "Tier": text("x")}, *CHAIN), {"Stage": "prod"})) == "refuted"
    reference = template(BOTH, more={"X": topic("x", "IsOutside"), "Y": topic({"Ref": "X"}, "InProd")})
    assert verdict(check(reference, {"Stage": "prod"})) == "refuted"
    assert verdict(check(reference, {"Stage": "dev"})) == "proved"
    # Of one rule, what it asserts of another parameter takes no default away.
    both = template({**BOTH, "A": text("")}, rule({"Fn::And": [is_("Hub", OWN), is_("A", "x")]}, PROD))
    assert verdict(check(both, {"Stage": "prod"})) == "proved"


def test_what_a_nested_stack_refuses(tmp_path: Path) -> None:
    """A nested stack that is passed a parameter in some deployments may refuse its default there."""
    child: Json = {
        "Parameters": {"Account": {"Type": "String", "AllowedValues": ["", OUTSIDE]}},
        "Resources": {"Topic": topic({"Ref": "Account"})},
    }
    passed = {"Account": {"Fn::If": ["InProd", HUB, ""]}}
    made = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": "child.json", "Parameters": passed},
    }
    (tmp_path / "child.json").write_text(json.dumps(child), encoding="utf-8")
    (tmp_path / "parent.json").write_text(json.dumps(template(BOTH, more={"Nested": made})), encoding="utf-8")
    report = trustproof.check([str(tmp_path)], config=CONFIG, account=OWN, properties=["inside-boundary"])
    assert [(one.verdict, one.logical_id) for one in report.results] == [("refuted", "Role")]
    assert report.results[0].counterexample is not None
    assert report.results[0].counterexample.parameters == {"Hub": OUTSIDE, "Stage": "prod"}


#: What a nested stack is passed, whom a role there trusts, what the rule of its parent leaves in prod, and the verdict.
PASSED: list[tuple[object, object, str, str]] = [
    (HUB, HUBS, OUTSIDE, "refuted"),
    ({"Fn::Sub": "${Hub}"}, HUBS, OUTSIDE, "refuted"),
    ({"Fn::Join": ["", [HUB]]}, HUBS, OUTSIDE, "refuted"),
    (HUBS, HUB, OUTSIDE, "refuted"),
    ({"Fn::If": ["InProd", HUB, OTHER]}, HUBS, OUTSIDE, "refuted"),
    (HUB, HUBS, OTHER, "proved"),
    (HUBS, HUB, OTHER, "proved"),
    (OTHER, HUBS, OUTSIDE, "proved"),
]


@pytest.mark.parametrize(("passed", "trusted", "left", "expected"), PASSED)
def test_what_a_rule_leaves_is_passed_to_a_nested_stack(
    passed: object, trusted: object, left: str, expected: str, tmp_path: Path
) -> None:
    """A nested stack is judged with what its parent can be deployed with, wherever that is not a default."""
    child = template({"Hub": {"Type": "String"}}, trusted=trusted)
    child = {name: child[name] for name in ("Parameters", "Resources")}
    made = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": "child.json", "Parameters": {"Hub": passed}},
    }
    parent: Json = {
        "Parameters": BOTH,
        "Conditions": {"InProd": PROD},
        "Rules": {"Q": rule(is_("Hub", left), PROD)},
        "Resources": {"Nested": made},
    }
    (tmp_path / "child.json").write_text(json.dumps(child), encoding="utf-8")
    (tmp_path / "parent.json").write_text(json.dumps(parent), encoding="utf-8")
    report = trustproof.check([str(tmp_path)], config=CONFIG, account=OWN, properties=["inside-boundary"], certify=True)
    assert [(one.verdict, one.logical_id) for one in report.results] == [(expected, "Role")]


@pytest.mark.parametrize(("count", "expected"), [(20, "refuted"), (40, "unknown")])
def test_more_lookups_than_are_followed_prove_nothing(count: int, expected: str) -> None:
    """A parameter whose default many lookups refuse is judged at any value where these are too many to follow."""
    stages = [f"s{number}" for number in range(count)]
    declared: Json = {"Stage": {"Type": "String", "Default": "s0", "AllowedValues": stages}, "Hub": text(OWN)}
    content = template(declared, more={stage: topic(ROW, stage) for stage in stages})
    content["Conditions"] = {stage: is_("Stage", stage) for stage in stages}
    assert verdict(check(content)) == expected


def test_one_lookup_among_many_that_refuse_nothing() -> None:
    """What refuses a default is followed, however many lookups there are beside it."""
    keys = [f"Key{number}" for number in range(40)]
    names: Json = {"Fn::FindInMap": ["Names", {"Ref": "Hub"}, "Name"]}
    others = {key: topic({"Fn::FindInMap": ["Others", {"Ref": key}, "Name"]}) for key in keys}
    content = template({**BOTH, **{key: text("a") for key in keys}}, more={"Topic": topic(names), **others})
    rows = {"Others": {"a": {"Name": "x"}, "b": {"Name": "y"}}}
    found = check({**content, "Mappings": {"Names": {OUTSIDE: {"Name": "x"}}, **rows}})
    assert verdict(found) == "refuted"


def test_more_than_can_be_tried_proves_nothing() -> None:
    """Where the parameters that decide about a default have too many values together, nothing is proved."""
    names = [f"S{number}" for number in range(8)]
    declared = {name: {"Type": "String", "Default": "0", "AllowedValues": [*map(str, range(4))]} for name in names}
    refusing = rule(either(*({"Fn::Not": [is_(name, "3")]} for name in names), is_("Hub", OUTSIDE)))
    found = check(without_unused(template({**declared, "Hub": text(OWN)}, refusing)))
    assert verdict(found) == "unknown"


def test_a_rule_may_name_a_value_twice(tmp_path: Path) -> None:
    """What is judged at it is judged once, as whoever reads it again does."""
    given = template({"Hub": text(OWN)}, rule(either(is_("Hub", OTHER), is_("Hub", OTHER))), trusted=LISTED)
    (tmp_path / "t.json").write_text(json.dumps(given), encoding="utf-8")
    report = trustproof.check([str(tmp_path)], config=CONFIG, account=OWN, properties=["inside-boundary"], certify=True)
    assert not report.errors
    assert [one.verdict for one in report.results] == ["proved"]
