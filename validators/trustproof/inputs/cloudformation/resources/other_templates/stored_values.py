"""
What a template puts into the Parameter Store and Secrets Manager, and what it reads there by name.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.values.partly_known_names import ANYTHING
from trustproof.inputs.grammar.values import Unreadable
from trustproof.model.stored_values import PARAMETER, SECRET, StoredValue, add
from trustproof.model.text import Symbolic, Text

#: Types to the prefix of what they keep, and the properties that say it.
KEPT = {
    "AWS::SSM::Parameter": (PARAMETER, ("Value",)),
    "AWS::SecretsManager::Secret": (SECRET, ("SecretString", "GenerateSecretString")),
}
#: The name of a value that is one reference, and a reference inside of a longer one.
_WHOLE = re.compile(r"(?P<service>ssm|ssm-secure|secretsmanager):(?P<name>[^{}]+)")
_INSIDE = re.compile(
    r"(?:\{\{resolve:|<)(?P<service>ssm|ssm-secure|secretsmanager):(?P<name>(?:[^{}<>]|<[^{}<>]*>)+)(?:\}\}|>)"
)
#: A parameter inside of a longer name, or of a function (``Fn::Select [1, {"Ref": "Ids"}]``).
_NAMED = re.compile(r'<([A-Za-z0-9]+)>|"Ref": "([A-Za-z0-9]+)"')
#: What ``Ref`` gives of a secret of the template, inside of a reference.
_OWN_SECRET = re.compile(r"<(?:end of )?(?P<logical_id>[A-Za-z0-9]+)>")
#: Behind the name of a parameter: a version, which is never written again.
_VERSION = re.compile(r":\d+$")


def stored_values(resolver: Resolver, definition: Callable[[str], object]) -> dict[str, StoredValue]:
    """
    What resources of a template keep, by the names under which it is read.

    Args:
        definition: gives what decides about a condition or a parameter.
    """
    out: dict[str, StoredValue] = {}
    environment = resolver.environment
    for logical_id in environment.of_types(KEPT):
        resource, properties = environment.resources[logical_id], environment.properties(logical_id)
        prefix, saying = KEPT[str(resource.get("Type"))]
        values = [_text(resolver, properties.get(name)) for name in saying]
        known = values[0] if prefix == PARAMETER and isinstance(values[0], str) else None
        names = [symbol.name for one in values if isinstance(one, Symbolic) for symbol in one.symbols]
        names += [str(resource["Condition"])] if "Condition" in resource else []
        said = [
            str(value) if value is not None else properties.get(name)
            for value, name in zip(values, saying, strict=True)
        ]
        made_of = json.dumps([said, resource.get("Condition"), [*map(definition, names)]], default=str)
        stored = StoredValue(None if "Condition" in resource else known, made_of)
        add(out, f"{prefix}<{logical_id}>", stored)
        if (name := _text(resolver, properties.get("Name"))) is not None:
            add(out, f"{prefix}{name}", stored)
    return out


def read_from(environment: Any, name: str, definition: Callable[[str], object]) -> dict[str, bool]:
    """
    Under which names a value is kept, or what it is made of, to whether it is the whole of that.

    Args:
        environment: of the template.
        name: of the value, or of a condition.
        definition: gives what decides about a condition or a parameter.
    """
    parameter = environment.parameters.get(name)
    if parameter is not None and parameter.is_ssm:
        kept = environment.deployment.parameters.get(name, parameter.default)
        return {} if kept is None else {f"{PARAMETER}{kept}": not parameter.is_list}
    if name in environment.conditions:
        return {
            kept: False
            for other, one in environment.parameters.items()
            if one.is_ssm and f"'Parameters/{other}'" in str(definition(name))
            for kept in read_from(environment, other, definition)
        }
    if whole := _WHOLE.fullmatch(name):
        return {kept: kept.startswith(PARAMETER) for kept in _kept(whole)}
    out = {kept: False for one in _INSIDE.finditer(name) for kept in _kept(one)}
    for other in dict.fromkeys(inside or called for inside, called in _NAMED.findall(name)):
        if other in environment.parameters and other != name:
            out.update(dict.fromkeys(read_from(environment, other, definition), False))
    return out


def names_read(environment: Any, name: str, definition: Callable[[str], object]) -> dict[str, bool]:
    """
    As `read_from`, with what a version of a parameter may be, and parameters of which only a deployment says the names.
    """
    found = read_from(environment, name, definition)
    parameter = environment.parameters.get(name)
    if parameter is not None and parameter.is_ssm and not found:
        return {f"{PARAMETER}{ANYTHING}": not parameter.is_list}
    if found or (whole := _WHOLE.fullmatch(name)) is None or not _VERSION.search(name):
        return found
    return dict.fromkeys(read_from(environment, _VERSION.sub("", whole[0]), definition), False)


def _kept(reference: re.Match[str]) -> Iterator[str]:
    name = reference["name"]
    if reference["service"] != "secretsmanager":
        if not _VERSION.search(name):
            yield PARAMETER + name
        return
    if own := _OWN_SECRET.search(name):
        yield f"{SECRET}<{own['logical_id']}>"
    # Behind the name stand the part of the secret and its version; an ARN ends with six characters of AWS's own.
    _, is_arn, behind = name.partition(":secret:")
    yield SECRET + (behind.split(":")[0][:-7] if is_arn else name.split(":")[0])


def _text(resolver: Resolver, value: object) -> Text | None:
    if value is None:
        return None
    try:
        found = resolver.text(value)
    except Unreadable:
        return None
    return found if isinstance(found, (str, Symbolic)) else None
