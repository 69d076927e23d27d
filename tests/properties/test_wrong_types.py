"""
Actions next to resources that they are not about: such a statement allows nothing.
"""

from __future__ import annotations

import pytest

import trustproof

HERE = "111122223333"

CASES: list[tuple[str, str, str]] = [
    ("iam:CreateAccessKey", "arn:aws:iam::*:role/*", "proved"),
    ("iam:CreateAccessKey", "arn:aws:iam::*:user/*", "refuted"),
    ("iam:PassRole", "arn:aws:iam::*:user/*", "proved"),
    ("iam:PassRole", "arn:aws:iam::*:role/app-*", "refuted"),
    ("ec2:TerminateInstances", "arn:aws:ec2:*:*:volume/*", "proved"),
    ("ec2:TerminateInstances", "arn:aws:ec2:*:*:instance/*", "refuted"),
    ("kms:ScheduleKeyDeletion", "arn:aws:kms:*:*:alias/*", "proved"),
    ("kms:ScheduleKeyDeletion", "arn:aws:kms:*:*:key/*", "refuted"),
    ("rds:DeleteDBInstance", "arn:aws:rds:*:*:snapshot:*", "proved"),
    ("rds:DeleteDBInstance", "arn:aws:rds:*:*:db:*", "refuted"),
    # The last snapshot of a cluster is asked about as well as the cluster, and never alone.
    ("rds:DeleteDBCluster", "arn:aws:rds:*:*:cluster-snapshot:*", "proved"),
    ("rds:DeleteDBCluster", "arn:aws:rds:*:*:cluster:*", "refuted"),
    ("dynamodb:DeleteTable", "arn:aws:dynamodb:*:*:table/*/backup/*", "proved"),
    ("dynamodb:DeleteTable", "arn:aws:dynamodb:*:*:table/orders/index/*", "proved"),
    ("dynamodb:DeleteTable", "arn:aws:dynamodb:*:*:table/orders", "refuted"),
    ("lambda:UpdateFunctionCode", "arn:aws:lambda:*:*:layer:*", "proved"),
    ("lambda:UpdateFunctionCode", "arn:aws:lambda:*:*:event-source-mapping:*", "proved"),
    ("lambda:UpdateFunctionCode", "arn:aws:lambda:*:*:function:*", "refuted"),
    ("cloudformation:CreateStack", "arn:aws:cloudformation:*:*:stackset/*", "proved"),
    ("cloudformation:CreateStack", "arn:aws:cloudformation:*:*:stack/*", "refuted"),
    ("cloudtrail:StopLogging", "arn:aws:cloudtrail:*:*:eventdatastore/*", "proved"),
    ("cloudtrail:StopLogging", "arn:aws:cloudtrail:*:*:trail/*", "refuted"),
    ("guardduty:DeleteDetector", "arn:aws:guardduty:*:*:detector/*/filter/*", "proved"),
    ("guardduty:DeleteDetector", "arn:aws:guardduty:*:*:detector/*", "refuted"),
    ("backup:DeleteBackupVault", "arn:aws:backup:*:*:backup-plan:*", "proved"),
    ("backup:DeleteBackupVault", "arn:aws:backup:*:*:backup-vault:*", "refuted"),
    ("s3:DeleteObjectVersion", "arn:aws:s3:::logs", "proved"),
    ("s3:DeleteObjectVersion", "arn:aws:s3:::logs/", "proved"),
    ("s3:DeleteObjectVersion", "arn:aws:s3:::logs/*", "refuted"),
]


@pytest.mark.parametrize(("action", "resource", "verdict"), CASES)
def test_sensitive_actions(action: str, resource: str, verdict: str) -> None:
    """What is shown is a resource of the type that the action is about, and no other type is shown."""
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    found = trustproof.prove(policy, "sensitive-actions-require-mfa", account=HERE, kind="identity")
    assert (found.verdict, found.reasons) == (verdict, ())
    if found.counterexample is not None:
        fields = found.counterexample.resource.split(":", 5)
        assert fields[5].startswith(resource.split(":", 5)[5].partition("*")[0])
        assert fields[2] == "s3" or fields[4] == HERE


@pytest.mark.parametrize(
    ("action", "covered", "verdict"),
    [
        ("rds:DeleteDBCluster", "arn:aws:rds:*:*:cluster:*", "proved"),
        ("rds:DeleteDBCluster", "arn:aws:rds:*:*:cluster-snapshot:*", "refuted"),
        ("dynamodb:DeleteTable", "arn:aws:dynamodb:*:*:table/*", "proved"),
        ("dynamodb:DeleteTable", "arn:aws:dynamodb:*:*:table/*/*", "refuted"),
        ("guardduty:DeleteDetector", "arn:aws:guardduty:*:*:detector/*", "proved"),
        ("iam:CreateAccessKey", "arn:aws:iam::*:user/*", "proved"),
        ("iam:CreateAccessKey", "arn:aws:iam::*:role/*", "refuted"),
    ],
)
def test_a_deny_of_the_right_type(action: str, covered: str, verdict: str) -> None:
    """A Deny on every resource that an action can be about is enough, and one on others is no help."""
    mfa = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
    allow = {"Effect": "Allow", "Action": action, "Resource": "*"}
    deny = {"Effect": "Deny", "Action": action, "Resource": covered, "Condition": mfa}
    policy = {"Version": "2012-10-17", "Statement": [allow, deny]}
    found = trustproof.prove(policy, "sensitive-actions-require-mfa", account=HERE, kind="identity")
    assert found.verdict == verdict
