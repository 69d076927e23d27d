"""
The partitions of AWS, with the Regions and the DNS suffix of each.
"""

from __future__ import annotations

import re

_PARTITIONS = (
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("us-iso-", "aws-iso"),
    ("us-isob-", "aws-iso-b"),
    ("us-isof-", "aws-iso-f"),
    ("eu-isoe-", "aws-iso-e"),
    ("eusc-", "aws-eusc"),
)

#: Partitions that stand for all others.
PARTITIONS = ("aws", "aws-cn", "aws-us-gov", "aws-iso")

#: Regions that stand for all others, of each partition.
REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2", "sa-east-1", "us-gov-west-1", "cn-north-1")

_SUFFIXES = {
    "aws-cn": "amazonaws.com.cn",
    "aws-iso": "c2s.ic.gov",
    "aws-iso-b": "sc2s.sgov.gov",
    "aws-iso-e": "cloud.adc-e.uk",
    "aws-iso-f": "csp.hci.ic.gov",
    "aws-eusc": "amazonaws.eu",
}


def partition_of(region: str | None) -> str:
    """The partition of a Region; ``aws`` where the Region is not known."""
    for prefix, partition in _PARTITIONS:
        if region is not None and region.startswith(prefix):
            return partition
    return "aws"


def written_partition(text: str) -> str:
    """
    The partition that a template is written for, where its Region is not known: the one that all its ARNs name, else
    ``aws``.
    """
    return min(named_partitions(text), default="aws")


def named_partitions(text: str) -> set[str]:
    return set(re.findall("arn:(aws[a-z-]*):", text))


def url_suffix(partition: str) -> str:
    """``AWS::URLSuffix`` of a partition."""
    return _SUFFIXES.get(partition, "amazonaws.com")
