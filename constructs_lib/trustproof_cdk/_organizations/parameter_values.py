"""
Values that a StackSet gives the parameters of its template, and what CloudFormation and the constructs inside take.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from trustproof_cdk._arguments import arguments, known_later

#: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
_LONGEST = 4_096


def of_parameters(template: Mapping[str, Any], values: Mapping[str, str] | None, argument: str) -> dict[str, str]:
    """
    Values of parameters that the template has.

    Raises:
        TypeError: one that is no text.
        ValueError: one of a parameter that the template does not have, or that the parameter does not take.
    """
    given = {} if values is None else dict(arguments.mapping(values, argument))
    known = sorted(template.get("Parameters", {}))
    for name, value in given.items():
        if name not in known:
            has = f"has {', '.join(known)}" if known else "has none"
            raise ValueError(f"{argument} must be parameters of the template, which {has}, got {name!r}")
        if not isinstance(value, str):
            raise TypeError(f"{argument}[{name!r}] must be a text, got {value!r}")
        arguments.refuse_no_text(value, f"{argument}[{name!r}]")
        _refuse_not_allowed(template["Parameters"][name], value, f"{argument}[{name!r}]")
    return given


def hold(values: Mapping[str, str], argument: str, refuse: Callable[[Mapping[str, str], str], None]) -> None:
    """
    Hold values of parameters to what the arguments inside that come to them are held to.

    Args:
        values: by parameter.
        argument: that has them, as the caller wrote it.
        refuse: raises for values that are known, and an argument.

    Raises:
        ValueError: what `refuse` raises.
    """
    known = {name: value for name, value in values.items() if not arguments.is_token(value)}
    if known:
        refuse(known, argument)
    for name in (one for one in values if one not in known):
        check = partial(_refuse_one, known, name, argument, refuse)
        known_later.note(values[name], f"{argument}[{name!r}]", check)


def _refuse_one(
    known: Mapping[str, str], name: str, argument: str, refuse: Callable[[Mapping[str, str], str], None], text: str
) -> None:
    refuse({**known, name: text}, argument)


def _refuse_not_allowed(parameter: Mapping[str, Any], value: str, argument: str) -> None:
    """Refuse what CloudFormation would refuse in each account; the entries of a list are allowed one by one."""
    if arguments.is_token(value):
        known_later.note(value, argument, lambda text: _refuse_not_allowed(parameter, text, argument))
        return
    if (size := len(value.encode())) > _LONGEST:
        raise ValueError(
            f"{argument} must have at most {_LONGEST} bytes, which is what CloudFormation takes, got {size}"
        )
    is_list = str(parameter.get("Type")).startswith(("CommaDelimitedList", "List<"))
    for entry in [part.strip() for part in value.split(",")] if is_list else [value]:
        if (allowed := parameter.get("AllowedValues")) is not None:
            arguments.one_of(entry, argument, [str(one) for one in allowed])
        if not _is_within(len(entry), parameter.get("MinLength"), parameter.get("MaxLength")):
            bounds = _bounds(parameter.get("MinLength"), parameter.get("MaxLength"))
            raise ValueError(f"{argument} must be of {bounds} characters, got {entry!r}")
        if parameter.get("Type") in ("Number", "List<Number>"):
            _refuse_other_number(parameter, entry, argument)
        if not _matches(parameter.get("AllowedPattern"), entry):
            raise ValueError(f"{argument} must match {parameter['AllowedPattern']!r}, got {entry!r}")


def _refuse_other_number(parameter: Mapping[str, Any], value: str, argument: str) -> None:
    least, most = parameter.get("MinValue"), parameter.get("MaxValue")
    bounds = f" of {_bounds(least, most)}" if (least, most) != (None, None) else ""
    try:
        is_taken = _is_within(float(value), least, most)
    except ValueError:
        is_taken = False
    if not is_taken:
        raise ValueError(f"{argument} must be a number{bounds}, got {value!r}")


def _is_within(number: float, least: Any, most: Any) -> bool:
    return (least is None or float(least) <= number) and (most is None or number <= float(most))


def _bounds(least: Any, most: Any) -> str:
    """In words; one of them is there."""
    if least is None:
        return f"at most {most}"
    return f"at least {least}" if most is None else f"{least} to {most}"


def _matches(pattern: object, text: str) -> bool:
    """Whether a text matches the pattern of a parameter; what only Java reads is left to CloudFormation."""
    try:
        return not isinstance(pattern, str) or re.fullmatch(pattern, text) is not None
    except re.error:
        return True


def refuse_unset(template: Mapping[str, Any], given: Mapping[str, str]) -> None:
    """
    Refuse a parameter without a value, and a default that it does not take.

    Raises:
        ValueError: with its name.
    """
    for name, parameter in template.get("Parameters", {}).items():
        if "Default" in parameter:
            _refuse_not_allowed(parameter, str(parameter["Default"]), f"the default of parameter {name!r}")
        elif name not in given:
            raise ValueError(
                f"parameters must have {name!r}, which has no default: CloudFormation makes no StackSet without a "
                "value for all accounts, also where account_parameters has one for each"
            )
