"""
A nested stack that no deployment has, or not at the values that are given: nothing is found in its template, nor in
those that only it is made of.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import trustproof
from tests.analysis.stacks import CONFIG, HUB, OUTSIDE, OWN, Json, plain, trusting

STAGE: Json = {"Stage": {"Type": "String", "AllowedValues": ["prod", "test"]}}
FILE: Json = {"File": {"Type": "String", "AllowedValues": ["safe", "open"]}}
GIVEN: Json = {"Parameters": {"Given": {"Type": "String"}}}
FILES: Json = {"Files": {"prod": {"Name": "safe.json"}, "test": {"Name": "open.json"}}}
CONDITIONS: Json = {
    "Prod": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
    "Test": {"Fn::Not": [{"Condition": "Prod"}]},
    "Both": {"Fn::And": [{"Condition": "Prod"}, {"Condition": "Test"}]},
}
OPEN: Json = {"Resources": {"Open": trusting(OUTSIDE)}}
SAFE: Json = {"Resources": {"Safe": trusting(HUB)}}


def stack(url: object, condition: str | None = None, **parameters: object) -> Json:
    """A nested stack."""
    found: Json = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url, "Parameters": parameters}}
    return found if condition is None else {**found, "Condition": condition}


def outer(nested: Json) -> Json:
    """A template with a nested stack."""
    sections = {"Parameters": STAGE | FILE, "Mappings": FILES, "Conditions": CONDITIONS}
    return {**sections, "Resources": {"Nested": nested}}


def check(folder: Path, files: dict[str, Json], **pinned: str) -> trustproof.Report:
    """The report about who is let in from outside."""
    paths = plain(folder, files)
    return trustproof.check(
        paths, config=CONFIG, account=OWN, parameters=pinned, properties=["inside-boundary"], certify=True
    )


def refuted(report: trustproof.Report) -> set[str]:
    """The resources that let somebody in."""
    assert report.errors == ()
    return {one.logical_id for one in report.results if one.verdict == "refuted"}


def inner(condition: object) -> Json:
    """A nested template that has another one under a condition of what it is passed."""
    resources = {"Inner": stack("open.json", "Here")}
    return {**GIVEN, "Conditions": {"Here": condition}, "Resources": resources}


def is_passed(value: str) -> Json:
    """The condition that a value is passed."""
    return {"Fn::Equals": [{"Ref": "Given"}, value]}


@pytest.mark.parametrize("condition", ["Prod", "Test"])
def test_what_is_nested_in_one_that_is_not_made_is_not_judged(condition: str, tmp_path: Path) -> None:
    """Where the values that are given leave out a nested stack, all the templates inside it are passed over."""
    middle: Json = {"Resources": {"Inner": stack("open.json")}}
    files = {"outer": outer(stack("middle.json", condition)), "middle": middle, "open": OPEN}
    report = check(tmp_path, files, Stage="prod")
    assert refuted(report) == ({"Open"} if condition == "Prod" else set())
    passed_over = {Path(path).name for path, _ in report.passed_over}
    assert passed_over == (set() if condition == "Prod" else {"middle.json", "open.json"})


@pytest.mark.parametrize(
    "url",
    [
        {"Fn::If": ["Prod", "safe.json", "open.json"]},
        {"Fn::FindInMap": ["Files", {"Ref": "Stage"}, "Name"]},
        {"Fn::Sub": "${File}.json"},
        {"Fn::Sub": ["${Name}.json", {"Name": {"Ref": "File"}}]},
        {"Fn::Join": [".", [{"Ref": "File"}, "json"]]},
    ],
)
def test_a_template_that_the_given_values_do_not_choose_is_not_judged(url: object, tmp_path: Path) -> None:
    """Of the templates that a nested stack may have, those are judged that it has at the values that are given."""
    files = {"outer": outer(stack(url)), "safe": SAFE, "open": OPEN}
    assert refuted(check(tmp_path, files)) == {"Open"}
    assert refuted(check(tmp_path, files, Stage="prod", File="safe")) == set()
    assert refuted(check(tmp_path, files, Stage="test", File="open")) == {"Open"}


def test_every_template_that_a_composed_place_may_be_is_judged_as_nested(tmp_path: Path) -> None:
    """What a nested stack passes is known in each of the templates whose names are composed of a parameter."""
    files = {"outer": outer(stack({"Fn::Sub": "${File}.json"}, Given=OUTSIDE))}
    for name, logical_id in (("safe", "Safe"), ("open", "Open")):
        files[name] = {**GIVEN, "Resources": {logical_id: trusting({"Ref": "Given"})}}
    assert refuted(check(tmp_path, files)) == {"Safe", "Open"}
    assert refuted(check(tmp_path, files, File="safe")) == {"Safe"}


@pytest.mark.parametrize(
    ("condition", "passed", "inside", "found"),
    [
        ("Both", "", {"Fn::Equals": ["", ""]}, set()),
        ("Prod", {"Ref": "Stage"}, is_passed("test"), set()),
        ("Prod", {"Ref": "Stage"}, is_passed("prod"), {"Open"}),
        ("Test", {"Ref": "Stage"}, {"Fn::Not": [is_passed("prod")]}, {"Open"}),
        ("Prod", {"Fn::Sub": "a ${Stage}"}, is_passed("a test"), set()),
        ("Prod", {"Fn::FindInMap": ["Files", {"Ref": "Stage"}, "Name"]}, is_passed("open.json"), set()),
        ("Prod", {"Fn::FindInMap": ["Files", {"Ref": "Stage"}, "Name"]}, is_passed("safe.json"), {"Open"}),
        ("Prod", {"Fn::If": ["Test", "test", "prod"]}, is_passed("test"), set()),
        ("Prod", {"Fn::Join": ["", [{"Ref": "Stage"}]]}, is_passed("test"), set()),
        ("Test", {"Fn::Join": ["", [{"Ref": "Stage"}]]}, is_passed("test"), {"Open"}),
    ],
)
def test_conditions_of_several_stacks_exclude_each_other(
    condition: str, passed: object, inside: object, found: set[str], tmp_path: Path
) -> None:
    """What stands in a nested stack without a condition of its own is judged where those around it hold together."""
    nested = stack("middle.json", condition, Given=passed)
    report = check(tmp_path, {"outer": outer(nested), "middle": inner(inside), "open": OPEN})
    assert refuted(report) == found
