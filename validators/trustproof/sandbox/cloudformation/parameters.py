"""
The values of a template's parameters.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trustproof.sandbox.cloudformation.errors import RefusedRequest, format_error
from trustproof.sandbox.cloudformation.template import Template

#: What is shown of a parameter with NoEcho.
HIDDEN = "****"

_SSM_NAME = "AWS::SSM::Parameter::Name"
_SSM_VALUE = "AWS::SSM::Parameter::Value<"


@dataclass(frozen=True)
class Parameter:
    """
    One parameter of a stack.

    Args:
        given: the text that was passed, or the default: for an SSM parameter, its name.
        value: what `Ref` is: a string, a number or a list of strings.
        hidden: whether the value is never shown.
        resolved: the value of the SSM parameter of that name; None for others.
    """

    given: str
    value: Any
    hidden: bool = False
    resolved: str | None = None


def declared_parameters(template: Template) -> list[dict[str, Any]]:
    """The parameters of a template, as GetTemplateSummary and ValidateTemplate give them."""
    found = []
    for name, declaration in template.parameters.items():
        one: dict[str, Any] = {
            "ParameterKey": name,
            "ParameterType": declaration.get("Type", "String"),
            "NoEcho": _flag(declaration.get("NoEcho")),
        }
        if "Default" in declaration:
            one["DefaultValue"] = _text(declaration["Default"])
        if "Description" in declaration:
            one["Description"] = declaration["Description"]
        if "AllowedValues" in declaration:
            one["ParameterConstraints"] = {"AllowedValues": [_text(value) for value in declaration["AllowedValues"]]}
        found.append(one)
    return found


def bind_parameters(
    template: Template,
    given: Sequence[Mapping[str, Any]],
    previous: Mapping[str, Parameter],
    read_ssm: Callable[[str], tuple[str, str] | None],
) -> dict[str, Parameter]:
    """
    The parameters of a deployment.

    Args:
        template: the template that declares them.
        given: `ParameterKey` with `ParameterValue`, or with `UsePreviousValue`.
        previous: the parameters of the stack as it is.
        read_ssm: the value and the type of an SSM parameter; None when there is none of that name.

    Raises:
        RefusedRequest: for a parameter that is missing, not declared, or has a value that its declaration forbids.
    """
    texts: dict[str, str] = {}
    for one in given:
        name = str(one.get("ParameterKey"))
        if name not in template.parameters:
            raise RefusedRequest(f"Parameters: [{name}] do not exist in the template")
        if one.get("UsePreviousValue"):
            if name not in previous:
                raise RefusedRequest(
                    f"Invalid input for parameter key {name}. Cannot specify usePreviousValue as true for a "
                    "parameter key not in the previous template"
                )
            texts[name] = previous[name].given
        elif one.get("ParameterValue") is not None:
            texts[name] = str(one["ParameterValue"])
        else:
            raise RefusedRequest(f"Invalid input for parameter key {name}. Specify either a value or usePreviousValue")
    missing = []
    found = {}
    for name, declaration in template.parameters.items():
        if name in texts:
            text = texts[name]
        elif "Default" in declaration:
            text = _text(declaration["Default"])
        else:
            missing.append(name)
            continue
        found[name] = _bind(name, declaration, text, read_ssm)
    if missing:
        raise RefusedRequest(f"Parameters: [{', '.join(missing)}] must have values")
    return found


def _bind(
    name: str, declaration: Mapping[str, Any], text: str, read_ssm: Callable[[str], tuple[str, str] | None]
) -> Parameter:
    kind = str(declaration.get("Type", "String"))
    hidden = _flag(declaration.get("NoEcho"))
    resolved = None
    value_text = text
    if kind == _SSM_NAME or kind.startswith(_SSM_VALUE):
        read = read_ssm(text)
        if read is None:
            raise RefusedRequest(f"Unable to fetch parameters [{text}] from parameter store for this account.")
        resolved, type_of_parameter = read
        if kind != _SSM_NAME and type_of_parameter == "SecureString":
            # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html
            raise RefusedRequest(
                f"Parameters [{text}] referenced by template have types not supported by CloudFormation."
            )
    if kind.startswith(_SSM_VALUE):
        assert resolved is not None
        value_text = resolved
        kind = kind.removeprefix(_SSM_VALUE).removesuffix(">")
    if kind == _SSM_NAME:
        resolved = None
    _check(name, declaration, kind, text)
    return Parameter(given=text, value=_value(kind, value_text), hidden=hidden, resolved=resolved)


def _value(kind: str, text: str) -> Any:
    if kind == "CommaDelimitedList" or kind.startswith("List<"):
        # The list of an empty text has one empty item.
        return [item.strip() for item in text.split(",")]
    return text


def _check(name: str, declaration: Mapping[str, Any], kind: str, text: str) -> None:
    items = [str(item) for item in _value(kind, text)] if kind.startswith(("CommaDelimited", "List<")) else [text]
    said = declaration.get("ConstraintDescription")

    def refuse(reason: str) -> RefusedRequest:
        return RefusedRequest(f"Parameter '{name}' must be {said}" if said else f"Parameter '{name}' {reason}")

    if "AllowedValues" in declaration:
        allowed = [_text(value) for value in declaration["AllowedValues"]]
        if not all(item in allowed for item in items):
            raise refuse(f"must be one of AllowedValues [{', '.join(allowed)}]")
    pattern = declaration.get("AllowedPattern")
    if pattern is not None:
        try:
            matches = all(re.fullmatch(str(pattern), item) for item in items)
        except re.error:
            raise format_error(f"AllowedPattern of parameter {name} is no regular expression.") from None
        if not matches:
            raise refuse(f"failed to satisfy constraint: {pattern}")
    if kind in ("Number", "List<Number>"):
        _check_numbers(declaration, items, refuse)
    elif any(len(item) < int(declaration.get("MinLength", 0)) for item in items):
        raise refuse(f"must contain at least {declaration['MinLength']} characters")
    elif "MaxLength" in declaration and any(len(item) > int(declaration["MaxLength"]) for item in items):
        raise refuse(f"must contain at most {declaration['MaxLength']} characters")


def _check_numbers(
    declaration: Mapping[str, Any], items: Sequence[str], refuse: Callable[[str], RefusedRequest]
) -> None:
    for item in items:
        try:
            number = float(item)
        except ValueError:
            raise refuse("must be a number") from None
        if "MinValue" in declaration and number < float(declaration["MinValue"]):
            raise refuse(f"must be a number not less than {declaration['MinValue']}")
        if "MaxValue" in declaration and number > float(declaration["MaxValue"]):
            raise refuse(f"must be a number not greater than {declaration['MaxValue']}")


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _flag(value: object) -> bool:
    return value is True or value == "true"
