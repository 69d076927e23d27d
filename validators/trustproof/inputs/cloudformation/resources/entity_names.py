"""
Names and paths of users, groups, roles and policies that IAM refuses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from trustproof.inputs.cloudformation.evaluation.leftovers import left_over_parts
from trustproof.inputs.cloudformation.values import catalogue
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
_PATH = re.compile(r"/|/[!-~]+/")
_LONGEST_PATH = 512


def refused_names(type_: str, properties: Mapping[str, object], path: Path) -> Iterator[MalformedPolicy]:
    """
    What is wrong with the names of a resource, as far as these are written out.

    Args:
        type_: of the resource; `INLINE` for an entry of its ``Policies``.
        path: of the properties.
    """
    for key, most in _NAMES.get(type_, {}).items():
        name = properties.get(key)
        if isinstance(name, str) and (reason := _refused(name, most)):
            yield MalformedPolicy(f"{key} {reason}", (*path, key))
    where = properties.get("Path") if type_ in _WITH_PATH else None
    if isinstance(where, str) and where and not _is_replaced(where):
        if len(where) > _LONGEST_PATH:
            yield MalformedPolicy(
                f"Path has {len(where)} characters, expected at most {_LONGEST_PATH}", (*path, "Path")
            )
        elif _PATH.fullmatch(where) is None:
            expected = 'one that begins and ends with "/", without spaces'
            yield MalformedPolicy(f"Path is {quote_value(where)}, expected {expected}", (*path, "Path"))


def _refused(name: str, most: int) -> str:
    """Why IAM refuses a name; empty for one that it takes, and for none: AWS makes one up, or Terraform does."""
    if _is_replaced(name):
        return ""
    if _NAME.fullmatch(name) is None:
        return f"is {quote_value(name)}, expected letters of A to Z, digits and +=,.@_- only"
    return f"has {len(name)} characters, expected at most {most}" if len(name) > most else ""


def _is_replaced(text: str) -> bool:
    """Whether something else is put in the place of a part of it before it comes to AWS."""
    return "{{resolve:" in text or next(left_over_parts(text), None) is not None
