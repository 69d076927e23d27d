"""
Chains that a Deny under a condition closes at some values of a parameter: they are open at the others.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

Json = dict[str, object]
ACCOUNT = "111122223333"
PARAMETERS: Json = {
    "Guard": {"Type": "String", "Default": "on", "AllowedValues": ["on", "off"]},
    "Stage": {"Type": "String", "Default": "prod", "AllowedValues": ["prod", "test", "dev"]},
}
CONDITIONS: Json = {
    "Guarded": {"Fn::Equals": [{"Ref": "Guard"}, "on"]},
    "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
    "IsTest": {"Fn::Equals": [{"Ref": "Stage"}, "test"]},
}
ALLOW: Json = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
DENY: Json = {"Effect": "Deny", "Action": "sts:*", "Resource": "*"}
NARROW: Json = {**DENY, "Action": "sts:AssumeRole"}
NOTHING: Json = {"Ref": "AWS::NoValue"}


def case(condition: str, then: object, otherwise: object = NOTHING) -> Json:
    """What a condition decides."""
    return {"Fn::If": [condition, then, otherwise]}


def trusting(*principals: tuple[object, Json]) -> Json:
    """The trust policy of a role."""
    statements = [
        {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole", **more}
        for principal, more in principals
    ]
    return {"Version": "2012-10-17", "Statement": statements}


MFA: Json = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}


def found(folder: Path, statements: list[object], *, apart: bool) -> trustproof.Result:
    """
    What is said of a role that demands MFA and trusts one that does not, which has an identity policy.

    Args:
        apart: whether the two stand in two templates.
    """
    inline = {"PolicyName": "n", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}
    name = f"arn:aws:iam::{ACCOUNT}:role/entry"
    entry: Json = {
        "RoleName": "entry",
        "AssumeRolePolicyDocument": trusting((ACCOUNT, {})),
        "Policies": [inline],
    }
    admin: Json = {"RoleName": "admin", "AssumeRolePolicyDocument": trusting((ACCOUNT, MFA), (name, {}))}
    roles = {
        key: {"Type": "AWS::IAM::Role", "Properties": value} for key, value in (("Entry", entry), ("Admin", admin))
    }
    given: Json = {"Parameters": PARAMETERS, "Conditions": CONDITIONS}
    contents: list[Json] = [{**given, "Resources": roles}]
    if apart:
        contents = [{**given, "Resources": {"Entry": roles["Entry"]}}, {"Resources": {"Admin": roles["Admin"]}}]
    files = []
    for number, content in enumerate(contents):
        file = folder / f"template{number}.json"
        file.write_text(json.dumps(content), encoding="utf-8")
        files.append(str(file))
    report = trustproof.check(files, properties=["mfa-survives-chaining"], account=ACCOUNT, certify=True)
    assert report.errors == ()
    (result,) = (one for one in report.results if one.logical_id == "Admin")
    return result


#: What the entry may do, and the values at which a user walks through; None where no value opens the chain.
OPEN: list[tuple[str, list[object], Json | None]] = [
    ("no Deny", [ALLOW], {}),
    ("at another value than the default", [ALLOW, case("Guarded", DENY)], {"Guard": "off"}),
    ("at the default", [ALLOW, case("Guarded", NOTHING, DENY)], {}),
    (
        "where two Denies are both gone",
        [ALLOW, case("Guarded", DENY), case("IsProd", DENY)],
        {"Guard": "off", "Stage": "test"},
    ),
    ("at one of three values", [ALLOW, case("IsProd", DENY), case("IsTest", DENY)], {"Stage": "dev"}),
    ("never: a Deny either way", [ALLOW, case("Guarded", DENY, NARROW)], None),
    ("never: two Denies that take turns", [ALLOW, case("IsProd", DENY), case("IsProd", NOTHING, NARROW)], None),
]


@pytest.mark.parametrize("apart", [False, True], ids=["one template", "two templates"])
@pytest.mark.parametrize(("statements", "values"), [case[1:] for case in OPEN], ids=[case[0] for case in OPEN])
def test_a_deny_under_a_condition(statements: list[object], values: Json | None, apart: bool, tmp_path: Path) -> None:
    """A chain that is open at some allowed values is refuted with these, and one that is open at none is not."""
    result = found(tmp_path, statements, apart=apart)
    if values is None:
        assert result.verdict != trustproof.REFUTED
        return
    assert result.verdict == trustproof.REFUTED
    assert result.counterexample is not None
    parameters = result.counterexample.parameters
    assert {name: parameters.get(name) for name in values} == values


@pytest.mark.parametrize("apart", [False, True], ids=["one template", "two templates"])
def test_what_is_named_opens_it(apart: bool, tmp_path: Path) -> None:
    """At the values that a refutation names, the program refutes again."""
    statements: list[object] = [ALLOW, case("Guarded", DENY), case("IsTest", NOTHING, DENY)]
    result = found(tmp_path, statements, apart=apart)
    assert result.counterexample is not None
    files = sorted(map(str, tmp_path.glob("*.json")))
    again = trustproof.check(
        files,
        properties=["mfa-survives-chaining"],
        account=ACCOUNT,
        parameters={name: value for name, value in result.counterexample.parameters.items() if name in PARAMETERS},
    )
    (there,) = (one for one in again.results if one.logical_id == "Admin")
    assert there.verdict == trustproof.REFUTED
