"""
What a value of a template can come to, by the functions of CloudFormation that lead to it.
"""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest

from trustproof_cdk import AssumeRoleGrant, CrossAccountRole, ServiceRole, Trusted, TrustproofChecks
from trustproof_cdk._arguments.template_values import Template, ends_of, output_name

WIDE = "arn:aws:iam::222233334444:role/*"
TEMPLATE = Template(
    parameters={
        "Any": {"Type": "String"},
        "One": {"Type": "String", "AllowedValues": ["a"]},
        "Stage": {"Type": "String", "Default": "", "AllowedValues": ["", "dev", "prod"]},
        "Wide": {"Type": "String", "Default": WIDE},
        "Root": {"Type": "String", "Default": "arn:aws:iam::111122223333:root"},
        "Account": {"Type": "String", "Default": "111122223333"},
        "Organization": {"Type": "String", "Default": "o-a1b2c3d4e5"},
        "Kind": {"Type": "String", "Default": "root", "AllowedValues": ["root", "user/alice"]},
        "Bits": {"Type": "String", "Default": "0"},
        "Listed": {"Type": "CommaDelimitedList", "Default": "203.0.113.0/24, 0.0.0.0/0"},
        "Stored": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/a/*"},
        "Passed": {"Type": "String", "Default": "*"},
        "PassedOn": {"Type": "String", "Default": "*"},
        "PassedList": {"Type": "CommaDelimitedList"},
    },
    given={
        "Passed": (Template(parameters={"Passed": {"Type": "String", "Default": WIDE}}), {"Ref": "Passed"}),
        "PassedOn": (Template(parameters={"Any": {"Type": "String"}}), {"Ref": "Any"}),
        "PassedList": (Template(), {"Fn::Join": [",", ["203.0.113.0/24", "::/0"]]}),
    },
    mappings={
        "Hubs": {"dev": {"id": "", "arn": "a"}, "prod": {"id": "", "arn": "*"}},
        "Regions": {"eu-central-1": {"x": "here"}, "us-east-1": {"x": "*"}},
    },
    resources={"Kept": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "*"}}},
    environment={"AWS::Region": "eu-central-1"},
    exports={
        "theirs": (Template(mappings={"M": {"k": {"v": "*"}}}), {"Fn::FindInMap": ["M", "k", "v"]}),
        output_name("Other", "Out"): (Template(), "*"),
        "unknown": (Template(), {"Ref": "Any"}),
    },
    nested={
        "Inner": Template(
            parameters={"In": {"Type": "String"}},
            given={"In": (Template(), "*")},
            outputs={"Passed": {"Ref": "In"}, "Made": {"Ref": "Any"}, "Inmost": {"Fn::GetAtt": ["I", "Outputs.O"]}},
            nested={"I": Template(outputs={"O": "deep"})},
        )
    },
)
PROD = {"Fn::FindInMap": ["Hubs", {"Ref": "Stage"}, "arn"]}
TESTS: list[tuple[Any, list[Any]]] = [
    ("a", ["a"]),
    ({"Fn::Join": ["-", ["a", {"Fn::Sub": "b"}]]}, ["a-b"]),
    ({"Fn::Join": ["/", {"Fn::Split": ["%", "a%b"]}]}, ["a/b"]),
    ({"Fn::Select": ["1", {"Fn::Split": ["|", "a|b"]}]}, ["b"]),
    ({"Fn::Select": [2, ["a", "b"]]}, [{"Fn::Select": [2, ["a", "b"]]}]),
    ({"Fn::Sub": ["${X}-${!Y}", {"X": {"Fn::Join": ["", ["a", "b"]]}}]}, ["ab-${Y}"]),
    ({"Fn::If": ["C", "a", {"Fn::If": ["D", "b", "c"]}]}, ["a", "b", "c"]),
    # One condition is one and the same, wherever it is asked.
    ({"Fn::Join": ["", [{"Fn::If": ["C", "a", "b"]}, {"Fn::If": ["C", "x", "y"]}]]}, ["ax", "by"]),
    ({"Ref": "Any"}, [{"Ref": "Any"}]),
    ({"Fn::Sub": "${Any}/${One}"}, [{"Fn::Join": ["", ["", {"Fn::Sub": "${Any}"}, "/", "a", ""]]}]),
    ({"Ref": "One"}, ["a"]),
    # What may be there to be replaced is none, but what lets in many is as good as any.
    ({"Ref": "Stage"}, [{"Ref": "Stage"}]),
    ({"Ref": "Wide"}, [{"Ref": "Wide"}, WIDE]),
    ({"Ref": "Root"}, [{"Ref": "Root"}, "arn:aws:iam::111122223333:root"]),
    # So is everybody in an account or organization, where a text does not say who of it.
    ({"Ref": "Account"}, [{"Ref": "Account"}, "111122223333"]),
    ({"Ref": "Organization"}, [{"Ref": "Organization"}, "o-a1b2c3d4e5"]),
    (
        {"Fn::Sub": "arn:aws:iam::${Account}:user/a"},
        [{"Fn::Join": ["", ["arn:aws:iam::", {"Fn::Sub": "${Account}"}, ":user/a"]]}],
    ),
    # Nor is a part of a text, unless the text lets in many by it.
    ({"Fn::Sub": "a-${Stage}"}, [{"Fn::Join": ["", ["a-", {"Fn::Sub": "${Stage}"}, ""]]}]),
    (
        {"Fn::Sub": "arn:aws:iam::111122223333:${Kind}"},
        [
            {"Fn::Join": ["", ["arn:aws:iam::111122223333:", {"Fn::Sub": "${Kind}"}, ""]]},
            "arn:aws:iam::111122223333:root",
        ],
    ),
    (
        {"Fn::Join": ["/", ["198.51.100.0", {"Ref": "Bits"}]]},
        [{"Fn::Join": ["/", ["198.51.100.0", {"Ref": "Bits"}]]}, "198.51.100.0/0"],
    ),
    ({"Fn::Select": [1, {"Ref": "Listed"}]}, [{"Fn::Select": [1, {"Ref": "Listed"}]}, "0.0.0.0/0"]),
    # What a template is given is what the other one means by it, where its names mean something else.
    ({"Ref": "Passed"}, [{"Ref": "Passed"}, WIDE]),
    ({"Ref": "PassedOn"}, [{"Ref": "PassedOn"}]),
    ({"Fn::Select": [1, {"Ref": "PassedList"}]}, ["::/0"]),
    ({"Ref": "Stored"}, [{"Ref": "Stored"}]),
    ({"Fn::FindInMap": ["Hubs", "prod", "arn"]}, ["*"]),
    ({"Fn::FindInMap": ["Hubs", "test", "arn", {"DefaultValue": "d"}]}, ["d"]),
    (PROD, [PROD, "*"]),
    ({"Fn::FindInMap": ["Hubs", {"Ref": "Stage"}, "id"]}, [{"Fn::FindInMap": ["Hubs", {"Ref": "Stage"}, "id"]}]),
    ({"Fn::FindInMap": ["Regions", {"Ref": "AWS::Region"}, "x"]}, ["here"]),
    ({"Fn::GetAtt": ["Kept", "Value"]}, ["*"]),
    ({"Fn::Sub": "${Kept.Value}"}, ["*"]),
    ({"Fn::GetAtt": ["Kept", "Type"]}, [{"Fn::GetAtt": ["Kept", "Type"]}]),
    ({"Fn::GetAtt": ["Inner", "Outputs.Passed"]}, ["*"]),
    ({"Fn::Sub": "${Inner.Outputs.Inmost}"}, ["deep"]),
    ({"Fn::GetAtt": "Inner.Outputs.Made"}, [{"Fn::GetAtt": "Inner.Outputs.Made"}]),
    ({"Fn::GetAtt": ["Inner", "Outputs.None"]}, [{"Fn::GetAtt": ["Inner", "Outputs.None"]}]),
    ({"Fn::ImportValue": "theirs"}, ["*"]),
    ({"Fn::ImportValue": "unknown"}, [{"Fn::ImportValue": "unknown"}]),
    ({"Fn::GetStackOutput": {"StackName": "Other", "OutputName": "Out"}}, ["*"]),
]


@pytest.mark.parametrize(("value", "ends"), TESTS)
def test_functions_are_done_as_far_as_the_template_says_of_what(value: Any, ends: list[Any]) -> None:
    assert [one.value for one in ends_of(value, TEMPLATE)] == ends


def test_what_is_assumed_is_said() -> None:
    said = [one.assumed for one in ends_of({"Fn::Join": ["", [PROD, {"Ref": "Wide"}]]}, TEMPLATE)]

    mapping = "prod.arn of the mapping Hubs"
    parameter = "of the parameter Wide, as its default or an allowed value"
    assert said == ["", parameter, mapping, f"{mapping}, {parameter}"]


def test_many_choices_come_to_an_end() -> None:
    many = {"Fn::Join": ["", [{"Fn::If": [f"C{number}", "a", "b"]} for number in range(40)]]}

    assert sum(1 for _ in ends_of(many, Template())) == 256


def test_the_plugin_holds_arguments_to_what_the_templates_say(tmp_path: Any) -> None:
    """Nobody can ask the CDK what is in a mapping, in the Parameter Store or in an export by name."""
    app = cdk.App(outdir=str(tmp_path), builtin_cloud_formation_validation=False)
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config={}))
    environment = cdk.Environment(account="222233334444", region="eu-central-1")
    other, stack = cdk.Stack(app, "Other", env=environment), cdk.Stack(app, "Stack", env=environment)
    cdk.CfnOutput(other, "Out", value=WIDE, export_name="theirs")
    right = cdk.CfnMapping(stack, "Right", mapping={"dev": {"id": "333344445555"}, "prod": {"id": "444455556666"}})
    wrong = cdk.CfnMapping(
        stack, "Wrong", mapping={"dev": {"id": ""}, "prod": {"id": "arn:aws:iam::111122223333:root"}}
    )
    stage = cdk.CfnParameter(stack, "Stage", default="dev", allowed_values=["dev", "prod"]).value_as_string
    target = f"arn:{cdk.Aws.PARTITION}:iam::{right.find_in_map(stage, 'id')}:role/Deployer"
    AssumeRoleGrant(stack, "Right Grant", target_roles=[target])
    AssumeRoleGrant(stack, "Grant", target_roles=[cdk.Fn.import_value("theirs")])
    CrossAccountRole(stack, "Role", trusted=Trusted.users(wrong.find_in_map(stage, "id")))
    inner = cdk.NestedStack(cdk.NestedStack(stack, "Nested"), "Inner")
    CrossAccountRole(inner, "Right Role", trusted=Trusted.users(f"arn:aws:iam::111122223333:user/{stage}"))
    given = cdk.NestedStack(stack, "Given", parameters={"User": wrong.find_in_map(stage, "id")})
    user = cdk.CfnParameter(given, "User").value_as_string
    CrossAccountRole(given, "Role", trusted=Trusted.users(user))

    with pytest.raises(RuntimeError):
        app.synth()

    report = (tmp_path / "validation-report.json").read_text(encoding="utf-8")
    assert report.count('"construct-arguments"') == 3
    assert "Stack/Grant: target_roles must be the ARN of an IAM role like" in report
    assert f"without wildcards, got '{WIDE}'" in report
    assert "Stack/Given/Role: users must be the ARN of an IAM user like" in report
    assert "Stack/Role: users must be the ARN of an IAM user like" in report
    assert "got 'arn:aws:iam::111122223333:root' (prod.id of the mapping Wrong)" in report


def test_the_plugin_holds_arguments_to_what_nested_stacks_put_out(tmp_path: Any) -> None:
    app = cdk.App(outdir=str(tmp_path), builtin_cloud_formation_validation=False)
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config={}))
    environment = cdk.Environment(account="222233334444", region="eu-central-1")
    stack, other = cdk.Stack(app, "Stack", env=environment), cdk.Stack(app, "Other", env=environment)
    values = cdk.NestedStack(stack, "Values", parameters={"User": "arn:aws:iam::111122223333:root"})
    user = cdk.CfnParameter(values, "User").value_as_string
    CrossAccountRole(stack, "Role", trusted=Trusted.users(user))
    CrossAccountRole(cdk.NestedStack(stack, "Beside"), "Role", trusted=Trusted.users(user))
    cdk.CfnOutput(values, "Out", value=WIDE, export_name="theirs")
    AssumeRoleGrant(other, "Grant", target_roles=[cdk.Fn.import_value("theirs")])
    # A default that is to be replaced is no account of its own, and lets in nobody else.
    account = cdk.CfnParameter(stack, "Account", default="000000000000").value_as_string
    ServiceRole(stack, "Service", service="states.amazonaws.com", source_account=account)
    right = cdk.NestedStack(stack, "Right", parameters={"User": "arn:aws:iam::111122223333:user/alice"})
    CrossAccountRole(stack, "Right Role", trusted=Trusted.users(cdk.CfnParameter(right, "User").value_as_string))

    with pytest.raises(RuntimeError):
        app.synth()

    report = (tmp_path / "validation-report.json").read_text(encoding="utf-8")
    assert report.count('"construct-arguments"') == 3
    assert "Stack/Role: users must be the ARN of an IAM user like" in report
    assert "Stack/Beside/Role: users must be the ARN of an IAM user like" in report
    assert "Other/Grant: target_roles must be the ARN of an IAM role like" in report
