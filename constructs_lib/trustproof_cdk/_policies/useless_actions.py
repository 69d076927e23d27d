"""
Actions of a statement that are about none of its resources: IAM takes it, and nobody gets anything by them.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import IConstruct

from trustproof_cdk._policies import written_out
from trustproof_cdk._policies.calls import arn_pattern, have_one_text, may_be_one
from trustproof_cdk._synthesis.stack_checks import check_later

#: Any bucket; no name of one has a slash, as what is in it has.
_BUCKET = "arn:*:s3:::?*"
#: In the place of the name of a bucket that CloudFormation makes.
_SOME_BUCKET = "a-bucket"
_COLONS = 5


def warn_of_useless_actions(policy: iam.ManagedPolicy, actions: Sequence[str], resources: Sequence[str]) -> None:
    """
    Have the synthesis warn of actions that are about none of the resources, when what these refer to is there.

    Args:
        policy: that has them in one statement.
        actions: of which patterns pass, and what may be about anything.
        resources: as the caller gave them.
    """
    if "*" in resources:
        return

    def said(stack: cdk.Stack, there: Sequence[IConstruct]) -> list[str]:
        written = with_buckets(stack, there, stack.resolve(list(resources)))
        for action, expected in useless_actions(actions, written):
            cdk.Annotations.of(policy).add_warning_v2(
                f"trustproof:action-without-resource-{action}",
                f"{policy.node.path} allows nobody {action}, which is about {expected}, since resources have none of "
                "these: name one, or leave the action out",
            )
        return []

    check_later(cdk.Stack.of(policy), said)


def useless_actions(actions: Iterable[Any], resources: Sequence[Any]) -> Iterator[tuple[str, str]]:
    """
    The actions that are about none of the resources, as far as that is plain, and what each is about.

    Args:
        actions: as a template has them.
        resources: likewise.
    """
    # Only who names resources has to wait for what all actions are about.
    import trustproof

    patterns = [arn_pattern(one) for one in resources]
    for action in actions:
        shapes = trustproof.resources_of_action(action) if isinstance(action, str) and "${" not in action else ()
        if shapes and not any(_may_be(one, shape) for one in patterns for shape in shapes):
            shown = "arn:*:s3:::BUCKET" if shapes[0] == _BUCKET else shapes[0]
            yield action, shown.replace("?" * 12, "ACCOUNT").replace("?*", "*")


def with_buckets(stack: cdk.Stack, there: Iterable[IConstruct], value: Any) -> Any:
    """A resolved value of a stack in which the ARNs of its buckets are written out, which have no slash."""
    buckets = [one for one in there if isinstance(one, s3.CfnBucket)]
    given = {}
    for bucket in buckets:
        logical_id, name = stack.resolve(bucket.logical_id), stack.resolve(bucket.bucket_name)
        given[logical_id] = f"arn:*:s3:::{name if isinstance(name, str) else _SOME_BUCKET}"
    return written_out.with_references(value, stack, given)


def _may_be(resource: str, shape: str) -> bool:
    *before, last = resource.split(":", _COLONS)
    if shape == _BUCKET and "/" in last:
        return False
    # Only wildcards before the last field may reach across colons.
    is_wide = len(before) < _COLONS or any(mark in field for field in before[2:] for mark in "*?")
    return may_be_one(resource, shape) or (is_wide and have_one_text(resource, shape))
