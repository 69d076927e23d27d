"""
Whether a condition key has one value in a request, or may have several.

Of the keys of services, the reference says it with their types: ``ArrayOf`` before one means several values, nothing
before it means one.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from trustproof.aws import published
from trustproof.aws.condition_keys import Key

_SEVERAL = "ArrayOf"
#: Keys that are listed without ``ArrayOf``, and that may have several values all the same: their own descriptions or
#: pages speak of lists, AWS itself compares them with set operators, or their parameter is a list. Of whole services
#: where that holds of many. To take a key for one with several values costs an answer, never a proof.
#: https://docs.aws.amazon.com/ram/latest/userguide/security-scp.html
#: https://docs.aws.amazon.com/codecommit/latest/userguide/how-to-conditional-branch.html
#: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-conditions-route53.html
_OR_SEVERAL = (
    "account:targetregion",
    "autoscaling:instancetypes",
    "batch:",
    "cloudformation:importresourcetypes",
    "codecommit:references",
    "codeconnections:provideraction",
    "codestar-connections:provideraction",
    "connect:assignmenttype",
    "connect:channel",
    "connect:contactinitiationmethod",
    "connect:expressionvalue",
    "connect:preferreduserarn",
    "connect:subtype",
    "ec2:add/",
    "ec2:productcode",
    "ec2:remove/",
    "ec2:vpcesupportedregion",
    "ecs:container-instances",
    "elasticloadbalancing:listenerprotocol",
    "iotfleetwise:updateto",
    "iotsitewise:",
    "lambda:vpcids",
    "quicksight:group",
    "ram:permissionarn",
    "ram:principal",
    "ram:requestedresourcetype",
    "ram:resourcearn",
    "route53:vpcs",
    "route53profiles:",
    "s3-outposts:requestobjecttagkeys",
    "sagemaker:filesystem",
    "secretsmanager:versionstage",
    "securityhub:",
    "ssm:policies",
)
#: Keys with a part that anybody may choose: one for each tag, and for each pair of an encryption context.
_FAMILY = re.compile(r"(.+tag/|kms:encryptioncontext:)(?:\$\{[^}]*\}|<key>|tag-key)?")


def has_several(key: Key) -> bool:
    """Whether it is known that a request may have several values of a condition key."""
    return key.multi or (not key.known and (_type(key.name.lower()) or "").startswith(_SEVERAL))


def has_one(key: Key) -> bool:
    """Whether it is known that no request has several values of a condition key."""
    if key.known:
        return not key.multi
    name = key.name.lower()
    found = _type(name)
    return found is not None and not found.startswith(_SEVERAL) and not name.startswith(_OR_SEVERAL)


def _type(key: str) -> str | None:
    types = _types(key.partition(":")[0])
    found = types.get(key)
    if found is None and (family := _FAMILY.match(key)) is not None and family[1] != key:
        return types.get(family[1])
    return found


@cache
def _types(prefix: str) -> Mapping[str, str]:
    """Lower-cased keys with a prefix to their types; a family stands under the part that all its keys begin with."""
    found: dict[str, str] = {}
    for name, type_ in published.condition_keys(prefix).items():
        family = _FAMILY.fullmatch(name.lower())
        found[name.lower() if family is None else family[1]] = type_
    return found
