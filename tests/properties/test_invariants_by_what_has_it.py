"""
Invariants of what a policy is put on by names that no ARN says, and that another block or resource has.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.properties.test_invariants_by_target import OTHERS, Json, policy, template, verdicts

HEAD = 'provider "aws" { region = "eu-west-1" }\nvariable "env" { default = "dev" }\n'


def written(action: str, *, has_resource: bool = True) -> str:
    """A policy of Terraform that lets in an account of others."""
    resource = ', Resource = "*"' if has_resource else ""
    statement = f'Effect = "Allow", Principal = {{ AWS = "{OTHERS}" }}, Action = "{action}"{resource}'
    return f"jsonencode({{ Statement = {{ {statement} }} }})"


KEY = 'resource "aws_kms_key" "of" {}\n'
ALIAS = 'resource "aws_kms_alias" "it" {\n  name = "alias/deploy"\n  target_key_id = aws_kms_key.of.id\n}\n'
IMAGE = written("ecr:BatchGetImage", has_resource=False)


@pytest.mark.parametrize(
    ("given", "patterns"),
    [
        # What has the policy, by its address, whichever attribute or name says it.
        (
            (
                f'{KEY}resource "aws_kms_key_policy" "it" {{\n  key_id = aws_kms_key.of.id\n'
                f"  policy = {written('kms:*')}\n}}\n{ALIAS}"
            ),
            ["aws_kms_key.of", "aws_kms_key_policy.it", "alias/deploy", "aws_kms_alias.it"],
        ),
        (
            f'resource "aws_kms_key" "of" {{\n  policy = {written("kms:*")}\n}}\n{ALIAS}',
            ["aws_kms_key.of", "alias/deploy", "aws_kms_alias.it"],
        ),
        (
            (
                'resource "aws_ecr_repository" "of" {\n  name = "team/deploy"\n}\n'
                f'resource "aws_ecr_repository_policy" "it" {{\n  repository = "team/deploy"\n  policy = {IMAGE}\n}}\n'
            ),
            ["aws_ecr_repository.of", "team/deploy"],
        ),
        (
            (
                'resource "aws_dynamodb_table" "of" {\n  name = "deploy"\n}\n'
                'resource "aws_dynamodb_resource_policy" "it" {\n  resource_arn = aws_dynamodb_table.of.stream_arn\n'
                f"  policy = {written('dynamodb:GetRecords')}\n}}\n"
            ),
            ["aws_dynamodb_table.of", "deploy"],
        ),
        (
            (
                'resource "aws_msk_serverless_cluster" "of" {\n  cluster_name = "deploy"\n}\n'
                'resource "aws_msk_cluster_policy" "it" {\n  cluster_arn = aws_msk_serverless_cluster.of.arn\n'
                f"  policy = {written('kafka:CreateVpcConnection')}\n}}\n"
            ),
            ["aws_msk_serverless_cluster.of", "deploy"],
        ),
        (
            (
                'resource "aws_redshift_cluster" "of" {\n  cluster_identifier = "deploy"\n}\n'
                'resource "aws_redshift_resource_policy" "it" {\n'
                "  resource_arn = aws_redshift_cluster.of.cluster_namespace_arn\n"
                f"  policy = {written('redshift:AuthorizeInboundIntegration')}\n}}\n"
            ),
            ["aws_redshift_cluster.of", "deploy"],
        ),
        (
            (
                'resource "aws_kinesis_stream_consumer" "of" {\n  name = "deploy"\n'
                '  stream_arn = "arn:aws:kinesis:eu-west-1:111122223333:stream/s"\n}\n'
                'resource "aws_kinesis_resource_policy" "it" {\n  resource_arn = aws_kinesis_stream_consumer.of.arn\n'
                f"  policy = {written('kinesis:SubscribeToShard')}\n}}\n"
            ),
            ["aws_kinesis_stream_consumer.of", "deploy", "arn:aws:kinesis:*:*:stream/s/consumer/deploy:*"],
        ),
        # What is looked up.
        (
            (
                'data "aws_s3_bucket" "of" {\n  bucket = "deploy"\n}\n'
                'resource "aws_s3_bucket_policy" "it" {\n  bucket = data.aws_s3_bucket.of.id\n'
                f"  policy = {written('s3:ListBucket').replace('*', 'arn:aws:s3:::deploy')}\n}}\n"
            ),
            ["data.aws_s3_bucket.of", "deploy"],
        ),
        (
            (
                'data "aws_sns_topic" "of" {\n  for_each = toset(["deploy"])\n  name = each.key\n}\n'
                'resource "aws_sns_topic_policy" "it" {\n  for_each = data.aws_sns_topic.of\n  arn = each.value.arn\n'
                f"  policy = {written('sns:Publish')}\n}}\n"
            ),
            ["data.aws_sns_topic.of", 'data.aws_sns_topic.of["deploy"]', "deploy"],
        ),
        (
            (
                'data "aws_secretsmanager_secret" "of" {\n  name = "${var.env}-db"\n}\n'
                'resource "aws_secretsmanager_secret_policy" "it" {\n'
                "  secret_arn = data.aws_secretsmanager_secret.of.arn\n"
                f"  policy = {written('secretsmanager:GetSecretValue')}\n}}\n"
            ),
            ["dev-db", "prod-db", "data.aws_secretsmanager_secret.of"],
        ),
        # What is nothing but a name.
        (
            (
                'resource "aws_lambda_layer_version_permission" "it" {\n  layer_name = "deploy"\n  version_number = 3\n'
                f'  principal = "{OTHERS}"\n  action = "lambda:GetLayerVersion"\n  statement_id = "it"\n}}\n'
            ),
            ["deploy"],
        ),
        (
            (
                'resource "aws_signer_signing_profile_permission" "it" {\n  profile_name = "deploy"\n'
                f'  principal = "{OTHERS}"\n  action = "signer:StartSigningJob"\n}}\n'
            ),
            ["deploy"],
        ),
        (
            (
                'resource "aws_s3control_multi_region_access_point_policy" "it" {\n  details {\n    name = "deploy"\n'
                f"    policy = {written('s3:GetObject')}\n  }}\n}}\n"
            ),
            ["deploy"],
        ),
        (
            (
                f'resource "aws_ses_identity_policy" "it" {{\n  identity = "example.com"\n  name = "it"\n'
                f"  policy = {written('ses:SendEmail')}\n}}\n"
            ),
            ["example.com"],
        ),
        # What the provider makes up the end of.
        (
            (
                f'resource "aws_sqs_queue" "of" {{\n  name_prefix = "deploy-"\n'
                f"  policy = {written('sqs:SendMessage')}\n}}\n"
            ),
            ["deploy-*", "aws_sqs_queue.of"],
        ),
        (
            (
                f'resource "aws_sns_topic" "of" {{\n  name_prefix = "${{var.env}}-"\n'
                f"  policy = {written('sns:Publish')}\n}}\n"
            ),
            ["dev-*", "prod-*"],
        ),
    ],
)
def test_in_terraform_a_policy_is_asked_about_by_what_has_it(tmp_path: Path, given: str, patterns: list[str]) -> None:
    """Its address without a key, and the names that it is given, also where no ARN says these."""
    (tmp_path / "main.tf").write_text(HEAD + given)
    assert {one: {*verdicts(tmp_path, one)} for one in patterns} == {key: {"refuted"} for key in patterns}
    assert not verdicts(tmp_path, "other")


def test_a_resource_beside_what_has_a_policy_is_another_one(tmp_path: Path) -> None:
    """One of the same type with another name, and the alias of another key."""
    others = 'resource "aws_ecr_repository" "other" {\n  name = "other"\n}\n'
    put_on = f'resource "aws_ecr_repository_policy" "it" {{\n  repository = "deploy"\n  policy = {IMAGE}\n}}\n'
    key = f'resource "aws_kms_key" "mine" {{\n  policy = {written("kms:*")}\n}}\n'
    (tmp_path / "main.tf").write_text(HEAD + others + put_on + KEY + ALIAS + key)
    assert not verdicts(tmp_path, "aws_ecr_repository.other")
    # The key of the alias has no policy that is written.
    assert not verdicts(tmp_path, "alias/deploy")


@pytest.mark.parametrize("target", [{"Ref": "It"}, {"Fn::GetAtt": ["It", "Arn"]}])
def test_a_key_is_called_by_its_aliases(target: object) -> None:
    """Nobody knows keys by their ids; a parameter may make the name of an alias."""
    alias = {"Type": "AWS::KMS::Alias", "Properties": {"AliasName": {"Fn::Sub": "alias/${Env}"}, "TargetKeyId": target}}
    given = template("AWS::KMS::Key", {"KeyPolicy": policy("kms:*")}, Name=alias)
    given["Parameters"] = {"Env": {"Type": "String", "Default": "dev"}}
    assert verdicts(given, "alias/dev") == verdicts(given, "alias/prod") == ["refuted"]
    assert not verdicts(given, "other/dev")


@pytest.mark.parametrize(
    ("type_", "properties"),
    [
        ("AWS::MSK::ServerlessCluster", {"ClusterName": "deploy"}),
        ("AWS::MSK::Cluster", {"ClusterName": "deploy"}),
    ],
)
def test_a_cluster_is_called_by_its_name_whatever_its_type(type_: str, properties: dict[str, object]) -> None:
    """One of Kafka may be serverless."""
    put_on = {"ClusterArn": {"Ref": "Of"}, "Policy": policy("kafka:CreateVpcConnection")}
    given = template("AWS::MSK::ClusterPolicy", put_on, Of={"Type": type_, "Properties": properties})
    assert verdicts(given, "deploy") == verdicts(given, "Of") == ["refuted"]


def test_a_cluster_of_redshift_is_called_by_its_identifier() -> None:
    """Which is a name that somebody has chosen."""
    put_on = {"ClusterIdentifier": "deploy", "NamespaceResourcePolicy": policy("redshift:AuthorizeInboundIntegration")}
    assert verdicts(template("AWS::Redshift::Cluster", put_on), "deploy") == ["refuted"]


def planned(*resources: tuple[str, Json, Json]) -> Json:
    """A plan of resources: the address of each, what is known, and what other arguments refer to."""
    changes, expressions = list[Json](), list[Json]()
    for address, known, others in resources:
        type_, _, name = address.partition(".")
        block = {"address": address, "mode": "managed", "type": type_, "name": name}
        change = {"actions": ["create"], "before": None, "after": known, "after_unknown": dict.fromkeys(others, True)}
        changes.append({**block, "provider_name": "registry.terraform.io/hashicorp/aws", "change": change})
        given = {key: {"constant_value": value} for key, value in known.items()}
        given |= {key: {"references": [one, one.rpartition(".")[0]]} for key, one in others.items()}
        expressions.append({**block, "provider_config_key": "aws", "schema_version": 0, "expressions": given})
    provider = {"name": "aws", "full_name": "registry.terraform.io/hashicorp/aws"}
    root = {"resources": expressions}
    configuration = {"provider_config": {"aws": provider}, "root_module": root}
    plan = {"format_version": "1.2", "terraform_version": "1.9.0", "complete": True, "resource_changes": changes}
    values = [
        {**{key: one[key] for key in ("address", "mode", "type", "name")}, "values": one["change"]["after"]}
        for one in changes
    ]
    return {**plan, "planned_values": {"root_module": {"resources": values}}, "configuration": configuration}


@pytest.mark.parametrize(
    ("resources", "patterns"),
    [
        (
            [
                ("aws_sns_topic.of", {"name": "deploy"}, {}),
                ("aws_sns_topic_policy.it", {"policy": policy("sns:Publish")}, {"arn": "aws_sns_topic.of.arn"}),
            ],
            ["aws_sns_topic.of", "deploy"],
        ),
        (
            [
                ("aws_kms_key.of", {}, {}),
                ("aws_kms_key_policy.it", {"policy": policy("kms:*")}, {"key_id": "aws_kms_key.of.id"}),
                ("aws_kms_alias.it", {"name": "alias/deploy"}, {"target_key_id": "aws_kms_key.of.key_id"}),
            ],
            ["aws_kms_key.of", "alias/deploy"],
        ),
        (
            [
                ("aws_msk_cluster.of", {"cluster_name": "deploy"}, {}),
                (
                    "aws_msk_cluster_policy.it",
                    {"policy": policy("kafka:CreateVpcConnection")},
                    {"cluster_arn": "aws_msk_cluster.of.arn"},
                ),
            ],
            ["aws_msk_cluster.of", "deploy"],
        ),
        (
            [
                ("aws_cloudwatch_event_bus.of", {"name": "deploy"}, {}),
                (
                    "aws_cloudwatch_event_bus_policy.it",
                    {"policy": policy("events:PutEvents"), "event_bus_name": "deploy"},
                    {},
                ),
            ],
            ["aws_cloudwatch_event_bus.of", "deploy"],
        ),
    ],
)
def test_in_a_first_plan_a_policy_is_asked_about_by_what_it_refers_to(
    resources: list[tuple[str, Json, Json]], patterns: list[str]
) -> None:
    """The ARN of what is not there yet is known after it is applied; its name is known before."""
    texts = [
        (address, {**known, **({"policy": json.dumps(known["policy"])} if "policy" in known else {})}, others)
        for address, known, others in resources
    ]
    given = planned(*texts)
    assert {one: {*verdicts(given, one)} for one in patterns} == {one: {"refuted"} for one in patterns}
    assert not verdicts(given, "other")


@pytest.mark.parametrize(
    ("said", "matched"),
    [("", ["default", "*:event-bus/default"]), ('event_bus_name = "jobs"', ["jobs", "*:event-bus/jobs"])],
)
def test_a_policy_that_names_no_bus_is_that_of_the_default_one(tmp_path: Path, said: str, matched: list[str]) -> None:
    """The provider puts it there."""
    lines = f"{said}\n  policy = {written('events:PutEvents')}"
    (tmp_path / "main.tf").write_text(f'{HEAD}resource "aws_cloudwatch_event_bus_policy" "it" {{\n  {lines}\n}}\n')
    patterns = ["default", "jobs", "*:event-bus/default", "*:event-bus/jobs"]
    assert [one for one in patterns if verdicts(tmp_path, one)] == matched
