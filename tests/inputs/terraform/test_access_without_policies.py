"""
What lets somebody in without a policy of its own, and what a policy stands on: judged, or named and not checked.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import trustproof
from tests.inputs.terraform.builders import OWN, Resource, plan
from trustproof.results.groups import groups
from trustproof.results.report import Report

pytest.importorskip("tree_sitter_hcl")

OUTSIDER = "999988887777"
CONFIG: dict[str, Any] = {"boundary": {"accounts": [OWN]}}


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Report]:
    """Checks a configuration of one file, and others that are named."""

    def _read(text: str, **others: str) -> Report:
        (tmp_path / "main.tf").write_text(text)
        for name, content in others.items():
            (tmp_path / name.replace("_", ".")).write_text(content)
        return trustproof.check([tmp_path], config=CONFIG, account=OWN, region="eu-west-1")

    return _read


def _boundary(report: Report) -> dict[str, str]:
    assert report.errors == ()
    return {one.logical_id: one.verdict for one in report.results if one.property == "inside-boundary"}


def _statement(action: str, resource: str = '"*"', principal: str = f'{{ AWS = "{OUTSIDER}" }}') -> str:
    return (
        'jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", '
        f'Principal = {principal}, Action = "{action}", Resource = {resource} }}] }})'
    )


STATEMENT = '{ Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] }'
DOCUMENT = 'data "aws_iam_policy_document" "d" {\n  statement {\n    actions = ["s3:*"]\n  }\n}'


@pytest.mark.parametrize(
    ("bucket", "more"),
    [
        ('"x--euw1-az1--x-s3"', ""),
        ("aws_s3_directory_bucket.x.bucket", 'resource "aws_s3_directory_bucket" "x" {\n  bucket = "x--a--x-s3"\n}\n'),
        ('"${var.name}--euw1-az1--x-s3"', 'variable "name" {}\n'),
        ("data.aws_s3_directory_buckets.all.buckets[0]", 'data "aws_s3_directory_buckets" "all" {}\n'),
    ],
)
@pytest.mark.parametrize("action", ["s3express:CreateSession", "s3express:*"])
def test_the_policy_of_a_directory_bucket_is_asked_about_its_actions(
    read: Callable[..., Report], bucket: str, more: str, action: str
) -> None:
    """One type of resource has the policies of both kinds of buckets: what is asked is of the bucket's service."""
    policy = f'resource "aws_s3_bucket_policy" "b" {{\n  bucket = {bucket}\n  policy = {_statement(action)}\n}}\n'
    assert _boundary(read(more + policy)) == {"aws_s3_bucket_policy.b": "refuted"}


def test_the_policy_of_a_general_bucket_is_asked_as_before(read: Callable[..., Report]) -> None:
    """A bucket of which nothing is known is a general purpose one, unless its policy speaks of the other kind."""
    policy = f'resource "aws_s3_bucket_policy" "b" {{\n  bucket = var.b\n  policy = {_statement("s3:GetObject")}\n}}\n'
    assert _boundary(read('variable "b" {}\n' + policy)) == {"aws_s3_bucket_policy.b": "refuted"}


URL = 'resource "aws_lambda_function_url" "u" {{\n  function_name = "f"\n  authorization_type = {}\n}}\n'


@pytest.mark.parametrize(
    ("given", "found", "named"),
    [
        ('"NONE"', {"aws_lambda_function_url.u": "refuted"}, False),
        ('"AWS_IAM"', {}, False),
        ("var.t", {"aws_lambda_function_url.u": "refuted"}, False),
        ('var.on ? "NONE" : "AWS_IAM"', {"aws_lambda_function_url.u": "refuted"}, False),
        ("data.external.x.result.type", {}, True),
    ],
)
def test_a_url_without_signatures_lets_everybody_in(
    read: Callable[..., Report], given: str, found: dict[str, str], named: bool
) -> None:
    """The provider adds the permission for everybody; it is a warning, since somebody has asked for it."""
    more = 'variable "t" {}\nvariable "on" {\n  type = bool\n}\ndata "external" "x" {}\n'
    report = read(more + URL.format(given))
    assert _boundary(report) == found
    assert {one.severity for one in report.results if one.verdict == "refuted"} <= {"warning"}
    assert any("authorization_type" in what for _, what in report.not_checked) == named


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('resource "aws_s3_bucket" "b" {\n  acl = "public-read-write"\n}', "the acl of aws_s3_bucket.b"),
        ('resource "aws_s3_bucket" "b" {\n  acl = "private"\n}', ""),
        ('resource "aws_s3_bucket" "b" {\n  grant {\n    permissions = ["READ"]\n  }\n}', "the grant of"),
        ('resource "aws_s3_bucket_acl" "b" {\n  bucket = "b"\n  acl = "public-read"\n}', "the acl of"),
        ('resource "aws_s3_bucket_acl" "b" {\n  bucket = "b"\n  acl = "log-delivery-write"\n}', ""),
        ('variable "a" {}\nresource "aws_s3_bucket_acl" "b" {\n  bucket = "b"\n  acl = var.a\n}', "the acl of"),
        (
            'resource "aws_s3_bucket_acl" "b" {\n  bucket = "b"\n  access_control_policy {}\n}',
            "the access_control_policy",
        ),
        ('resource "aws_s3_bucket_logging" "b" {\n  bucket = "b"\n  target_grant {}\n}', "the target_grant of"),
        ('resource "aws_s3_object" "b" {\n  bucket = "b"\n  key = "k"\n  acl = "public-read"\n}', "the acl of"),
        ('resource "aws_cloudformation_stack" "s" {\n  template_url = "https://x/t"\n}', "the nested stack"),
        ('resource "aws_cloudformation_stack_set" "s" {\n  template_url = "https://x/t"\n}', "the StackSet"),
        ('resource "awscc_cloudformation_stack" "s" {\n  template_url = "https://x/t"\n}', "the nested stack"),
        ('variable "b" {}\nresource "aws_cloudformation_stack" "s" {\n  template_body = var.b\n}', "the nested stack"),
        ('variable "b" {}\nresource "aws_api_gateway_rest_api" "a" {\n  body = var.b\n}', "the body of"),
        ('resource "aws_cloudcontrolapi_resource" "c" {\n  type_name = "AWS::IAM::Role"\n}', "cloudcontrolapi"),
        ('resource "aws_servicecatalog_provisioned_product" "c" {}', "aws_servicecatalog_provisioned_product.c"),
        ('resource "aws_organizations_account" "c" {}', "aws_organizations_account.c"),
        ('resource "awscc_organizations_account" "c" {\n  role_name = "Admin"\n}', "awscc_organizations_account.c"),
        ('resource "aws_servicecatalog_product" "c" {}', "aws_servicecatalog_product.c"),
        ('resource "aws_servicecatalog_provisioning_artifact" "c" {}', "aws_servicecatalog_provisioning_artifact.c"),
        ('resource "aws_config_conformance_pack" "c" {\n  template_s3_uri = "s3://x/t"\n}', "conformance_pack.c"),
        (
            'variable "b" {}\nresource "aws_config_conformance_pack" "c" {\n  template_body = var.b\n}',
            "the nested stack",
        ),
        ('resource "aws_config_conformance_pack" "c" {\n  template_body = "Resources: {}"\n}', ""),
        (
            f'resource "aws_new" "c" {{\n  state = jsonencode({{ Trust = {STATEMENT} }})\n}}',
            "aws_new.c",
        ),
        (
            f'resource "aws_new" "c" {{\n  a {{\n    b = data.aws_iam_policy_document.d.json\n  }}\n}}\n{DOCUMENT}',
            "aws_new.c",
        ),
        (f'resource "aws_new" "c" {{\n  a = [{{ b = jsonencode({STATEMENT}) }}]\n}}', "aws_new.c"),
        (
            f'resource "awscc_new" "c" {{\n  policy = jsonencode({STATEMENT})\n}}',
            "awscc_new.c",
        ),
        ('resource "awscc_new" "c" {\n  a = [{ Effect = "Deny", NotPrincipal = "*", Action = "*" }]\n}', "awscc_new.c"),
        ('resource "aws_new" "c" {\n  a = jsonencode([{ Effect = "Allow", Action = "*" }])\n}', "aws_new.c"),
        ('resource "aws_new" "c" {\n  a = jsonencode({ s = [{ effect = "Allow", principal = "*" }] })\n}', "aws_new.c"),
        ('resource "aws_new" "c" {\n  a = "[{\\"Effect\\": \\"Allow\\", \\"Action\\": \\"*\\"}]"\n}', "aws_new.c"),
        ('resource "aws_new" "c" {\n  a = "{\\"Effect\\": \\"NO_SCHEDULE\\", \\"Action\\": 1}"\n}', ""),
        ('resource "aws_new" "c" {\n  statements = [{ effect = "Allow", actions = ["*"] }]\n}', "aws_new.c"),
        ('resource "aws_new" "c" {\n  s {\n    effect = "Allow"\n    not_principals {}\n  }\n}', "aws_new.c"),
        ('resource "aws_new" "c" {\n  taint {\n    effect = "NO_SCHEDULE"\n    key = "a"\n  }\n}', ""),
        *(
            (
                f'variable "b" {{}}\nresource "aws_budgets_budget_action" "c" {{\n  definition {{\n{text}\n  }}\n}}',
                "aws_budgets_budget_action.c" if is_named else "",
            )
            for text, is_named in (
                ('iam_action_definition { policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess" }', True),
                ("iam_action_definition { policy_arn = var.b }", True),
                ('dynamic "iam_action_definition" {\nfor_each = var.b\ncontent { policy_arn = "p" }\n}', True),
                ('iam_action_definition { policy_arn = "arn:aws:iam::aws:policy/AWSDenyAll" }', False),
                ('scp_action_definition { policy_id = "p-1" }', False),
            )
        ),
        *(
            (f'variable "b" {{}}\nresource "{type_}" "c" {{\n{text}\n}}', f"{type_}.c" if is_named else "")
            for call, is_named in (("iam:attachRolePolicy", True), ("sqs:sendMessage", False))
            for type_, text in (
                ("aws_scheduler_schedule", f'target {{ arn = "arn:aws:scheduler:::aws-sdk:{call}" }}'),
                (
                    "aws_sfn_state_machine",
                    f'definition = jsonencode({{ a = "arn:${{var.b}}:states:::aws-sdk:{call}.waitForTaskToken" }})',
                ),
                (
                    "aws_ssm_document",
                    'content = jsonencode({{ action = "aws:executeAwsApi", '
                    'inputs = {{ Service = "{}", Api = "{}" }} }})'.format(*call.split(":")),
                ),
                (
                    "aws_ssm_document",
                    'content = "action: aws:executeAwsApi\\ninputs:\\n  Api: {1}\\n  Service: {0}\\n"'.format(
                        *call.split(":")
                    ),
                ),
            )
        ),
        (
            (
                'resource "awscc_scheduler_schedule" "c" {\n'
                '  target = { arn = "arn:aws:scheduler:::aws-sdk:iam:attachRolePolicy" }\n}'
            ),
            "Target of awscc_scheduler_schedule.c",
        ),
        (
            (
                'resource "awscc_budgets_budgets_action" "c" {\n'
                '  definition = { iam_action_definition = { policy_arn = "p" } }\n}'
            ),
            "Definition of awscc_budgets_budgets_action.c",
        ),
        ('resource "aws_new" "c" {\n  a = "Statement"\n  policy {\n    b = 1\n  }\n}', "aws_new.c"),
        ('resource "aws_new" "c" {\n  a = "Statement"\n  weighted_policy {\n    b = 1\n  }\n}', ""),
        ('resource "aws_new" "c" {\n  a = "Statement"\n  policy {\n    policy = var.b\n  }\n}', "aws_new.c"),
        (f'resource "aws_new" "c" {{\n  a = "Statement"\n}}\n{DOCUMENT}', ""),
    ],
)
def test_what_may_let_others_in_and_is_not_looked_into_is_named(
    read: Callable[..., Report], text: str, named: str
) -> None:
    """As for the same in a template of CloudFormation, `--strict` fails on it."""
    report = read(text + "\n")
    assert report.errors == ()
    assert bool(report.not_checked) == bool(named)
    assert all(named in what for _, what in report.not_checked)


DEFINITION = {
    "openapi": "3.0.1",
    "x-amazon-apigateway-policy": {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": OUTSIDER},
                "Action": "execute-api:Invoke",
                "Resource": "execute-api:/*",
            }
        ],
    },
}


@pytest.mark.parametrize(
    "body",
    [
        f"jsonencode({json.dumps(DEFINITION)})",
        f"yamlencode({json.dumps(DEFINITION)})",
        f"var.x ? yamlencode({json.dumps(DEFINITION)}) : yamlencode({{}})",
        'file("${path.module}/api.json")',
        'file("${path.module}/api.yaml")',
        'var.x ? file("${path.module}/api.yaml") : "{}"',
    ],
)
@pytest.mark.parametrize("type_", ["aws_api_gateway_rest_api", "awscc_apigateway_rest_api"])
def test_the_policy_in_the_definition_of_an_api_is_judged(read: Callable[..., Report], type_: str, body: str) -> None:
    """Whatever language the definition is written in, in a file or not, and with either provider."""
    yaml = "openapi: 3.0.1\nx-amazon-apigateway-policy: " + json.dumps(DEFINITION["x-amazon-apigateway-policy"]) + "\n"
    text = f'variable "x" {{\n  type = bool\n}}\nresource "{type_}" "a" {{\n  body = {body}\n}}\n'
    report = read(text, api_json=json.dumps(DEFINITION, indent=2), api_yaml=yaml)
    assert _boundary(report) == {f"{type_}.a": "refuted"}
    assert not report.not_checked


def test_the_policy_in_the_definition_of_an_api_is_judged_in_a_plan(tmp_path: Path) -> None:
    """A plan has the definition as a text."""
    api = Resource("aws_api_gateway_rest_api.a", {"name": "a", "body": json.dumps(DEFINITION)}, {"policy": ""})
    (tmp_path / "plan.json").write_text(json.dumps(plan(api)))
    report = trustproof.check([tmp_path / "plan.json"], config=CONFIG, account=OWN)
    assert _boundary(report) == {"aws_api_gateway_rest_api.a": "refuted"}


TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": {"Ref": "Who"}}, "Action": "sts:AssumeRole"}],
}
TEMPLATE = {
    "Parameters": {"Who": {"Type": "String"}},
    "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}}},
}


@pytest.mark.parametrize("type_", ["aws_cloudformation_stack", "aws_cloudformation_stack_set"])
@pytest.mark.parametrize(
    "body",
    [
        *(f"{function}({json.dumps(TEMPLATE)})" for function in ("jsonencode", "yamlencode")),
        f"yamlencode(yamldecode(yamlencode({json.dumps(TEMPLATE)})))",
        'file("${path.module}/t.txt")',
    ],
)
@pytest.mark.parametrize(("who", "verdict"), [(OUTSIDER, "refuted"), (OWN, "proved")])
def test_the_template_of_a_stack_is_judged(
    read: Callable[..., Report], type_: str, body: str, who: str, verdict: str
) -> None:
    """With the parameters that it is passed, and the account that the stack goes to."""
    text = f'resource "{type_}" "s" {{\n  template_body = {body}\n  parameters = {{ Who = "{who}" }}\n}}\n'
    report = read(text, t_txt=json.dumps(TEMPLATE, indent=2))
    # A file that the configuration does not read is a template of its own, without parameters.
    alone = {} if body.startswith("file") else {"R": "unknown"}
    assert _boundary(report) == {f"{type_}.s/R": verdict} | alone
    assert not report.not_checked


def test_a_text_around_the_yaml_of_a_template_is_not_read(read: Callable[..., Report]) -> None:
    """How YAML is written is not known, and so nothing of what a text makes of it."""
    body = f'"# a template\n${{yamlencode({json.dumps(TEMPLATE)})}}"'
    report = read(f'resource "aws_cloudformation_stack" "s" {{\n  template_body = {body}\n}}\n')
    assert not _boundary(report)
    assert report.not_checked


def test_yaml_is_no_policy(read: Callable[..., Report]) -> None:
    """IAM reads JSON alone."""
    report = read(f'resource "aws_iam_role" "r" {{\n  assume_role_policy = yamlencode({json.dumps(TRUST)})\n}}\n')
    assert _boundary(report) == {"aws_iam_role.r": "unknown"}


BLOCKED = """
resource "aws_s3_bucket" "b" {
  bucket = "b"
}
resource "aws_s3_bucket_public_access_block" "b" {
  bucket                  = aws_s3_bucket.b.id
  block_public_policy     = true
  restrict_public_buckets = true
}
resource "aws_s3_bucket_ownership_controls" "b" {
  bucket = aws_s3_bucket.b.bucket
}
resource "aws_s3_bucket_policy" "b" {
  bucket = BUCKET
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "arn:aws:s3:::${BUCKET}/*" }] })
}
"""


@pytest.mark.parametrize(
    "bucket",
    [
        "aws_s3_bucket.b.id",
        "aws_s3_bucket_public_access_block.b.bucket",
        "aws_s3_bucket_public_access_block.b.id",
        "aws_s3_bucket_ownership_controls.b.bucket",
    ],
)
def test_a_bucket_is_named_through_what_is_set_of_it(read: Callable[..., Report], bucket: str) -> None:
    """An argument that is written is what it is written as: a way to say in which order things are made."""
    assert _boundary(read(BLOCKED.replace("BUCKET", bucket))) == {"aws_s3_bucket_policy.b": "proved"}


@pytest.mark.parametrize(
    ("type_", "attribute"),
    [
        ("aws_cloudwatch_event_rule", "arn"),
        ("aws_api_gateway_rest_api", "execution_arn"),
        ("aws_apigatewayv2_api", "execution_arn"),
        ("aws_cloudwatch_log_group", "arn"),
        ("aws_iot_topic_rule", "arn"),
        ("aws_cognito_user_pool", "arn"),
        ("aws_cloudfront_distribution", "arn"),
    ],
)
def test_the_arn_of_what_calls_is_of_the_account_of_its_provider(
    read: Callable[..., Report], type_: str, attribute: str
) -> None:
    """Which name it will have makes no difference to whether somebody else may call through a service."""
    source = f'resource "{type_}" "s" {{}}\n'
    grant = (
        'resource "aws_lambda_permission" "p" {\n  action = "lambda:InvokeFunction"\n  function_name = "f"\n'
        f'  principal = "events.amazonaws.com"\n  source_arn = "${{{type_}.s.{attribute}}}/*"\n}}\n'
    )
    report = read(source + grant)
    assert {one.verdict for one in report.results if one.property == "no-confused-deputy"} == {"proved"}


@pytest.mark.parametrize(
    ("made", "policy", "argument", "attribute", "action"),
    [
        (
            "aws_kinesis_stream_consumer",
            "aws_kinesis_resource_policy",
            "resource_arn",
            "arn",
            "kinesis:SubscribeToShard",
        ),
        ("aws_dynamodb_table", "aws_dynamodb_resource_policy", "resource_arn", "stream_arn", "dynamodb:GetRecords"),
        (
            "aws_s3tables_table_bucket",
            "aws_s3tables_table_bucket_policy",
            "table_bucket_arn",
            "arn",
            "s3tables:GetTable",
        ),
        ("aws_s3_access_point", "aws_s3control_access_point_policy", "access_point_arn", "arn", "s3:GetObject"),
    ],
)
def test_a_policy_about_what_it_stands_on_is_decided(
    read: Callable[..., Report], made: str, policy: str, argument: str, attribute: str, action: str
) -> None:
    """Its resource is what it stands on, whatever the ARN will be."""
    arn = f"{made}.x.{attribute}"
    inside = {"aws_s3_access_point": "/object/*", "aws_s3tables_table_bucket": "/*"}.get(made, "")
    resource = f'"${{{arn}}}{inside}"'
    document = "resource_policy" if "s3tables" in made else "policy"
    text = (
        f'resource "{made}" "x" {{\n  name = "x"\n}}\nresource "{policy}" "p" {{\n  {argument} = {arn}\n'
        f"  {document} = {_statement(action, resource)}\n}}\n"
    )
    assert _boundary(read(text)) == {f"{policy}.p": "refuted"}


def test_a_policy_that_is_looked_up_by_its_name_may_be_one_of_aws(read: Callable[..., Report]) -> None:
    """The lookup finds those of AWS, too; what the project declares under the name is meant where it does."""
    text = (
        'data "aws_iam_policy" "p" {\n  name = "AdministratorAccess"\n}\n'
        'resource "aws_iam_user" "u" {\n  name = "u"\n}\n'
        'resource "aws_iam_user_policy_attachment" "a" {\n  user = "u"\n  policy_arn = data.aws_iam_policy.p.arn\n}\n'
    )
    report = read(text)
    found = {one.verdict for one in report.results if one.property == "sensitive-actions-require-mfa"}
    assert found == {"refuted"}


def test_what_is_wrong_with_a_policy_is_said_with_its_resource(tmp_path: Path) -> None:
    """A file may be the policy of many resources; the others are judged all the same."""
    (tmp_path / "t.tpl").write_text('{"Version": "2012-10-17", "Statement": []}')
    role = 'resource "aws_iam_role" "{}" {{\n  assume_role_policy = {}\n}}\n'
    good = _statement("sts:AssumeRole").replace(', Resource = "*"', "")
    (tmp_path / "main.tf").write_text(role.format("a", 'file("${path.module}/t.tpl")') + role.format("b", good))
    report = trustproof.check([tmp_path], config=CONFIG, account=OWN)
    (error,) = report.errors
    assert error.message == "aws_iam_role.a: a policy has no statements"
    assert {one.logical_id for one in report.results} == {"aws_iam_role.b"}


_API = """
resource "aws_api_gateway_rest_api" "a" {{
  name = "a"
  endpoint_configuration {{
    types = ["{}"]
  }}
}}
"""
_API_POLICY = """
resource "aws_api_gateway_rest_api_policy" "p" {
  rest_api_id = aws_api_gateway_rest_api.a.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*",
    Action = "execute-api:Invoke", Resource = "${aws_api_gateway_rest_api.a.execution_arn}/*" }] })
}
"""


@pytest.mark.parametrize(("kind", "key"), [("PRIVATE", "aws:SourceVpce"), ("REGIONAL", "aws:SourceIp")])
def test_the_policy_of_an_api_stands_on_the_api(read: Callable[..., Report], kind: str, key: str) -> None:
    """A policy about the ARN of its API is about it wherever it is deployed, and its remedy knows the endpoints."""
    (found,) = [one for one in read(_API.format(kind) + _API_POLICY).results if one.property == "inside-boundary"]
    assert found.verdict == "refuted"
    assert found.remedy is not None
    assert f"by {key};" in found.remedy.text


@pytest.mark.parametrize("kind", ["NONE", "AWS_IAM"])
def test_the_url_of_a_function_is_one_half_of_the_finding(read: Callable[..., Report], kind: str) -> None:
    """A permission and the URL that it opens are one finding; one for a URL of the other type is a note."""
    report = read(
        'resource "aws_lambda_function" "f" {\n  function_name = "f"\n  role = "arn:aws:iam::111122223333:role/x"\n}\n'
        'resource "aws_lambda_function_url" "u" {\n  function_name = aws_lambda_function.f.function_name\n'
        f'  authorization_type = "{kind}"\n}}\n'
        'resource "aws_lambda_permission" "p" {\n  action = "lambda:InvokeFunctionUrl"\n  principal = "*"\n'
        '  function_name = aws_lambda_function.f.function_name\n  function_url_auth_type = "NONE"\n}\n'
    )
    (group,) = groups([one for one in report.results if one.property == "inside-boundary"])
    assert group.lead.remedy is not None
    if kind == "NONE":
        found = [group.lead, *group.also]
        assert {one.logical_id for one in found} == {"aws_lambda_permission.p", "aws_lambda_function_url.u"}
        assert 'authorization_type = "AWS_IAM"' in group.lead.remedy.text
    else:
        assert group.lead.logical_id == "aws_lambda_permission.p"
        assert (group.lead.severity, group.lead.remedy.edits) == ("note", ())


@pytest.mark.parametrize(("other", "blocks"), [("module.f", 1), ("module.g", 2)])
def test_the_halves_of_the_url_of_a_function_that_is_not_at_hand_are_one(
    tmp_path: Path, other: str, blocks: int
) -> None:
    """What a module gives is not known, and the URL and its permission name the same all the same."""
    text = f"""
module "f" {{ source = "github.com/example/function" }}
module "g" {{ source = "github.com/example/function" }}
resource "aws_lambda_function_url" "u" {{
  function_name      = module.f.name
  authorization_type = "NONE"
}}
resource "aws_lambda_permission" "p" {{
  action                 = "lambda:InvokeFunctionUrl"
  function_name          = {other}.name
  function_url_auth_type = "NONE"
  principal              = "*"
}}
"""
    (tmp_path / "main.tf").write_text(text, encoding="utf-8")
    report = trustproof.check([str(tmp_path)], config={}, properties=["inside-boundary"])
    found = [one for one in report.results if one.verdict == trustproof.REFUTED]
    assert [one.severity for one in found] == ["warning", "warning"]
    assert len(groups(found)) == blocks


@pytest.mark.parametrize(
    ("given", "called"),
    [("", "OrganizationAccountAccessRole"), ('role_name = "Admin"', "Admin"), ("role_name = var.n", "")],
)
@pytest.mark.parametrize("type_", ["aws_organizations_account", "awscc_organizations_account"])
def test_the_administrator_of_a_new_account_is_named(
    read: Callable[..., Report], type_: str, given: str, called: str
) -> None:
    """AWS makes it with the account, and nobody says in the configuration whom it lets in."""
    report = read(f'variable "n" {{}}\nresource "{type_}" "a" {{\n  {given}\n}}\n')
    (found,) = report.omissions
    assert f"the role{' ' if called else ''}{called}, an administrator" in str(found)
