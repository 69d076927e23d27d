"""
Exports of which a parameter decides which one is imported, and lists that are joined and split again.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

Json = dict[str, object]
OWN, OUTSIDE = "111122223333", "999988887777"
WHICH: Json = {"Type": "String", "Default": "ours", "AllowedValues": ["ours", "theirs"]}
REF: Json = {"Ref": "Which"}


def exporting(*values: tuple[str, str]) -> Json:
    """A template that exports accounts by names."""
    outputs = {
        f"Out{number}": {"Value": value, "Export": {"Name": name}} for number, (name, value) in enumerate(values)
    }
    return {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}, "Outputs": outputs}


def importing(name: object) -> Json:
    """A template with a role that trusts what it imports."""
    statement = {"Effect": "Allow", "Principal": {"AWS": {"Fn::ImportValue": name}}, "Action": "sts:AssumeRole"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    return {
        "Parameters": {"Which": WHICH},
        "Conditions": {"IsOurs": {"Fn::Equals": [REF, "ours"]}},
        "Mappings": {"Names": {"ours": {"Name": "t-ours"}, "theirs": {"Name": "t-theirs"}}},
        "Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": policy}}},
    }


def answer(folder: Path, *contents: Json, **options: object) -> trustproof.Result:
    """Whether outsiders may assume the role."""
    files = []
    for number, content in enumerate(contents):
        file = folder / f"template{number}.json"
        file.write_text(json.dumps(content), encoding="utf-8")
        files.append(str(file))
    report = trustproof.check(
        files,
        properties=["inside-boundary"],
        account=OWN,
        region="us-east-1",
        config={"boundary": {"accounts": [OWN]}},
        certify=True,
        **options,  # type: ignore[arg-type]
    )
    assert report.errors == ()
    (found,) = (result for result in report.results if result.logical_id == "Role")
    return found


NAMES: list[object] = [
    {"Fn::Sub": "t-${Which}"},
    {"Fn::Join": ["-", ["t", REF]]},
    {"Fn::FindInMap": ["Names", REF, "Name"]},
    {"Fn::If": ["IsOurs", "t-ours", "t-theirs"]},
]


@pytest.mark.parametrize("name", NAMES, ids=str)
def test_each_export_counts(name: object, tmp_path: Path) -> None:
    """What is imported at each allowed value is what another stack exports by that name."""
    both = exporting(("t-ours", OWN), ("t-theirs", OUTSIDE))
    found = answer(tmp_path, both, importing(name))
    assert found.verdict == trustproof.REFUTED
    assert found.counterexample is not None
    assert found.counterexample.parameters["Which"] == "theirs"
    assert answer(tmp_path, exporting(("t-ours", OWN), ("t-theirs", OWN)), importing(name)).verdict == trustproof.PROVED
    # What nobody exports stays unknown, and a value that is pinned is the only one.
    assert answer(tmp_path, exporting(("t-ours", OWN)), importing(name)).verdict == trustproof.UNKNOWN
    pinned = answer(tmp_path, both, importing(name), parameters={"Which": "ours"})
    assert pinned.verdict == trustproof.PROVED


def test_the_name_is_the_parameter(tmp_path: Path) -> None:
    """The name of the export may be the parameter itself."""
    assert answer(tmp_path, exporting(("ours", OWN), ("theirs", OUTSIDE)), importing(REF)).verdict == trustproof.REFUTED
    assert answer(tmp_path, exporting(("ours", OWN), ("theirs", OWN)), importing(REF)).verdict == trustproof.PROVED


def exporting_each(ours: str, theirs: str, **stage: object) -> Json:
    """A template whose one export is called by the stage that it is deployed for."""
    value = {"Fn::FindInMap": ["Accounts", {"Ref": "Stage"}, "Id"]}
    return {
        "Parameters": {"Stage": {"Type": "String", "AllowedValues": ["ours", "theirs"], **stage}},
        "Mappings": {"Accounts": {"ours": {"Id": ours}, "theirs": {"Id": theirs}}},
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {"Out": {"Value": value, "Export": {"Name": {"Fn::Sub": "t-${Stage}"}}}},
    }


@pytest.mark.parametrize("stage", [{}, {"Default": "ours"}], ids=["no default", "default"])
def test_an_export_that_is_called_by_a_parameter(stage: Json, tmp_path: Path) -> None:
    """Who asks for it by a name gets what it has at the value that makes the name."""
    both = exporting_each(OWN, OUTSIDE, **stage)
    assert answer(tmp_path, both, importing("t-theirs")).verdict == trustproof.REFUTED
    assert answer(tmp_path, both, importing("t-ours")).verdict == trustproof.PROVED
    assert answer(tmp_path, both, importing(NAMES[0])).verdict == trustproof.REFUTED
    same = exporting_each(OWN, OWN, **stage)
    assert answer(tmp_path, same, importing(NAMES[0])).verdict == trustproof.PROVED


def test_an_export_by_the_name_itself_comes_first(tmp_path: Path) -> None:
    """Another template that has the name in any case is meant, and not one that has it at another value."""
    by_stage = exporting_each(OWN, OUTSIDE, Default="ours")
    found = answer(tmp_path, by_stage, exporting(("t-theirs", OWN)), importing("t-theirs"))
    assert found.verdict == trustproof.PROVED


IN_CI = "token.actions.githubusercontent.com"


def of_subject(value: object, **sections: Json) -> Json:
    """A template with a role for the tokens of a subject."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::{OWN}:oidc-provider/{IN_CI}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{IN_CI}:aud": "sts.amazonaws.com"}, "StringLike": {f"{IN_CI}:sub": value}},
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": policy}}
    return {"Parameters": {"Free": {"Type": "String"}}, **sections, "Resources": {"Role": role}}


def exporting_by(name: object, value: object) -> Json:
    """A template with one export."""
    return {
        "Parameters": {"Free": {"Type": "String"}, "Stage": {"Type": "String", "Default": "dev"}},
        "Conditions": {"Prod": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {"Out": {"Value": value, "Export": {"Name": name}}},
    }


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ({"Fn::Sub": "${Free}-sub"}, "prod-sub"),
        ({"Fn::Sub": "${Stage}-sub"}, "prod-sub"),
        ({"Fn::If": ["Prod", "prod-sub", "dev-sub"]}, "prod-sub"),
        ({"Fn::Sub": "${AWS::StackName}-sub"}, {"Fn::Sub": "${Free}-sub"}),
        ("prod-sub", {"Ref": "Free"}),
    ],
    ids=str,
)
def test_an_import_that_may_be_an_export_with_a_wildcard(name: object, asked: object, tmp_path: Path) -> None:
    """It is not taken for a text without one; where the export has none, or cannot have the name, it is."""
    by_name: Json = {"Fn::ImportValue": asked}
    first = {"Fn::Select": [0, {"Fn::Split": [",", by_name]}]}
    nested = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": "t.json", "Parameters": {"V": by_name}},
    }
    parent = {"Parameters": {"Free": {"Type": "String"}}, "Resources": {"Nested": nested}}
    child = of_subject({"Ref": "V"}, Parameters={"V": {"Type": "String"}})
    wild = exporting_by(name, "*")
    for others in ([of_subject(by_name)], [of_subject(first)], [parent, child]):
        assert verdict(tmp_path, wild, *others) == trustproof.UNKNOWN
    assert verdict(tmp_path, exporting_by(name, "repo:org/app:environment:x"), of_subject(by_name)) == trustproof.PROVED
    other = of_subject({"Fn::ImportValue": "x-other"})
    assert verdict(tmp_path, exporting_by({"Fn::Sub": "${Free}-sub"}, "*"), other) == trustproof.PROVED


def test_what_a_stack_set_imports(tmp_path: Path) -> None:
    """What is exported in its accounts is not known: neither what its template imports, nor what it is passed so."""
    by_name: Json = {"Fn::ImportValue": "sub"}
    passed = of_subject({"Ref": "Given"}, Parameters={"Given": {"Type": "String"}})
    for inner, parameters in (
        (of_subject(by_name), []),
        (passed, [{"ParameterKey": "Given", "ParameterValue": by_name}]),
    ):
        properties = {"TemplateBody": json.dumps(inner), "Parameters": parameters, "StackSetName": "s"}
        stack_set = {"Type": "AWS::CloudFormation::StackSet", "Properties": properties}
        assert verdict(tmp_path, {"Resources": {"Set": stack_set}}) == trustproof.UNKNOWN


def test_functions_with_a_wildcard_in_them(tmp_path: Path) -> None:
    """What is not known of a function that has a wildcard, or of a mapping with one, may be that."""
    second = {"Fn::Select": [1, {"Fn::Split": [",", {"Fn::Sub": "${Free},*"}]}]}
    assert verdict(tmp_path, of_subject(second)) == trustproof.UNKNOWN
    mapped: Json = {"Fn::FindInMap": ["Subjects", {"Ref": "Free"}, "Subject"]}
    subjects: Json = {"Subjects": {"a": {"Subject": "*"}, "b": {"Subject": ["repo:org/app:*"]}}}
    assert verdict(tmp_path, of_subject(mapped, Mappings=subjects)) != trustproof.PROVED


def verdict(folder: Path, *contents: Json) -> str:
    """Whether other tenants get into the role."""
    for old in folder.iterdir():
        old.unlink()
    names = ["t.json" if "V" in str(content.get("Parameters")) else f"{at}.json" for at, content in enumerate(contents)]
    for name, content in zip(names, contents, strict=True):
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    files = [folder / name for name in names]
    report = trustproof.check(files, account=OWN, config={}, properties=["web-identity-bound"])
    assert report.errors == ()
    (found,) = (result for result in report.results if result.logical_id.endswith("Role"))
    return found.verdict


ADMIN: Json = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}]}
NO_MFA: Json = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
GUARD: Json = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": NO_MFA}],
}


@pytest.mark.parametrize(
    ("delimiter", "apart", "is_followed"),
    [(",", ",", True), ("|", "|", True), (", ", ", ", True), ("-", "-", False), (",", "S", False)],
)
def test_generated_names_that_are_joined_and_split(
    delimiter: str, apart: str, is_followed: bool, tmp_path: Path
) -> None:
    """Users by their generated names, joined to a text and split again, are whom a policy is attached to."""
    user = {"Type": "AWS::IAM::User", "Properties": {"Policies": [{"PolicyName": "admin", "PolicyDocument": ADMIN}]}}
    users = {"Fn::Split": [apart, {"Fn::Join": [delimiter, [{"Ref": "U"}, {"Ref": "V"}]]}]}
    guard = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"Users": users, "PolicyDocument": GUARD}}
    file = tmp_path / "template.json"
    file.write_text(json.dumps({"Resources": {"U": user, "V": user, "Guard": guard}}), encoding="utf-8")
    report = trustproof.check([str(file)], properties=["sensitive-actions-require-mfa"], account=OWN)
    found = {result.verdict for result in report.results if result.logical_id in ("U", "V")}
    assert (found == {trustproof.PROVED}) is is_followed


@pytest.mark.parametrize(
    "name",
    [
        "x",
        {"Fn::Sub": "x"},
        {"Fn::Sub": ["${A}", {"A": "x"}]},
        {"Fn::Join": ["", ["x"]]},
        {"Fn::Select": [0, ["x"]]},
        {"Fn::FindInMap": ["Names", "x", "Name"]},
    ],
    ids=str,
)
@pytest.mark.parametrize("default", [{"Default": OWN}, {}])
def test_what_is_imported_by_an_expression_is_judged_at_each_value_of_it(
    tmp_path: Path, name: object, default: Json
) -> None:
    """As by a name that is written: the exporting stack decides what it is, whatever its default."""
    taking, giving = importing(name), exporting()
    taking["Mappings"] = {"Names": {"x": {"Name": "x"}}}
    giving["Parameters"] = {"Acc": {"Type": "String", "AllowedValues": [OWN, OUTSIDE], **default}}
    giving["Outputs"] = {"Out": {"Value": {"Ref": "Acc"}, "Export": {"Name": "x"}}}
    assert answer(tmp_path, taking, giving).verdict == "refuted"
