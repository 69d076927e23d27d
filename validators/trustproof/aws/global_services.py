"""
Services with a single endpoint in each partition, so that each request for them is made to one Region.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requestedregion
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_deny-requested-region.html
"""

from __future__ import annotations

from trustproof.aws.partitions import regions_in

#: Prefixes of actions, to the partitions and the Regions of their endpoints: those that the manual names, and
#: AWS Account Management and Organizations, of which the reference of endpoints says the same. STS has endpoints in all
#: Regions, and so has AWS Support in some.
#: https://docs.aws.amazon.com/general/latest/gr/iam-service.html
#: https://docs.aws.amazon.com/general/latest/gr/ao.html
#: https://docs.aws.amazon.com/general/latest/gr/r53.html
#: https://docs.aws.amazon.com/general/latest/gr/cf_region.html
#: https://docs.aws.amazon.com/accounts/latest/reference/accounts-endpoints.html
ENDPOINTS: dict[str, dict[str, str]] = {
    "account": {"aws": "us-east-1", "aws-cn": "cn-northwest-1"},
    "cloudfront": {"aws": "us-east-1", "aws-cn": "cn-northwest-1"},
    "iam": {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"},
    "organizations": {"aws": "us-east-1", "aws-cn": "cn-northwest-1", "aws-us-gov": "us-gov-west-1"},
    "route53": {"aws": "us-east-1", "aws-cn": "cn-northwest-1", "aws-us-gov": "us-gov-west-1"},
}
#: An action, lower-cased, that is no request of its own: who calls another service needs it there.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
NO_REQUEST = "iam:passrole"


def endpoint_of(action: str, partition: str) -> str:
    """A Region in which a lower-cased action may be asked for, in a partition."""
    return only_endpoint(action, partition) or next(iter(regions_in(partition or "aws")), "us-east-1")


def only_endpoint(action: str, partition: str) -> str:
    """The Region in which alone an action may be asked for; empty where there are several."""
    return ENDPOINTS.get(action.lower().partition(":")[0], {}).get(partition, "")
