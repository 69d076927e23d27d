"""
AWS managed policies whose meaning is fixed by their purpose, as far as it matters here.

https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
"""

from __future__ import annotations

from trustproof.model.policy import ALLOW, Policy, Statement

_EVERY_RESOURCE = ("*",)


def _policy(*statements: Statement) -> Policy:
    return Policy(statements)


#: Name to the statements that let somebody change something.
_KNOWN: dict[str, Policy] = {
    "AdministratorAccess": _policy(Statement(ALLOW, actions=("*",), resources=_EVERY_RESOURCE)),
    "PowerUserAccess": _policy(
        Statement(ALLOW, not_actions=("iam:*", "organizations:*", "account:*"), resources=_EVERY_RESOURCE),
        Statement(
            ALLOW,
            actions=("iam:CreateServiceLinkedRole", "iam:DeleteServiceLinkedRole", "iam:ListRoles"),
            resources=_EVERY_RESOURCE,
        ),
    ),
    "IAMFullAccess": _policy(Statement(ALLOW, actions=("iam:*",), resources=_EVERY_RESOURCE)),
    "AmazonEC2FullAccess": _policy(Statement(ALLOW, actions=("ec2:*",), resources=_EVERY_RESOURCE)),
    "AmazonS3FullAccess": _policy(Statement(ALLOW, actions=("s3:*",), resources=_EVERY_RESOURCE)),
    # These read, and change nothing.
    "ReadOnlyAccess": _policy(),
    "job-function/ViewOnlyAccess": _policy(),
    "SecurityAudit": _policy(),
    "IAMReadOnlyAccess": _policy(),
    "AmazonEC2ReadOnlyAccess": _policy(),
    "AmazonS3ReadOnlyAccess": _policy(),
    "CloudWatchReadOnlyAccess": _policy(),
}


def managed_policy(arn: str) -> Policy | None:
    """What is known of an AWS managed policy; None for every other policy."""
    head, separator, name = arn.partition(":iam::aws:policy/")
    return _KNOWN.get(name) if separator and head.startswith("arn:") else None
