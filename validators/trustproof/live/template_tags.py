"""
The tags that templates give to their resources.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from trustproof.live.references import IDENTITIES, NESTED, DeployedReferences
from trustproof.live.tag_calls import ROWS
from trustproof.sandbox.cloudformation.errors import RefusedRequest
from trustproof.sandbox.cloudformation.functions import NO_VALUE, Evaluator

#: The keys of KMS, which may have aliases.
KEYS = ("AWS::KMS::Key", "AWS::KMS::ReplicaKey")
_TABLE = "AWS::DynamoDB::GlobalTable"
#: To these CloudFormation gives no tags, those of the stack neither.
_UNTAGGED = ("AWS::IAM::InstanceProfile", "AWS::IAM::ManagedPolicy")
_OF_STACK = "whether the tags of the stack come to the replicas of a table is not documented"
#: Where the tags of some types stand in a template; of the others they are `Tags`.
_PROPERTIES = {
    "AWS::Backup::BackupVault": "BackupVaultTags",
    "AWS::Cognito::IdentityPool": "IdentityPoolTags",
    "AWS::Cognito::UserPool": "UserPoolTags",
    "AWS::EFS::AccessPoint": "AccessPointTags",
    "AWS::EFS::FileSystem": "FileSystemTags",
}


class TaggedResource(NamedTuple):
    """
    A resource of a template, with its tags.
    """

    #: What it is called: `Secret arn:…`.
    subject: str
    type_name: str
    physical_id: str
    #: Empty where it is not known.
    arn: str
    region: str
    #: Those of the stack with them.
    tags: Mapping[str, str]
    #: Why they are not known; empty where they are.
    unknown: str = ""


def tagged_resource(
    type_name: str,
    physical_id: str,
    given: Mapping[str, Any],
    stack_tags: Mapping[str, str],
    deployed: DeployedReferences,
    evaluator: Evaluator,
) -> TaggedResource | None:
    """
    The tags that a template gives to a resource.

    Args:
        type_name: `AWS::SQS::Queue`.
        physical_id: of the resource.
        given: its properties, as the template has them.
        stack_tags: of the stack: what is in it has them, too.
        deployed: the references of the stack.
        evaluator: likewise.

    Returns:
        None where it is not known to have any, and is none of those of which tags are compared; users and roles are
        compared elsewhere.
    """
    name = _PROPERTIES.get(type_name, "Tags")
    is_ours = type_name.startswith("AWS::") and type_name not in (*IDENTITIES, NESTED)
    if not is_ours or (type_name not in ROWS and name not in given):
        return None
    tags, unknown = {} if type_name in _UNTAGGED else dict(stack_tags), ""
    try:
        written = _of_region(given, deployed.place["region"]) if type_name == _TABLE else given
        found = evaluator.resolve(written.get(name) or [])
        own = tags_in([] if found is NO_VALUE else found)
        unknown = _OF_STACK if type_name == _TABLE and set(tags) - set(own) else ""
        tags |= own
    except RefusedRequest as error:
        unknown = error.message
    arn = deployed.arn(type_name, physical_id) or ""
    subject = f"{type_name.rpartition('::')[2]} {physical_id}"
    return TaggedResource(
        subject, type_name, physical_id, arn.removesuffix(":*"), deployed.place["region"], tags, unknown
    )


def tags_in(given: Any) -> dict[str, str]:
    """Tags as services and templates write them: a map, or a list whose items have a key and a value."""
    if isinstance(given, Mapping):
        return {str(name): str(value) for name, value in given.items()}
    found = {}
    for item in given or ():
        words = {str(name).lower().removeprefix("tag"): value for name, value in item.items()}
        found[str(words.get("key"))] = str(words.get("value", ""))
    return found


def _of_region(given: Mapping[str, Any], region: str) -> Mapping[str, Any]:
    """What a table of several Regions says of its replica in one."""
    replicas = given.get("Replicas")
    found = (one for one in replicas if isinstance(one, Mapping)) if isinstance(replicas, list) else ()
    return next((one for one in found if one.get("Region") in (region, {"Ref": "AWS::Region"})), {})
