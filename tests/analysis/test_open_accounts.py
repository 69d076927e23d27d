"""
Templates whose account nobody says: mappings by account are judged in each one that they have something for, and no
account that anything names stands for all others.
"""

from __future__ import annotations

import pytest

import trustproof

Json = dict[str, object]
OURS, ROW, STRANGER, EXAMPLE = "111122223333", "222233334444", "999988887777", "444455556666"
BY_ACCOUNT: list[object] = ["M", {"Ref": "AWS::AccountId"}, "Id"]
OTHERWISE = {"DefaultValue": OURS}


def in_map(*more: object) -> Json:
    """What the mapping has for the account."""
    return {"Fn::FindInMap": [*BY_ACCOUNT, *more]}


def is_account(account: str) -> Json:
    """That the account is this one."""
    return {"Fn::Equals": [{"Ref": "AWS::AccountId"}, account]}


def verdict(principal: object, rows: Json | None = None, **sections: object) -> str:
    """Whether a stranger gets into a role of this principal; a proof is checked again."""
    trust = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": principal}}]}
    template: Json = {
        "Transform": "AWS::LanguageExtensions",
        "Mappings": {"M": {account: {"Id": found} for account, found in (rows or {}).items()}},
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}},
        **sections,
    }
    config = {"boundary": {"accounts": [OURS]}}
    report = trustproof.check([template], config=config, properties=["inside-boundary"], certify=True)
    found = {result.verdict for result in report.results}
    return next(one for one in (trustproof.REFUTED, trustproof.UNKNOWN, trustproof.PROVED) if one in found)


KNOWN: Json = {"Known": {"Fn::Or": [is_account(OURS), is_account(ROW)]}}


@pytest.mark.parametrize(
    ("principal", "row", "expected"),
    [
        (in_map(), OURS, "proved"),
        (in_map(), STRANGER, "refuted"),
        (in_map(), EXAMPLE, "refuted"),
        # It is the account itself.
        (in_map(), ROW, "proved"),
        (in_map(OTHERWISE), OURS, "proved"),
        (in_map({"DefaultValue": STRANGER}), OURS, "refuted"),
        ({"Fn::If": ["Known", in_map(), {"Ref": "AWS::AccountId"}]}, OURS, "proved"),
        ({"Fn::If": ["Known", in_map(), STRANGER]}, OURS, "refuted"),
        ({"Fn::If": ["Ours", OURS, STRANGER]}, "hub", "refuted"),
        ({"Fn::If": ["Ours", OURS, STRANGER]}, "own", "proved"),
    ],
)
def test_a_mapping_by_account(principal: object, row: str, expected: str) -> None:
    """A deployment to an account without a row is refused, unless there is a default, or nothing is looked up there."""
    by_row = {"Ours": {"Fn::Equals": [in_map(), "own"]}} if row in ("hub", "own") else {}
    rows: Json = {OURS: "own" if by_row else OURS, ROW: row}
    assert verdict(principal, rows, Conditions={**KNOWN, **by_row}) == expected


@pytest.mark.parametrize(
    ("own", "other", "expected"), [({"Ref": "AWS::AccountId"}, OURS, "proved"), (OURS, STRANGER, "refuted")]
)
def test_what_a_condition_on_the_account_chooses_beside_another_statement(
    own: object, other: str, expected: str
) -> None:
    """No account is at once the one that the condition is about and none, whatever else the policy lets in."""
    by_account: Json = {"AWS": {"Fn::If": ["IsHub", own, other]}}
    statements = [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
        for principal in ({"Service": "ec2.amazonaws.com"}, by_account)
    ]
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": statements}}}
    template: Json = {"Conditions": {"IsHub": is_account(ROW)}, "Resources": {"R": role}}
    config = {"boundary": {"accounts": [OURS]}}
    report = trustproof.check([template], config=config, properties=["inside-boundary"], certify=True)
    assert {one.verdict for one in report.results} - {"proved"} == {expected} - {"proved"}


def test_an_account_in_a_parameter_is_not_the_own_one() -> None:
    """What a parameter or a mapping may come to name is no account that the template is taken to go to."""
    listed = {"P": {"Type": "String", "AllowedValues": [OURS, EXAMPLE], "Default": OURS}}
    assert verdict({"Ref": "P"}, Parameters=listed) == "refuted"
    found = {"Fn::FindInMap": ["M", {"Ref": "P"}, "Id"]}
    assert verdict(found, {OURS: OURS, EXAMPLE: EXAMPLE}, Parameters=listed) == "refuted"


def test_an_account_that_is_none_of_those_that_are_compared() -> None:
    """However many accounts conditions name, there is another one."""
    named = [is_account(one) for one in (OURS, EXAMPLE, "777788889999", "123456789012")]
    principal = {"Fn::If": ["Named", OURS, STRANGER]}
    assert verdict(principal, Conditions={"Named": {"Fn::Or": named}}) == "refuted"


@pytest.mark.parametrize(
    ("there", "elsewhere", "expected"),
    [
        # It is the account itself.
        (ROW, OURS, "proved"),
        (ROW, {"Ref": "AWS::AccountId"}, "proved"),
        (OURS, ROW, "refuted"),
        (STRANGER, OURS, "refuted"),
    ],
)
def test_an_account_by_a_condition(there: object, elsewhere: object, expected: str) -> None:
    """What a condition gives in one account is judged as in that account."""
    principal = {"Fn::If": ["Here", there, elsewhere]}
    assert verdict(principal, Conditions={"Here": is_account(ROW)}) == expected


#: What the account is compared with, and what the template says of it.
HUB = {"Ref": "Hub"}
COMPARED: list[tuple[object, Json]] = [
    (HUB, {"Parameters": {"Hub": {"Type": "String", "AllowedValues": [STRANGER, ROW]}}}),
    (HUB, {"Parameters": {"Hub": {"Type": "String", "Default": STRANGER, "AllowedValues": [STRANGER, ROW]}}}),
    (
        {"Fn::FindInMap": ["Hubs", {"Ref": "Stage"}, "Id"]},
        {
            "Mappings": {"Hubs": {"dev": {"Id": ROW}, "prod": {"Id": STRANGER}}},
            "Parameters": {"Stage": {"Type": "String", "AllowedValues": ["dev", "prod"]}},
        },
    ),
]


@pytest.mark.parametrize(("hub", "sections"), COMPARED)
def test_an_account_that_is_what_a_parameter_says(hub: object, sections: Json) -> None:
    """Where the account is that of the hub, the hub is its own; it was refuted as a stranger. Elsewhere it is one."""
    conditions = {"IsHub": {"Fn::Equals": [{"Ref": "AWS::AccountId"}, hub]}}
    assert verdict({"Fn::If": ["IsHub", hub, OURS]}, **sections, Conditions=conditions) == "proved"
    assert verdict({"Fn::If": ["IsHub", OURS, hub]}, **sections, Conditions=conditions) == "refuted"
    assert verdict({"Fn::If": ["IsHub", STRANGER, OURS]}, **sections, Conditions=conditions) == "refuted"
