"""
Invariants of resources whose names a deployment decides about: asked where the name is the one, and nowhere else.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof

OURS, OTHERS = "111122223333", "444455556666"
Json = dict[str, Any]

FREE: Json = {"Env": {"Type": "String", "Default": "dev"}}
LISTED: Json = {"Env": {**FREE["Env"], "AllowedValues": ["dev", "prod"]}}
GIVEN: Json = {"Env": {"Type": "String"}}
INDEX: Json = {"Index": {"Type": "Number", "Default": 0, "AllowedValues": [0, 1]}}
PARTS: Json = {"Env": {"Type": "String", "Default": "a/dev", "AllowedValues": ["a/dev", "a/prod"]}}
NAME: Json = {"Fn::Sub": "${Env}-deploy"}
BY_INDEX: Json = {"Fn::Select": [{"Ref": "Index"}, ["dev-deploy", "prod-deploy"]]}
SPLIT: Json = {"Fn::Sub": ["${Of}-deploy", {"Of": {"Fn::Select": [1, {"Fn::Split": ["/", {"Ref": "Env"}]}]}}]}
MAPPED: Json = {"Fn::FindInMap": ["Names", {"Ref": "Env"}, "Name"]}
BRANCH: Json = {"Fn::If": ["IsProd", "prod-deploy", "dev-deploy"]}
#: Lets in the accounts that are one's own, in production and elsewhere.
RIGHT: Json = {"Fn::If": ["IsProd", OURS, OTHERS]}
WRONG: Json = {"Fn::If": ["IsProd", OTHERS, OURS]}


def policy(who: object, action: str = "sts:AssumeRole") -> Json:
    """A policy that lets in an account."""
    resource = {} if action.startswith("sts:") else {"Resource": "*"}
    return {"Statement": {"Effect": "Allow", "Principal": {"AWS": who}, "Action": action, **resource}}


def template(parameters: Json, **resources: Json) -> Json:
    """A template with a condition that holds in production, and a mapping with names."""
    return {
        "Parameters": parameters,
        "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Env"}, "prod"]}} if "Env" in parameters else {},
        "Mappings": {
            "Names": {one: {"Name": f"{one}-deploy"} for one in ("dev", "prod")},
            "Accounts": {"dev": {"Id": OURS}, "prod": {"Id": OURS}, "prod-eu": {"Id": OTHERS}},
        },
        "Resources": resources,
    }


def role(name: object, who: object = OTHERS, parameters: Json = FREE, **more: object) -> Json:
    """A template with a role of a name."""
    properties = {"RoleName": name, "AssumeRolePolicyDocument": policy(who), **more}
    return template(parameters, Deploy={"Type": "AWS::IAM::Role", "Properties": properties})


def checked(given: object, *patterns: str) -> trustproof.Report:
    """What an invariant with these patterns, that admits one's own account, says of a template."""
    config = {
        "boundary": {"accounts": [OURS]},
        "invariant": [{"name": "mine", "resources": [*patterns], "accounts": [OURS]}],
    }
    return trustproof.check([given], config=config, properties=["invariant-mine"], certify=True)  # type: ignore[list-item]


def said(report: trustproof.Report) -> list[tuple[str, Json]]:
    """The verdicts, each with the parameters of its request."""
    return [(one.verdict, dict(one.counterexample.parameters) if one.counterexample else {}) for one in report.results]


@pytest.mark.parametrize(
    ("given", "pattern", "at"),
    [
        (role(NAME), "prod-deploy", {"Env": "prod"}),
        (role(NAME), "prod-*", {"Env": "prod"}),
        (role({"Fn::Join": ["-", [{"Ref": "Env"}, "deploy"]]}), "prod-deploy", {"Env": "prod"}),
        (role({"Fn::Sub": "${Env}-x-${Env}"}), "prod-x-prod", {"Env": "prod"}),
        # One value in both places, of which the pattern says one, or a part of each.
        (role({"Fn::Sub": "${Env}-x-${Env}"}), "prod-x-*", {"Env": "prod"}),
        (role({"Fn::Sub": "${Env}-x-${Env}"}), "*-x-prod", {"Env": "prod"}),
        (role({"Fn::Sub": "${Env}-x-${Env}"}), "pr*-x-*od", {"Env": "prod"}),
        (role(NAME, Path={"Fn::Sub": "/${Env}/"}), "arn:aws:iam::*:role/prod/*", {"Env": "prod"}),
        # What an unread part of the name leaves to the others.
        (
            role(
                {"Fn::Sub": ["${A}-${B}-${App}", {"A": {"Fn::If": ["IsProd", "x", {"Ref": "App"}]}, "B": BRANCH}]},
                OTHERS,
                {**FREE, "App": {"Type": "String"}},
            ),
            "shop-dev-deploy-shop",
            {"App": "shop", "Env": "dev"},
        ),
        # A value that the parameter admits, which is like its default.
        (
            role(NAME, OTHERS, {"Env": {**FREE["Env"], "Default": "a-01", "AllowedPattern": "[a-z]-[0-9]{2}"}}),
            "x*-deploy",
            {"Env": "x-01"},
        ),
        (
            role(NAME, OTHERS, {"Env": {**FREE["Env"], "Default": "a-long-one", "MinLength": 10}}),
            "*d-deploy",
            {"Env": "a-long-ond"},
        ),
        (role(NAME), "arn:aws:iam::*:role/prod-deploy", {"Env": "prod"}),
        (role("deploy", Path={"Fn::Sub": "/${Env}/"}), "arn:aws:iam::*:role/prod/deploy", {"Env": "prod"}),
        (role(NAME, WRONG), "prod-deploy", {"Env": "prod"}),
        (role(NAME, WRONG, LISTED), "prod-deploy", {"Env": "prod"}),
        (role(NAME, WRONG, GIVEN), "prod-deploy", {"Env": "prod"}),
        (role(BRANCH, WRONG), "prod-deploy", {"Env": "prod"}),
        (role(MAPPED), "prod-deploy", {"Env": "prod"}),
        (role(MAPPED, OTHERS, LISTED), "prod-deploy", {"Env": "prod"}),
        (role(BY_INDEX, OTHERS, INDEX), "prod-deploy", {"Index": "1"}),
        (role(SPLIT, OTHERS, PARTS), "prod-deploy", {"Env": "a/prod"}),
        # A value that only a mapping tells apart, which says who gets in.
        (role(NAME, {"Fn::FindInMap": ["Accounts", {"Ref": "Env"}, "Id"]}), "prod-*", {"Env": "prod-eu"}),
        (role({"Fn::Sub": "${AWS::StackName}-${Env}"}), "*-prod", {"Env": "prod"}),
        # The default of one of two parameters is as it is.
        (
            role({"Fn::Sub": "${App}-${Env}"}, OTHERS, {**FREE, "App": {"Type": "String", "Default": "shop"}}),
            "shop-prod",
            {"Env": "prod"},
        ),
        # Of two parameters that are both given another value, what stands between them is written.
        (
            role({"Fn::Sub": "${App}-${Env}"}, OTHERS, {**FREE, "App": {"Type": "String", "Default": "shop"}}),
            "payments-prod",
            {"App": "payments", "Env": "prod"},
        ),
        # The one with a default makes the name, whatever the other one is: that could make it as well.
        (
            role({"Fn::Sub": "${App}-${Env}"}, WRONG, {**GIVEN, "App": {"Type": "String", "Default": "shop"}}),
            "*payments*",
            {"App": "payments", "Env": "prod"},
        ),
        (
            role(
                {"Fn::Sub": "${App}-${Env}"},
                {"Fn::FindInMap": ["Accounts", {"Ref": "Env"}, "Id"]},
                {**GIVEN, "App": {"Type": "String", "Default": "shop"}},
            ),
            "*pay*",
            {"App": "pay", "Env": "prod-eu"},
        ),
        # The value that a pattern begins with is right, and another one that it admits is not.
        (role(NAME, RIGHT), "prod-*", {"Env": "prod-2"}),
        (role(NAME, RIGHT), "*-deploy", {"Env": "dev"}),
    ],
)
def test_an_invariant_is_asked_at_the_values_that_make_the_name(given: Json, pattern: str, at: Json) -> None:
    """Of a default somebody may give another value, and the name is another one there."""
    report = checked(given, pattern)
    assert said(report) == [("refuted", at)]
    (found,) = report.results
    values = " and ".join(f"{name} is {value}" for name, value in at.items())
    is_called = any(one.startswith(f"where {values}, it is called ") for one in found.why)
    # What the stack is called nobody knows.
    assert is_called or pattern.startswith("*")


@pytest.mark.parametrize(
    ("given", "pattern"),
    [
        (role(NAME, RIGHT), "prod-deploy"),
        (role(NAME, RIGHT, LISTED), "prod-deploy"),
        (role(NAME, RIGHT, LISTED), "prod-*"),
        (role(NAME, RIGHT, GIVEN), "prod-deploy"),
        (role(BRANCH, RIGHT), "prod-deploy"),
    ],
)
def test_who_gets_in_under_another_name_does_not_matter(given: Json, pattern: str) -> None:
    """A policy is held to the invariant where its resource has the name, and such a proof rests on no default of it."""
    report = checked(given, pattern)
    assert said(report) == [("proved", {})]
    assert [one.at_defaults for one in report.results] == [()]


@pytest.mark.parametrize(
    ("given", "pattern"),
    [
        (role(NAME), "prod-web"),
        (role({"Ref": "Env"}), "prod-deploy"),
        (role(NAME, OTHERS, {"Env": {**FREE["Env"], "AllowedPattern": "[a-m]+|dev"}}), "prod-deploy"),
        (role(NAME, OTHERS, {"Env": {**FREE["Env"], "MaxLength": 3}}), "prod-deploy"),
        (role({"Fn::Sub": "deploy-${Count}"}, OTHERS, {"Count": {"Type": "Number", "Default": 1}}), "deploy-prod"),
        (role(BY_INDEX, OTHERS, INDEX), "test-deploy"),
        # No role is called so, nor are a Region and an account.
        (role(NAME), "team/prod-deploy"),
        (role(NAME), "the prod-deploy"),
        (role(NAME), f"{'a' * 60}-deploy"),
        (role({"Fn::Sub": "deploy-${AWS::Region}"}), "deploy-prod"),
        (role({"Fn::Sub": "deploy-${AWS::AccountId}"}), "deploy-prod"),
        (role({"Fn::Sub": "deploy-${AWS::Partition}"}), "deploy-prod"),
        (
            role({"Fn::Sub": "${App}${Env}"}, OTHERS, {**FREE, "App": {"Type": "String", "Default": "shop"}}),
            "paymentsprod",
        ),
    ],
)
def test_an_invariant_is_not_asked_of_what_nothing_names_so(given: Json, pattern: str) -> None:
    """What no value makes, what the parameter refuses, and a name of which nothing is written beside what is given."""
    report = checked(given, pattern)
    assert not report.results
    assert [what for _, what in report.not_checked] == ["the invariant mine"]


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("deploy-${AWS::Region}", "deploy-us-gov-west-1"),
        ("deploy-${AWS::Region}", "deploy-*-1"),
        ("deploy-${AWS::Region}", "deploy-eusc-de-east-1"),
        ("deploy-${AWS::AccountId}", "deploy-111122223333"),
        ("deploy-${AWS::AccountId}", "deploy-1*"),
        ("deploy-${AWS::StackName}", "deploy-Prod-1"),
        ("${Env}-deploy", "a_b+=,.@c-deploy"),
    ],
)
def test_an_invariant_is_asked_of_what_may_be_called_so(name: str, pattern: str) -> None:
    """All Regions, accounts and stacks have names of one form, and a role some letters besides those of words."""
    assert [verdict for verdict, _ in said(checked(role({"Fn::Sub": name}), pattern))] == ["refuted"]


@pytest.mark.parametrize(
    ("name", "verdicts"), [("prod-deploy", ["refuted"]), ("prod-deploy.fifo", []), ("team/prod-deploy", [])]
)
def test_what_is_no_name_of_a_queue_is_asked_of_none(name: str, verdicts: list[str]) -> None:
    """A secret may be called so."""
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": NAME}}
    on = {"Queues": [{"Ref": "Queue"}], "PolicyDocument": policy(OTHERS, "sqs:SendMessage")}
    given = template(FREE, Queue=queue, Put={"Type": "AWS::SQS::QueuePolicy", "Properties": on})
    assert [verdict for verdict, _ in said(checked(given, name))] == verdicts
    secret = {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": NAME}}
    on = {"SecretId": {"Ref": "Secret"}, "ResourcePolicy": policy(OTHERS, "secretsmanager:GetSecretValue")}
    given = template(FREE, Secret=secret, Put={"Type": "AWS::SecretsManager::ResourcePolicy", "Properties": on})
    expected = [] if name.endswith(".fifo") else ["refuted"]
    assert [verdict for verdict, _ in said(checked(given, name))] == expected


@pytest.mark.parametrize(
    ("written", "default", "pattern", "expected"),
    [
        ("prod-[a-z]+", None, "prod-web", [("refuted", {"Name": "prod-web"})]),
        ("prod-[a-z]+", "prod-x", "prod-web", [("refuted", {"Name": "prod-web"})]),
        ("(dev|prod)-[a-z]+", None, "prod-*", [("refuted", {"Name": "prod-a"})]),
        ("(dev|prod)-[a-z]+", "dev-x", "prod-*", [("refuted", {"Name": "prod-a"})]),
        ("[a-z]+-deploy", None, "prod-deploy", [("refuted", {"Name": "prod-deploy"})]),
        # No value is called so.
        ("(dev|test)-[a-z]+", None, "prod-*", []),
        ("(dev|test)-[a-z]+", "dev-x", "prod-*", []),
        # Nothing is written of what it is called, or nobody reads it.
        ("[a-z]+-[a-z]+", None, "prod-web", []),
        ("[a-z-]*", "dev", "prod-*", []),
        ("(?i)prod-[a-z]+", None, "prod-web", []),
    ],
)
def test_a_pattern_for_values_writes_some_of_a_name(
    written: str, default: str | None, pattern: str, expected: list[tuple[str, Json]]
) -> None:
    """All of the name is given, and what `AllowedPattern` asks for is in it."""
    parameter = {"Type": "String", "AllowedPattern": written, **({} if default is None else {"Default": default})}
    assert said(checked(role({"Ref": "Name"}, parameters={"Name": parameter}), pattern)) == expected


@pytest.mark.parametrize("parameter", [{}, {"Default": "test-a"}])
@pytest.mark.parametrize("written", ["test-[a-z]+", "dev|test-.*"])
def test_what_no_value_may_be_is_no_part_of_a_name(written: str, parameter: Json) -> None:
    """A name with a value that its parameter refuses is nobody's."""
    given = role(NAME, parameters={"Env": {"Type": "String", "AllowedPattern": written, **parameter}})
    assert not said(checked(given, "prod-deploy"))


def test_what_makes_a_name_of_a_value_is_unknown_and_says_what_to_give() -> None:
    """From a pattern nobody can tell which text is taken apart so that the name comes of it."""
    report = checked(role(SPLIT, OTHERS, {"Env": {"Type": "String", "Default": "a/dev"}}), "prod-deploy")
    (found,) = report.results
    assert found.verdict == "unknown"
    assert found.reasons == ("what Deploy is called depends on what is given at deployment: --parameter Env=VALUE",)
    assert not checked(role(SPLIT, OTHERS, {"Env": {"Type": "String", "Default": "a/dev"}}), "prod-web").results


def test_a_name_of_three_parameters_is_unknown_where_all_of_them_are_others() -> None:
    """Two are given another value than their default at once; nobody is told that more of them make no such name."""
    others = {one: {"Type": "String", "Default": one.lower()} for one in ("App", "Color")}
    given = role({"Fn::Sub": "${App}-${Env}-${Color}"}, OTHERS, {**FREE, **others})
    assert [verdict for verdict, _ in said(checked(given, "web-prod-color"))] == ["refuted"]
    (found,) = checked(given, "web-prod-blue").results
    assert found.verdict == "unknown"
    assert "--parameter App=VALUE --parameter Color=VALUE --parameter Env=VALUE" in found.reasons[0]
    assert not checked(given, "web").results


@pytest.mark.parametrize(
    ("condition", "never", "parameters"),
    [
        ({"Fn::Equals": ["a", "b"]}, "prod-deploy", FREE),
        ({"Fn::Not": [{"Fn::Equals": ["a", "b"]}]}, "dev-deploy", FREE),
        ({"Fn::And": [{"Fn::Equals": ["a", "b"]}, {"Fn::Equals": [{"Ref": "Env"}, "prod"]}]}, "prod-deploy", FREE),
    ],
)
def test_a_branch_that_never_holds_gives_no_name(condition: Json, never: str, parameters: Json) -> None:
    """A condition of constants decides by itself, and no parameter about it."""
    given = role(BRANCH, OTHERS, parameters)
    given["Conditions"]["IsProd"] = condition
    assert not checked(given, never).results
    (other,) = {"prod-deploy", "dev-deploy"} - {never}
    assert [one.verdict for one in checked(given, other).results] == ["refuted"]


def test_a_value_beside_a_branch_may_be_that_of_the_branch() -> None:
    """A name of two places where the same value stands is one that a branch makes only at another value."""
    name = {"Fn::Join": ["-", [{"Ref": "Env"}, "of", {"Fn::If": ["IsProd", "live", {"Ref": "Env"}]}]]}
    assert [verdict for verdict, _ in said(checked(role(name, RIGHT, GIVEN), "*-live"))] == ["refuted"]
    name = {"Fn::Join": ["-", [{"Ref": "Env"}, "of", {"Fn::If": ["IsProd", "live", "idle"]}]]}
    assert [verdict for verdict, _ in said(checked(role(name, RIGHT, GIVEN), "*-live"))] == ["proved"]


def test_of_a_value_that_no_try_has_found_it_is_unknown_whether_there_is_one() -> None:
    """A regular expression may admit what a pattern asks for, and a name that begins otherwise it does not."""
    admitted = "([a-c][d-f]){3}-[a-z]*"
    parameters = {"Env": {**FREE["Env"], "Default": "adadad-x", "AllowedPattern": admitted}}
    assert [verdict for verdict, _ in said(checked(role(NAME, OTHERS, parameters), "bebe*-deploy"))] == ["unknown"]
    parameters = {"Env": {**FREE["Env"], "AllowedPattern": "(dev|test)-[a-z]+", "Default": "dev-a"}}
    assert not checked(role(NAME, OTHERS, parameters), "prod-*").results


def test_a_proof_at_another_name_rests_on_the_defaults_of_other_parameters() -> None:
    """Whom a default lets in is a default there, too."""
    given = role(NAME, {"Ref": "Who"}, {**FREE, "Who": {"Type": "String", "Default": OURS}})
    (found,) = checked(given, "prod-deploy").results
    assert (found.verdict, dict(found.at_defaults)) == ("proved", {"Who": OURS})
    listed = {"Type": "String", "Default": OURS, "AllowedValues": [OURS, OTHERS]}
    given = role(NAME, {"Ref": "Who"}, {**FREE, "Who": listed})
    assert said(checked(given, "prod-deploy")) == [("refuted", {"Env": "prod", "Who": OTHERS})]


@pytest.mark.parametrize("parameters", [FREE, LISTED])
@pytest.mark.parametrize(("who", "verdict"), [(OTHERS, "refuted"), (RIGHT, "proved"), (WRONG, "refuted")])
@pytest.mark.parametrize(
    ("type_", "on", "action"),
    [
        (
            "AWS::SQS::QueuePolicy",
            {"Queues": [{"Fn::Sub": f"https://sqs.eu-west-1.amazonaws.com/{OURS}/${{Env}}-deploy"}]},
            "sqs:SendMessage",
        ),
        ("AWS::S3::BucketPolicy", {"Bucket": NAME}, "s3:GetObject"),
    ],
)
def test_a_policy_is_held_to_what_the_queue_is_called_that_it_is_put_on(
    type_: str, on: Json, action: str, who: object, verdict: str, parameters: Json
) -> None:
    """What a policy is put on may be named by a parameter, and be no resource of the template."""
    properties = {**on, "PolicyDocument": policy(who, action)}
    report = checked(template(parameters, Policy={"Type": type_, "Properties": properties}), "prod-deploy")
    assert said(report) == [(verdict, {"Env": "prod"} if verdict == "refuted" else {})]


def test_a_template_in_a_stack_set_is_asked_likewise() -> None:
    """Its paths lead through the resource around it."""
    body = json.dumps(role(NAME))
    properties = {"StackSetName": "s", "PermissionModel": "SELF_MANAGED", "TemplateBody": body}
    given = {"Resources": {"Set": {"Type": "AWS::CloudFormation::StackSet", "Properties": properties}}}
    assert said(checked(given, "prod-deploy")) == [("refuted", {"Env": "prod"})]


@pytest.mark.parametrize(
    ("who", "verdict"),
    [
        (f'"{OTHERS}"', "refuted"),
        (f'var.env == "prod" ? "{OURS}" : "{OTHERS}"', "proved"),
        (f'var.env == "prod" ? "{OTHERS}" : "{OURS}"', "refuted"),
    ],
)
def test_a_variable_of_terraform_names_likewise(tmp_path: Path, who: str, verdict: str) -> None:
    """A configuration is read at the defaults of its variables, and made again where a name is another one."""
    (tmp_path / "main.tf").write_text(
        f"""variable "env" {{ default = "dev" }}
resource "aws_iam_role" "deploy" {{
  name = "${{var.env}}-deploy"
  assume_role_policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ AWS = {who} }} }}]
  }})
}}
"""
    )
    ((found, at),) = said(checked(tmp_path, "prod-deploy"))
    assert (found, at.get("var.env", "prod")) == (verdict, "prod")


UNNAMED: Json = {"Fn::If": ["IsProd", "release", {"Ref": "AWS::NoValue"}]}


@pytest.mark.parametrize(
    ("given", "pattern"),
    [
        (role({"Ref": "AWS::NoValue"}), "*-Deploy-*"),
        (role({"Ref": "AWS::NoValue"}), "prod-Deploy-*"),
        (role({"Ref": "AWS::NoValue"}), "*-Dep*"),
        (role({"Ref": "AWS::NoValue"}), "*Deploy-??????????????"),
        (role({"Ref": "AWS::NoValue"}), "arn:aws:iam::*:role/*-Deploy-*"),
        (role(UNNAMED), "*-Deploy-*"),
    ],
)
def test_a_name_that_cloudformation_makes_up_has_the_logical_id_in_it(given: Json, pattern: str) -> None:
    """Whoever looks for a role in the console finds it under such a name, and writes a pattern for that."""
    assert [verdict for verdict, _ in said(checked(given, pattern))] == ["refuted"]


@pytest.mark.parametrize("pattern", ["prod-*", "*-Other-*", "ci/*-Deploy-*", "-Deploy-*", "*-Deploy"])
def test_what_a_pattern_says_of_stacks_alone_is_not_asked_of_all_that_has_no_name(pattern: str) -> None:
    """Any stack may be called so, and nothing in the template says that this one is."""
    assert not checked(role({"Ref": "AWS::NoValue"}), pattern).results


@pytest.mark.parametrize("pattern", ["WorkRole", "*-WorkRole-*"])
def test_a_role_that_sam_makes_has_a_logical_id_of_its_own(pattern: str) -> None:
    """It is that which stands in its name."""
    code = {"Handler": "a.b", "Runtime": "python3.12", "InlineCode": "pass", "AssumeRolePolicyDocument": policy(OTHERS)}
    given = template({}, Work={"Type": "AWS::Serverless::Function", "Properties": code})
    given["Transform"] = "AWS::Serverless-2016-10-31"
    assert [verdict for verdict, _ in said(checked(given, pattern))] == ["refuted"]


def test_the_name_of_a_stack_is_that_of_its_assembly(tmp_path: Path) -> None:
    """There it is known how a name begins that CloudFormation makes up."""
    name = {"Ref": "AWS::NoValue"}
    (tmp_path / "app.template.json").write_text(json.dumps(role(name)))
    stack = {
        "type": "aws:cloudformation:stack",
        "environment": f"aws://{OURS}/eu-west-1",
        "properties": {"templateFile": "app.template.json", "stackName": "prod-access"},
    }
    (tmp_path / "manifest.json").write_text(json.dumps({"version": "36.0.0", "artifacts": {"app": stack}}))
    for pattern in ("prod-access-*", "prod-*", "*-Deploy-*"):
        assert [verdict for verdict, _ in said(checked(tmp_path, pattern))] == ["refuted"], pattern
    for pattern in ("dev-Deploy-*", "dev-access-*"):
        assert not checked(tmp_path, pattern).results, pattern


@pytest.mark.parametrize(
    ("type_", "properties", "on", "action", "pattern"),
    [
        ("AWS::SQS::Queue", {}, "Queues", "sqs:SendMessage", "*-Store-*"),
        ("AWS::SNS::Topic", {}, "Topics", "sns:Publish", "*-Store-*"),
        ("AWS::S3::Bucket", {}, "Bucket", "s3:GetObject", "*-store-*"),
    ],
)
def test_other_resources_have_such_names_too(type_: str, properties: Json, on: str, action: str, pattern: str) -> None:
    """A bucket has it in lower case."""
    put_on: object = {"Ref": "Store"} if on == "Bucket" else [{"Ref": "Store"}]
    document = policy(OTHERS, action)
    document["Statement"]["Resource"] = {"Fn::Sub": "${Store.Arn}/*"} if on == "Bucket" else "*"
    given = template(
        {},
        Store={"Type": type_, "Properties": properties},
        Access={
            "Type": f"{type_}Policy" if on == "Bucket" else f"{type_.rpartition('::')[0]}::{on[:-1]}Policy",
            "Properties": {on: put_on, "PolicyDocument": document},
        },
    )
    assert [verdict for verdict, _ in said(checked(given, pattern))] == ["refuted"]


def configuration(folder: Path, name: str, who: str) -> Path:
    """A configuration of Terraform with a role of a name."""
    (folder / "main.tf").write_text(
        f"""variable "env" {{ default = "dev" }}
variable "app" {{ default = "shop" }}
variable "given" {{}}
variable "both" {{ default = {{ env = "dev", zones = ["a"] }} }}
locals {{ names = {{ dev = "sandbox", prod = "production" }} }}
resource "aws_iam_role" "deploy" {{
  name = {name}
  assume_role_policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ AWS = {who} }} }}]
  }})
}}
"""
    )
    return folder


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("local.names[var.env]", "production"),
        ('"${local.names[var.env]}-deploy"', "production-deploy"),
        ('lookup(local.names, var.env, "other")', "production"),
        ('try(local.names[var.env], "other")', "production"),
        ('var.env == "prod" ? "release" : "other"', "release"),
        ('var.env == "prod" ? "release" : "${var.env}-deploy"', "release"),
    ],
)
@pytest.mark.parametrize(
    ("who", "verdict"),
    [
        (f'"{OTHERS}"', "refuted"),
        (f'var.env == "prod" ? "{OURS}" : "{OTHERS}"', "proved"),
        (f'var.env == "prod" ? "{OTHERS}" : "{OURS}"', "refuted"),
    ],
)
def test_a_variable_that_chooses_a_name_is_asked_about_at_the_one_that_it_chooses(
    tmp_path: Path, name: str, pattern: str, who: str, verdict: str
) -> None:
    """By a map or a condition of Terraform, as by a mapping or a condition of CloudFormation."""
    given = configuration(tmp_path, name, who)
    assert [found for found, _ in said(checked(given, pattern))] == [verdict]
    assert not checked(given, "elsewhere").results


@pytest.mark.parametrize(
    ("name", "pattern", "verdict"),
    [
        ('lower("deploy-${var.env}")', "deploy-prod", "unknown"),
        ('lower("deploy-${var.given}")', "deploy-prod", "refuted"),
        ('"${upper(var.env)}-deploy"', "PROD-deploy", "unknown"),
        ('substr("deploy-${var.env}", 0, 64)', "deploy-prod", "unknown"),
        ('substr("deploy-${var.given}", 0, 64)', "deploy-prod", "unknown"),
        ('trimspace("${var.env}-deploy")', "prod-deploy", "unknown"),
        ('"${var.both.env}-deploy"', "prod-deploy", "unknown"),
        ('"${var.both["env"]}-deploy"', "prod-deploy", "unknown"),
        ('"deploy-${var.both.zones[0]}"', "deploy-b", "unknown"),
        ('"${var.both.env}-deploy"', "dev-deploy", "refuted"),
        # A choice by one variable, in which another one stands.
        ('"${var.given == "x" ? var.given : "l${var.env}"}-${lower(var.given)}"', "lprod-shop", "unknown"),
        # One of two has its default, which an expression writes in quotation marks.
        ('"${var.app}-${var.env}"', "shop-prod", "refuted"),
        ('"${var.app}-${var.env}"', "payments-prod", "refuted"),
    ],
)
def test_what_functions_of_terraform_make_a_name_of_is_told(
    tmp_path: Path, name: str, pattern: str, verdict: str
) -> None:
    """Where a pattern has a word of what is written in it, it may be the name, and is not passed over."""
    given = configuration(tmp_path, name, f'"{OTHERS}"')
    assert [found for found, _ in said(checked(given, pattern))] == [verdict]
    assert not checked(given, "elsewhere").results


@pytest.mark.parametrize(("function", "pattern"), [("upper", "prod-deploy"), ("lower", "Prod-deploy")])
def test_what_is_of_one_case_is_no_name_of_the_other(tmp_path: Path, function: str, pattern: str) -> None:
    """A pattern tells letters of two cases apart, as AWS does in ARNs."""
    given = configuration(tmp_path, f'"${{{function}(var.env)}}-deploy"', f'"{OTHERS}"')
    assert not checked(given, pattern).results
    assert [verdict for verdict, _ in said(checked(given, getattr(pattern[:4], function)() + "-deploy"))] == ["unknown"]


LOGS = policy(OTHERS, "logs:PutLogEvents")


@pytest.mark.parametrize(
    ("type_", "properties", "matching", "other"),
    [
        (
            "AWS::Logs::ResourcePolicy",
            {"PolicyName": {"Fn::Sub": "${Env}-deploy"}, "PolicyDocument": json.dumps(LOGS)},
            ["prod-deploy", "It", "arn:aws:logs:*:*:log-group:app"],
            ["prod-web", "arn:aws:sqs:*:*:app"],
        ),
        (
            "AWS::Logs::ResourcePolicy",
            {
                "PolicyName": "deploy",
                "PolicyDocument": json.dumps(LOGS).replace(
                    '"*"', '"arn:aws:logs:eu-west-1:111122223333:log-group:app*"'
                ),
            },
            ["arn:aws:logs:*:*:log-group:app/web", "arn:aws:logs:*:*:log-group:*"],
            ["arn:aws:logs:*:*:log-group:web", "arn:aws:logs:us-east-1:*:*"],
        ),
        (
            "AWS::ApiGateway::RestApi",
            {"Name": "deploy", "Policy": policy(OTHERS, "execute-api:Invoke")},
            ["deploy", "arn:aws:execute-api:*:*:*"],
            ["web", "arn:aws:lambda:*:*:*"],
        ),
        (
            "AWS::SQS::QueuePolicy",
            {"Queues": [{"Fn::ImportValue": "queue"}], "PolicyDocument": policy(OTHERS, "sqs:SendMessage")},
            ["arn:aws:sqs:*:*:deploy"],
            ["deploy", "arn:aws:sns:*:*:deploy"],
        ),
    ],
)
def test_a_policy_of_which_nobody_knows_the_resource_is_asked_by_what_it_says(
    type_: str, properties: Json, matching: list[str], other: list[str]
) -> None:
    """The name of a policy for log groups, the log groups that it is about, and the service of any other."""
    given = template(FREE, It={"Type": type_, "Properties": properties})
    for one in matching:
        assert [verdict for verdict, _ in said(checked(given, one))] == ["refuted"], one
    for one in other:
        assert not checked(given, one).results, one


def test_an_address_without_a_key_stands_for_all_instances(tmp_path: Path) -> None:
    """In Terraform a role gets a key by `for_each`, and the invariant is asked of it all the same."""
    configuration(tmp_path, 'each.key\n  for_each = toset(["a", "b"])', f'"{OTHERS}"')
    assert [verdict for verdict, _ in said(checked(tmp_path, "aws_iam_role.deploy"))] == ["refuted", "refuted"]
    assert [verdict for verdict, _ in said(checked(tmp_path, 'aws_iam_role.deploy["a"]'))] == ["refuted"]


@pytest.mark.parametrize("name", ["aws_api_gateway_rest_api", "aws_cloudwatch_log_resource_policy"])
def test_apis_and_policies_for_log_groups_have_their_names_in_terraform_too(tmp_path: Path, name: str) -> None:
    """What CloudFormation calls `Name` and `PolicyName`; a policy of its own is that of the API."""
    statement = f'Effect = "Allow", Principal = {{ AWS = "{OTHERS}" }}, Resource = "*"'
    is_api = name.endswith("api")
    document = (
        f'jsonencode({{ Statement = {{ {statement}, Action = "{"execute-api:Invoke" if is_api else "logs:*"}" }} }})'
    )
    body = (
        f"""resource "{name}" "it" {{ name = "deploy" }}
resource "{name}_policy" "it" {{
  rest_api_id = {name}.it.id
  policy      = {document}
}}"""
        if is_api
        else f"""resource "{name}" "it" {{
  policy_name     = "deploy"
  policy_document = {document}
}}"""
    )
    (tmp_path / "main.tf").write_text(f'provider "aws" {{ region = "eu-west-1" }}\n{body}\n')
    assert [verdict for verdict, _ in said(checked(tmp_path, "deploy"))] == ["refuted"]
    assert not checked(tmp_path, "web").results


def test_what_has_no_colon_is_no_pattern_for_arns() -> None:
    """Every ARN begins with the letter that many names begin with."""
    assert not checked(role("deploy"), "a*").results
    assert [verdict for verdict, _ in said(checked(role("admin"), "a*"))] == ["refuted"]
    assert [verdict for verdict, _ in said(checked(role("deploy", Path="/ci/"), "*/ci/*"))] == ["refuted"]


def test_a_pattern_of_which_it_is_unknown_whether_it_matches_is_none_of_nothing() -> None:
    """A note that it matches nothing would say the contrary of the result."""
    given = role(SPLIT, OTHERS, {"Env": {"Type": "String", "Default": "a/dev"}})
    report = checked(given, "prod-deploy", "prod-web")
    assert [note for note in report.notes if "no role or resource" in note] == [
        "the invariant mine: no role or resource with a policy matches prod-web"
    ]
