"""
Which partitions a template can be deployed to, by the ARNs that it writes out.

Access is never delegated between partitions, and AWS refuses at deployment what names another one in some places: IAM
a principal of a trust policy, a resource of an identity policy (``Partition "aws" is not valid for resource``), and a
managed policy that is attached; S3 and KMS a principal; S3 the resource of a bucket policy, which is that bucket.
Conditions are not looked into, nor are the resources of other policies.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
https://repost.aws/knowledge-center/iam-principal-policy
https://repost.aws/knowledge-center/s3-invalid-principal-in-policy-error
https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from trustproof.aws.partitions import named_partitions, partitions_of_regions

#: Types to the elements of their statements that have to be of the partition that they are deployed to.
_IN_STATEMENTS = {
    "AWS::KMS::Key": ("Principal", "NotPrincipal"),
    "AWS::S3::BucketPolicy": ("Principal", "NotPrincipal", "Resource"),
    **{
        f"AWS::IAM::{name}": ("Principal", "NotPrincipal", "Resource", "NotResource")
        for name in "Group GroupPolicy ManagedPolicy Policy Role RolePolicy User UserPolicy".split()
    },
}
#: Properties of IAM's resources that name managed policies.
_ATTACHED = ("ManagedPolicyArns", "PermissionsBoundary")
_ARN = re.compile(r"arn:(aws[a-z-]*):")


def partitions_in(value: object) -> set[str]:
    """
    The partitions of the ARNs that are written in a value, wherever, and of the Regions that a condition on that of the
    request names.
    """
    found: set[str] = set()
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            if "arn:" in one:
                found |= named_partitions(one)
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            waiting += one.values()
            if "Fn::Join" in one:
                found.update(_of_texts([one]))
            found.update(
                partition
                for key, inner in one.items()
                if key.lower() == "aws:requestedregion"
                for partition in partitions_of_regions(str(inner))
            )
    return found


def demanded_partitions(resource: Mapping[str, object]) -> Iterator[str]:
    """The partitions to which a resource has to be deployed, whatever conditions decide; as a rule one, or none."""
    type_, properties = resource.get("Type"), resource.get("Properties")
    elements = _IN_STATEMENTS.get(type_) if isinstance(type_, str) else None
    if elements is None or not isinstance(properties, Mapping):
        return
    if str(type_).startswith("AWS::IAM::"):
        yield from _of_texts(properties.get(name) for name in _ATTACHED)
    yield from _of_statements(properties, elements)


def _of_statements(value: object, elements: Iterable[str]) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _of_statements(item, elements)
    elif isinstance(value, Mapping) and "Fn::If" not in value:
        if "Effect" in value:
            yield from _of_texts(value.get(name) for name in elements)
            return
        for inner in value.values():
            yield from _of_statements(inner, elements)


def _of_texts(values: Iterable[object]) -> Iterator[str]:
    """The partitions of the ARNs that values are, conditions left out."""
    for value in values:
        if isinstance(value, str):
            if found := _ARN.match(value):
                yield found.group(1)
        elif isinstance(value, list):
            yield from _of_texts(value)
        elif isinstance(value, Mapping):
            yield from _of_function(value)


def _of_function(value: Mapping[str, object]) -> Iterator[str]:
    """The same of a mapping of kinds of principals, or of a function that composes a text."""
    for key, inner in value.items():
        if key in ("AWS", "Fn::Sub"):
            yield from _of_texts([inner[0] if key == "Fn::Sub" and isinstance(inner, list) and inner else inner])
        elif key == "Fn::Join" and isinstance(inner, list) and len(inner) == 2 and isinstance(inner[1], list):
            texts = [part if isinstance(part, str) else "${}" for part in inner[1]]
            yield from _of_texts([str(inner[0]).join(texts)])
