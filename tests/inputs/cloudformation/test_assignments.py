"""
A template read at an assignment: it says the same as if it had been read for that alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from trustproof.inputs.cloudformation.evaluation.assignments.assignments import Assignments
from trustproof.inputs.cloudformation.evaluation.conditions import solver
from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.cloudformation.values.fault import UndeterminedGuards
from trustproof.inputs.discovery.inputs import read_template
from trustproof.model.deployments import Assignment
from trustproof.model.policy import Guard

AWS = Assignment((("AWS::Partition", "aws"),), (), (("AWS::Partition", "aws"),))
CHINA = Assignment((("AWS::Partition", "aws-cn"),), (), (("AWS::Partition", "aws-cn"),))


def template(folder: Path, resource: object, **sections: Any) -> Template:
    """A role that an account may assume, and what it may do to a resource."""
    trust = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "sts:AssumeRole"}
    allow = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": resource}
    properties = {
        "AssumeRolePolicyDocument": {"Statement": trust},
        "Policies": [{"PolicyName": "Read", "PolicyDocument": {"Statement": allow}}],
    }
    file = folder / "template.json"
    role = {"Type": "AWS::IAM::Role", "Properties": properties}
    file.write_text(json.dumps({**sections, "Resources": {"Role": role}}), encoding="utf-8")
    found = read_template(str(file))
    assert isinstance(found, Template)
    return found


@pytest.mark.parametrize("assignment", [AWS, CHINA])
@pytest.mark.parametrize(
    ("resource", "sections"),
    [
        ({"Fn::Sub": "arn:${AWS::Partition}:s3:::a/*"}, {}),
        (
            {"Fn::FindInMap": ["Buckets", {"Ref": "AWS::Region"}, "Arn"]},
            {"Mappings": {"Buckets": {r: {"Arn": f"arn:aws:s3:::{r}/*"} for r in ("eu-west-1", "cn-north-1")}}},
        ),
        (
            {"Fn::If": ["China", "arn:aws-cn:s3:::a/*", "arn:aws:s3:::a/*"]},
            {"Conditions": {"China": {"Fn::Equals": [{"Ref": "AWS::Partition"}, "aws-cn"]}}},
        ),
    ],
)
def test_it_says_what_it_says_when_it_is_read_for_that_alone(
    tmp_path: Path, assignment: Assignment, resource: object, sections: dict[str, Any]
) -> None:
    """What one reading lends to another is what that would have found."""
    lent = template(tmp_path, resource, **sections).assigned(assignment)
    alone = lent.origin.open()
    assert lent.read_contents() == alone.read_contents()


def test_the_partition_that_it_is_read_for_is_read_once(tmp_path: Path) -> None:
    """A template that names its partition is not read a second time for that partition, and is for another one."""
    read = template(tmp_path, {"Fn::Sub": "arn:${AWS::Partition}:s3:::a/*"})
    assert read.assigned(AWS).documents is read.documents
    assert read.assigned(CHINA).documents != read.documents


@pytest.mark.parametrize(
    ("resource", "sections", "expected"),
    [
        ({"Fn::Sub": "arn:${AWS::Partition}:s3:::a/*"}, {}, ()),
        ({"Fn::Sub": "arn:${AWS::Partition}:s3:::${P}/*"}, {"Parameters": {"P": {"Type": "String"}}}, ()),
        (
            {"Fn::Sub": "arn:${AWS::Partition}:s3:::${P}/*"},
            {"Parameters": {"P": {"Type": "String", "AllowedValues": ["a", "b"]}}},
            tuple(Assignment(one, (), one) for p in "ab" for one in [(("P", p), ("AWS::Partition", "aws"))]),
        ),
        ("arn:aws-cn:s3:::a/*", {}, (AWS, CHINA)),
    ],
)
def test_a_partition_that_is_demanded_is_no_choice(
    tmp_path: Path, resource: object, sections: dict[str, Any], expected: tuple[Assignment, ...]
) -> None:
    """Where a template can only go to the partition that it is read for, one reading says it all; a proof names it."""
    read = template(tmp_path, resource, **sections)
    paths = [document.path for document in read.documents]
    assert read.classes(paths) == expected
    assert read.classes(paths, named=True) == (expected or (AWS,))


@pytest.mark.parametrize("demanded", ["arn:aws:iam::111122223333:role/z", "111122223333"])
def test_a_name_that_a_parameter_chooses_is_judged_at_each_value(tmp_path: Path, demanded: str) -> None:
    """
    A parameter without a default that chooses the name of a role is one to decide, whether or not the template can
    only go to the partition that it is read for.
    """
    allow = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
    deny = {**allow, "Effect": "Deny", "Condition": {"ArnLike": {"aws:PrincipalArn": "*:role/x"}}}
    properties = {
        "RoleName": {"Fn::If": ["Production", "x", "y"]},
        "AssumeRolePolicyDocument": {
            "Statement": {"Effect": "Allow", "Principal": {"AWS": demanded}, "Action": "sts:AssumeRole"}
        },
        "Policies": [{"PolicyName": "P", "PolicyDocument": {"Statement": [allow, deny]}}],
    }
    body = {
        "Parameters": {"Stage": {"Type": "String"}},
        "Conditions": {"Production": {"Fn::Equals": [{"Ref": "Stage"}, "production"]}},
        "Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": properties}},
    }
    file = tmp_path / "template.json"
    file.write_text(json.dumps(body), encoding="utf-8")
    read = read_template(str(file))
    (own,) = (document for document in read.documents if "Policies" in document.path)
    assert [one.values[:1] for one in read.classes([own.path])][:1] == [(("Stage", "production"),)]


def test_only_what_some_deployment_certainly_has_is_put_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Values of two statements share an assignment, unless nobody knows whether a deployment has both; that is asked where
    there are rules, by which the value of one parameter may decide about others.
    """
    parameters = {n: {"Type": "String", "AllowedValues": [f"{n}{at}" for at in range(70)]} for n in ("First", "Second")}
    statements = [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": {"Ref": name}} for name in parameters]
    policy = {"Users": ["u"], "PolicyDocument": {"Statement": statements}}
    resources = {"P": {"Type": "AWS::IAM::ManagedPolicy", "Properties": policy}}
    file = tmp_path / "template.json"
    differs = {"Fn::Not": [{"Fn::Equals": [{"Ref": "Third"}, "x"]}]}
    sections: dict[str, object] = {"Parameters": {**parameters, "Third": {"Type": "String"}}, "Resources": resources}
    with_rules = {**sections, "Rules": {"R": {"Assertions": [{"Assert": differs}]}}}

    def classes(written: dict[str, object]) -> tuple[Assignment, ...]:
        file.write_text(json.dumps(written), encoding="utf-8")
        read = read_template(str(file))
        assert isinstance(read, Template)
        return read.classes([one.path for one in read.documents])

    assert {len(one.values) for one in classes(sections)} == {len(one.values) for one in classes(with_rules)} == {2}
    satisfy = Assignments.satisfy

    def is_open(
        self: Assignments, guards: Iterable[Guard], *, other_than: Iterable[tuple[str, str]] = ()
    ) -> dict[str, str] | None:
        asked = [*guards]
        if len(asked) > 1:
            raise UndeterminedGuards("too much")
        return satisfy(self, asked, other_than=other_than)

    monkeypatch.setattr(Assignments, "satisfy", is_open)
    assert {len(one.values) for one in classes(sections)} == {2}
    assert {len(one.values) for one in classes(with_rules)} == {1}


def test_what_is_searched_at_one_assignment_serves_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the values that it reads are the same; and what is found is what a reading for that alone finds."""
    searches: list[object] = []
    real = solver.contradicts
    monkeypatch.setattr(solver, "contradicts", lambda *args: searches.append(args) or real(*args))
    names = ("Here", "There")

    def rule(name: str) -> dict[str, Any]:
        compared = [{"Fn::Equals": [{"Ref": name}, text]} for text in ("", "a", "b")]
        return {"Assertions": [{"Assert": {"Fn::Or": [*compared, {"Fn::Equals": [{"Ref": f"Of{name}"}, "x"]}]}}]}

    declared = {name: {"Type": "String", "Default": ""} for one in names for name in (one, f"Of{one}")}
    conditions = {name: {"Fn::Equals": [{"Ref": f"Of{name}"}, "y"]} for name in names}
    sections = {"Parameters": declared, "Rules": {f"For{name}": rule(name) for name in names}}
    guards = [Guard(f"Is{name}", True) for name in names]
    sections["Conditions"] = {f"Is{name}": one for name, one in conditions.items()}

    def asked(at: Template, value: str) -> dict[str, str] | None:
        one = at.assigned(Assignment((("Here", value),), (), (("Here", value),)))
        return one.assignments.satisfy(guards)

    shared, values = template(tmp_path, "*", **sections), ("a", "b", "c", "")
    found = [asked(shared, value) for value in values]
    count = len(searches)
    assert found == [asked(template(tmp_path, "*", **sections), value) for value in values]
    assert found == [{"OfHere": "y", "OfThere": "y"}] * 2 + [None, {"OfHere": "y", "OfThere": "y"}]
    assert count <= 11 < len(searches) - count
