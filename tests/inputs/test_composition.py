"""
Nested stacks: a few files are as many stacks as their writer likes, and reading them has a budget.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

import trustproof
from trustproof.inputs.nested_stacks import composition
from trustproof.inputs.nested_stacks.composition import Composition, Share, mentioned_resources, shares
from trustproof.inputs.text import source
from trustproof.results.result import BUDGET

ACCOUNT = "1" * 12


def _role(principal: object) -> dict[str, object]:
    allow = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": [allow]}}}


def _stack(file: str, **passed: object) -> dict[str, object]:
    return {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": file, "Parameters": passed}}


def _write(directory: Path, name: str, template: dict[str, object]) -> None:
    (directory / name).write_text(json.dumps(template), encoding="utf-8")


def _doubling(directory: Path, levels: int, *, told_apart: bool = False) -> None:
    """Files that nest the next one twice, the last of which lets in everybody."""
    for level in range(levels):
        inner = f"n{level + 1}.json"
        if told_apart:
            text = {"Fn::Sub": "${P}a"}, {"Fn::Sub": "${P}b"}
            template: dict[str, object] = {
                "Parameters": {"P": {"Type": "String", "Default": ""}},
                "Resources": {"A": _stack(inner, P=text[0]), "B": _stack(inner, P=text[1])},
            }
        else:
            template = {"Resources": {"A": _stack(inner), "B": _stack(inner)}}
        _write(directory, f"n{level}.json", template)
    last = {"Parameters": {"P": {"Type": "String", "Default": ""}}, "Resources": {"Open": _role("*")}}
    _write(directory, f"n{levels}.json", last)


def test_stacks_that_are_alike_are_read_twice(tmp_path: Path) -> None:
    """Of 2^20 stacks of one template two are judged, and each template on the way is read twice."""
    _doubling(tmp_path, 20)
    report = trustproof.check([tmp_path], account=ACCOUNT, properties=["inside-boundary"])
    assert not report.errors
    assert [result.logical_id for result in report.results if result.verdict == "refuted"] == ["Open", "Open"]
    assert report.templates == 1 + 2 * 20


def test_stacks_that_are_told_apart_have_a_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where each stack is passed something else, what is not read is an error with the name of the budget."""
    monkeypatch.setattr(composition, "MAX_REPEATED", 30 * composition.LEAST_COST)
    _doubling(tmp_path, 20, told_apart=True)
    report = trustproof.check([tmp_path], account=ACCOUNT, properties=["inside-boundary"])
    (error,) = report.errors
    assert f"{BUDGET}: templates of nested stacks, as many as the run has ({30 * composition.LEAST_COST})" in str(error)
    assert report.templates == 1 + 20 + 30
    assert any(result.verdict == "refuted" for result in report.results)


def test_a_stack_whose_outputs_are_asked_for_is_read(tmp_path: Path) -> None:
    """A third stack that is like two others is judged where something of it is handed on."""
    child = {"Resources": {"R": _role({"AWS": ACCOUNT})}, "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["R", "Arn"]}}}}
    _write(tmp_path, "child.json", child)
    for asked, templates in ((["One"], 3), (["Three"], 4)):
        resources = {name: _stack("child.json") for name in ("One", "Two", "Three")}
        roles = {f"Of{name}": _role({"AWS": {"Fn::GetAtt": [name, "Outputs.Arn"]}}) for name in asked}
        _write(tmp_path, "parent.json", {"Resources": {**resources, **roles}})
        report = trustproof.check([tmp_path], account=ACCOUNT, properties=["inside-boundary"])
        assert report.templates == templates
        assert not any(result.verdict == "unknown" for result in report.results)


def test_a_chain_of_stacks_has_an_end(tmp_path: Path) -> None:
    """Stacks inside each other are read to a depth that no deployment has; the file beyond it is read by itself."""
    for level in range(composition.MAX_DEPTH + 2):
        _write(tmp_path, f"n{level}.json", {"Resources": {"A": _stack(f"n{level + 1}.json"), "R": _role("*")}})
    report = trustproof.check([tmp_path], account=ACCOUNT, properties=["inside-boundary"])
    (error,) = report.errors
    assert f"{BUDGET}: stacks nested inside each other ({composition.MAX_DEPTH})" in str(error)
    files = [str(tmp_path / f"n{level}.json") for level in range(composition.MAX_DEPTH + 2)]
    assert [result.template for result in report.results] == files
    assert report.templates == len(files)


def test_the_stacks_of_a_run_share_what_repeated_readings_cost() -> None:
    """Each stack that nests others has an equal part, and a file is free for the first one that nests it."""
    found = list(shares([{"a", "b"}, {"b", "c"}, ()]))
    assert [share.characters for share in found] == [composition.MAX_REPEATED // 2] * 3
    assert [sorted(share.fresh) for share in found] == [["a", "b"], ["c"], []]


def test_a_large_template_costs_what_it_holds(tmp_path: Path) -> None:
    """A reading costs the characters of the file, and a small file costs something as well."""
    for size, readings in ((2 * composition.LEAST_COST, 2), (1, 4)):
        file = tmp_path / f"{size}.json"
        file.write_text(" " * size, encoding="utf-8")
        counted = Composition(Share(4 * composition.LEAST_COST))
        taken = [counted.takes(str(file), "parent.json", 1) for _ in range(6)]
        assert taken.count(True) == readings
        assert len(counted.errors) == 1


@pytest.mark.parametrize(
    ("principal", "passed", "read"),
    [("*", None, 30), (ACCOUNT, None, 30), ({"Ref": "P"}, ACCOUNT, 30), ({"Ref": "P"}, "open", 15)],
    ids=["anybody", "account", "known", "unknown"],
)
@pytest.mark.parametrize("statements", [1, 5])
def test_a_stack_costs_what_its_statements_do(
    principal: object, passed: str | None, read: int, statements: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stacks with more statements, and those that are passed what nobody knows, use up the budget sooner."""
    for name, times in (("MAX_REPEATED", 30), ("STATEMENT_COST", 1), ("OPEN_STATEMENT_COST", 2)):
        monkeypatch.setattr(composition, name, times * composition.LEAST_COST)
    roles = {f"R{n}": _role({"AWS": principal}) for n in range(statements)}
    parameters = {name: {"Type": "String"} for name in "PQ"}
    _write(tmp_path, "child.json", {"Parameters": parameters, "Resources": roles})
    stacks = {}
    for n in range(32):
        value = {"Fn::GetAtt": ["Custom", f"A{n}"]} if passed == "open" else passed or ACCOUNT
        stacks[f"S{n}"] = _stack("child.json", P=value, Q=str(n))
    _write(tmp_path, "parent.json", {"Resources": {"Custom": {"Type": "Custom::X"}, **stacks}})
    report = trustproof.check([tmp_path], account=ACCOUNT, properties=["inside-boundary"])
    (error,) = report.errors
    assert BUDGET in str(error)
    assert report.templates == 1 + 1 + read // statements


def test_what_is_said_of_a_resource_is_no_wait_for_it() -> None:
    """A name under DependsOn hands nothing on; where names are computed, any may be meant."""
    content = {"Resources": {"R": {"DependsOn": ["A"], "Properties": {"X": {"Fn::Sub": "${B.Outputs.Arn}-c"}}}}}
    assert mentioned_resources(content) == {"B", "Outputs", "Arn", "c"}
    assert mentioned_resources({**content, "Transform": "AWS::LanguageExtensions"}) is None


def test_a_composed_place_of_many_variables_is_told_at_once(tmp_path: Path) -> None:
    """A place that is put together of many variables is compared with a long name without trying combinations."""
    names = [f"V{number}" for number in range(30)]
    place = {"Fn::Sub": "".join(f"a${{{name}}}" for name in names) + "b.json"}
    parameters = {name: {"Type": "String"} for name in names}
    _write(tmp_path, "p.json", {"Parameters": parameters, "Resources": {"S": _stack(place)}})
    _write(tmp_path, "a" * 200 + ".json", {"Resources": {"R": _role("*")}})
    report = trustproof.check([tmp_path], account=ACCOUNT, properties=["inside-boundary"])
    assert any(result.verdict == "refuted" for result in report.results)


def _readings(
    directory: Path, number: int, monkeypatch: pytest.MonkeyPatch, *, passed: str = "A", **more: object
) -> Counter[str]:
    """How often files are read of which each may be meant by each of as many stacks."""
    names = [f"P{index}" for index in range(number)]
    stacks = {f"S{name}": {**_stack("", A=name), **more} for name in names}
    for name, stack in zip(names, stacks.values(), strict=True):
        stack["Properties"] = {"TemplateURL": {"Ref": name}, "Parameters": {passed: name}}
        parameters = {"Parameters": {"A": {"Type": "String"}}}
        _write(directory, f"{name}.json", {**parameters, "Resources": {"R": _role(ACCOUNT)}})
    conditions = {"Never": {"Fn::Equals": ["a", "b"]}}
    declared = {name: {"Type": "String"} for name in names}
    _write(directory, "root.json", {"Parameters": declared, "Conditions": conditions, "Resources": stacks})
    found: Counter[str] = Counter()
    read_bytes = source.read_bytes

    def counted(name: str) -> bytes:
        found[Path(name).name] += 1
        return read_bytes(name)

    with monkeypatch.context() as patch:
        patch.setattr(source, "read_bytes", counted)
        trustproof.check([directory], account=ACCOUNT, properties=["mfa-required"])
    return found


def test_a_template_is_not_read_again_for_each_file_that_its_stacks_may_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of stacks whose places nobody knows, the template around them is read as often as that of a few."""
    for number in (3, 12):
        (tmp_path / str(number)).mkdir()
    few, many = (_readings(tmp_path / str(number), number, monkeypatch)["root.json"] for number in (3, 12))
    assert 0 < many == few


def test_files_are_not_read_again_for_each_stack_that_is_never_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where stacks are never there, the files that may have been meant are read as often as those of a few."""
    for number in (3, 12):
        (tmp_path / str(number)).mkdir()
    few, many = (
        _readings(tmp_path / str(number), number, monkeypatch, Condition="Never")["P1.json"] for number in (3, 12)
    )
    assert 0 < many == few


def test_files_are_not_read_again_for_each_stack_that_they_are_none_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files that do not take what stacks of unknown places are passed are read as often as those of a few."""
    for number in (3, 12):
        (tmp_path / str(number)).mkdir()
    few, many = (_readings(tmp_path / str(number), number, monkeypatch, passed="B")["P1.json"] for number in (3, 12))
    assert 0 < many == few
