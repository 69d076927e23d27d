"""
Names of constructs: what the author of a CDK app calls a resource, whose path in the template is longer by what the CDK
makes of it.
"""

from __future__ import annotations

from collections.abc import Mapping

#: The child that stands for its construct: https://docs.aws.amazon.com/cdk/v2/guide/cfn-layer.html
_DEFAULT_CHILDREN = ("/Resource", "/Default")
#: Types of policies that stand on one resource, and that the construct of that resource makes as a child.
_POLICIES_OF_ITS_OWN = ("AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy")
_POLICY = "/Policy"


def construct_path(resource: Mapping[str, object], otherwise: str | None) -> str | None:
    """
    The path of the construct that a resource was made by; None where nobody says it.

    Args:
        resource: as the template has it, perhaps with its ``Metadata``.
        otherwise: what a cloud assembly says of it; None where there is none.
    """
    metadata = resource.get("Metadata")
    given = metadata.get("aws:cdk:path") if isinstance(metadata, Mapping) else None
    return given if isinstance(given, str) else otherwise


def names_of_construct(path: str | None, resource_type: str = "") -> frozenset[str]:
    """
    What a resource is called by the path of its construct: ``App/Deploy`` and ``App/Deploy/Resource``.

    Args:
        path: as the template has it; None where it has none.
        resource_type: ``AWS::S3::BucketPolicy``; the policy of a queue, topic or bucket is called like that, too.
    """
    if not path:
        return frozenset()
    found = {path}
    for child in _DEFAULT_CHILDREN:
        if path.endswith(child):
            construct = path.removesuffix(child)
            found.add(construct)
            if resource_type in _POLICIES_OF_ITS_OWN and construct.endswith(_POLICY):
                found.add(construct.removesuffix(_POLICY))
    return frozenset(found - {""})
