"""
A list parameter is any number of items: a condition that looks at these holds wherever some list makes it hold.
"""

from __future__ import annotations

import itertools

import pytest

import trustproof

Json = dict[str, object]
OWN, OUTSIDE = "111122223333", "999988887777"
ANY: Json = {"Type": "CommaDelimitedList", "Default": "a"}
LISTED: Json = {**ANY, "AllowedValues": ["a", "b"]}
TEXT: Json = {"Type": "String", "Default": "a"}
REF: Json = {"Ref": "P"}
SPLIT: Json = {"Fn::Split": ["-", REF]}


def length(of: Json) -> Json:
    """The number of items."""
    return {"Fn::Length": of}


def item(index: int, of: Json) -> Json:
    """One of the items."""
    return {"Fn::Select": [index, of]}


def joined(delimiter: str) -> Json:
    """The items, with a delimiter between them."""
    return {"Fn::Join": [delimiter, REF]}


#: The parameter, what a condition compares with what, and a value of the parameter with which it holds, None where
#: there is none.
CASES: list[tuple[Json, Json, object, str | None]] = [
    (ANY, length(REF), 2, "a,a"),
    (LISTED, length(REF), 2, "a,a"),
    (LISTED, length(REF), "3", "a,a,a"),
    (TEXT, length(SPLIT), 2, "a-a"),
    (TEXT, length(SPLIT), 0, None),
    (ANY, item(1, REF), "open", "open,open"),
    (LISTED, item(1, REF), "b", "b,b"),
    (TEXT, item(1, SPLIT), "open", "open-open"),
    (ANY, joined("-"), "x-y", "x,y"),
    (LISTED, joined("-"), "a-b", "a,b"),
    (ANY, joined(""), "", ""),
    (LISTED, joined(","), "a,b", "a,b"),
    (LISTED, joined(","), "a,c", None),
]


def check(declared: Json, condition: Json, parameters: dict[str, str] | None = None) -> trustproof.Report:
    """What is said of a role that lets in somebody from outside where the condition holds."""
    principal = {"AWS": {"Fn::If": ["C", OUTSIDE, OWN]}}
    allow = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
    role = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [allow]}}
    template: Json = {
        "Transform": "AWS::LanguageExtensions",
        "Parameters": {"P": declared},
        "Conditions": {"C": condition},
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": role}},
    }
    boundary: Json = {"boundary": {"accounts": [OWN]}}
    return trustproof.check(
        [template], account=OWN, config=boundary, parameters=parameters, properties=["inside-boundary"], certify=True
    )


def verdicts(declared: Json, condition: Json, parameters: dict[str, str] | None = None) -> set[str]:
    """The verdicts about that role."""
    return {result.verdict for result in check(declared, condition, parameters).results}


@pytest.mark.parametrize(("declared", "side", "other", "value"), CASES)
def test_a_condition_on_the_items_of_a_list(declared: Json, side: Json, other: object, value: str | None) -> None:
    """It is refuted where some list opens the role, and that list is shown to do it."""
    equal: Json = {"Fn::Equals": [side, other]}
    found = verdicts(declared, equal)
    if value is not None:
        assert found == {"refuted"}
        assert verdicts(declared, equal, {"P": value}) == {"refuted"}
    elif declared is LISTED:
        assert "refuted" not in found


def test_a_list_that_is_none_of_the_lists_compared() -> None:
    """Of two allowed items there are more lists than each of them alone."""
    neither: Json = {"Fn::And": [{"Fn::Not": [{"Fn::Equals": [joined(","), item_]}]} for item_ in ("a", "b")]}
    assert verdicts(LISTED, neither) == {"refuted"}


@pytest.mark.parametrize("side", [length({"Fn::Split": ["-", item(0, REF)]}), {"Fn::Base64": item(0, REF)}])
def test_what_no_value_is_found_for(side: Json) -> None:
    """Where it is not found out which values make a condition hold, the reason names what it compares."""
    (found,) = check(ANY, {"Fn::Equals": [side, "7"]}).results
    assert found.verdict == "unknown"
    assert found.reasons[0].startswith(f"no parameters were found with which {next(iter(side))} ")


def test_an_item_and_the_number_of_items() -> None:
    """What two comparisons ask of one list, some list has."""
    both: list[Json] = [{"Fn::Equals": [length(REF), 2]}, {"Fn::Equals": [item(0, REF), "open"]}]
    assert verdicts(ANY, {"Fn::And": both}) == {"refuted"}


def test_lists_of_every_length_are_told_apart() -> None:
    """A role that is closed at one and two items is open at three."""
    closed = [{"Fn::Not": [{"Fn::Equals": [length(REF), n]}]} for n in (1, 2)]
    for declared, order in itertools.product((ANY, LISTED), (1, -1)):
        assert verdicts(declared, {"Fn::And": closed[::order]}) == {"refuted"}


PIECES = ["1111", "22223333", "9999", "88887777"]


@pytest.mark.parametrize(
    ("made", "allowed", "default", "verdict"),
    [
        ({"Fn::Join": ["", REF]}, PIECES, "1111,22223333", "unknown"),
        ({"Fn::Join": ["", REF]}, [OWN, OUTSIDE], OWN, "refuted"),
        ({"Fn::Join": [",", REF]}, [OWN, OUTSIDE], OWN, "refuted"),
        (REF, [OWN, OUTSIDE], OWN, "refuted"),
        (REF, [OWN], OWN, "proved"),
        ({"Fn::Select": [0, REF]}, [OWN, OUTSIDE], OWN, "refuted"),
        ({"Fn::Sub": ["11112222333${N}", {"N": {"Fn::Length": REF}}]}, ["a", "b"], "a,a,a", "refuted"),
        ({"Fn::Sub": ["11112222333${N}", {"N": {"Fn::Length": REF}}]}, ["a"], "a,a,a", "unknown"),
    ],
)
def test_what_a_policy_makes_of_a_list(made: object, allowed: list[str], default: str, verdict: str) -> None:
    """Several items together may be what none of them is."""
    allow = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": made}}
    role = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [allow]}}
    template: Json = {
        "Transform": "AWS::LanguageExtensions",
        "Parameters": {"P": {"Type": "CommaDelimitedList", "AllowedValues": allowed, "Default": default}},
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": role}},
    }
    boundary: Json = {"boundary": {"accounts": [OWN]}}
    report = trustproof.check([template], account=OWN, config=boundary, properties=["inside-boundary"])
    assert verdict in {result.verdict for result in report.results}
    assert verdict == "proved" or "proved" not in {result.verdict for result in report.results}
