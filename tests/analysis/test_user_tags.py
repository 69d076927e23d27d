"""
The tags that a template gives a user or role: conditions on them are decided by their values.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

Json = dict[str, object]
TAG = "aws:PrincipalTag/kind"
WITHOUT_MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
HUMAN = [{"Key": "kind", "Value": "human"}]
EMPTY = [{"Key": "kind", "Value": ""}]


def check(folder: Path, tags: object, statements: list[Json], asked: str) -> trustproof.Result:
    """The result for a user with these tags."""
    document = {"Version": "2012-10-17", "Statement": statements}
    properties: Json = {"Policies": [{"PolicyName": "p", "PolicyDocument": document}]}
    if tags is not None:
        properties["Tags"] = tags
    template: Json = {
        "Parameters": {"Kind": {"Type": "String"}},
        "Conditions": {"IsHuman": {"Fn::Equals": [{"Ref": "Kind"}, "human"]}},
        "Resources": {"User": {"Type": "AWS::IAM::User", "Properties": properties}},
    }
    file = folder / "template.json"
    file.write_text(json.dumps(template), encoding="utf-8")
    report = trustproof.check([str(file)], account="111122223333", properties=[asked])
    (found,) = report.results
    return found


def denied(condition: Json) -> list[Json]:
    """Everything, but without MFA only where a condition does not hold."""
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {**WITHOUT_MFA, **condition}}
    return [{"Effect": "Allow", "Action": "*", "Resource": "*"}, deny]


CASES: list[tuple[object, Json, str]] = [
    (HUMAN, {"StringEquals": {TAG: "human"}}, "proved"),
    (HUMAN, {"StringEquals": {TAG: ["robot", "human"]}}, "proved"),
    (HUMAN, {"StringEquals": {TAG.lower(): "human"}}, "proved"),
    (HUMAN, {"StringNotEquals": {TAG: "robot"}}, "proved"),
    (HUMAN, {"StringLike": {TAG: "hu*"}}, "proved"),
    (HUMAN, {"Null": {TAG: "false"}}, "proved"),
    (HUMAN, {"StringEquals": {TAG: "robot"}}, "refuted"),
    (HUMAN, {"StringEquals": {TAG: "Human"}}, "refuted"),
    # Whoever runs the account may give more tags, and what is not known decides nothing.
    (HUMAN, {"StringEquals": {"aws:PrincipalTag/team": "a"}}, "refuted"),
    (None, {"StringEquals": {TAG: "human"}}, "refuted"),
    ([{"Key": "kind", "Value": {"Ref": "Kind"}}], {"StringEquals": {TAG: "human"}}, "refuted"),
    ({"Fn::If": ["IsHuman", HUMAN, []]}, {"StringEquals": {TAG: "human"}}, "refuted"),
    # A tag with no value has no other one, and its key is absent.
    (EMPTY, {"StringNotEquals": {TAG: "robot"}}, "proved"),
    (EMPTY, {"Null": {TAG: "true"}}, "proved"),
    (EMPTY, {"StringEquals": {TAG: "human"}}, "refuted"),
    (EMPTY, {"StringNotEquals": {"aws:PrincipalTag/team": "a"}}, "refuted"),
]


OWN_TAGS = {"Effect": "Allow", "Action": ["ec2:TerminateInstances", "iam:UntagUser"], "Resource": "*"}
HUMANS = {"Effect": "Deny", "Resource": "*", "Condition": {**WITHOUT_MFA, "StringEquals": {TAG: "human"}}}


@pytest.mark.parametrize(
    ("statements", "is_said"),
    [
        ([OWN_TAGS, {**HUMANS, "Action": "ec2:*"}], True),
        ([{**OWN_TAGS, "Action": "ec2:*"}, {**HUMANS, "Action": "ec2:*"}], False),
        # Without MFA the tags stay.
        ([OWN_TAGS, {**HUMANS, "Action": "*"}], False),
        # Whatever the tags are, it may do nothing.
        ([OWN_TAGS, {**HUMANS, "Action": "ec2:*", "Condition": WITHOUT_MFA}], False),
    ],
)
def test_a_proof_says_that_it_rests_on_tags(statements: list[Json], is_said: bool, tmp_path: Path) -> None:
    """A user who may change its own tags without MFA is then another user to a Deny that looks at them."""
    found = check(tmp_path, HUMAN, statements, "sensitive-actions-require-mfa")
    assert found.verdict == "proved"
    assert any("rests on the tags" in reason for reason in found.reasons) is is_said


@pytest.mark.parametrize(("tags", "condition", "verdict"), CASES)
def test_a_deny_that_looks_at_a_tag(tags: object, condition: Json, verdict: str, tmp_path: Path) -> None:
    """It applies to a user who has the tag."""
    found = check(tmp_path, tags, denied(condition), "sensitive-actions-require-mfa")
    assert (found.verdict, found.reasons) == (verdict, ())
    if verdict == "refuted" and tags == HUMAN and TAG in str(condition):
        assert found.counterexample is not None
        assert found.counterexample.context[TAG] == "human"


@pytest.mark.parametrize(
    ("value", "verdict"), [("human", "refuted"), ("robot", "proved"), ("${aws:PrincipalTag/kind}", "refuted")]
)
def test_an_allow_that_looks_at_a_tag(value: str, verdict: str, tmp_path: Path) -> None:
    """It lets in nobody who has another value."""
    allow = {"Effect": "Allow", "Action": "iam:*", "Resource": "*", "Condition": {"StringEquals": {TAG: value}}}
    assert check(tmp_path, HUMAN, [allow], "sensitive-actions-require-mfa").verdict == verdict
    usable = check(tmp_path, HUMAN, [allow], "statement-usable")
    assert usable.verdict == ("proved" if verdict == "refuted" else "refuted")


@pytest.mark.parametrize(
    ("value", "trusted", "verdict"),
    [
        ("human", ["sts:AssumeRole"], "proved"),
        ("robot", ["sts:AssumeRole"], "refuted"),
        ("robot", ["sts:AssumeRole", "sts:TagSession"], "proved"),
        ("robot", ["sts:*"], "proved"),
        ("robot", None, "proved"),
    ],
)
def test_the_tags_of_a_role(value: str, trusted: object, verdict: str, tmp_path: Path) -> None:
    """A session has those of its role, and others only where its trust policy allows that somebody passes them."""
    allow = {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"StringEquals": {TAG: value}}}
    lets_in = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": trusted}
    role: Json = {"Tags": HUMAN, "Policies": [{"PolicyName": "p", "PolicyDocument": document(allow)}]}
    role["AssumeRolePolicyDocument"] = {"Ref": "Trust"} if trusted is None else document(lets_in)
    parameters = {"Trust": {"Type": "String"}}
    template = {"Parameters": parameters, "Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": role}}}
    file = tmp_path / "template.json"
    file.write_text(json.dumps(template), encoding="utf-8")
    report = trustproof.check([str(file)], account="111122223333", properties=["statement-usable"])
    (found,) = [one for one in report.results if "AssumeRolePolicyDocument" not in one.path]
    assert found.verdict == verdict


def document(statement: Json) -> Json:
    """A policy with one statement."""
    return {"Version": "2012-10-17", "Statement": [statement]}


def test_a_tag_in_a_resource(tmp_path: Path) -> None:
    """A policy variable for a tag is its value."""
    allow = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": f"arn:aws:iam::*:role/${{{TAG}}}-*"}
    found = check(tmp_path, HUMAN, [allow], "assume-role-scoped")
    assert found.verdict == "refuted"
    assert found.counterexample is not None
    assert found.counterexample.resource.partition(":role/")[2].startswith("human-")
