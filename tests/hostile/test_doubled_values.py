"""
Values that stacks take from each other, each twice what the next one has, come to an end that is said.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.hostile.constructions import ALLOW, role
from tests.hostile.runs import doubled_exports, doubled_outputs
from trustproof import check
from trustproof.inputs.cloudformation.resources.other_templates.template_bodies import _marked, _texts


def test_an_export_that_doubles_is_unknown_by_a_budget(tmp_path: Path) -> None:
    """Sixty templates would make a text of 2**60 characters: what rests on it is unknown, an error."""
    (named,) = doubled_exports(tmp_path)
    report = check([str(tmp_path / named)])
    unknown = [one for one in report.results if one.verdict == "unknown" and one.logical_id == "R"]
    assert unknown
    assert {one.severity for one in unknown} == {"error"}
    assert all("budget reached" in str(one.reasons) for one in unknown)


def test_an_output_that_doubles_is_unknown_by_a_budget(tmp_path: Path) -> None:
    """Who is let in by what sixty nested templates put out is unknown, an error, and nobody waits for it."""
    (named,) = doubled_outputs(tmp_path)
    report = check([str(tmp_path / named)])
    asked = {one.property: one for one in report.results if one.logical_id == "R"}
    found = asked["inside-boundary"]
    assert (found.verdict, found.severity) == ("unknown", "error")
    assert "budget reached" in str(found.reasons)


def _doubled(times: int) -> object:
    value: object = "x"
    for _ in range(times):
        value = {"Fn::Sub": ["${a}${a}", {"a": value}]}
    return value


#: A text that is longer than one may be, and one of which nothing is left.
_LONG = _doubled(24)
_EMPTY = {"Fn::Select": ["0", {"Fn::Split": ["x", _LONG]}]}
_NAMED = {"Fn::Join": ["", ["name", _EMPTY]]}
_BODY = {
    "Parameters": {"P": {"Type": "String"}},
    "Resources": {"R": role({**ALLOW, "Principal": {"AWS": {"Ref": "P"}}})},
}


def _by(principal: object) -> dict[str, object]:
    return role({**ALLOW, "Principal": {"AWS": principal}})


def _exporting(name: object, value: object) -> dict[str, object]:
    return {"Resources": {}, "Outputs": {"O": {"Value": value, "Export": {"Name": name}}}}


def _nesting(passed: object) -> dict[str, object]:
    properties = {"TemplateURL": "b.json", "Parameters": {"P": passed}}
    return {"Resources": {"A": {"Type": "AWS::CloudFormation::Stack", "Properties": properties}}}


def _stack_set(**properties: object) -> dict[str, object]:
    common = {"StackSetName": "s", "PermissionModel": "SELF_MANAGED"}
    return {"Resources": {"S": {"Type": "AWS::CloudFormation::StackSet", "Properties": {**common, **properties}}}}


_MAPPINGS = {"M": {"name": {"b": "1" * 12}}}
_CONDITIONS = {"C": {"Fn::Equals": [_EMPTY, ""]}}
#: By the path that a value takes: the templates of a run.
_PATHS: dict[str, list[object]] = {
    "written": [{"Resources": {"R": _by(_LONG)}}],
    "mapping": [{"Mappings": _MAPPINGS, "Resources": {"R": _by({"Fn::FindInMap": ["M", _NAMED, "b"]})}}],
    "condition": [{"Conditions": _CONDITIONS, "Resources": {"R": {**_by("1" * 12), "Condition": "C"}}}],
    "name of another resource": [
        {
            "Resources": {
                "U": {"Type": "AWS::IAM::User", "Properties": {"UserName": "name"}},
                "K": {"Type": "AWS::IAM::AccessKey", "Properties": {"UserName": _NAMED}},
            }
        }
    ],
    "export": [_exporting("n", _LONG), {"Resources": {"R": _by({"Fn::ImportValue": "n"})}}],
    "name of an export": [_exporting(_NAMED, "1" * 12), {"Resources": {"R": _by({"Fn::ImportValue": "name"})}}],
    "name of an import": [_exporting("name", "1" * 12), {"Resources": {"R": _by({"Fn::ImportValue": _NAMED})}}],
    "name of an import that is exported": [
        _exporting("name", "1" * 12),
        {"Resources": {"R": _by({"Fn::ImportValue": "m"})}},
        _exporting("m", {"Fn::ImportValue": _NAMED}),
    ],
    "parameter of a nested stack": [_nesting(_LONG), _BODY],
    "parameter of a nested stack, by parts": [_nesting(_EMPTY), _BODY],
    "parameter of a StackSet": [
        _stack_set(TemplateBody=json.dumps(_BODY), Parameters=[{"ParameterKey": "P", "ParameterValue": _LONG}])
    ],
    "place of the template of a nested stack": [
        {"Resources": {"A": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": _NAMED}}}}
    ],
    "place of the template of a StackSet": [_stack_set(TemplateURL=_NAMED)],
    "template of a StackSet": [_stack_set(TemplateBody={"Fn::Join": ["", [json.dumps(_BODY), _EMPTY]]})],
}  # fmt: skip


@pytest.mark.parametrize("path", _PATHS)
def test_what_a_budget_hides_is_an_error_by_its_name(path: str, tmp_path: Path) -> None:
    """Whatever way a value takes that is longer than a text may be: an error says so, not a warning that it is open."""
    for name, template in zip("abc", _PATHS[path], strict=False):
        (tmp_path / f"{name}.json").write_text(json.dumps(template), encoding="utf-8")
    report = check([tmp_path])
    said = [reason for one in report.results if one.severity == "error" for reason in one.reasons]
    assert any("budget reached: characters of one text" in reason for reason in said)


def test_combinations_that_a_budget_hides_are_an_error_by_its_name(tmp_path: Path) -> None:
    """What a nested stack is passed by seven conditions is a text of 128: who is let in is unknown by the budget."""
    conditions = {f"C{n}": {"Fn::Equals": [{"Ref": f"P{n}"}, "a"]} for n in range(7)}
    parts = [{"Fn::If": [name, "1", "2"]} for name in conditions]
    outer = {
        "Parameters": {f"P{n}": {"Type": "String"} for n in range(7)},
        "Conditions": conditions,
        **_nesting({"Fn::Join": ["", ["1" * 5, *parts]]}),
    }
    (tmp_path / "a.json").write_text(json.dumps(outer), encoding="utf-8")
    (tmp_path / "b.json").write_text(json.dumps(_BODY), encoding="utf-8")
    said = [reason for one in check([tmp_path]).results if one.severity == "error" for reason in one.reasons]
    assert any("budget reached: combinations of conditions" in reason for reason in said)


@pytest.mark.parametrize("run", [doubled_exports, doubled_outputs])
def test_a_value_that_doubles_a_few_times_is_known(tmp_path: Path, run: object) -> None:
    """What others give is read through several stacks, as often as it is taken."""
    (named,) = run(tmp_path, 6)  # type: ignore[operator]
    report = check([str(tmp_path / named)])
    assert not [one for one in report.results if "budget" in str(one.reasons)]


def test_a_bucket_that_is_there_in_many_cases_has_its_block_once(tmp_path: Path) -> None:
    """What is put at a bucket in one case after the other is not written once more for each condition of each case."""
    there = "false"
    for number in range(10):
        there = f"(var.a{number} ? var.b{number} : {there})"
    variables = [f'variable "{name}{number}" {{\n type = bool\n}}' for number in range(10) for name in "ab"]
    count = f"count = {there} ? 1 : 0"
    policy = json.dumps({"Statement": {**ALLOW, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::logs/*"}})
    bucket = "bucket = aws_s3_bucket.logs[0].id"
    blocks = {
        "aws_s3_bucket": 'bucket = "logs"',
        "aws_s3_bucket_public_access_block": f"{bucket}\n block_public_policy = true",
        "aws_s3_bucket_policy": f"{bucket}\n policy = {json.dumps(policy)}",
    }
    resources = [f'resource "{type_}" "logs" {{\n {count}\n {given}\n}}' for type_, given in blocks.items()]
    (tmp_path / "main.tf").write_text("\n".join((*variables, *resources)))
    report = check([str(tmp_path)])
    assert {(one.property, one.verdict) for one in report.results} == {("inside-boundary", "proved")}


def test_a_body_that_doubles_itself_is_marked_in_steps_of_its_parts() -> None:
    """What stands twice in each of sixty values is looked at once, and stays one value."""
    body: dict[str, object] = {"Fn::Sub": "a${!P}"}
    for _ in range(60):
        body = {"Fn::Join": ["", [body, body]]}
    assert [text for text in _texts(body) if "$" in text] == ["a${!P}"]
    found: Any = _marked(body, {})
    while "Fn::Join" in found:
        first, second = found["Fn::Join"][1]
        assert first is second
        found = first
    assert "${!" not in found["Fn::Sub"]
