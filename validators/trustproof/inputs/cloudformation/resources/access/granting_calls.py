"""
Calls of AWS's that give access: an attachment of a policy, a permission, a share. A custom resource of the CDK makes
them while it is deployed, and a state machine, a schedule or an automation when it runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from trustproof.aws.granting_calls import gives_access
from trustproof.inputs.cloudformation.values.intrinsics import intrinsic_name

_CUSTOM = ("Custom::", "AWS::CloudFormation::CustomResource")
#: What the CDK writes of a call, in the text of a property.
#: https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.custom_resources.AwsCustomResource.html
_SERVICE = re.compile(r'"service"\s*:\s*"(?:@aws-sdk/client-)?(?P<name>[\w-]+)"')
_ACTION = re.compile(r'"action"\s*:\s*"(?P<name>\w+?)(?:Command)?"')
#: What a state machine and a schedule call, of the SDK. A substitution may stand in it.
#: https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
#: https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html
_OF_SDK = re.compile(
    r":::(?:(?P<value>\$)|aws-sdk:(?P<name>[^:\s\"'\\]+)(?::(?P<action>[^:.\s\"'\\]+))?)",
)
#: What a step of an automation calls, as an object, JSON or YAML.
#: https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-executeawsapi.html
_OF_STEP, _API = (
    re.compile(rf"""\b{name}\\*["']?\s*:\s*\\*["']?([\w-]+|\$\{{|\{{\{{)""") for name in ("Service", "Api")
)
_STEPS = "executeAwsApi"
#: What stands in a text for a value, of a template or of the automation itself; and how a call is said that has one.
_VALUE, _OF_VALUES = re.compile(r"\$|\{\{"), "what a value says"
#: What stands for a function that is none of those which put texts together.
_FUNCTION = "${}"
_JOIN, _SUB, _IN_PLACE = "Fn::Join", "Fn::Sub", ("Fn::ToJsonString", "Fn::Base64")


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
    found = [(one["value"] or one["name"], one["action"] or "") for one in _OF_SDK.finditer(text)]
    found += _steps(value)
    if _STEPS in text:
        # Which service a step names with which action is not asked of what is a text, with names and all.
        services, actions = ({*pattern.findall(text)} for pattern in (_OF_STEP, _API))
        found += sorted((service, action) for service in services for action in actions)
    for service, action in found:
        if _VALUE.search(service) or _VALUE.search(action):
            return _OF_VALUES
        if action and gives_access(service, action, text):
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
                yield "".join(_texts(one["Service"])), "".join(_texts(one["Api"]))


def _texts(value: object) -> list[str]:
    """The texts of a value, in their order; what a function may give that chooses one stands at the end."""
    found: list[str] = []
    #: What is in functions of which it is not known which piece they give.
    chosen: list[object] = []
    left = [value]
    # What aliases of YAML repeat is one object.
    met: set[int] = set()
    while left or chosen:
        if not left:
            found.append("\n")
            left.append(chosen.pop())
        one = left.pop()
        if isinstance(one, str):
            found.append(one)
        elif isinstance(one, (dict, list)) and id(one) in met:
            found.append(_FUNCTION)
        elif isinstance(one, list):
            met.add(id(one))
            left.extend(reversed(one))
        elif isinstance(one, dict):
            met.add(id(one))
            name = intrinsic_name(one)
            if name is None or name in _IN_PLACE:
                left.extend(reversed([*one.values()]))
            elif (pieces := _put_together(name, one)) is not None:
                left.extend(reversed(pieces))
            else:
                found.append(_FUNCTION)
                chosen.append([*one.values()])
    return found


def _put_together(name: str, function: Mapping[str, object]) -> list[object] | None:
    """The pieces of which a function makes a text, in their order; None where it does something else."""
    given = function[name]
    if name == _SUB:
        return list(given) if isinstance(given, list) else [given]
    if name == _JOIN and isinstance(given, list) and len(given) == 2 and isinstance(given[1], list):
        between, pieces = given
        return [piece for one in pieces for piece in (between, one)][1:]
    return None
