"""
Names and paths of users, groups, roles and policies that IAM refuses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TypeAlias

from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.evaluation.texts.leftovers import left_over_parts
from trustproof.inputs.cloudformation.values import catalogue
from trustproof.inputs.cloudformation.values.intrinsics import intrinsic_name, sub_parts
from trustproof.inputs.grammar.malformed_policies import MalformedPolicy, quote_value
from trustproof.model.policy import Path

#: An entry of ``Policies``, which has no type of its own.
INLINE = "Policies"
_POLICY = {"PolicyName": 128}
#: Types to the properties that are names, each with the most characters that it has.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length
_NAMES: Mapping[str, Mapping[str, int]] = {
    catalogue.ROLE: {"RoleName": 64},
    catalogue.USER: {"UserName": 64},
    catalogue.GROUP: {"GroupName": 128},
    catalogue.MANAGED_POLICY: {"ManagedPolicyName": 128},
    "AWS::IAM::Policy": _POLICY,
    "AWS::IAM::RolePolicy": {**_POLICY, "RoleName": 64},
    "AWS::IAM::UserPolicy": {**_POLICY, "UserName": 64},
    "AWS::IAM::GroupPolicy": {**_POLICY, "GroupName": 128},
    INLINE: _POLICY,
    # https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_CreatePermissionSet.html
    catalogue.PERMISSION_SET: {"Name": 32},
}
_NAME = re.compile(r"[\w+=,.@-]*", re.ASCII)
#: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
_WITH_PATH = (catalogue.ROLE, catalogue.USER, catalogue.GROUP, catalogue.MANAGED_POLICY)
_PATH, _IN_PATH = re.compile(r"/|/[!-~]+/"), re.compile("[!-~]+")
_LONGEST_PATH = 512
#: The parts of a text: None for what only a deployment knows.
_Parts: TypeAlias = "Sequence[str | None]"


def refused_names(
    type_: str, properties: Mapping[str, object], path: Path, environment: Environment
) -> Iterator[MalformedPolicy]:
    """
    What is wrong with the names of a resource, as far as these are written out.

    Args:
        type_: of the resource; `INLINE` for an entry of its ``Policies``.
        path: of the properties.
    """
    held: list[tuple[str, Callable[[_Parts], str]]] = [
        (key, partial(_refused, most=most)) for key, most in _NAMES.get(type_, {}).items()
    ]
    for key, refused in (*held, *((("Path", _refused_path),) if type_ in _WITH_PATH else ())):
        if key in properties:
            reasons = [refused(_parts(one)) for one in _values(properties[key], environment)]
            # With another one of the values the template can be deployed.
            if reasons and all(reasons):
                yield MalformedPolicy(f"{key} {reasons[0]}", (*path, key))


def _values(value: object, environment: Environment) -> Iterator[object]:
    """What a property may be: each outcome of a condition, each value that a parameter is allowed, what a map has."""
    function = intrinsic_name(value)
    argument = value[function] if function is not None and isinstance(value, dict) else None
    if function == "Fn::If" and isinstance(argument, list) and len(argument) == 3:
        for branch in argument[1:]:
            yield from _values(branch, environment)
    elif function == "Ref" and (declared := environment.declared.get(str(argument))) is not None and declared.listed:
        yield from declared.listed
    elif function == "Fn::FindInMap" and isinstance(argument, list):
        found: object = environment.mappings
        for key in argument:
            found = found.get(key) if isinstance(found, Mapping) and isinstance(key, str) else None
        yield found if isinstance(found, str) else value
    else:
        yield value


def _parts(value: object) -> _Parts:
    """The parts of a text, with None for what is not written out; none where something else is put in its place."""
    parts: list[str | None] = [None]
    function = intrinsic_name(value)
    argument = value[function] if function is not None and isinstance(value, dict) else None
    if isinstance(value, str):
        parts = [value]
    elif function == "Fn::Sub":
        text = argument[0] if isinstance(argument, list) and argument else argument
        if isinstance(text, str):
            parts = [None if is_variable else part for is_variable, part in sub_parts(text)]
    elif function == "Fn::Join" and isinstance(argument, list) and len(argument) == 2 and isinstance(argument[1], list):
        # What is not known may be nothing, and then takes what stands before it with it.
        between = argument[0] if isinstance(argument[0], str) else ""
        for number, item in enumerate(argument[1]):
            is_after = number > 0 and isinstance(item, str) and isinstance(argument[1][number - 1], str)
            parts += [*([between] if is_after else []), item if isinstance(item, str) else None]
        parts = parts[1:]
    return [] if any(part and is_replaced(part) for part in parts) else [part for part in parts if part != ""]


def _refused(parts: _Parts, most: int) -> str:
    """Why IAM refuses a name; empty for one that it takes, and for none: AWS makes one up, or Terraform does."""
    if any(part is not None and _NAME.fullmatch(part) is None for part in parts):
        return f"is {_quoted(parts)}, expected letters of A to Z, digits and +=,.@_- only"
    return f"has {_length(parts)}, expected at most {most}" if _least(parts) > most else ""


def _refused_path(parts: _Parts) -> str:
    """Why IAM refuses a path; empty for one that it takes, and for none."""
    if all(part is None for part in parts):
        return ""
    if _least(parts) > _LONGEST_PATH:
        return f"has {_length(parts)}, expected at most {_LONGEST_PATH}"
    # What is not written out may be as it has to be.
    start, end = "/" if parts[0] is None else "", "/" if parts[-1] is None else ""
    if _PATH.fullmatch(start + "".join("x" if part is None else part for part in parts) + end) is None:
        return f'is {_quoted(parts)}, expected one that begins and ends with "/", without spaces'
    return ""


def _least(parts: _Parts) -> int:
    return sum(len(part) for part in parts if part is not None)


def _length(parts: _Parts) -> str:
    return f"{'at least ' if None in parts else ''}{_least(parts)} characters"


def _quoted(parts: _Parts) -> str:
    return quote_value("".join("…" if part is None else part for part in parts))


def is_replaced(text: str) -> bool:
    """Whether something else is put in the place of a part of it before it comes to AWS."""
    return "{{resolve:" in text or next(left_over_parts(text), None) is not None
