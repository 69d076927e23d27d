"""
Calls of AWS's that give access: an attachment of a policy, a permission, a share. A custom resource of the CDK makes
them while it is deployed, and a state machine, a schedule or an automation when it runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from trustproof.aws.granting_calls import gives_access

_CUSTOM = ("Custom::", "AWS::CloudFormation::CustomResource")
#: What the CDK writes of a call, in the text of a property.
#: https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.custom_resources.AwsCustomResource.html
_SERVICE = re.compile(r'"service"\s*:\s*"(?:@aws-sdk/client-)?(?P<name>[\w-]+)"')
_ACTION = re.compile(r'"action"\s*:\s*"(?P<name>\w+?)(?:Command)?"')
#: What a state machine and a schedule call, of the SDK. A substitution may stand in it.
#: https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
#: https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html
_OF_SDK = re.compile(r":(?:states|scheduler):::aws-sdk:(?P<name>[^:\s\"']+):(?P<action>[^:.\s\"'\\]+)")
#: What a step of an automation calls, as an object, JSON or YAML.
#: https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-executeawsapi.html
_OF_STEP, _API = (re.compile(rf"""\b{name}\\*["']?\s*:\s*\\*["']?([\w-]+)""") for name in ("Service", "Api"))
_STEPS = "executeAwsApi"


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


def called_by_definition(value: object) -> str | None:
    """
    The action that a definition calls, of a state machine, a schedule or an automation, where it may give somebody
    access; None where none does.

    Args:
        value: the property that has the definition, as an object or as a text with functions between its pieces.
    """
    text = "".join(_texts(value))
    found = [(one["name"], one["action"]) for one in _OF_SDK.finditer(text)]
    found += _steps(value)
    if _STEPS in text:
        # Which service a step names with which action is not asked of what is a text, with names and all.
        services, actions = ({*pattern.findall(text)} for pattern in (_OF_STEP, _API))
        found += sorted((service, action) for service in services for action in actions)
    for service, action in found:
        if "$" in service + action or gives_access(service, action, text):
            return f"{service.lower()}:{action}"
    return None


def _steps(value: object) -> Iterator[tuple[str, str]]:
    """What the steps of an automation call that are objects."""
    left, met = [value], set[int]()
    while left:
        one = left.pop()
        if isinstance(one, (dict, list)) and id(one) not in met:
            met.add(id(one))
            left.extend(one if isinstance(one, list) else one.values())
            if isinstance(one, dict) and "Service" in one and "Api" in one:
                yield str(one["Service"]), str(one["Api"])


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
