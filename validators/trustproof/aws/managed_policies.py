"""
AWS managed policies whose meaning is fixed by their purpose, as far as it matters here.

https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
"""

from __future__ import annotations

from trustproof.model.policy import ALLOW, Condition, Policy, Statement

_EVERY_RESOURCE = ("*",)
_LINKED_ROLES = (
    "autoscaling.amazonaws.com",
    "ec2scheduled.amazonaws.com",
    "elasticloadbalancing.amazonaws.com",
    "spot.amazonaws.com",
    "spotfleet.amazonaws.com",
    "transitgateway.amazonaws.com",
)


def _policy(*statements: Statement) -> Policy:
    return Policy(statements)


#: Name to the whole policy.
_KNOWN: dict[str, Policy] = {
    "AdministratorAccess": _policy(Statement(ALLOW, actions=("*",), resources=_EVERY_RESOURCE)),
    "PowerUserAccess": _policy(
        Statement(ALLOW, not_actions=("iam:*", "organizations:*", "account:*"), resources=_EVERY_RESOURCE),
        Statement(
            ALLOW,
            actions=(
                "account:GetAccountInformation",
                "account:GetGovCloudAccountInformation",
                "account:GetPrimaryEmail",
                "account:ListRegions",
                "iam:CreateServiceLinkedRole",
                "iam:DeleteServiceLinkedRole",
                "iam:ListRoles",
                "organizations:DescribeEffectivePolicy",
                "organizations:DescribeOrganization",
            ),
            resources=_EVERY_RESOURCE,
        ),
    ),
    "IAMFullAccess": _policy(
        Statement(
            ALLOW,
            actions=(
                "iam:*",
                "organizations:DescribeAccount",
                "organizations:DescribeOrganization",
                "organizations:DescribeOrganizationalUnit",
                "organizations:DescribePolicy",
                "organizations:ListChildren",
                "organizations:ListParents",
                "organizations:ListPoliciesForTarget",
                "organizations:ListRoots",
                "organizations:ListPolicies",
                "organizations:ListTargetsForPolicy",
            ),
            resources=_EVERY_RESOURCE,
        )
    ),
    "AmazonEC2FullAccess": _policy(
        Statement(
            ALLOW,
            actions=("ec2:*", "elasticloadbalancing:*", "cloudwatch:*", "autoscaling:*"),
            resources=_EVERY_RESOURCE,
        ),
        Statement(
            ALLOW,
            actions=("iam:CreateServiceLinkedRole",),
            resources=_EVERY_RESOURCE,
            conditions=(Condition("StringEquals", "iam:AWSServiceName", _LINKED_ROLES),),
        ),
    ),
    "AmazonS3FullAccess": _policy(Statement(ALLOW, actions=("s3:*", "s3-object-lambda:*"), resources=_EVERY_RESOURCE)),
}

#: These read, and change nothing; what exactly they allow is not written down here.
_READING = (
    "ReadOnlyAccess",
    "job-function/ViewOnlyAccess",
    "SecurityAudit",
    "IAMReadOnlyAccess",
    "AmazonEC2ReadOnlyAccess",
    "AmazonS3ReadOnlyAccess",
    "CloudWatchReadOnlyAccess",
)


def managed_policy(arn: str) -> Policy | None:
    """What an AWS managed policy lets somebody change; None for every policy that is not known."""
    return _policy() if _name(arn) in _READING else managed_boundary(arn)


def managed_boundary(arn: str) -> Policy | None:
    """The whole of an AWS managed policy, for which its absence would count; None where not all of it is known."""
    return _KNOWN.get(_name(arn))


def _name(arn: str) -> str:
    head, separator, name = arn.partition(":iam::aws:policy/")
    return name if separator and head.startswith("arn:") else ""
