"""
Policies of CloudWatch Logs that a custom resource of the CDK puts there while it is deployed: the target of a rule that
writes into a log group, a domain that does.

Such a resource is read as what it comes to, ``AWS::Logs::ResourcePolicy``, where it is what the CDK writes to the
letter; any other is a call that nobody has looked into.

https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/aws-events-targets/lib/log-group-resource-policy.ts
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

_TYPE, _READ_AS = "Custom::CloudwatchLogResourcePolicy", "AWS::Logs::ResourcePolicy"
#: Begins the logical id of the function that makes the calls: the CDK has one of them in a stack.
_FUNCTION = "AWS679f53fac002430cb0da5b7982bd2287"
_PROPERTIES = frozenset(("ServiceToken", "Create", "Update", "Delete", "InstallLatestAwsSdk"))
_PUT, _DELETE = ("CloudWatchLogs", "putResourcePolicy"), ("CloudWatchLogs", "deleteResourcePolicy")
#: Begins the name of an export that the CDK makes of an attribute of a resource.
_EXPORTED_ATTRIBUTE = re.compile(r"[\w-]+:ExportsOutputFnGetAtt\w+")
#: Around the number of a function in a text: private-use characters.
_OPEN, _CLOSE = "\ue100", "\ue101"
_FILLED = re.compile(f"{_OPEN}([0-9]+){_CLOSE}")


def with_policies_of_calls(data: Mapping[str, object], text: str) -> Mapping[str, object]:
    """
    A template in which calls of the CDK's that put a policy of CloudWatch Logs are resources that have it.

    Args:
        data: the content of a template.
        text: that of its file.
    """
    resources = data.get("Resources")
    if _TYPE not in text or not isinstance(resources, Mapping):
        return data
    told = {
        logical_id: {**one, "Type": _READ_AS, "Properties": properties}
        for logical_id, one in resources.items()
        if isinstance(one, Mapping) and one.get("Type") == _TYPE and (properties := _policy(one, resources)) is not None
    }
    return {**data, "Resources": {**resources, **told}} if told else data


def _policy(resource: Mapping[str, object], resources: Mapping[str, object]) -> dict[str, object] | None:
    """The properties of the policy that such a resource comes to; None where it may come to something else."""
    properties = resource.get("Properties")
    if not isinstance(properties, Mapping) or not _PROPERTIES.issuperset(properties):
        return None
    # What an update puts is what a creation has put, and a deletion takes it away.
    if not _is_of_cdk(properties.get("ServiceToken")) or properties.get("Create") != properties.get("Update"):
        return None
    functions: list[object] = []
    put = _call(properties.get("Create"), _PUT, "physicalResourceId", resources, functions)
    gone = _call(properties.get("Delete"), _DELETE, "ignoreErrorCodesMatching", resources, [])
    if put is None or gone is None or put.keys() != {"policyName", "policyDocument"}:
        return None
    name, document = put["policyName"], put["policyDocument"]
    if not isinstance(name, str) or _OPEN in name or gone != {"policyName": name} or not isinstance(document, str):
        return None
    parts = _FILLED.split(document)
    # Of a pattern with one group, every other part is what it has found.
    pieces = [functions[int(one)] if number % 2 else one for number, one in enumerate(parts)]
    return {"PolicyName": name, "PolicyDocument": {"Fn::Join": ["", pieces]} if functions else document}


def _is_of_cdk(value: object) -> bool:
    named = value.get("Fn::GetAtt") if isinstance(value, Mapping) else None
    return isinstance(named, list) and len(named) == 2 and str(named[0]).startswith(_FUNCTION) and named[1] == "Arn"


def _call(
    value: object,
    called: tuple[str, str],
    beside: str,
    resources: Mapping[str, object],
    functions: list[object],
) -> Mapping[str, object] | None:
    """
    What an action is called with by a property that calls it, and says no more than one thing beside: where, and as
    whom it is called, is said there too.
    """
    text = _text(value, resources, functions)
    if text is None:
        return None
    try:
        call = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(call, dict) or call.keys() != {"service", "action", "parameters", beside}:
        return None
    parameters = call["parameters"]
    is_called = (call["service"], call["action"]) == called and isinstance(parameters, dict)
    return parameters if is_called else None


def _text(value: object, resources: Mapping[str, object], functions: list[object]) -> str | None:
    """The text of a property, in which numbers stand for functions; None where one may fill in more than a name."""
    joined = value.get("Fn::Join") if isinstance(value, Mapping) and len(value) == 1 else ["", [value]]
    if not isinstance(joined, list) or len(joined) != 2 or joined[0] != "" or not isinstance(joined[1], list):
        return None
    found = []
    for one in joined[1]:
        if isinstance(one, str) and _OPEN not in one and "\\ue1" not in one.lower():
            found.append(one)
        elif _is_name(one, resources):
            found.append(f"{_OPEN}{len(functions)}{_CLOSE}")
            functions.append(one)
        else:
            return None
    return "".join(found)


def _is_name(value: object, resources: Mapping[str, object]) -> bool:
    """
    Whether a value is the name or an attribute of a resource, or of where the stack is: it has nothing that would be
    written otherwise in a text of a text, as what somebody gives as a parameter may.
    """
    if not isinstance(value, Mapping) or len(value) != 1:
        return False
    ((function, argument),) = value.items()
    if function == "Fn::ImportValue":
        return isinstance(argument, str) and _EXPORTED_ATTRIBUTE.fullmatch(argument) is not None
    if function == "Ref":
        return isinstance(argument, str) and (argument.startswith("AWS::") or argument in resources)
    return function == "Fn::GetAtt" and isinstance(argument, list) and argument[1:] == ["Arn"]
