"""
Event bus policies: statements of one policy, which several resources of a template add; and what the policy of a bucket
denies by the access points that lead to it.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

Json = dict[str, object]
BUS: Json = {"Type": "AWS::Events::EventBus", "Properties": {"Name": "orders"}}
REF: Json = {"Ref": "Bus"}
OUTSIDERS: Json = {"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}}
OPEN: Json = {"Effect": "Allow", "Principal": "*", "Action": "events:PutEvents"}
SHUT: Json = {**OPEN, "Effect": "Deny", "Condition": OUTSIDERS}
ARN: Json = {"Fn::GetAtt": ["Bus", "Arn"]}


def of_bus(statement: Json, ident: object, bus: object = REF, **more: object) -> Json:
    """A statement of the policy of an event bus."""
    named = {} if bus is None else {"EventBusName": bus}
    statement = {"Resource": ARN, **statement}
    return {
        "Type": "AWS::Events::EventBusPolicy",
        "Properties": {**named, "StatementId": ident, "Statement": statement},
        **more,
    }


def verdict(folder: Path, *policies: Json, **sections: object) -> str:
    """Whether outsiders get in by the first of several policies of buses."""
    names = [f"Policy{number}" for number in range(len(policies))]
    content = {"Resources": {"Bus": BUS, **dict(zip(names, policies, strict=True))}, **sections}
    file = folder / "template.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    report = trustproof.check(
        [str(file)],
        properties=["inside-boundary"],
        account="111122223333",
        region="us-east-1",
        config={"boundary": {"accounts": ["111122223333"]}},
        certify=True,
    )
    assert report.errors == ()
    (found,) = (result for result in report.results if result.logical_id == "Policy0")
    return found.verdict


STAGE: Json = {"Type": "String", "Default": "on", "AllowedValues": ["on", "off"]}
FREE: Json = {"Type": "String", "Default": "on"}
SECTIONS: Json = {
    "Parameters": {"Stage": STAGE, "Free": FREE},
    "Conditions": {"IsOn": {"Fn::Equals": [{"Ref": "Stage"}, "on"]}},
}
BY_STAGE: Json = {**SHUT, "Action": {"Fn::Sub": "events:${Stage}"}}
BY_FREE: Json = {**SHUT, "Condition": {"StringNotEquals": {"aws:PrincipalTag/is": {"Ref": "Free"}}}}
#: The second policy of a bus, beside one that lets in everybody, and whether its Deny counts.
BESIDE: list[tuple[str, Json, bool]] = [
    ("another id", of_bus(SHUT, "shut"), True),
    ("by name", of_bus(SHUT, "shut", "orders"), True),
    ("the same id, of which one replaces the other", of_bus(SHUT, "open"), False),
    ("an id that is not known", of_bus(SHUT, {"Ref": "Stage"}), False),
    ("another bus", of_bus(SHUT, "shut", "other"), False),
    ("the default bus", of_bus(SHUT, "shut", None), False),
    ("a bus that is not known", of_bus(SHUT, "shut", {"Ref": "Free"}), False),
    ("under a condition", of_bus(SHUT, "shut", Condition="IsOn"), False),
    ("a statement under a condition", of_bus({"Fn::If": ["IsOn", SHUT, OPEN]}, "shut"), False),
    ("at one value of a parameter", of_bus(BY_STAGE, "shut"), False),
    ("at the default of a parameter", of_bus(BY_FREE, "shut"), False),
    ("an Allow", of_bus({**OPEN, "Condition": OUTSIDERS}, "shut"), False),
    ("of another action", of_bus({**SHUT, "Action": "events:PutRule"}, "shut"), False),
]


@pytest.mark.parametrize(("beside", "counts"), [case[1:] for case in BESIDE], ids=[case[0] for case in BESIDE])
def test_a_deny_of_the_same_bus(beside: Json, counts: bool, tmp_path: Path) -> None:
    """A Deny that is certainly there in the same policy keeps out whom another statement lets in; no other one does."""
    found = verdict(tmp_path, of_bus(OPEN, "open"), beside, **SECTIONS)
    assert found == (trustproof.PROVED if counts else trustproof.REFUTED)


#: A third policy, and whether the Deny of the second one, with the id "shut", still counts.
THIRD: list[tuple[str, Json, bool]] = [
    ("another id", of_bus(OPEN, "third"), True),
    ("its id", of_bus(OPEN, "shut"), False),
    ("its id, under a condition", of_bus(OPEN, "shut", Condition="IsOn"), False),
    ("its id, of a bus that is not known", of_bus(OPEN, "shut", {"Fn::ImportValue": "bus"}), False),
    ("an id that is not known", of_bus(OPEN, {"Ref": "Free"}), False),
    ("its id, of another bus", of_bus(OPEN, "shut", "other"), True),
]


@pytest.mark.parametrize(("third", "counts"), [case[1:] for case in THIRD], ids=[case[0] for case in THIRD])
def test_a_deny_that_is_replaced(third: Json, counts: bool, tmp_path: Path) -> None:
    """A Deny does not count where another statement may have its id, since then one of the two is there."""
    found = verdict(tmp_path, of_bus(OPEN, "open"), of_bus(SHUT, "shut"), third, **SECTIONS)
    assert found == (trustproof.PROVED if counts else trustproof.REFUTED)


def test_properties_that_say_a_statement(tmp_path: Path) -> None:
    """An Allow that is written as properties is a statement of the same policy."""
    properties = {"EventBusName": REF, "StatementId": "open", "Action": "events:PutEvents", "Principal": "*"}
    written: Json = {"Type": "AWS::Events::EventBusPolicy", "Properties": properties}
    assert verdict(tmp_path, written) == trustproof.REFUTED
    assert verdict(tmp_path, written, of_bus(SHUT, "shut")) == trustproof.PROVED


def test_a_deny_that_leaves_somebody(tmp_path: Path) -> None:
    """Whom no Deny of the policy keeps out gets in, and the finding stands where the Allow stands."""
    narrow: Json = {**SHUT, "Condition": {"StringEquals": {"aws:PrincipalAccount": "777788889999"}}}
    assert verdict(tmp_path, of_bus(OPEN, "open"), of_bus(narrow, "shut")) == trustproof.REFUTED


def test_a_name_that_a_parameter_gives(tmp_path: Path) -> None:
    """An Allow on the bus that an allowed value names is not held back by the Deny of another bus."""
    sections: Json = {
        "Parameters": {"Which": {"Type": "String", "Default": "orders", "AllowedValues": ["orders", "x"]}}
    }
    opened = of_bus({**OPEN, "Resource": "*"}, "open", {"Ref": "Which"})
    shut = of_bus({**SHUT, "Resource": "*"}, "shut", "orders")
    assert verdict(tmp_path, opened, shut, **sections) == trustproof.REFUTED


WHOLE: list[object] = [{"Fn::GetAtt": ["B", "Arn"]}, {"Fn::Sub": "${B.Arn}/*"}]
OBJECTS: list[object] = WHOLE[1:]
EVERYTHING: Json = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Condition": OUTSIDERS}


@pytest.mark.parametrize(
    ("denied", "bucket", "more", "expected"),
    [
        (WHOLE, "B", {}, "proved"),
        (OBJECTS, "B", {}, "proved"),
        (["*"], "B", {}, "proved"),
        (WHOLE[:1], "B", {}, "refuted"),
        ([{"Fn::Sub": "${B.Arn}/a/*"}], "B", {}, "refuted"),
        (WHOLE, "Other", {}, "refuted"),
        (WHOLE, "B", {"Condition": "IsOn"}, "refuted"),
    ],
)
def test_what_a_bucket_denies_nobody_gets_by_its_access_points(
    tmp_path: Path, denied: list[object], bucket: str, more: Json, expected: str
) -> None:
    """Both have to permit a request: only a policy that is surely the bucket's, and about all its objects, counts."""
    allowed = {"Effect": "Allow", "Principal": {"AWS": "999988887777"}, "Action": "s3:GetObject"}
    point = {"Fn::Sub": "arn:aws:s3:us-east-1:111122223333:accesspoint/ap/object/*"}
    resources = {
        "B": {"Type": "AWS::S3::Bucket"},
        "Other": {"Type": "AWS::S3::Bucket"},
        "Denies": {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {
                "Bucket": {"Ref": "B"},
                "PolicyDocument": {"Statement": [{**EVERYTHING, "Resource": denied}]},
            },
            **more,
        },
        "Policy0": {
            "Type": "AWS::S3::AccessPoint",
            "Properties": {
                "Name": "ap",
                "Bucket": {"Ref": bucket},
                "Policy": {"Statement": [{**allowed, "Resource": point}]},
            },
        },
    }
    assert verdict(tmp_path, **SECTIONS, Resources=resources) == expected
