"""
Values of the Parameter Store that somebody gives: ``NAME.ResolvedValue``, as CloudFormation calls them.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from trustproof.cli.parameters import collect_parameters

Json = dict[str, object]
OWN, OTHER = "111122223333", "444455556666"
RESOLVED = "Who.ResolvedValue"


def template(type_: str = "AWS::SSM::Parameter::Value<String>", **declared: object) -> Json:
    """A role that lets in whoever stands in the Parameter Store."""
    trusted = {"AWS": {"Fn::Sub": "arn:aws:iam::${Who}:root"}}
    statement = {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
    return {"Parameters": {"Who": {"Type": type_, **declared}}, "Resources": {"R": role}}


def verdict(parameters: dict[str, str], tmp_path: Path, **declared: object) -> tuple[str, tuple[str, ...]]:
    """What is said of who gets in."""
    file = tmp_path / "t.json"
    file.write_text(json.dumps(template(**declared)))  # type: ignore[arg-type]
    config = {"boundary": {"accounts": [OWN]}}
    asked = ["inside-boundary"]
    report = trustproof.check([file], account=OWN, config=config, properties=asked, parameters=parameters, certify=True)
    assert report.errors == ()
    (found,) = report.results
    return found.verdict, found.reasons


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, "unknown"),
        # As for a deployment, this is a name in the store, and its value is not known.
        ({"Who": OWN}, "unknown"),
        ({RESOLVED: OWN}, "proved"),
        ({RESOLVED: OTHER}, "refuted"),
        ({"Who": "/org/hub", RESOLVED: OTHER}, "refuted"),
    ],
)
def test_what_stands_in_the_store_may_be_given(tmp_path: Path, parameters: dict[str, str], expected: str) -> None:
    """The value of such a parameter is a name; what is judged is what stands there, where somebody says it."""
    assert verdict(parameters, tmp_path)[0] == expected


def test_what_is_listed_are_names(tmp_path: Path) -> None:
    """The default and the values that are listed say nothing of what stands there."""
    listed = {"Default": "/org/hub", "AllowedValues": ["/org/hub", "/org/spoke"]}
    assert verdict({RESOLVED: OWN}, tmp_path, **listed)[0] == "proved"


def test_the_advice_is_the_way(tmp_path: Path) -> None:
    """Whoever reads what is not known is told how to say it, and need not change the template."""
    _, reasons = verdict({}, tmp_path)
    assert f"give the value of Who in the Parameter Store: --parameter {RESOLVED}=VALUE" in reasons


def test_a_deployed_stack_has_told_it(tmp_path: Path) -> None:
    """What ``aws cloudformation describe-stacks`` prints of the parameters of a stack is a file of values."""
    file = tmp_path / "parameters.json"
    file.write_text(json.dumps([{"ParameterKey": "Who", "ParameterValue": "/org/hub", "ResolvedValue": OWN}]))
    assert collect_parameters((), str(file)) == {"Who": "/org/hub", RESOLVED: OWN}


def test_no_other_parameter_is_called_so(tmp_path: Path) -> None:
    """A name that no template has is refused as any other."""
    file = tmp_path / "t.json"
    file.write_text(json.dumps(template()))
    with pytest.raises(trustproof.UsageError, match=r"no template has a parameter called What\.ResolvedValue"):
        trustproof.check([file], account=OWN, config={}, parameters={"What.ResolvedValue": OWN})


@pytest.mark.parametrize("type_", ["AWS::SSM::Parameter::Value<String>", "String"])
def test_a_parameter_has_no_path_before_its_name(tmp_path: Path, type_: str) -> None:
    """Two templates of one file name are told apart by their paths, and what is asked for is the parameter."""
    passed = {"Org": {"Ref": "Org"}}
    outer: Json = {
        "Parameters": {"Org": {"Type": type_}},
        "Resources": {
            "Inner": {
                "Type": "AWS::CloudFormation::Stack",
                "Properties": {"TemplateURL": "inner.json", "Parameters": passed},
            }
        },
    }
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Resource": "arn:aws:iam::*:role/x",
        "Condition": {"StringEquals": {"aws:ResourceOrgID": {"Ref": "Org"}}},
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    policy = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"Users": ["u"], "PolicyDocument": document}}
    inner = {"Parameters": {"Org": {"Type": "String"}}, "Resources": {"P": policy}}
    for folder, url in (("a", "inner.json"), ("b", "elsewhere.json")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "global.json").write_text(json.dumps(outer).replace("inner.json", url))
    (tmp_path / "a" / "inner.json").write_text(json.dumps(inner))

    def said(**given: str) -> list[str]:
        report = trustproof.check(
            [tmp_path], account=OWN, config={}, properties=["assume-role-scoped"], parameters=given
        )
        return [text for one in report.results for text in (one.message, *one.reasons)]

    texts = said()
    assert any("the organization that Org gives" in text for text in texts)
    assert not any(str(tmp_path) in text for text in texts)
    name = "Org" if type_ == "String" else "Org.ResolvedValue"
    assert any(f"--parameter {name}=VALUE" in text for text in texts)
    assert any("o-a1b2c3d4e5" in text for text in said(**{name: "o-a1b2c3d4e5"}))
