"""
What is said of a template with ``AllowedValues``, in whatever order, is what is said of it at each of the values.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof
from tests.analysis.role_chains.templates import HUB, MFA, arn, role, statement

Json = dict[str, Any]

N: Json = {"Ref": "N"}
#: From the best that can be said of something to the worst.
VERDICTS = ("proved", "unknown", "refuted")
REACHED = {("mfa-survives-chaining", "Adm")}
#: What the name ``front`` is made of, and the values of the parameter that makes another one of it, and this one.
NAMES: dict[str, tuple[Any, tuple[str, ...]]] = {
    "Ref": (N, ("other", "front")),
    "Sub": ({"Fn::Sub": "f${N}t"}, ("ligh", "ron")),
    "If": ({"Fn::If": ["X", "front", "other"]}, ("a", "x")),
    "FindInMap": ({"Fn::FindInMap": ["M", N, "n"]}, ("a", "x")),
}
SECTIONS: Json = {
    "Conditions": {"X": {"Fn::Equals": [N, "x"]}},
    "Mappings": {"M": {"a": {"n": "other"}, "x": {"n": "front"}}},
}


def user(**properties: Any) -> Json:
    return {"Type": "AWS::IAM::User", "Properties": {"UserName": "alice", **properties}}


def policy(kind: str, effect: str, **properties: Any) -> Json:
    says: Json = {"Effect": effect, "Action": "iam:CreateUser", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [says]}
    return {"Type": f"AWS::IAM::{kind}", "Properties": {**properties, "PolicyDocument": document}}


def inline(effect: str) -> list[Json]:
    properties: Json = policy("Policy", effect)["Properties"]
    return [{"PolicyName": "own", **properties}]


def chain(front: Json, adm: Json | None = None) -> dict[str, Json]:
    """A role that demands MFA, and one that needs none and may assume it."""
    trusts = statement(arn(HUB, "front"))
    return {"Front": front, "Adm": adm or role("adm", trusts, statement(HUB, MFA))}


def front(**properties: Any) -> Json:
    made: Json = role("front", statement(HUB), assumes="*")
    return {**made, "Properties": {**made["Properties"], **properties}}


BIG = arn(HUB, "x").replace("role/x", "policy/big")
Row = tuple[dict[str, Json], tuple[str, ...], set[tuple[str, str]]]
#: Resources, the values of the parameter, and what is refuted at the last of them at least: each has its own name.
ROWS: dict[str, Row] = {
    **{f"name of a role by {how}": (chain(front(RoleName=n)), v, REACHED) for how, (n, v) in NAMES.items()},
    "path of a role": (chain(front(Path=N)), ("/x/", "/"), REACHED),
    "name of the target": (
        chain(front(), role(N, statement(arn(HUB, "front")), statement(HUB, MFA))),  # type: ignore[arg-type]
        ("other", "adm"),
        REACHED,
    ),
    "trusted name": (
        chain(front(), role("adm", statement({"Fn::Sub": arn(HUB, "${N}")}), statement(HUB, MFA))),
        ("other", "front"),
        REACHED,
    ),
    "name of a user": (
        {"U": user(UserName=N, Policies=inline("Allow")), "P": policy("Policy", "Deny", PolicyName="p", Users=["bob"])},
        ("bob", "alice"),
        {("sensitive-actions-require-mfa", "U")},
    ),
    "name of a group": (
        {
            "U": user(Groups=["ops"], Policies=inline("Allow")),
            "G": {"Type": "AWS::IAM::Group", "Properties": {"GroupName": N, "Policies": inline("Deny")}},
        },
        ("ops", "other"),
        {("sensitive-actions-require-mfa", "U")},
    ),
    "whom a policy is attached to": (
        {"U": user(Policies=inline("Allow")), "P": policy("Policy", "Deny", PolicyName="p", Users=[N])},
        ("alice", "bob"),
        {("sensitive-actions-require-mfa", "U")},
    ),
    "name of a managed policy": (
        {"U": user(ManagedPolicyArns=[BIG]), "M": policy("ManagedPolicy", "Allow", ManagedPolicyName=N)},
        ("other", "big"),
        {("sensitive-actions-require-mfa", "M")},
    ),
    "name of a permissions boundary": (
        {
            "U": user(Policies=inline("Allow"), PermissionsBoundary=BIG),
            "M": policy("ManagedPolicy", "Allow", ManagedPolicyName=N),
        },
        ("other", "big"),
        {("sensitive-actions-require-mfa", "U")},
    ),
}


def said(
    folder: Path, files: dict[str, Json], parameters: dict[str, str] | None = None, **given: Any
) -> dict[tuple[str, str], list[trustproof.Result]]:
    """What is said of each resource."""
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content))
    asked = ["mfa-survives-chaining", "sensitive-actions-require-mfa"]
    report = trustproof.check(
        [folder], config={}, account=HUB, properties=asked, parameters=parameters, **{"region": "eu-west-1", **given}
    )
    assert not report.errors
    found: dict[tuple[str, str], list[trustproof.Result]] = {}
    for one in report.results:
        found.setdefault((one.property, one.logical_id), []).append(one)
    return found


def worst(results: list[trustproof.Result]) -> str:
    return max((one.verdict for one in results), key=VERDICTS.index)


def compare(folder: Path, files: dict[str, Json], values: tuple[str, ...], wrong: set[tuple[str, str]]) -> None:
    """Compare what is said of templates, of which the first has the parameter, with what is said at each value."""
    main = next(iter(files))

    def with_values(listed: tuple[str, ...]) -> dict[str, Json]:
        return {**files, main: {"Parameters": {"N": {"Type": "String", "AllowedValues": listed}}, **files[main]}}

    at = {value: said(folder / value.strip("/"), with_values(values), {"N": value}) for value in values}
    assert {key for key, results in at[values[-1]].items() if worst(results) == "refuted"} >= wrong
    for number, order in enumerate((values, values[::-1])):
        for key, results in said(folder / f"whole{number}", with_values(order)).items():
            here = {value: worst(found[key]) for value, found in at.items() if key in found}
            assert worst(results) == max(here.values(), key=VERDICTS.index), key
            for one in results:
                named = {} if one.counterexample is None else one.counterexample.parameters
                value = next((v for name, v in named.items() if name.rpartition("/")[2] == "N"), None)
                if one.verdict == "refuted":
                    assert {here[value]} if value else {*here.values()} == {"refuted"}, (key, named)


@pytest.mark.parametrize("row", ROWS)
def test_the_order_of_allowed_values_decides_nothing(tmp_path: Path, row: str) -> None:
    """Where a name, a path or a target depends on a parameter, each value counts, and a counterexample names it."""
    resources, values, wrong = ROWS[row]
    compare(tmp_path, {"template": {**SECTIONS, "Resources": resources}}, values, wrong)


@pytest.mark.parametrize("row", [row for row in ROWS if "role" not in row and "Adm" not in ROWS[row][0]])
def test_nor_where_another_template_has_the_rest(tmp_path: Path, row: str) -> None:
    """Two templates are judged together where one may name what the other declares."""
    resources, values, wrong = ROWS[row]
    main = {name: one for name, one in resources.items() if "'Ref': 'N'" in str(one)}
    rest = {name: one for name, one in resources.items() if name not in main}
    compare(tmp_path, {"main": {"Resources": main}, "other": {"Resources": rest}}, values, wrong)


@pytest.mark.parametrize("how", NAMES)
def test_nor_where_a_parent_passes_the_name(tmp_path: Path, how: str) -> None:
    """The stack with the role has a parameter of its own, which is given the name."""
    name, values = NAMES[how]
    properties: Json = {"TemplateURL": "child.json", "Parameters": {"Name": name}}
    stack = {"Type": "AWS::CloudFormation::Stack", "Properties": properties}
    parts = chain(front(RoleName={"Ref": "Name"}))
    child = {"Parameters": {"Name": {"Type": "String"}}, "Resources": {"Front": parts.pop("Front")}}
    compare(tmp_path, {"parent": {**SECTIONS, "Resources": {**parts, "Stack": stack}}, "child": child}, values, REACHED)


@pytest.mark.parametrize(
    ("name", "region"),
    [
        ({"Fn::Sub": "front-${AWS::Region}"}, "eu-west-1"),
        ({"Fn::FindInMap": ["R", {"Ref": "AWS::Region"}, "n"]}, "eu-central-1"),
        ({"Fn::If": ["Home", "front-eu-west-1", "other"]}, "eu-central-1"),
    ],
)
def test_a_chain_is_found_in_the_region_whose_name_a_policy_has(tmp_path: Path, name: Any, region: str) -> None:
    """Where no Region is said, it is not the first one that decides, and the one of the chain is named."""
    trusts = statement(arn(HUB, "front-eu-west-1"))
    content = {
        "Conditions": {"Home": {"Fn::Equals": [{"Ref": "AWS::Region"}, region]}},
        "Mappings": {"R": {"us-east-1": {"n": "other"}, region: {"n": "front-eu-west-1"}}},
        "Resources": chain(front(RoleName=name), role("adm", trusts, statement(HUB, MFA))),
    }
    (found,) = said(tmp_path, {"template": content}, region=None)["mfa-survives-chaining", "Adm"]
    assert found.verdict == "refuted"
    assert found.counterexample is not None
    assert found.counterexample.parameters["AWS::Region"] == region
    proved = said(tmp_path, {"template": content}, region="us-east-1")["mfa-survives-chaining", "Adm"]
    assert worst(proved) == "proved"


def test_one_chain_by_several_names_is_one_finding(tmp_path: Path) -> None:
    """The roles are the same whatever they are called."""
    trusts = statement({"Fn::GetAtt": ["Front", "Arn"]})
    resources = chain(front(RoleName=N), role("adm", trusts, statement(HUB, MFA)))
    parameters = {"N": {"Type": "String", "AllowedValues": ["a", "b", "c"]}}
    found = said(tmp_path, {"template": {"Parameters": parameters, "Resources": resources}})
    assert [one.verdict for one in found["mfa-survives-chaining", "Adm"]] == ["refuted"]
