"""
Calls of AWS's that a custom resource of the CDK makes while it is deployed, and that give access: an attachment of a
policy, a permission, a share.
"""

from __future__ import annotations

import re

from trustproof.aws.granting_calls import gives_access

_CUSTOM = ("Custom::", "AWS::CloudFormation::CustomResource")
#: What the CDK writes of a call, in the text of a property.
#: https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.custom_resources.AwsCustomResource.html
_SERVICE = re.compile(r'"service"\s*:\s*"(?:@aws-sdk/client-)?(?P<name>[\w-]+)"')
_ACTION = re.compile(r'"action"\s*:\s*"(?P<name>\w+?)(?:Command)?"')


def granting_call(type_: str, value: object) -> str | None:
    """
    The action that a property of a custom resource calls, where it may give somebody access: ``iam:attachRolePolicy``.

    Args:
        type_: of the resource.
        value: the property, in which functions may stand between the pieces of the text.
    """
    if not type_.startswith(_CUSTOM):
        return None
    text = "".join(_texts(value))
    service, action = _SERVICE.search(text), _ACTION.search(text)
    if service is None or action is None:
        return None
    gives = gives_access(service["name"], action["name"], text)
    return f"{service['name'].lower()}:{action['name']}" if gives else None


def _texts(value: object) -> list[str]:
    """The texts of a value, in their order."""
    found: list[str] = []
    left = [value]
    # What aliases of YAML repeat is one object.
    met: set[int] = set()
    while left:
        one = left.pop()
        if isinstance(one, str):
            found.append(one)
        elif isinstance(one, (dict, list)) and id(one) not in met:
            met.add(id(one))
            left.extend(reversed(one if isinstance(one, list) else list(one.values())))
    return found
