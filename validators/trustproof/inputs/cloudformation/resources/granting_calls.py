"""
Calls of AWS's that a custom resource of the CDK makes while it is deployed, and that give access: an attachment of a
policy, a permission, a share.
"""

from __future__ import annotations

import re

_CUSTOM = ("Custom::", "AWS::CloudFormation::CustomResource")
#: What the CDK writes of a call, in the text of a property.
#: https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.custom_resources.AwsCustomResource.html
_SERVICE = re.compile(r'"service"\s*:\s*"(?:@aws-sdk/client-)?(?P<name>[\w-]+)"')
_ACTION = re.compile(r'"action"\s*:\s*"(?P<name>\w+?)(?:Command)?"')
#: Services that have hardly an action but to give access and to take it.
_ABOUT_ACCESS = frozenset("iam identitystore lakeformation organizations ram rolesanywhere ssoadmin".split())
_READS = re.compile(r"(?:batchget|check|describe|generate|get|head|list|lookup|search|simulate|tag|test|untag)")
#: Those of these services that give nobody anything.
_GIVES_NOTHING = re.compile(r"accountpasswordpolicy|servicelinkedrole|accountalias")
#: How actions of other services are called that give access.
_GIVES = re.compile(r"acl|accessentry|accesspolicy|grant|permission|policy|policies|publicaccess|share")


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
    host, called = service["name"].lower().replace("-", ""), action["name"].lower()
    if _READS.match(called) or _GIVES_NOTHING.search(called):
        return None
    gives = host in _ABOUT_ACCESS or _GIVES.search(called) or _sets_policy(called, text)
    return f"{service['name'].lower()}:{action['name']}" if gives else None


def _sets_policy(called: str, text: str) -> bool:
    """Whether attributes are set, and a policy is one of them: of a queue and a topic."""
    return called.endswith(("attribute", "attributes")) and re.search(r'"Policy"', text) is not None


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
