"""
Values of the Parameter Store, where somebody says what stands there: by the name that CloudFormation itself has for
them beside the value that a stack was given, which is the name in the store.

https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Parameter.html (``ResolvedValue``)
"""

from __future__ import annotations

from collections.abc import Mapping

from trustproof.inputs.cloudformation.values.parameter import SSM
from trustproof.inputs.settings import RESOLVED


def with_resolved_values(parameters: Mapping[str, str]) -> dict[str, str]:
    """Values of parameters, in which what stands in the store is the value of the parameter itself."""
    found = {name.removesuffix(RESOLVED): value for name, value in parameters.items() if name.endswith(RESOLVED)}
    return {**parameters, **found}


def with_resolved_types(data: Mapping[str, object], parameters: Mapping[str, str]) -> Mapping[str, object]:
    """
    A template in which a parameter has the type of what stands in the store, where that is given: the values that are
    listed, and the default, are names there.

    Args:
        parameters: what is given.
    """
    declared = data.get("Parameters")
    names = [name.removesuffix(RESOLVED) for name in parameters if name.endswith(RESOLVED)]
    if not names or not isinstance(declared, Mapping):
        return data
    told: dict[str, object] = {}
    for name in names:
        body = declared.get(name)
        if isinstance(body, Mapping) and str(body.get("Type")).startswith(SSM):
            inner = str(body["Type"]).removeprefix(SSM).removesuffix(">")
            kept = {key: body[key] for key in ("Description", "NoEcho") if key in body}
            told[name] = {**kept, "Type": "CommaDelimitedList" if inner == "List<String>" else inner}
    return {**data, "Parameters": {**declared, **told}} if told else data
