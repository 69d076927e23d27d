"""
How much is read at each assignment of parameters: a policy that is long because of them is not read a thousand times.
"""

from __future__ import annotations

import pytest

import trustproof
from trustproof.analysis.assignments import template_assignments
from trustproof.proving import prover
from trustproof.results.result import BUDGET, ERROR


def _template(parameters: int, statements: int) -> dict[str, object]:
    """A role whose statements each name two parameters of three values."""
    names = [f"P{number}" for number in range(parameters)]
    allow = [
        {
            "Effect": "Allow",
            "Principal": {"AWS": "111122223333"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {f"aws:PrincipalTag/{name}": {"Ref": name} for name in pair}},
        }
        for number in range(statements)
        for pair in [(names[number % parameters], names[(number + 1) % parameters])]
    ]
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": allow}}}
    declared = {name: {"Type": "String", "AllowedValues": ["a", "b", "c"]} for name in names}
    return {"Parameters": declared, "Resources": {"R": role}}


@pytest.mark.parametrize(("most", "is_over"), [(9 * 9 * 4, False), (9 * 9 * 4 - 1, True)])
def test_statements_count_at_each_assignment(most: int, *, is_over: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nine assignments of a policy of 36 readings are 324: where that is too many, the unknown names the budget."""
    monkeypatch.setattr(template_assignments, "MAX_READ", most)
    report = trustproof.check([_template(2, 4)], account="111122223333", properties=["statement-usable"])
    reasons = {reason for result in report.results for reason in result.reasons}
    budget = f"{BUDGET}: statements of a policy, read at each assignment of template parameters ({most})"
    assert (budget in reasons) is is_over
    assert all(result.severity == ERROR for result in report.results if budget in result.reasons)


def test_reading_once_more_is_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each reading of a policy at values of its parameters is charged with the length of the policy."""
    charged: list[int] = []
    monkeypatch.setattr(prover, "spend", charged.append)
    monkeypatch.setattr(prover, "spend_on_question", lambda units, *_: charged.append(units))
    totals = []
    for statements in (4, 8):
        charged.clear()
        trustproof.check([_template(2, statements)], account="111122223333", properties=["mfa-required"])
        totals.append(sum(charged))
    assert totals[1] > 3 * totals[0]


VALUES = [f"v{number}" for number in range(12)]
OWN, OUTSIDE = "111122223333", "999988887777"


@pytest.mark.parametrize("declared", [{"AllowedValues": VALUES}, {"AllowedPattern": "|".join(VALUES)}])
@pytest.mark.parametrize("default", [{}, {"Default": "v3"}])
@pytest.mark.parametrize(
    ("trusted", "denied", "expected"),
    [
        ("v1", None, ["refuted"]),
        ("v1", "v1", ["proved"]),
        ("v1", "v2", ["refuted"]),
        ("v99", None, ["proved"]),
    ],
)
def test_values_that_nothing_tells_apart_are_one_class(
    declared: dict[str, object], default: dict[str, str], trusted: str, denied: str | None, expected: list[str]
) -> None:
    """Three parameters of twelve values are 1,728 assignments, of which conditions tell a few apart."""

    def when(value: str, effect: str) -> object:
        statement = {"Effect": effect, "Principal": {"AWS": OUTSIDE}, "Action": "sts:AssumeRole"}
        return {"Fn::If": [f"Is{value}", statement, {"Ref": "AWS::NoValue"}]}

    names = ("A", "B", "C")
    own = {"Effect": "Allow", "Principal": {"AWS": OWN}, "Action": "sts:AssumeRole"}
    tags = {f"aws:PrincipalTag/{name}": {"Ref": name} for name in names}
    statements: list[object] = [{**own, "Condition": {"StringEquals": tags}}, when(trusted, "Allow")]
    statements += [when(denied, "Deny")] if denied else []
    conditions = {f"Is{value}": {"Fn::Equals": [{"Ref": "A"}, value]} for value in (trusted, denied) if value}
    template: dict[str, object] = {
        "Parameters": {name: {"Type": "String", **declared, **default} for name in names},
        "Conditions": conditions,
        "Resources": {
            "R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": statements}}}
        },
    }
    report = trustproof.check(
        [template], account=OWN, config={"boundary": {}}, properties=["inside-boundary"], certify=True
    )
    assert [one.verdict for one in report.results] == expected
    shown = report.results[0].counterexample
    assert shown is None or shown.parameters.get("A") == trusted


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ("s3:GetObject", ["proved"]),
        # Of what STS does, some needs two actions, so that two statements may count together.
        ("sts:TagSession", ["unknown"]),
    ],
)
def test_switches_of_statements_that_allow_are_judged_apart(last: str, expected: list[str]) -> None:
    """Eleven independent ones have 2,048 outcomes together, and two each."""
    numbers = range(11)

    def switched(number: int) -> object:
        action = last if number == numbers[-1] else "s3:PutObject"
        allow = {"Effect": "Allow", "Action": action, "Resource": {"Ref": f"P{number}"}}
        return {"Fn::If": [f"C{number}", allow, {"Ref": "AWS::NoValue"}]}

    document = {"Version": "2012-10-17", "Statement": [switched(number) for number in numbers]}
    properties = {
        "AssumeRolePolicyDocument": {"Statement": {"Effect": "Deny", "Principal": "*", "Action": "sts:*"}},
        "Policies": [{"PolicyName": "p", "PolicyDocument": document}],
    }
    template: dict[str, object] = {
        "Parameters": {f"P{number}": {"Type": "String", "Default": "arn:aws:s3:::b/*"} for number in numbers},
        "Conditions": {f"C{n}": {"Fn::Not": [{"Fn::Equals": [{"Ref": f"P{n}"}, ""]}]} for n in numbers},
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": properties}},
    }
    report = trustproof.check([template], config={}, properties=["assume-role-scoped"])
    assert [one.verdict for one in report.results] == expected


_MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
_CLOSED = {"Fn::Equals": [{"Ref": "Q"}, "closed"]}


def _given(name: str) -> dict[str, object]:
    return {"Fn::Not": [{"Fn::Equals": [{"Ref": name}, ""]}]}


_APART = {"Fn::And": [_given("P0"), {"Fn::Not": [_given("P1")]}]}
_OPEN = {"Fn::Not": [_CLOSED]}


@pytest.mark.parametrize(
    ("last", "condition", "asserted", "expected"),
    [
        ({"Condition": _MFA}, _OPEN, None, "proved"),
        ({}, _OPEN, None, "refuted"),
        # It is there only where two others come out otherwise, by a rule or by itself.
        ({}, _OPEN, {"Fn::Or": [_CLOSED, _APART]}, "refuted"),
        ({}, _APART, None, "refuted"),
    ],
)
def test_policies_that_conditions_choose_share_their_assignments(
    last: dict[str, object], condition: object, asserted: object, expected: str
) -> None:
    """Six of them have 64 outcomes together, at each of seventeen paths; apart, those of one policy are enough."""
    numbers = range(6)
    allow = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue"}

    def inline(name: str, statement: dict[str, object]) -> object:
        policy = {"PolicyName": name, "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
        return {"Fn::If": [name, policy, {"Ref": "AWS::NoValue"}]}

    own = [inline(f"C{n}", {**allow, "Resource": {"Ref": f"P{n}"}, "Condition": _MFA}) for n in numbers]
    opened = inline("Open", {**allow, "Resource": "*", **last})
    paths = [f"/{n}/" for n in range(17)]
    template: dict[str, object] = {
        "Parameters": {
            **{f"P{n}": {"Type": "String", "Default": ""} for n in numbers},
            "Path": {"Type": "String", "AllowedValues": paths},
            "Q": {"Type": "String", "Default": "closed", "AllowedPattern": "closed|open"},
        },
        "Rules": {"R": {"Assertions": [{"Assert": asserted}]}} if asserted else {},
        "Conditions": {
            **{f"C{n}": _given(f"P{n}") for n in numbers},
            "Open": condition,
        },
        "Resources": {
            "U": {"Type": "AWS::IAM::User", "Properties": {"Path": {"Ref": "Path"}, "Policies": [*own, opened]}},
        },
    }
    report = trustproof.check([template], config={}, properties=["sensitive-actions-require-mfa"])
    assert {one.verdict for one in report.results if 6 in one.path} == {expected}
    assert {one.verdict for one in report.results if 6 not in one.path} == {"proved"}


def test_a_policy_without_values_of_its_own_is_judged_at_others_than_those_of_the_next_one() -> None:
    """It is there where a rule gives P a third value, and the policy beside it tells the first two apart."""
    allow = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue"}

    def chosen(name: str, resource: object) -> object:
        document = {"Version": "2012-10-17", "Statement": [{**allow, "Resource": resource}]}
        return {"Fn::If": [name, {"PolicyName": name, "PolicyDocument": document}, {"Ref": "AWS::NoValue"}]}

    is_third = {"Fn::Equals": [{"Ref": "P"}, "third"]}
    template: dict[str, object] = {
        "Parameters": {
            "P": {"Type": "String", "Default": "first"},
            "Q": {"Type": "String", "Default": "closed", "AllowedPattern": "closed|open"},
        },
        "Rules": {"R": {"Assertions": [{"Assert": {"Fn::Or": [_CLOSED, is_third]}}]}},
        "Conditions": {"Open": {"Fn::Not": [_CLOSED]}, "Second": {"Fn::Equals": [{"Ref": "P"}, "second"]}},
        "Resources": {
            "U": {
                "Type": "AWS::IAM::User",
                "Properties": {"Policies": [chosen("Open", "*"), chosen("Second", {"Fn::Sub": "arn:aws:s3:::${P}"})]},
            },
        },
    }
    report = trustproof.check([template], config={}, properties=["sensitive-actions-require-mfa"])
    assert "refuted" in [one.verdict for one in report.results]


@pytest.mark.parametrize(
    ("type_", "settings", "is_apart"),
    [
        ("Function", {"Environment": {"Variables": {"LEVEL": {"Ref": "Level"}}}}, True),
        ("Function", {"MemorySize": {"Ref": "Level"}, "InlineCode": {"Fn::Sub": "${Level}"}}, True),
        ("StateMachine", {"DefinitionSubstitutions": {"Level": {"Ref": "Level"}}}, True),
        ("Function", {"Policies": [{"Fn::Sub": "arn:aws:iam::aws:policy/${Level}"}]}, False),
    ],
)
def test_what_a_program_is_told_is_no_part_of_its_role(
    type_: str, settings: dict[str, object], *, is_apart: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each value was read once more with all policies, until the budget of the template was spent on it."""
    monkeypatch.setattr(template_assignments, "MAX_READ_TOGETHER", 5)
    level = {"Type": "String", "AllowedValues": VALUES}
    made = {"Handler": "h", "CodeUri": ".", "DefinitionUri": "d", **settings}
    template = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Parameters": {"Level": level},
        "Resources": {"P": {"Type": f"AWS::Serverless::{type_}", "Properties": made}},
    }
    report = trustproof.check([template], account=OWN, properties=["mfa-required", "inside-boundary"])
    assert report.results
    assert all(result.verdict == "proved" for result in report.results) is is_apart
