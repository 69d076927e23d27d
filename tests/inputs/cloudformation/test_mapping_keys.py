"""
Parameters that choose the row of a mapping: no deployment asks for a row that is not there.
"""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from random import Random

import pytest

import trustproof

Json = dict[str, object]
OWN, INSIDE, OUTSIDE = "111122223333", "222233334444", "999988887777"
STAGE: Json = {"Ref": "Stage"}
FREE: Json = {"Type": "String"}
CLOSED: Json = {"dev": {"Id": INSIDE}, "prod": {"Id": OWN}}
OPEN: Json = {"dev": {"Id": INSIDE}, "prod": {"Id": OUTSIDE}}
ALIKE: Json = {"dev": {"Id": OUTSIDE}, "prod": {"Id": OUTSIDE}}
#: The row of the outsider has not what is asked for.
PARTLY: Json = {"dev": {"Id": INSIDE}, "prod": {"Other": OUTSIDE}}
ENTRY: Json = {"Fn::FindInMap": ["M", STAGE, "Id"]}
OR_OUTSIDE: Json = {"Fn::FindInMap": ["M", STAGE, "Id", {"DefaultValue": OUTSIDE}]}
IS_PROD: Json = {"IsProd": {"Fn::Equals": [STAGE, "prod"]}}
IS_X: Json = {"IsX": {"Fn::Equals": [STAGE, "x"]}}
OF_ROW: Json = {"Fn::FindInMap": ["M", "r", STAGE]}
#: A text of which nobody would say whom it names, but where it is asked for.
TAGGED: Json = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": ENTRY}}


def verdict(
    directory: Path, declared: Json, mapping: Json, who: object, given: dict[str, str] | None = None, **more: Json
) -> str:
    """What inside-boundary says of a role that trusts somebody whom a mapping may name, at its worst."""
    statement = {"Effect": "Allow", "Principal": {"AWS": who}, "Action": "sts:AssumeRole"}
    role = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    resources: Json = {"Role": {"Type": "AWS::IAM::Role", "Properties": role}, **more.pop("Resources", {})}
    template = {"Parameters": {"Stage": declared}, "Mappings": {"M": mapping}, "Resources": resources, **more}
    path = directory / "template.json"
    path.write_text(json.dumps(template), encoding="utf-8")
    config = {"boundary": {"accounts": [OWN, INSIDE]}}
    report = trustproof.check(
        [str(path)], account=OWN, config=config, properties=["inside-boundary"], parameters=given or {}, certify=True
    )
    return min((one.verdict for one in report.results), key=("refuted", "unknown", "proved").index)


CASES: list[tuple[str, Json, Json, object, dict[str, Json], str]] = [
    ("each row is fine", FREE, CLOSED, ENTRY, {}, "proved"),
    ("one row is not", FREE, OPEN, ENTRY, {}, "refuted"),
    ("the row that is not has no entry", FREE, PARTLY, ENTRY, {}, "proved"),
    ("a value for any other key", FREE, CLOSED, OR_OUTSIDE, {}, "refuted"),
    ("a default that has a row", {**FREE, "Default": "dev"}, OPEN, ENTRY, {}, "proved"),
    ("a default that has none", {**FREE, "Default": "x"}, OPEN, ENTRY, {}, "refuted"),
    ("a default that has none, and rows that are fine", {**FREE, "Default": "x"}, CLOSED, ENTRY, {}, "proved"),
    ("a default that has none, and rows that are alike", {**FREE, "Default": "x"}, ALIKE, ENTRY, {}, "refuted"),
    (
        "an allowed value without a row, and rows that are alike",
        {**FREE, "AllowedValues": ["dev", "prod", "x"], "Default": "dev"},
        {"dev": {"Id": OWN}, "prod": {"Id": OWN}},
        ENTRY,
        {},
        "proved",
    ),
    (
        "another value than a condition compares, and rows that are alike",
        {**FREE, "Default": "dev"},
        {"dev": {"Id": OWN}, "prod": {"Id": OWN}},
        {"Fn::If": ["IsProd", ENTRY, ENTRY]},
        {"Conditions": IS_PROD},
        "proved",
    ),
    ("an allowed value without a row", {**FREE, "AllowedValues": ["dev", "x"]}, OPEN, ENTRY, {}, "proved"),
    ("a pattern that admits one row", {**FREE, "AllowedPattern": "d.*"}, OPEN, ENTRY, {}, "proved"),
    (
        "asked for in another place",
        {**FREE, "AllowedValues": ["dev", "prod"]},
        PARTLY,
        {"Fn::If": ["IsProd", OUTSIDE, INSIDE]},
        {"Conditions": IS_PROD, "Resources": {"Topic": TAGGED}},
        "proved",
    ),
    (
        "asked for where it is there",
        {**FREE, "AllowedValues": ["dev", "prod"]},
        PARTLY,
        {"Fn::If": ["IsProd", OUTSIDE, ENTRY]},
        {"Conditions": IS_PROD},
        "refuted",
    ),
    (
        "asked for by what is there where it is there",
        {**FREE, "AllowedValues": ["dev", "prod"]},
        PARTLY,
        {"Fn::If": ["IsProd", OUTSIDE, INSIDE]},
        {
            "Conditions": {**IS_PROD, "Else": {"Fn::Not": [{"Condition": "IsProd"}]}},
            "Resources": {"Topic": {**TAGGED, "Condition": "Else"}},
        },
        "refuted",
    ),
    ("a macro", FREE, {"dev": {"Id": INSIDE}, "Fn::Transform": {"Name": "Mine"}}, ENTRY, {}, "unknown"),
    (
        "asked for beside a macro, which may leave it out",
        {**FREE, "AllowedValues": ["dev", "prod"]},
        PARTLY,
        {"Fn::If": ["IsProd", OUTSIDE, INSIDE]},
        {
            "Conditions": IS_PROD,
            "Resources": {"Topic": {**TAGGED, "Properties": {**TAGGED["Properties"], "Fn::Transform": {"Name": "M"}}}},
        },
        "refuted",
    ),
    (
        "the key of an entry",
        {**FREE, "AllowedValues": ["dev", "prod", "x"]},
        {"r": {"dev": INSIDE, "prod": OWN}},
        {"Fn::If": ["IsX", OUTSIDE, OF_ROW]},
        {"Conditions": IS_X, "Resources": {"Topic": {**TAGGED, "Properties": {"DisplayName": OF_ROW}}}},
        "proved",
    ),
    (
        "the key of an entry that is there",
        {**FREE, "AllowedValues": ["dev", "prod", "x"]},
        {"r": {"dev": INSIDE, "x": OWN}},
        {"Fn::If": ["IsX", OUTSIDE, OF_ROW]},
        {"Conditions": IS_X, "Resources": {"Topic": {**TAGGED, "Properties": {"DisplayName": OF_ROW}}}},
        "refuted",
    ),
    ("the key of an entry alone", FREE, {"r": {"dev": INSIDE, "prod": OUTSIDE}}, OF_ROW, {}, "refuted"),
    (
        "asked for in a condition",
        {**FREE, "AllowedValues": ["dev", "prod"]},
        PARTLY,
        {"Fn::If": ["IsProd", OUTSIDE, INSIDE]},
        {"Conditions": {**IS_PROD, "Asks": {"Fn::Not": [{"Fn::Equals": [ENTRY, "x"]}]}}},
        "proved",
    ),
    (
        "asked for in a part of a condition",
        {**FREE, "AllowedValues": ["dev", "prod"]},
        PARTLY,
        {"Fn::If": ["IsProd", OUTSIDE, INSIDE]},
        {"Conditions": {**IS_PROD, "Asks": {"Fn::Or": [IS_PROD["IsProd"], {"Fn::Equals": [ENTRY, "x"]}]}}},
        "refuted",
    ),
    *(
        (
            f"asked for in an output{about}",
            {**FREE, "AllowedValues": ["dev", "prod"]},
            PARTLY,
            {"Fn::If": ["IsProd", OUTSIDE, INSIDE]},
            {
                "Conditions": {**IS_PROD, "Else": {"Fn::Not": [{"Condition": "IsProd"}]}},
                "Outputs": {"Id": {"Value": ENTRY, **said}},
            },
            expected,
        )
        for about, said, expected in [
            ("", {}, "proved"),
            (" where it is there", {"Condition": "Else"}, "refuted"),
            (" beside a macro", {"Export": {"Fn::Transform": {"Name": "Mine"}}}, "refuted"),
        ]
    ),
    ("a key that is made of it", FREE, OPEN, {"Fn::FindInMap": ["M", {"Fn::Sub": "x${Stage}"}, "Id"]}, {}, "unknown"),
]


@pytest.mark.parametrize(
    ("declared", "mapping", "who", "more", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_a_parameter_is_a_key_of_the_mapping(
    declared: Json, mapping: Json, who: object, more: dict[str, Json], expected: str, tmp_path: Path
) -> None:
    """CloudFormation refuses a template that asks a mapping for what it has not."""
    assert verdict(tmp_path, declared, mapping, who, **more) == expected


def test_a_counterexample_has_a_row_that_another_statement_asks_for(tmp_path: Path) -> None:
    """What a condition lets in at any other value than one is shown at one that can be deployed."""
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    else_ = {"Fn::If": ["IsProd", {"Ref": "AWS::NoValue"}, {**trust, "Principal": {"AWS": OUTSIDE}}]}
    document = {"Version": "2012-10-17", "Statement": [{**trust, "Principal": {"AWS": ENTRY}}, else_]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
    template = {
        "Parameters": {"Stage": {**FREE, "Default": "prod"}},
        "Mappings": {"M": CLOSED},
        "Conditions": IS_PROD,
        "Resources": {"Role": role},
    }
    config = {"boundary": {"accounts": [OWN, INSIDE]}}
    report = trustproof.check([template], account=OWN, config=config, properties=["inside-boundary"])
    (found,) = [one.counterexample for one in report.results]
    assert found is not None
    assert dict(found.parameters) == {"Stage": "dev"}


def test_a_counterexample_has_a_row_where_all_rows_are_alike(tmp_path: Path) -> None:
    """A default that a rule refuses makes way for a value that the mapping has, though all of them give the same."""
    is_dev = {"Fn::Equals": [STAGE, "dev"]}
    rules = {"NotDev": {"RuleCondition": is_dev, "Assertions": [{"Assert": {"Fn::Equals": [STAGE, "other"]}}]}}
    declared = {**FREE, "Default": "dev"}
    assert verdict(tmp_path, declared, ALIKE, ENTRY, Rules=rules) == "refuted"
    assert verdict(tmp_path, declared, ALIKE, ENTRY, {"Stage": "prod"}, Rules=rules) == "refuted"
    config = {"boundary": {"accounts": [OWN, INSIDE]}}
    path = str(tmp_path / "template.json")
    report = trustproof.check([path], account=OWN, config=config, properties=["inside-boundary"])
    (found,) = [one.counterexample for one in report.results if one.counterexample is not None]
    assert dict(found.parameters) == {"Stage": "prod"}


@pytest.mark.parametrize(("given", "expected"), [("dev", "proved"), ("prod", "refuted")])
def test_a_value_that_is_given(given: str, expected: str, tmp_path: Path) -> None:
    """A value that is given is judged."""
    assert verdict(tmp_path, FREE, OPEN, ENTRY, {"Stage": given}) == expected


NO_VALUE: Json = {"Ref": "AWS::NoValue"}
INNER: Json = {"Principal": {"AWS": OWN}}
ANYONE: Json = {"Effect": "Allow", "Principal": {"AWS": OUTSIDE}, "Action": "sts:AssumeRole"}
#: A role that trusts the account of a row, beside one that is anybody's under a condition.
PLACES = {"AWS::Region": ("us-east-1", "eu-west-1"), "AWS::AccountId": (OWN, INSIDE), "Stage": ("dev", "prod")}


def in_places(name: str, key: object, then: object, otherwise: object, **given: str) -> tuple[list[str], list[str]]:
    """
    What inside-boundary says, and the errors, where a mapping has one row only.

    Args:
        name: of what is looked up, and compared with the key of the row.
        key: by which it is looked up.
        then: a statement where it is that of the row.
        otherwise: one where it is not.
    """
    row, _ = PLACES[name]
    entry = {"Fn::FindInMap": ["M", key, "Id"]}
    allowed = {"Effect": "Allow", "Principal": {"AWS": entry}, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [allowed, {"Fn::If": ["Is", then, otherwise]}]}
    template: Json = {
        "Parameters": {"Stage": {"Type": "String", "Default": "dev"}},
        "Mappings": {"M": {row: {"Id": OWN}}},
        "Conditions": {"Is": {"Fn::Equals": [{"Ref": name}, row]}},
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}},
    }
    parameters = {"Stage": given.pop("Stage")} if "Stage" in given else {}
    config = {"boundary": {"accounts": [OWN, INSIDE]}}
    report = trustproof.check(
        [template], properties=["inside-boundary"], config=config, parameters=parameters, certify=True, **given
    )
    return [one.verdict for one in report.results], [*map(str, report.errors)]


@pytest.mark.parametrize("name", PLACES)
def test_a_place_that_a_condition_compares_has_a_row(name: str) -> None:
    """What stands there where a mapping has no row is in no deployment; what stands where it has one is judged."""
    key = {"Ref": name}
    assert in_places(name, key, NO_VALUE, ANYONE) == (["proved"], [])
    assert in_places(name, key, ANYONE, NO_VALUE) == (["refuted"], [])


@pytest.mark.parametrize(
    ("name", "argument"), [("AWS::Region", "region"), ("AWS::AccountId", "account"), ("Stage", "Stage")]
)
def test_a_place_that_is_given(name: str, argument: str) -> None:
    """Where a mapping has a row for it, the template is judged; elsewhere CloudFormation refuses it, which is said."""
    (row, other), key = PLACES[name], {"Ref": name}
    assert in_places(name, key, NO_VALUE, ANYONE, **{argument: row}) == (["proved"], [])
    assert in_places(name, key, ANYONE, NO_VALUE, **{argument: row}) == (["refuted"], [])
    for then, otherwise in ((NO_VALUE, ANYONE), (ANYONE, NO_VALUE)):
        verdicts, (error,) = in_places(name, key, then, otherwise, **{argument: other})
        said = f'the mapping M has nothing under "{other}" and "Id", so CloudFormation refuses the template where '
        assert (verdicts, f"{said}{name} is {other}" in error) == ([], True)


def test_a_key_that_is_written_out() -> None:
    """What no deployment can look up is an error without a value that was given."""
    verdicts, (error,) = in_places("Stage", "test", NO_VALUE, NO_VALUE)
    assert (verdicts, error.endswith('nothing under "test" and "Id", so CloudFormation refuses the template')) == (
        [],
        True,
    )


@pytest.mark.parametrize(("given", "expected"), [({}, "refuted"), ({"region": "eu-west-1"}, "proved")])
def test_a_lookup_in_vain_under_a_condition(given: dict[str, str], expected: str) -> None:
    """What is looked up only under a condition says that the condition does not hold."""
    statement = {"Effect": "Allow", "Principal": {"AWS": OUTSIDE}, "Action": "sts:AssumeRole"}
    entry = {"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "Id"]}
    document = {"Statement": [{"Fn::If": ["Is", {**statement, "Sid": entry}, NO_VALUE]}, {**statement, **INNER}]}
    template: Json = {
        "Parameters": {"Stage": {"Type": "String", "AllowedValues": ["dev", "prod"]}},
        "Mappings": {"M": {"us-east-1": {"Id": "x"}}},
        "Conditions": {"Is": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}},
    }
    config = {"boundary": {"accounts": [OWN]}}
    report = trustproof.check([template], properties=["inside-boundary"], config=config, certify=True, **given)
    assert ([one.verdict for one in report.results], report.errors) == ([expected], ())


RULES: list[tuple[str, object, str]] = [
    ("one Region", {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}, "proved"),
    ("one of several", {"Fn::Contains": [["us-east-1", "us-west-2"], {"Ref": "AWS::Region"}]}, "refuted"),
    ("any other", {"Fn::Not": [{"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}]}, "refuted"),
    ("an account, which says nothing of it", {"Fn::Equals": [{"Ref": "AWS::AccountId"}, OWN]}, "refuted"),
]


@pytest.mark.parametrize(("assertion", "expected"), [rule[1:] for rule in RULES], ids=[rule[0] for rule in RULES])
def test_a_rule_about_the_region(assertion: object, expected: str) -> None:
    """What stands in other Regions than those that a rule admits is in no deployment."""
    document = {"Version": "2012-10-17", "Statement": [{"Fn::If": ["Is", {**ANYONE, **INNER}, ANYONE]}]}
    template: Json = {
        "Rules": {"Where": {"Assertions": [{"Assert": assertion}]}},
        "Conditions": {"Is": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}},
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}},
    }
    config = {"boundary": {"accounts": [OWN]}}
    report = trustproof.check([template], properties=["inside-boundary"], config=config, certify=True)
    assert [one.verdict for one in report.results] == [expected]


IN_PROD: Json = {"Fn::And": [{"Fn::Equals": [STAGE, "prod"]}, {"Fn::Equals": [{"Ref": "Kind"}, "out"]}]}
LISTED: tuple[Json, Json] = ({"AllowedValues": ["dev", "prod"]}, {"AllowedValues": ["own", "out"]})
#: How a stage and a kind are declared, what the mapping has for a stage, and what is said.
BOTH: list[tuple[str, tuple[Json, Json], Json, str]] = [
    (
        "at each of the allowed values",
        LISTED,
        {"dev": {"own": OWN, "out": OWN}, "prod": {"own": OWN, "out": OUTSIDE}},
        "refuted",
    ),
    ("what a row has not", LISTED, {"dev": {"own": OWN, "out": OWN}, "prod": {"own": OWN, "x": OUTSIDE}}, "proved"),
    ("at any values", ({}, {}), {"dev": {"own": OWN}, "prod": {"out": OUTSIDE}}, "refuted"),
    ("rows that are fine", ({}, {}), {"dev": {"own": OWN}, "prod": {"out": INSIDE}}, "proved"),
    (
        "at defaults",
        ({"Default": "dev"}, {"Default": "own"}),
        {"dev": {"own": OWN}, "prod": {"own": OUTSIDE}},
        "proved",
    ),
    (
        "defaults that no row has",
        ({"Default": "prod"}, {"Default": "out"}),
        {"dev": {"own": OWN, "out": OWN}, "prod": {"own": OWN, "x": OUTSIDE}},
        "refuted",
    ),
    (
        "defaults that no row has, and rows that are fine",
        ({"Default": "prod"}, {"Default": "out"}),
        {"dev": {"own": OWN, "out": OWN}, "prod": {"own": INSIDE}},
        "proved",
    ),
]


def by_both(
    declared: tuple[Json, Json], rows: Json, *statements: object, given: dict[str, str] | None = None
) -> list[str]:
    """What inside-boundary says of a role that trusts what stands under two parameters."""
    entry = {"Fn::FindInMap": ["M", STAGE, {"Ref": "Kind"}]}
    trusted = {"Effect": "Allow", "Principal": {"AWS": entry}, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [trusted, *statements]}
    template: Json = {
        "Parameters": {name: {**FREE, **more} for name, more in zip(("Stage", "Kind"), declared, strict=True)},
        "Mappings": {"M": rows},
        "Conditions": {"InProd": IN_PROD},
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}},
    }
    config = {"boundary": {"accounts": [OWN, INSIDE]}}
    report = trustproof.check(
        [template], account=OWN, properties=["inside-boundary"], config=config, parameters=given or {}, certify=True
    )
    return [one.verdict for one in report.results]


@pytest.mark.parametrize(("declared", "rows", "expected"), [one[1:] for one in BOTH], ids=[one[0] for one in BOTH])
def test_two_parameters_are_keys_of_the_mapping(declared: tuple[Json, Json], rows: Json, expected: str) -> None:
    """Both are judged at what the mapping has under the two together."""
    assert by_both(declared, rows) == [expected]


def test_what_stands_where_no_row_has_an_entry() -> None:
    """What a condition on both has there is in no deployment."""
    statement: Json = {"Fn::If": ["InProd", ANYONE, NO_VALUE]}
    rows: Json = {"dev": {"own": OWN, "out": OWN}, "prod": {"own": OWN}}
    assert by_both(LISTED, rows, statement) == ["proved"]
    assert by_both(LISTED, {**rows, "prod": {"own": OWN, "out": OWN}}, statement) == ["refuted"]


def test_two_keys_are_judged_as_each_pair_of_them_is() -> None:
    """The template is refuted where one of the pairs that can be deployed is, and else proved."""
    rng = Random(30)
    for _ in range(12):
        accounts = [rng.choice((OWN, OWN, OUTSIDE, "")) for _ in range(4)]
        pairs = dict(zip(product(("dev", "prod"), ("own", "out")), accounts, strict=True))
        rows: Json = {s: {k: pairs[s, k] for k in ("own", "out") if pairs[s, k]} for s in ("dev", "prod")}
        if not all(rows.values()):
            continue
        told = {v for (s, k), who in pairs.items() if who for v in by_both(LISTED, rows, given={"Stage": s, "Kind": k})}
        assert by_both(LISTED, rows) == ["refuted" if "refuted" in told else "proved"], rows


ITEM: Json = {"Fn::Select": ["1", {"Ref": "Pair"}]}


@pytest.mark.parametrize(
    ("key", "rows", "expected"),
    [
        # With the default nothing is deployed, and whom another list names nobody knows.
        (ITEM, ["prod"], "unknown"),
        (ITEM, ["dev", "prod"], "proved"),
        ({"Fn::Join": ["-", {"Ref": "Pair"}]}, ["x"], "unknown"),
        ({"Fn::Sub": "x-${Stage}"}, ["x-prod"], "proved"),
    ],
)
def test_a_key_that_is_made_of_parameters(key: object, rows: list[str], expected: str) -> None:
    """A default that makes no key of the mapping is not deployed, so that nothing is proved at it."""
    trusted = {"Effect": "Allow", "Principal": {"AWS": {"Fn::Select": ["0", {"Ref": "Pair"}]}}}
    document = {"Version": "2012-10-17", "Statement": [{**trusted, "Action": "sts:AssumeRole"}]}
    name = {"Fn::FindInMap": ["M", key, "Name"]}
    topic: Json = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": name}}
    role: Json = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
    template: Json = {
        "Parameters": {
            "Pair": {"Type": "CommaDelimitedList", "Default": f"{OWN},dev"},
            "Stage": {"Type": "String", "Default": "dev"},
        },
        "Mappings": {"M": {row: {"Name": "x"} for row in rows}},
        "Resources": {"R": role, "T": topic},
    }
    config = {"boundary": {"accounts": [OWN]}}
    report = trustproof.check([template], account=OWN, properties=["inside-boundary"], config=config, certify=True)
    assert [one.verdict for one in report.results] == [expected]
