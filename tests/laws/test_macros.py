"""
The law of macros: wrapping a part of a template in a macro, even in one that changes nothing, never leaves a proof.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

import trustproof
from trustproof import PROVED

Json: TypeAlias = "dict[str, object]"
Step: TypeAlias = "tuple[str | int, ...]"

ACCOUNT, OTHER = "111122223333", "222233334444"
CONFIG = {"boundary": {"accounts": [ACCOUNT, OTHER]}}
#: Identifiers whose proofs say that nobody gets in; a statement that somebody can use proves no safety.
SAFETY = ("mfa-required", "inside-boundary", "sensitive-actions-require-mfa", "assume-role-scoped")

_accounts = st.sampled_from(
    [
        ACCOUNT,
        {"Fn::FindInMap": ["Accounts", {"Ref": "Stage"}, "Id"]},
        {"Fn::If": ["IsDev", ACCOUNT, OTHER]},
        {"Fn::Sub": "arn:aws:iam::${Stage}:root"},
    ]
)
_conditions = st.dictionaries(
    st.sampled_from(["Bool", "StringEquals"]),
    st.sampled_from([{"aws:MultiFactorAuthPresent": "true"}, {"aws:PrincipalAccount": ACCOUNT}]),
    max_size=2,
)


@st.composite
def templates(draw: st.DrawFn) -> Json:
    """Templates whose roles and users take what they say from parameters, mappings and conditions."""
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": draw(_accounts)},
        "Action": "sts:AssumeRole",
        "Condition": draw(_conditions),
    }
    hold = {
        "Effect": draw(st.sampled_from(["Allow", "Deny"])),
        "Action": draw(st.sampled_from(["s3:GetObject", "iam:CreateUser"])),
        "Resource": "*",
        "Condition": draw(_conditions),
    }
    read = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    role = {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "Policies": [{"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [read, hold]}}],
    }
    return {
        "Parameters": {"Stage": {"Type": "String", "AllowedValues": ["dev", "prod"], "Default": "dev"}},
        "Mappings": {"Accounts": {"dev": {"Id": ACCOUNT}, "prod": {"Id": OTHER}}},
        "Conditions": {"IsDev": {"Fn::Equals": [{"Ref": "Stage"}, "dev"]}},
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": role}},
    }


def parts(value: object, path: Step = ()) -> Iterator[Step]:
    """The mappings that a macro may stand in: of resources, and whatever is in them."""
    if isinstance(value, dict):
        yield path
        for key, inner in value.items():
            yield from parts(inner, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from parts(item, (*path, index))


def wrapped(value: object, path: Step) -> object:
    """A template with an identity macro at a part."""
    if not path:
        assert isinstance(value, dict)
        return {"Fn::Transform": {"Name": "Identity"}, **value}
    if isinstance(value, list):
        return [wrapped(item, path[1:]) if index == path[0] else item for index, item in enumerate(value)]
    assert isinstance(value, dict)
    return {key: wrapped(inner, path[1:]) if key == path[0] else inner for key, inner in value.items()}


def proofs(folder: Path, template: object) -> set[tuple[str, str]]:
    """What is proved: property and resource."""
    file = folder / "template.json"
    file.write_text(json.dumps(template))
    report = trustproof.check([str(file)], account=ACCOUNT, config=CONFIG, properties=list(SAFETY))
    assert not report.errors
    return {(result.property, result.logical_id) for result in report.results if result.verdict == PROVED}


@given(templates(), st.data())
def test_an_identity_macro_never_leaves_a_proof(
    tmp_path_factory: pytest.TempPathFactory, template: Json, data: st.DataObject
) -> None:
    """Nobody knows of the macro that it changes nothing."""
    folder: Path = tmp_path_factory.getbasetemp()
    resource = template["Resources"]["R"]  # type: ignore[index]
    place = data.draw(st.sampled_from(sorted(parts(resource), key=str)))
    assert proofs(folder, wrapped(template, ("Resources", "R", *place))) == set()


@given(templates(), st.sampled_from(["Mappings", "Conditions"]), st.booleans())
def test_a_proof_beside_a_macro_needs_nothing_of_it(
    tmp_path_factory: pytest.TempPathFactory, template: Json, section: str, at_entry: bool
) -> None:
    """Whatever the macro makes of a mapping or a condition, what is still proved is proved without it too."""
    folder: Path = tmp_path_factory.getbasetemp()
    (name, *_) = template[section]  # type: ignore[misc]
    left = proofs(folder, wrapped(template, (section, name) if at_entry else (section,)))
    changed = json.loads(json.dumps(template))
    if section == "Mappings":
        changed["Mappings"]["Accounts"] = {stage: {"Id": "999988887777"} for stage in ("dev", "prod")}
    else:
        changed["Conditions"]["IsDev"] = {"Fn::Equals": ["a", "b"]}
    assert left <= proofs(folder, template)
    assert left <= proofs(folder, changed)
