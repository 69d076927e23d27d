"""
Calls that reach no other account are no findings of a caller from outside.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from trustproof import PROVED, REFUTED
from trustproof.aws import published
from trustproof.aws.cross_account import in_own_account_only, services

Json = dict[str, object]

ACCOUNT = "111122223333"
#: Types to the property with the policy, and what else they need.
POLICIES: dict[str, tuple[str, Json]] = {
    "sqs": ("AWS::SQS::QueuePolicy PolicyDocument", {"Queues": [f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/q"]}),
    "sns": ("AWS::SNS::TopicPolicy PolicyDocument", {"Topics": [f"arn:aws:sns:us-east-1:{ACCOUNT}:t"]}),
    "kms": ("AWS::KMS::Key KeyPolicy", {}),
    "secretsmanager": ("AWS::SecretsManager::ResourcePolicy ResourcePolicy", {"SecretId": "s"}),
    "ecr": ("AWS::ECR::Repository RepositoryPolicyText", {}),
    "registry": ("AWS::ECR::RegistryPolicy PolicyText", {}),
    "backup": ("AWS::Backup::BackupVault AccessPolicy", {"BackupVaultName": "v"}),
    "s3": ("AWS::S3::BucketPolicy PolicyDocument", {"Bucket": "b"}),
}


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("sqs:SetQueueAttributes", PROVED),
        ("sqs:DeleteQueue", PROVED),
        ("sqs:PurgeQueue", REFUTED),
        ("sqs:GetQueueAttributes", REFUTED),
        ("sns:CreateTopic", PROVED),
        ("sns:ListTopics", PROVED),
        ("sns:Subscribe", REFUTED),
        ("kms:PutKeyPolicy", PROVED),
        ("kms:ListKeys", PROVED),
        ("kms:GetPublicKey", REFUTED),
        ("secretsmanager:ListSecrets", PROVED),
        ("secretsmanager:PutResourcePolicy", REFUTED),
        ("ecr:GetAuthorizationToken", PROVED),
        ("ecr:CreateRepository", PROVED),
        ("ecr:PutImage", REFUTED),
        ("registry ecr:CreateRepository", REFUTED),
        ("registry ecr:DescribeRegistry", PROVED),
        ("backup:DeleteRecoveryPoint", PROVED),
        ("backup:StartRestoreJob", PROVED),
        ("backup:CopyIntoBackupVault", REFUTED),
        ("backup:Copy*", REFUTED),
        ("s3:ListAllMyBuckets", PROVED),
        ("s3:PutBucketPolicy", PROVED),
        ("s3:PutObject", REFUTED),
    ],
)
def test_only_what_reaches_another_account_is_a_finding(tmp_path: Path, action: str, expected: str) -> None:
    """A policy that allows everybody the rest lets nobody in from outside."""
    on, _, action = action.rpartition(" ")
    types, more = POLICIES[on or action.partition(":")[0]]
    type_, _, place = types.partition(" ")
    statement = {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    content = {"Resources": {"P": {"Type": type_, "Properties": {**more, place: policy}}}}
    (tmp_path / "template.json").write_text(json.dumps(content), encoding="utf-8")
    report = trustproof.check(
        [str(tmp_path)], account=ACCOUNT, config={"boundary": {}}, properties=["inside-boundary"], certify=True
    )
    assert [one.verdict for one in report.results] == [expected]


@pytest.mark.parametrize("service", services())
def test_every_action_that_is_listed_exists(service: str) -> None:
    """A misspelt one would never be asked about."""
    found = published.service(service)
    assert found is not None
    assert {one.removeprefix(f"{service}:") for one in in_own_account_only(service)} <= {*found.actions}
