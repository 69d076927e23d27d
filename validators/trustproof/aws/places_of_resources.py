"""
Where the resources of services are: which of their ARNs always have a Region and an account.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from trustproof.aws import published

#: Services whose ARNs have a Region and an account wherever the reference has a place for them. Others have ARNs of AWS
#: itself without an account (``arn:aws:ssm:us-east-1::document/AWS-RunShellScript``), or the reference is loose.
FILLED = (
    "codebuild",
    "codecommit",
    "codepipeline",
    "dynamodb",
    "ecr",
    "firehose",
    "kinesis",
    "kms",
    "secretsmanager",
    "sns",
    "sqs",
    "states",
)


def place_of(service: str) -> str:
    """
    The fields of Region and account of the ARNs that a service has of its own, as ``ArnLike`` has them.

    >>> place_of("sns"), place_of("ssm")
    ('?*:????????????', '*:*')

    Args:
        service: the prefix of its actions.
    """
    found = published.service(service) if service in FILLED else None
    if found is None:
        return "*:*"
    places = [arn.split(":")[3:5] for arns in found.resources.values() for arn in arns]
    region = "?*" if all(one for one, _ in places) else "*"
    account = "?" * 12 if all(other for _, other in places) else "*"
    return f"{region}:{account}"
