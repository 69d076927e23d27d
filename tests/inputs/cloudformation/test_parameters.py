"""
Parameters: judged at their default, at each of few values, or as anything they admit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustproof.errors import InputError
from trustproof.inputs.cloudformation.parameters.samples import generate
from trustproof.inputs.cloudformation.template import Template
from trustproof.model.text import Symbol

Read = Callable[..., Template]


def declared(**parameter: Any) -> dict[str, Any]:
    """A ``Parameters`` section with the one parameter ``P``."""
    return {"Parameters": {"P": {"Type": "String", **parameter}}}


def test_a_default_is_the_value_unless_it_is_pinned(resolved: Callable[..., list[Any]]) -> None:
    """A parameter is judged at its default; a pinned value wins."""
    section = declared(Default=111122223333)
    assert resolved({"Ref": "P"}, section) == [(("111122223333",), {})]
    assert resolved({"Ref": "P"}, section, parameters={"P": "444455556666"}) == [(("444455556666",), {})]


def test_few_allowed_values_are_judged_one_by_one(resolved: Callable[..., list[Any]]) -> None:
    """Without a default, each allowed value is a variant with the parameter as its guard."""
    found = resolved({"Fn::Sub": "${P}-${P}"}, declared(AllowedValues=["a", "b"]))
    assert found == [(("a-a",), {"P": "a"}), (("b-b",), {"P": "b"})]


def test_many_or_no_allowed_values_make_a_symbol(resolved: Callable[..., list[Any]]) -> None:
    """A parameter that may have many values is a symbol that says what it admits."""
    values = [str(number) for number in range(20)]
    (((found,), _),) = resolved({"Ref": "P"}, declared(AllowedValues=values, AllowedPattern=r"\d+"))
    assert found.symbols == (Symbol("P", "parameter", tuple(values), r"\d+", "String"),)


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        ({"AllowedPattern": "^(a|bc)$"}, ["a", "bc"]),
        ({"AllowedPattern": "^(a|bc)$", "MinLength": 2}, ["bc"]),
        ({"AllowedPattern": "^(a|bc)$", "AllowedValues": ["a", "x"]}, ["a"]),
        ({"AllowedPattern": "[a-z]+"}, ["<P>"]),
        ({"AllowedPattern": "("}, ["<P>"]),
        ({"AllowedPattern": "^(a|bc)$", "Type": "CommaDelimitedList"}, ["<P>"]),
    ],
)
def test_a_pattern_that_spells_out_its_values_lists_them(
    resolved: Callable[..., list[Any]], parameter: dict[str, Any], expected: list[str]
) -> None:
    """An alternation of a few texts is judged like ``AllowedValues``; any other pattern makes a symbol."""
    found = resolved({"Ref": "P"}, declared(**parameter))
    assert [str(text) for texts, _ in found for text in texts] == expected


def test_numbers_beyond_all_bounds_are_none(resolved: Callable[..., list[Any]]) -> None:
    """What JSON writes as infinite restricts nothing."""
    section = declared(MaxLength="1e999", MaxValue="-1e999")
    assert len(resolved({"Ref": "P"}, section)) == 1


def test_the_default_of_an_ssm_parameter_is_not_its_value(resolved: Callable[..., list[Any]]) -> None:
    """What stands in the SSM parameter is not known, pinned or not."""
    section = declared(Type="AWS::SSM::Parameter::Value<String>", Default="/a/b")
    for options in ({}, {"parameters": {"P": "/c"}}):
        (((found,), _),) = resolved({"Ref": "P"}, section, **options)
        assert str(found) == "<P>"


@pytest.mark.parametrize("listed", [["/a"], ["/a", "/b"]])
@pytest.mark.parametrize("compared", ["/a", "b"])
def test_listed_names_are_no_values_of_an_ssm_parameter(
    resolved: Callable[..., list[Any]], listed: list[str], compared: str
) -> None:
    """``AllowedValues`` lists names: what stands there may be any text, whichever text it is compared with."""
    section = declared(Type="AWS::SSM::Parameter::Value<String>", Default="/a", AllowedValues=listed)
    section["Conditions"] = {"Is": {"Fn::Equals": [{"Ref": "P"}, compared]}}
    found = resolved({"Fn::If": ["Is", "then", "else"]}, section)
    assert sorted(text for (text,), _ in found) == ["else", "then"]


@pytest.mark.parametrize(
    ("parameter", "value", "reason"),
    [
        ({"AllowedValues": ["a", "b"]}, "c", "is not one of its AllowedValues: a, b"),
        ({"AllowedPattern": "[a-z]+"}, "C", "does not match its AllowedPattern [a-z]+"),
        ({"MinLength": 3}, "c", "has 1 characters, not 3 to any number"),
        ({"Type": "Number"}, "c", "is not a number"),
        ({"Type": "Number", "MaxValue": 5}, "7", "is more than its MaxValue 5"),
        ({"Type": "CommaDelimitedList", "AllowedValues": ["a", "b"]}, "a,c", "is not one of its AllowedValues: a, b"),
    ],
)
def test_a_pinned_value_must_be_admitted(
    read: Read, role: Callable[..., Any], parameter: dict[str, Any], value: str, reason: str
) -> None:
    """A value that CloudFormation would refuse is an error at the parameter."""
    with pytest.raises(InputError) as caught:
        read({**declared(**parameter), "Resources": {"R": role("*")}}, parameters={"P": value})
    assert caught.value.message == f'the value "{value}" of the parameter P {reason}'
    assert (caught.value.line, caught.value.column) == (3, 5)


def test_defaults_in_names_what_a_place_rests_on(read: Read, role: Callable[..., Any]) -> None:
    """The defaults behind a statement are found through Ref, Fn::Sub and the names of other resources."""
    template = read(
        {
            "Parameters": {
                "Used": {"Type": "String", "Default": "u"},
                "InName": {"Type": "String", "Default": "n"},
                "Elsewhere": {"Type": "String", "Default": "e"},
                "Pinned": {"Type": "String", "Default": "p"},
            },
            "Resources": {
                "Other": role("*", RoleName={"Fn::Sub": "x-${InName}"}, Description={"Ref": "Elsewhere"}),
                "R": role([{"Ref": "Used"}, {"Fn::GetAtt": ["Other", "Arn"]}, {"Ref": "Pinned"}]),
            },
        },
        parameters={"Pinned": "q"},
    )
    path = template.documents[1].policy.statements[0].path
    assert template.defaults_in(path) == {"InName": "n", "Used": "u"}
    assert template.defaults_in(template.documents[0].path) == {}


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        ({"AllowedValues": ["x", "y"]}, "x"),
        ({"AllowedPattern": r"^\d{12}$"}, "444455556666"),
        ({"AllowedPattern": "^o-[a-z0-9]{10,32}$"}, "o-a1b2c3d4e5"),
        ({"AllowedPattern": "^x[0-9]{3}[^a-z]$"}, "x1111"),
        ({"Type": "Number"}, "1"),
        ({"MinLength": 8}, "Example1"),
        ({"AllowedPattern": "(?=never)x"}, None),
    ],
)
def test_a_sample_is_a_value_that_is_admitted(
    read: Read, role: Callable[..., Any], parameter: dict[str, Any], expected: str | None
) -> None:
    """A sample suits the declaration, and is not an account that the template names."""
    template = read({**declared(**parameter), "Resources": {"R": role("111122223333")}})
    allowed = parameter.get("AllowedValues")
    symbol = Symbol(
        "P",
        "parameter",
        tuple(allowed) if allowed else None,
        parameter.get("AllowedPattern"),
        parameter.get("Type", ""),
    )
    assert template.assignments.sample(symbol) == expected
    assert expected is None or template.assignments.admits(symbol, expected)


def test_samples_follow_the_name(read: Read, role: Callable[..., Any]) -> None:
    """An account's symbol gets an account id, a Region's a Region."""
    template = read({"Resources": {"R": role("*")}})
    assert template.assignments.sample(Symbol("HubAccountId", "parameter")) == "111122223333"
    assert template.assignments.sample(Symbol("AWS::AccountId", "pseudo-parameter")) == "111122223333"
    assert template.assignments.sample(Symbol("AWS::Region", "pseudo-parameter")) == "us-east-1"
    assert template.assignments.sample(Symbol("VendorRoleArn", "import")) == "arn:aws:iam::111122223333:role/Example"


@given(st.from_regex(r"\A(\[a-z0-9\]|\\d|[a-z]|\.|\(x\|y\))([+*?]|\{[1-3]\})?\Z"), st.integers(1, 4))
def test_generated_texts_match_their_pattern(pattern: str, times: int) -> None:
    """Whatever is generated from a pattern matches it, and simple patterns always give something."""
    import re

    found = generate(pattern * times)
    assert found
    assert all(re.fullmatch(pattern * times, value) for value in found)


def test_each_alternative_of_a_pattern_has_a_value() -> None:
    """An ARN that a pattern has for its fourth alternative is found."""
    assert "arn:1" in generate("^$|^/$|^/[a-z]+$|^arn:[0-9]$")
