"""
Regions and accounts in what people give: a Region that does not exist, and a place that is not ours, are said at once.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import lru_cache

from aws_cdk import region_info
from constructs import Construct

from trustproof_cdk._arguments import arguments, known_later, partly_known
from trustproof_cdk._synthesis import stacks

#: What begins as an ARN does, or is one that only a deployment knows.
_ARNS = ("arn:", "${Token[")


def region(value: str, argument: str = "region") -> str:
    """
    The name of a Region.

    Raises:
        ValueError: one that the installed CDK does not know.
    """
    accepted = "a Region like 'eu-central-1'"
    try:
        arguments.matching(value, argument, r"[a-z]+(-[a-z]+)+-[0-9]+", accepted)
    except ValueError as refused:
        raise ValueError(f"{refused}{_meant(value)}") from None
    if not arguments.is_token(value) and value not in _known():
        raise ValueError(
            f"{argument} must be {accepted}, got {value!r}, which is none that this version of aws-cdk-lib knows"
            f"{_meant(value)}"
        )
    return value


def _meant(value: str) -> str:
    """The Region that is nearest to what was given, as the end of a message; empty where none is near."""
    near = difflib.get_close_matches(value.lower(), _known(), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def of_arn(arn: str, argument: str) -> str:
    """
    An ARN whose Region, where it names one without wildcards, is a Region.

    Args:
        arn: as a text; a token passes.
        argument: the name of the argument, as the caller wrote it.
    """
    if not arguments.is_token(arn):
        named = arn.split(":")[3]
        if named and "*" not in named and "?" not in named:
            region(named, f"{argument} (in {arn!r})")
            partition, own = arn.split(":")[1], partition_of_region(named)
            if own and not arguments.is_token(partition) and partition not in (own, "*"):
                raise ValueError(f"{argument} must be of partition {own}, which {named} is in, got {arn!r}")
    return arn


def of_partition(scope: Construct, arns: Iterable[str], argument: str) -> None:
    """
    Refuse ARNs of another partition than the stack's: nothing goes from one to the other.

    Args:
        scope: in the stack; one whose Region is known only in a deployment takes any.
        arns: as texts; what is no ARN passes, and a token is looked at again in the synthesis.
        argument: the name of the argument, as the caller wrote it.
    """
    asked = [arn for arn in arns if arn.startswith(_ARNS) and not arn.startswith("arn:$")]
    if not asked:
        return
    region, own = stacks.own_region_of(stacks.stack_of(scope)), partition_of(scope)

    def refuse(arn: str) -> None:
        theirs = arn.split(":")[1] if arn.startswith("arn:") else partly_known.UNKNOWN
        if theirs != own and partly_known.UNKNOWN not in theirs:
            raise ValueError(
                f"{argument} must be of partition {own}, that of the stack in {region}, since nothing goes from one "
                f"partition to another; got {arn!r}"
            )

    for arn in asked if own else ():
        if arn.startswith("arn:"):
            refuse(arn)
        else:
            known_later.note_place(arn, argument, refuse)


def partition_of(scope: Construct) -> str | None:
    """The partition of a stack, where its Region is known, and the CDK knows it."""
    region = stacks.own_region_of(stacks.stack_of(scope))
    return None if arguments.is_token(region) else partition_of_region(region)


def host(region_name: str, suffix: str, argument: str, written: str) -> None:
    """
    Refuse the name of a host that says a Region there is none of, or ends as those of another partition.

    Args:
        region_name: the Region in the name.
        suffix: what the name ends with, after the Region and its dot.
        argument: the name of the argument, as the caller wrote it.
        written: what the caller wrote.

    Raises:
        ValueError: there is no such host.
    """
    region(region_name, f"{argument} (in {written!r})")
    expected = region_info.RegionInfo.get(region_name).domain_suffix
    if expected and suffix != expected:
        raise ValueError(
            f"{argument} must end with {expected!r} in {region_name}, as hosts of the partition "
            f"{partition_of_region(region_name)} do, got {suffix!r} in {written!r}"
        )


def beside_stack(scope: Construct, region_name: str, argument: str, hint: str = "") -> None:
    """
    Refuse a Region of another partition than the stack's.

    Args:
        scope: in the stack; one whose Region is known only in a deployment takes any.
        region_name: that exists; a token passes.
        argument: the name of the argument, as the caller wrote it.
        hint: what to do instead, to end the sentence.

    Raises:
        ValueError: the partitions are known, and differ.
    """
    own = stacks.own_region_of(stacks.stack_of(scope))
    if arguments.is_token(own) or arguments.is_token(region_name):
        return
    here, there = partition_of_region(own), partition_of_region(region_name)
    if here and there and here != there:
        raise ValueError(
            f"{argument} must be in a Region of partition {here}, that of the stack in {own}, got one in "
            f"{region_name}, which is of {there}{hint}"
        )


@lru_cache(maxsize=64)
def partition_of_region(region: str) -> str | None:
    """The partition that a Region is in, where the CDK knows it."""
    return region_info.RegionInfo.get(region).partition or None


@lru_cache(maxsize=1)
def _known() -> tuple[str, ...]:
    return tuple(found.name for found in region_info.RegionInfo.regions)
