"""
However a reference is written, the verdict is the same, at each value that its parameter may have.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import trustproof
from tests.analysis.stacks import HUB, MFA, OUTSIDE, Json, template, trusting
from trustproof import PROVED, REFUTED, UNKNOWN

OUTPUT: Json = {"Fn::GetAtt": ["Child", "Outputs.Account"]}
IN_ONE_TEXT: Json = {"Fn::GetAtt": "Child.Outputs.Account"}
IN_TEXT: Json = {"Fn::Sub": "${Child.Outputs.Account}"}
#: An output of a nested stack, which is the parameter ``Hub`` of the template around it.
SPELLINGS: dict[str, object] = {
    "Parts": OUTPUT,
    "OneText": IN_ONE_TEXT,
    "InText": IN_TEXT,
    "Spaced": {"Fn::Sub": "${ Child.Outputs.Account }"},
    "NoVariables": {"Fn::Sub": ["${Child.Outputs.Account}", {}]},
    "Variable": {"Fn::Sub": ["${Id}", {"Id": IN_ONE_TEXT}]},
    "TextInText": {"Fn::Sub": ["${Id}", {"Id": IN_TEXT}]},
    "Joined": {"Fn::Join": ["", [IN_TEXT]]},
    "Taken": {"Fn::Select": [0, {"Fn::Split": ["/", {"Fn::Sub": "${Child.Outputs.Account}/hub"}]}]},
    "Chosen": {"Fn::If": ["Always", IN_TEXT, HUB]},
    "NamedByFunction": {"Ref": {"Fn::Sub": "Hub"}},
    "NamedByCondition": {"Ref": {"Fn::If": ["Always", {"Fn::Sub": "Hub"}, "Hub"]}},
}
CHILD: Json = {
    "Parameters": {"Account": {"Type": "String"}},
    "Resources": {"Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"}},
    "Outputs": {"Account": {"Value": {"Ref": "Account"}}},
}
DECLARED = {
    "listed": {"Type": "String", "AllowedValues": [HUB, OUTSIDE], "Default": HUB},
    "any": {"Type": "String", "Default": HUB},
}
ALWAYS: Json = {"Always": {"Fn::Equals": ["a", "a"]}}
BY_ACCOUNT: Json = {"Accounts": {HUB: {"Id": HUB}, OUTSIDE: {"Id": OUTSIDE}}}
PLACES: dict[str, Callable[[object], Json]] = {
    "as it is": lambda one: trusting(one, MFA),
    "in an ARN": lambda one: trusting({"Fn::Join": ["", ["arn:aws:iam::", one, ":root"]]}, MFA),
    "in a condition": lambda one: trusting("*", {**MFA, "StringEquals": {"aws:PrincipalAccount": one}}),
    "as a key": lambda one: trusting({"Fn::FindInMap": ["Accounts", one, "Id"]}, MFA),
}


def nested(url: str, **passed: object) -> Json:
    """A nested stack."""
    return {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url, "Parameters": passed}}


def checked(folder: Path, files: dict[str, Json], **given: str) -> dict[str, trustproof.Result]:
    """What is said of each role of some files."""
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    report = trustproof.check(
        [folder],
        account=HUB,
        region="eu-west-1",
        config={"boundary": {"accounts": [HUB]}},
        properties=["inside-boundary"],
        parameters=given,
    )
    assert not report.errors
    return {one.logical_id: one for one in report.results}


def at(found: trustproof.Result) -> dict[str, str]:
    """The values of parameters at which something is refuted."""
    assert found.verdict == REFUTED, found.logical_id
    assert found.counterexample is not None
    return dict(found.counterexample.parameters)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("declared", DECLARED)
def test_an_output_is_the_same_however_it_is_asked_for(declared: str, place: str, tmp_path: Path) -> None:
    """It is refuted at the value that lets somebody in, or names the default at which it is not."""
    roles = {name: PLACES[place](one) for name, one in SPELLINGS.items()}
    parent: Json = {
        "Transform": "AWS::LanguageExtensions",
        "Parameters": {"Hub": DECLARED[declared]},
        "Mappings": BY_ACCOUNT,
        "Conditions": ALWAYS,
        "Resources": {"Child": nested("child.json", Account={"Ref": "Hub"}), **roles},
    }
    files = {"parent.json": parent, "child.json": CHILD}
    for name, found in checked(tmp_path, files).items():
        if declared == "any":
            assert (found.verdict, dict(found.at_defaults)) == (PROVED, {"Hub": HUB}), name
        else:
            assert at(found) == {"Hub": OUTSIDE}
    for name, found in checked(tmp_path, files, Hub=OUTSIDE).items():
        assert found.verdict == REFUTED, name


@pytest.mark.parametrize("declared", DECLARED)
def test_what_a_nested_stack_gets_back_is_at_the_default_of_the_outermost(declared: str, tmp_path: Path) -> None:
    """A stack between two others reads what it has passed on."""
    parent = template(Parameters={"Hub": DECLARED[declared]}, Middle=nested("middle.json", Account={"Ref": "Hub"}))
    middle = {
        "Parameters": {"Account": {"Type": "String"}},
        "Resources": {
            "Child": nested("child.json", Account={"Ref": "Account"}),
            **{name: trusting(SPELLINGS[name], MFA) for name in ("Parts", "InText")},
        },
    }
    for name, found in checked(tmp_path, {"parent.json": parent, "middle.json": middle, "child.json": CHILD}).items():
        if declared == "any":
            assert (found.verdict, [*dict(found.at_defaults).values()]) == (PROVED, [HUB]), name
        else:
            assert [*at(found).values()] == [OUTSIDE]


def test_a_name_that_is_looked_up_is_not_known(tmp_path: Path) -> None:
    """Which parameters such a reference reads, its text does not say: at their defaults, it would be proved."""
    parent: Json = {
        "Transform": "AWS::LanguageExtensions",
        "Parameters": {"Hub": DECLARED["listed"], "Stage": {"Type": "String", "AllowedValues": ["dev"]}},
        "Mappings": {"Stages": {"dev": {"Hub": "Hub"}}},
        "Resources": {"Role": trusting({"Ref": {"Fn::FindInMap": ["Stages", {"Ref": "Stage"}, "Hub"]}}, MFA)},
    }
    assert checked(tmp_path, {"parent.json": parent})["Role"].verdict == UNKNOWN


#: What a loop writes for the item ``a``, of the parameter ``Huba``.
LOOPED: dict[str, object] = {
    "a reference": {"Ref": "Hub${One}"},
    "a text": {"Fn::Sub": "arn:aws:iam::${Hub${One}}:root"},
    "an id": {"Ref": "Hub&{One}"},
    "an output": {"Fn::GetAtt": ["Child${One}", "Outputs.Account"]},
}


@pytest.mark.parametrize("written", LOOPED)
@pytest.mark.parametrize("declared", DECLARED)
def test_a_loop_reads_what_it_writes_out(declared: str, written: str, tmp_path: Path) -> None:
    """Each of its roles is judged at the values of its own parameter."""
    made = {
        "Child${One}": nested("child.json", Account={"Ref": "Hub${One}"}),
        "Role${One}": trusting(LOOPED[written], MFA),
    }
    parent: Json = {
        "Transform": "AWS::LanguageExtensions",
        "Parameters": {f"Hub{one}": DECLARED[declared] for one in "ab"},
        "Resources": {"Fn::ForEach::Hubs": ["One", ["a", "b"], made]},
    }
    results = checked(tmp_path, {"parent.json": parent, "child.json": CHILD})
    for one in "ab":
        found = results[f"Role{one}"]
        if declared == "any":
            assert (found.verdict, dict(found.at_defaults)) == (PROVED, {f"Hub{one}": HUB})
        else:
            assert at(found)[f"Hub{one}"] == OUTSIDE


def test_a_loop_of_stacks_rests_on_the_default_of_its_list(tmp_path: Path) -> None:
    """What each stack is passed is an item of the list, and reads as if it were written out."""
    made = {"Child${One}": nested("child.json", Account={"Ref": "One"})}
    parent: Json = {
        "Transform": "AWS::LanguageExtensions",
        "Parameters": {"Hubs": {"Type": "CommaDelimitedList", "Default": HUB}},
        "Resources": {"Fn::ForEach::Hubs": ["One", {"Ref": "Hubs"}, made]},
    }
    child = {**CHILD, "Resources": {"Role": trusting({"Ref": "Account"}, MFA)}}
    found = checked(tmp_path, {"parent.json": parent, "child.json": child})["Role"]
    assert (found.verdict, [*dict(found.at_defaults).values()]) == (PROVED, [HUB])
    assert checked(tmp_path, {"parent.json": parent, "child.json": child}, Hubs=OUTSIDE)["Role"].verdict == REFUTED


@pytest.mark.parametrize("passed", [{"Ref": "Hubs"}, {"Fn::Join": [",", {"Ref": "Hubs"}]}])
def test_a_loop_over_one_of_several_lists_is_unknown(passed: object, tmp_path: Path) -> None:
    """Written out for the default alone, what it makes of the other lists would be passed over."""
    looped: Json = {
        "Transform": "AWS::LanguageExtensions",
        "Parameters": {"Hubs": {"Type": "CommaDelimitedList"}},
        "Resources": {"Fn::ForEach::Hubs": ["One", {"Ref": "Hubs"}, {"Role${One}": trusting({"Ref": "One"}, MFA)}]},
    }
    listed = {"Type": "CommaDelimitedList", "Default": HUB, "AllowedValues": [HUB, OUTSIDE]}
    parent = template(Parameters={"Hubs": listed}, Child=nested("child.json", Hubs=passed))
    files = {"parent.json": parent, "child.json": looped}
    assert [one.verdict for one in checked(tmp_path, files).values()] == [UNKNOWN]
    assert checked(tmp_path, files, Hubs=OUTSIDE)[f"Role{OUTSIDE}"].verdict == REFUTED


def test_a_resource_of_a_loop_is_there_where_its_condition_holds(tmp_path: Path) -> None:
    """A loop may write the name of the condition too."""
    made = {"Role${One}": {**trusting(OUTSIDE, MFA), "Condition": "Is${One}"}}
    parent: Json = {
        "Transform": "AWS::LanguageExtensions",
        "Parameters": {f"Stage{one}": {"Type": "String", "AllowedValues": ["dev", "prod"]} for one in "ab"},
        "Conditions": {f"Is{one}": {"Fn::Equals": [{"Ref": f"Stage{one}"}, "prod"]} for one in "ab"},
        "Resources": {"Fn::ForEach::Hubs": ["One", ["a", "b"], made]},
    }
    for name, found in checked(tmp_path, {"parent.json": parent}).items():
        assert at(found)[f"Stage{name[-1]}"] == "prod"
