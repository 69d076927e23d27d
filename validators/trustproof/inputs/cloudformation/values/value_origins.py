"""
What values are made of that no AWS type gives: what custom resources and the types of others are given.

What AWS gives of a resource says its name; what a custom resource gives depends on its properties, which its function
reads: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-custom-resources.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

_NAME = re.compile(r"[A-Za-z0-9]+")
#: How the types begin whose attributes say no more than their names; those that Terraform's are lowered to, likewise.
_KNOWN = ("AWS::", "Alexa::", "Trustproof::")
#: Types of AWS whose attributes are made elsewhere, by what they are given: another template, or a function.
_MADE_ELSEWHERE = frozenset(
    {
        "AWS::CloudFormation::CustomResource",
        "AWS::CloudFormation::Stack",
        "AWS::Serverless::Application",
        "AWS::ServiceCatalog::CloudFormationProvisionedProduct",
    }
)


def made_of(
    resources: Mapping[str, Mapping[str, object]],
    parameters: Mapping[str, object],
    name: str,
    definition: Callable[[str], object],
) -> str:
    """
    What a value is made of that has a name because nobody knows it, and what that is made of; empty where its name says
    all.

    Args:
        resources: of the template, by their logical ids.
        parameters: likewise.
        name: such as ``Lookup.Arn``.
        definition: gives what decides about a condition or a parameter.
    """
    found: dict[str, str] = {}
    waiting = [name]
    while waiting:
        for one in dict.fromkeys(_NAME.findall(waiting.pop())):
            if one in found:
                continue
            resource = resources.get(one)
            type_ = "" if resource is None else str(resource.get("Type"))
            if resource is not None and (type_ in _MADE_ELSEWHERE or not type_.startswith(_KNOWN)):
                found[one] = json.dumps([type_, resource.get("Properties")], sort_keys=True, default=str)
                waiting.append(found[one])
            elif one in parameters and found:
                found[one] = str(definition(one))
    return "\n".join(f"{one}: {said}" for one, said in sorted(found.items()))
