"""
The partitions of AWS, with the Regions and the DNS suffix of each.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import cache

from trustproof.aws import published

#: Partitions that stand for all others.
PARTITIONS = ("aws", "aws-cn", "aws-us-gov", "aws-iso")

#: Those that most people may have accounts in.
USUAL_PARTITIONS = ("aws", "aws-cn", "aws-us-gov")

#: Regions that stand for all others, of each partition.
REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2", "sa-east-1", "us-gov-west-1", "cn-north-1")

#: The beginning of an ARN, with its partition.
_ARN = re.compile(r"arn:(aws[a-z-]*):")
#: What may be the name of a Region.
_REGION = re.compile(r"\b[a-z]{2,4}-[a-z-]+-\d\b")
#: Points of the compass have so many letters at least, and one that is misspelt is so close to another.
_WORD, _CLOSE = 4, 0.8


@cache
def partition_of(region: str | None) -> str:
    """The partition of a Region; ``aws`` where the Region is not known."""
    found = (name for name, about in published.partitions().items() if re.match(str(about["pattern"]), region or ""))
    return next(found, "aws")


def is_region(text: str) -> bool:
    """Whether a text is the name of a Region, by the patterns that AWS publishes."""
    return any(re.match(str(about["pattern"]), text) for about in published.partitions().values())


def misspelt_region(text: str) -> str:
    """
    The Region that was meant where a word of its name is misspelt; empty where there is such a Region, or may be.

    New Regions are called by other countries and numbers, and by the same points of the compass.
    """
    known = [name for partition in sorted(all_partitions()) for name in regions_in(partition)]
    words = {word for name in known for word in name.split("-") if len(word) >= _WORD}
    own = [word for word in text.split("-") if len(word) >= _WORD and word not in words]
    if not any(get_close_matches(word, words, 1, _CLOSE) for word in own):
        return ""
    return next(iter(get_close_matches(text, known, 1)), "")


def written_partition(text: str) -> str:
    """
    The partition that a template is written for, where its Region is not known: the one that all its ARNs name, or
    without ARNs all its Regions, else ``aws``.
    """
    return min(named_partitions(text) or partitions_of_regions(text), default="aws")


def partitions_of_regions(text: str) -> set[str]:
    """The partitions of the Regions that a text names."""
    return set(map(partition_of, regions_named(text)))


def regions_named(text: str) -> set[str]:
    """The Regions that a text names."""
    return set(filter(is_region, set(_REGION.findall(text))))


def named_partitions(text: str) -> set[str]:
    """The partitions of the ARNs in a text."""
    return set(_ARN.findall(text)) if "arn:" in text else set()


def all_partitions() -> frozenset[str]:
    """The names of all partitions."""
    return frozenset(published.partitions())


def may_be_together(region: str | None, partition: str | None) -> bool:
    """Whether something may be in a Region and a partition; None for one that is not known."""
    return region is None or (is_region(region) and partition in (None, partition_of(region)))


def regions_in(partition: str) -> tuple[str, ...]:
    """The known Regions of a partition; first those of `REGIONS`."""
    known = published.partitions().get(partition, {}).get("regions")
    listed = dict.fromkeys((*REGIONS, *(known if isinstance(known, list) else ())))
    return tuple(region for region in listed if partition_of(region) == partition)


@cache
def first_region(partition: str) -> str:
    """A Region of a partition, which stands for its others; empty for none that AWS has published."""
    return next(iter(regions_in(partition)), "")


def url_suffix(partition: str) -> str:
    """``AWS::URLSuffix`` of a partition."""
    return str(published.partitions().get(partition, {}).get("suffix", "amazonaws.com"))


@cache
def region_beginnings() -> dict[str, str]:
    """The partitions of which all Regions begin alike, and others do not, to that beginning: ``cn-``, ``us-gov-``."""
    patterns = ((name, str(about["pattern"])) for name, about in published.partitions().items() if name != "aws")
    return {name: re.sub(r"[()^]", "", pattern.partition(r"\w")[0]) for name, pattern in patterns}
