"""
Templates, parameters and intrinsic functions: what they come to, and what is refused.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.cloudformation.conftest import Stacks, inventory, resource, template, trust
from trustproof.sandbox.cloudformation.errors import RefusedRequest, Undecided
from trustproof.sandbox.cloudformation.template import read_template

R = resource("IAM::Role", RoleName="r", AssumeRolePolicyDocument=trust())


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"Ref": "R"}, "r"),
        ({"Ref": "AWS::AccountId"}, "111122223333"),
        ({"Ref": "AWS::Partition"}, "aws"),
        ({"Ref": "AWS::Region"}, "eu-central-1"),
        ({"Ref": "AWS::StackName"}, "stack"),
        ({"Ref": "AWS::URLSuffix"}, "amazonaws.com"),
        ({"Ref": "P"}, "a,b"),
        ({"Fn::GetAtt": "R.Arn"}, "arn:aws:iam::111122223333:role/r"),
        ({"Fn::GetAtt": ["R", "Arn"]}, "arn:aws:iam::111122223333:role/r"),
        ({"Fn::Sub": "${R}-${R.Arn}-${!R}-${P}"}, "r-arn:aws:iam::111122223333:role/r-${R}-a,b"),
        ({"Fn::Sub": ["${X}/${R}", {"X": {"Ref": "AWS::Region"}}]}, "eu-central-1/r"),
        ({"Fn::Join": ["-", ["a", {"Ref": "R"}, 1, True]]}, "a-r-1-true"),
        ({"Fn::Join": ["-", {"Ref": "L"}]}, "x-y"),
        ({"Fn::Select": [1, {"Fn::Split": [",", {"Ref": "P"}]}]}, "b"),
        ({"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "k"]}, "v"),
        ({"Fn::FindInMap": ["M", "none", "k", {"DefaultValue": "d"}]}, "d"),
        ({"Fn::If": ["Yes", "then", "else"]}, "then"),
        ({"Fn::If": ["No", "then", "else"]}, "else"),
        ({"Fn::If": ["Both", "then", "else"]}, "else"),
        ({"Fn::If": ["Either", "then", "else"]}, "then"),
        ({"Fn::Base64": "text"}, "dGV4dA=="),
        ({"Fn::Select": [1, {"Fn::Cidr": ["10.0.0.0/24", 4, 6]}]}, "10.0.0.64/26"),
        ({"Fn::Select": [0, {"Fn::GetAZs": ""}]}, "eu-central-1a"),
    ],
)
def test_what_a_function_comes_to(value: Any, found: str, stacks: Stacks) -> None:
    """Every function gives what CloudFormation gives."""
    made = template(R=R) | {
        "Parameters": {
            "P": {"Type": "String", "Default": "a,b"},
            "L": {"Type": "CommaDelimitedList", "Default": "x, y"},
        },
        "Mappings": {"M": {"eu-central-1": {"k": "v"}}},
        "Conditions": {
            "Yes": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-central-1"]},
            "No": {"Fn::Not": [{"Condition": "Yes"}]},
            "Both": {"Fn::And": [{"Condition": "Yes"}, {"Condition": "No"}]},
            "Either": {"Fn::Or": [{"Condition": "Yes"}, {"Condition": "No"}]},
        },
        "Outputs": {"O": {"Value": value}},
    }
    assert stacks.deploy(made) == "CREATE_COMPLETE", stacks.call("DescribeStackEvents", StackName="stack")
    assert stacks.outputs() == {"O": found}


EXPANDED = ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
KEY = {"Fn::Join": ["-", ["eu", "central", "1"]]}


@pytest.mark.parametrize(
    ("value", "found", "said"),
    [
        (
            {"Fn::ToJsonString": {"a": [{"Ref": "AWS::Partition"}]}},
            '{"a":["aws"]}',
            "unsupported function: Fn::ToJsonString",
        ),
        ({"Fn::Sub": ["${N}", {"N": {"Fn::Length": ["a", "b"]}}]}, "2", "unsupported function: Fn::Length"),
        ({"Fn::FindInMap": ["M", KEY, "k"]}, "v", "Fn::FindInMap takes no Fn::Join"),
        ({"Fn::FindInMap": ["M", "none", "k", {"DefaultValue": KEY}]}, "eu-central-1", ""),
        ({"Fn::FindInMap": ["M", {"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "l"]}, "k"]}, "v", ""),
    ],
)
def test_functions_of_a_transform(value: Any, found: str, said: str, stacks: Stacks) -> None:
    """Without `AWS::LanguageExtensions` CloudFormation refuses them, wherever they stand."""
    made = template(R=resource("IAM::Role", AssumeRolePolicyDocument=trust())) | {
        "Mappings": {"M": {"eu-central-1": {"k": "v", "l": "eu-central-1"}}},
        "Outputs": {"O": {"Value": value}},
    }
    if said:
        for one in (made, {**made, "Conditions": {"Never": {"Fn::Equals": [value, ""]}}, "Outputs": {}}):
            with pytest.raises(RefusedRequest, match=said):
                stacks.deploy(one)
    else:
        assert stacks.deploy(made) == "CREATE_COMPLETE"
        assert stacks.outputs() == {"O": found}
    made["Transform"] = "AWS::LanguageExtensions"
    with pytest.raises(RefusedRequest, match=r"Requires capabilities : \[CAPABILITY_AUTO_EXPAND\]"):
        stacks.deploy(made, "extended")
    assert stacks.deploy(made, "extended", Capabilities=EXPANDED) == "CREATE_COMPLETE"
    assert stacks.outputs("extended") == {"O": found}


@pytest.mark.parametrize(
    "more",
    [
        {"Outputs": {"O": {"Value": {"Ref": {"Fn::Sub": "R"}}}}},
        {"Outputs": {"O": {"Value": {"Fn::GetAtt": [{"Fn::Sub": "R"}, "Arn"]}}}},
        {"Resources": {"R": R | {"DeletionPolicy": {"Fn::If": ["Keep", "Retain", "Delete"]}}}},
    ],
)
def test_what_of_a_transform_is_not_evaluated(more: Any) -> None:
    """It is said, and nothing is left out."""
    with pytest.raises(Undecided, match="does not evaluate"):
        read_template(json.dumps(template(R=R) | {"Transform": ["AWS::LanguageExtensions"]} | more))
    with pytest.raises(RefusedRequest):
        read_template(json.dumps(template(R=R) | more))


NAMES = {"Names": {"Type": "CommaDelimitedList", "Default": "x,y"}, "One": {"Type": "String", "Default": "z"}}


def loop(items: Any, body: dict[str, Any]) -> dict[str, Any]:
    return {"Fn::ForEach::L": ["N", items, body]}


@pytest.mark.parametrize(
    ("items", "given", "made"),
    [
        (["a", "b"], {}, ["role-a", "role-b"]),
        (["a", {"Ref": "One"}], {}, ["role-a", "role-z"]),
        ({"Ref": "Names"}, {}, ["role-x", "role-y"]),
        ({"Ref": "Names"}, {"Names": "p, q,r"}, ["role-p", "role-q", "role-r"]),
    ],
)
def test_loops(items: Any, given: dict[str, str], made: list[str], stacks: Stacks) -> None:
    """A loop makes one of each for every item of a list or of a parameter; an update with other items makes others."""
    role = resource("IAM::Role", RoleName={"Fn::Sub": "role-${N}"}, AssumeRolePolicyDocument=trust())
    text = {
        **template(),
        "Transform": "AWS::LanguageExtensions",
        "Parameters": NAMES,
        "Resources": loop(items, {"R${N}": role}),
        "Outputs": loop(items, {"Arn${N}": {"Value": {"Fn::GetAtt": ["R${N}", "Arn"]}}}),
    }
    parameters = [{"ParameterKey": name, "ParameterValue": value} for name, value in given.items()]
    with pytest.raises(RefusedRequest, match="CAPABILITY_AUTO_EXPAND"):
        stacks.deploy(text, Parameters=parameters)
    assert stacks.deploy(text, Capabilities=EXPANDED, Parameters=parameters) == "CREATE_COMPLETE"
    assert sorted(role.name for role in stacks.iam.roles.values()) == made
    assert sorted(arn.rpartition("/")[2] for arn in stacks.outputs().values()) == made
    if not given:
        return
    again = {"UsePreviousTemplate": True, "Capabilities": EXPANDED, "StackName": "stack"}
    stacks.call("UpdateStack", **again, Parameters=[{"ParameterKey": "Names", "ParameterValue": "s"}])
    assert [role.name for role in stacks.iam.roles.values()] == ["role-s"]


@pytest.mark.parametrize(
    ("resources", "said"),
    [
        (loop({"Ref": "None"}, {"R${N}": R}), "is not known before deployment"),
        (loop({"Ref": "One"}, {"R${N}": R}), "is not known before deployment"),
        (loop({"Fn::Split": [",", "a,b"]}, {"R${N}": R}), "a list of texts, or a parameter"),
        (loop(["a", "b"], {"R": R}), "makes R in Resources more than once"),
        (loop(["a"], {"R${N}": R}) | {"Ra": R}, "makes Ra in Resources more than once"),
        ({"R": R | {"Fn::ForEachX": []}}, "does not evaluate"),
    ],
)
def test_loops_that_are_refused(resources: dict[str, Any], said: str) -> None:
    """What a loop is over has to be known, and it makes nothing twice."""
    made = {"Transform": ["AWS::LanguageExtensions"], "Parameters": NAMES, "Resources": resources}
    with pytest.raises(RefusedRequest, match=said):
        read_template(json.dumps(made))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"Fn::GetAtt": ["R", "None"]}, "Requested attribute None"),
        ({"Fn::Select": [5, {"Fn::Split": [":", {"Ref": "R"}]}]}, "cannot select nonexistent value at index 5"),
        ({"Fn::Join": ["-"]}, "Fn::Join expects a list of 2 items"),
        ({"Fn::Transform": {"Name": "X"}}, "does not evaluate Fn::Transform"),
        ("{{resolve:secretsmanager:x}}", "resolves dynamic references in properties of resources only"),
        ({"Fn::Sub": "{{resolve:ssm:/${AWS::Region}}}"}, "resolves dynamic references in properties of resources only"),
        ({"Fn::Join": ["", ["{{resolve", ":ssm:/a}}"]]}, "resolves dynamic references in properties of resources only"),
        ({"Fn::Sub": "${AWS::NoValue}"}, "cannot use AWS::NoValue"),
        (["a"], "The Value of an Output must be a string"),
    ],
)
def test_a_function_that_is_used_wrongly(value: Any, said: str, stacks: Stacks) -> None:
    """What has no value is an error of the deployment, which is taken back; no empty text."""
    assert stacks.deploy(template(R=R) | {"Outputs": {"O": {"Value": value}}}) == "ROLLBACK_COMPLETE"
    reasons = [
        event.get("ResourceStatusReason", "")
        for event in stacks.call("DescribeStackEvents", StackName="stack")["StackEvents"]
    ]
    assert any(said in reason for reason in reasons), reasons
    assert not inventory()["roles"]


@pytest.mark.parametrize(
    ("declared", "given", "said"),
    [
        ({"Type": "String"}, None, r"Parameters: \[P\] must have values"),
        ({"Type": "String", "AllowedValues": ["a", "b"]}, "c", "must be one of AllowedValues"),
        ({"Type": "String", "AllowedPattern": "[a-z]+"}, "A", "failed to satisfy constraint"),
        ({"Type": "String", "AllowedPattern": "[a-z]+", "ConstraintDescription": "small"}, "A", "must be small"),
        ({"Type": "String", "MinLength": 2}, "a", "at least 2"),
        ({"Type": "String", "MaxLength": "2"}, "abc", "at most 2"),
        ({"Type": "Number"}, "x", "must be a number"),
        ({"Type": "Number", "MaxValue": 3}, "4", "not greater than 3"),
        ({"Type": "AWS::SSM::Parameter::Value<String>"}, "/none", "Unable to fetch parameters"),
    ],
)
def test_parameters_that_are_refused(declared: Any, given: str | None, said: str, stacks: Stacks) -> None:
    """A parameter is held to its declaration."""
    made = template(R=R) | {"Parameters": {"P": declared}}
    values = [] if given is None else [{"ParameterKey": "P", "ParameterValue": given}]
    with pytest.raises(RefusedRequest, match=said):
        stacks.deploy(made, Parameters=values)


def test_a_handle_that_nothing_waits_for(stacks: Stacks) -> None:
    """It stands where a template needs some resource; nobody has to be permitted anything for it."""
    handle = resource("CloudFormation::WaitConditionHandle")
    assert stacks.deploy(template(H=handle) | {"Outputs": {"O": {"Value": {"Ref": "H"}}}}) == "CREATE_COMPLETE"
    assert stacks.outputs()["O"].startswith("https://cloudformation-waitcondition-eu-central-1.")
    with pytest.raises(RefusedRequest, match="Unrecognized resource types"):
        stacks.deploy(template(W=resource("CloudFormation::WaitCondition")), "waiting")
    assert stacks.delete() == "DELETE_COMPLETE"


def test_a_parameter_that_nobody_declared(stacks: Stacks) -> None:
    """A value for nothing is an error."""
    with pytest.raises(RefusedRequest, match=r"Parameters: \[Q\] do not exist in the template"):
        stacks.deploy(template(R=R), Parameters=[{"ParameterKey": "Q", "ParameterValue": "x"}])


def test_previous_values_are_kept(stacks: Stacks) -> None:
    """UsePreviousValue keeps the value, and a hidden one stays hidden."""
    made = template(R=resource("IAM::Role", RoleName="r", AssumeRolePolicyDocument=trust(), Description={"Ref": "P"}))
    made["Parameters"] = {"P": {"Type": "String", "NoEcho": True}}
    stacks.deploy(made, Parameters=[{"ParameterKey": "P", "ParameterValue": "secret"}])
    made["Resources"]["R"]["Properties"]["MaxSessionDuration"] = 7_200
    stacks.deploy(made, Parameters=[{"ParameterKey": "P", "UsePreviousValue": True}])
    assert inventory()["roles"]["r"]["description"] == "secret"
    assert stacks.stack()["Parameters"] == [{"ParameterKey": "P", "ParameterValue": "****"}]


def test_rules_are_held(stacks: Stacks) -> None:
    """A rule of the template that does not hold stops the deployment, in its own words."""
    made = template(R=R) | {
        "Parameters": {"V": {"Type": "String", "Default": "5"}},
        "Rules": {
            "Check": {
                "Assertions": [
                    {
                        "Assert": {"Fn::Not": [{"Fn::Contains": [["1", "2"], {"Ref": "V"}]}]},
                        "AssertDescription": "too old",
                    }
                ]
            }
        },
    }
    stacks.deploy(made)
    with pytest.raises(RefusedRequest, match="Rule Check failed: too old"):
        stacks.deploy(made, Parameters=[{"ParameterKey": "V", "ParameterValue": "2"}])


def test_yaml_and_its_short_forms() -> None:
    """YAML stands for what its JSON stands for; a date stays text."""
    yaml = """
Conditions:
  Here: !Equals [!Ref AWS::Region, a]
Resources:
  R:
    Type: AWS::IAM::Role
    Properties:
      A: !GetAtt X.Y.Z
      B: !Sub "${X}"
      C: !If [Here, !Ref X, !Ref AWS::NoValue]
      Version: 2012-10-17
      D: !Join
        - ","
        - [!Ref X]
"""
    properties = read_template(yaml).resources["R"]["Properties"]
    assert properties == {
        "A": {"Fn::GetAtt": ["X", "Y.Z"]},
        "B": {"Fn::Sub": "${X}"},
        "C": {"Fn::If": ["Here", {"Ref": "X"}, {"Ref": "AWS::NoValue"}]},
        "Version": "2012-10-17",
        "D": {"Fn::Join": [",", [{"Ref": "X"}]]},
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "unsupported structure"),
        ("[]", "unsupported structure"),
        ("{", "JSON not well-formed"),
        ("Resources:\n  R: {a\n  b: c", "YAML not well-formed.*line 3"),
        ("Resources:\n  R: {Type: T}\n  R: {Type: T}", "duplicate key 'R'.*line 3"),
        (json.dumps({"Resources": {"R": {}}}), "must contain a Type member"),
        (json.dumps({"Resources": {"a-b": {"Type": "T"}}}), "non alphanumeric"),
        (json.dumps({"Resources": {"R": {"Type": "T", "DeletionPolicy": "Never"}}}), "Unrecognized DeletionPolicy"),
        (json.dumps({"Resources": {"R": {"Type": "T", "Property": {}}}}), "Invalid template resource property"),
        (json.dumps({"Resources": {f"R{n}": {"Type": "T"} for n in range(501)}}), "greater than maximum allowed, 500"),
        (json.dumps({"Resources": {"R": {"Type": "T"}}, "Outputs": None}), "'null' values are not allowed"),
        ("a: &a [*a, *a]", "unsupported|not well-formed|Invalid template"),
    ],
)
def test_texts_that_are_no_templates(text: str, said: str) -> None:
    """What is wrong is said, with its place where it has one."""
    with pytest.raises(RefusedRequest, match=said):
        read_template(text)


def test_a_condition_that_there_is_not(stacks: Stacks) -> None:
    """A template that asks for a condition which it does not have is refused before anything is made."""
    outputs = {"O": {"Value": {"Fn::If": ["Nothing", "a", "b"]}}}
    with pytest.raises(RefusedRequest, match="unresolved condition dependency Nothing"):
        stacks.deploy(template(R=R) | {"Outputs": outputs})


OFF = {"Off": {"Fn::Equals": ["a", "b"]}, "On": {"Fn::Equals": ["a", "a"]}}
GROUP = {"Type": "AWS::IAM::Group", "Condition": "Off"}


@pytest.mark.parametrize(
    ("value", "block"),
    [
        ({"Ref": "G"}, "Resources"),
        ({"Fn::GetAtt": ["G", "Arn"]}, "Resources"),
        ({"Fn::Sub": "${G}"}, "Resources"),
        ({"Fn::If": ["On", {"Ref": "G"}, "x"]}, "Resources"),
        ({"Fn::If": ["Off", {"Ref": "G"}, "x"]}, None),
        ({"Fn::If": ["On", {"Fn::If": ["Off", {"Ref": "G"}, "x"]}, {"Ref": "G"}]}, None),
    ],
)
def test_a_resource_that_is_not_made(stacks: Stacks, value: Any, block: str | None) -> None:
    """What names a resource whose condition does not hold is refused at once; a branch not taken names nothing."""
    user = resource("IAM::User", UserName=value)
    made = {"Conditions": OFF, "Resources": {"G": GROUP, "U": user}}
    if block is None:
        assert stacks.deploy({**made, "Resources": {"G": GROUP, "U": {**user, "DependsOn": "G"}}}) == "CREATE_COMPLETE"
        return
    with pytest.raises(RefusedRequest, match=rf"Unresolved resource dependencies \[G\] in the {block} block"):
        stacks.deploy(made)
    with pytest.raises(RefusedRequest, match=r"Unresolved resource dependencies \[G\] in the Outputs block"):
        stacks.deploy({"Conditions": OFF, "Resources": {"G": GROUP, "R": R}, "Outputs": {"O": {"Value": value}}})
    kept = {"O": {"Value": value, "Condition": "Off"}}
    unmade = {"G": GROUP, "R": R, "U": {**user, "Condition": "Off"}}
    assert stacks.deploy({"Conditions": OFF, "Resources": unmade, "Outputs": kept}) == "CREATE_COMPLETE"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"Fn::Select": [5, ["a"]]}, "Template error: Fn::Select cannot select nonexistent value at index 5"),
        ({"Fn::FindInMap": ["M", "a", "b"]}, "Template error: Unable to get mapping for M::a::b"),
        ({"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "b"]}, "Unable to get mapping for M::"),
        ({"Fn::If": ["Yes", {"Fn::FindInMap": ["M", "a", "b"]}, "x"]}, "Unable to get mapping for M::a::b"),
    ],
)
@pytest.mark.parametrize("place", ["Resources", "Outputs"])
def test_a_lookup_that_finds_nothing(value: Any, said: str, place: str, stacks: Stacks) -> None:
    """It is refused before there is a stack; in a branch that does not count it is no error."""
    made = template(R=R | {"Properties": R["Properties"] | ({"Description": value} if place == "Resources" else {})})
    made |= {"Mappings": {"M": {"a": {"c": "d"}}}, "Outputs": {"O": {"Value": value if place == "Outputs" else "x"}}}
    with pytest.raises(RefusedRequest, match=said):
        stacks.deploy(made | {"Conditions": {"Yes": {"Fn::Equals": ["a", "a"]}}})
    assert not inventory()["roles"]
    if "Fn::If" in value:
        assert stacks.deploy(made | {"Conditions": {"Yes": {"Fn::Equals": ["a", "b"]}}}) == "CREATE_COMPLETE"
