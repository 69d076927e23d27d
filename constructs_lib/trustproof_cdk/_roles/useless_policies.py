"""
Policies of a template that let a role assume roles of this library which demand MFA: no session of a role has it, so
that the policy is in vain, and who works with the role finds out when it is needed.

A grant says so where it is made; a policy that names the role, as a task of a state machine does, is a template's only.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from constructs import IConstruct

from trustproof_cdk._policies.calls import statements_of
from trustproof_cdk._roles import handed_roles
from trustproof_cdk._synthesis.promises import Broken

_ASSUME = "sts:AssumeRole"
#: What may be allowed beside it, and gives nothing by itself.
_BESIDE = frozenset((_ASSUME, "sts:SetSourceIdentity", "sts:TagSession"))
_ROLE = "AWS::IAM::Role"
#: Whoever has a managed policy need not be in its template.
_POLICY = "AWS::IAM::Policy"
#: In lower case, the keys that no session of a role has, and operators that none of them meets without the key.
_MFA = ("aws:multifactorauthpresent", "aws:multifactorauthage")
_OPERATORS = ("bool", "numericlessthan", "numericlessthanequals")
#: What is acknowledged of a statement that nobody can use.
_USABLE = "statement-usable"


def useless_policies(app: IConstruct, templates: Sequence[Path]) -> Iterator[Broken]:
    """
    Where roles are allowed to assume nothing but roles of this library that let no role in.

    Args:
        app: the construct that was synthesized.
        templates: the files.
    """
    ours: Mapping[tuple[Path | None, str], tuple[str, str]] | None = None
    for template in templates:
        text = template.read_text(encoding="utf-8")
        if "aws:MultiFactorAuth" not in text or f'"{_ROLE}"' not in text:
            continue
        resources = json.loads(text).get("Resources", {})
        for logical_id, holders, roles in _granted(resources):
            ours = handed_roles.made_in(app) if ours is None else ours
            paths = [ours.get((template.resolve(), role), ("", ""))[0] for role in roles]
            if all(paths):
                path = _path(resources, logical_id)
                held_by = " and ".join(_path(resources, one) for one in holders)
                yield Broken(
                    template,
                    logical_id,
                    path,
                    f"{path} allows {held_by} to assume {' and '.join(paths)}, in vain: "
                    f"{'each of them' if len(paths) > 1 else 'it'} demands MFA, which no session of a role has; "
                    "with mfa=False and Trusted.roles(...) it would let the role in",
                    _USABLE,
                )


def _granted(resources: Mapping[str, Any]) -> Iterator[tuple[str, list[str], list[str]]]:
    """By the resource that has the policy: the roles that hold it, and those that it lets them assume, all in vain."""
    closed = {name for name, one in resources.items() if one.get("Type") == _ROLE and _lets_in_no_role(one)}
    for logical_id, resource in resources.items() if closed else ():
        properties = resource.get("Properties", {})
        kind = resource.get("Type")
        if kind == _ROLE:
            inline = properties.get("Policies", [])
            documents = [one.get("PolicyDocument") for one in inline if isinstance(one, Mapping)]
            holders = [logical_id]
        elif kind == _POLICY and not properties.get("Users") and not properties.get("Groups"):
            documents = [properties.get("PolicyDocument")]
            holders = [str(one.get("Ref", one)) for one in properties.get("Roles", ()) if isinstance(one, Mapping)]
        else:
            continue
        for statement in (one for document in documents for one in statements_of(document) or ()):
            roles = _assumed(statement)
            if holders and roles and set(roles) <= closed:
                yield logical_id, holders, roles


def _path(resources: Mapping[str, Any], logical_id: str) -> str:
    """That of the construct that has made a resource, where the template says it."""
    path = resources.get(logical_id, {}).get("Metadata", {}).get("aws:cdk:path", logical_id)
    return str(path).removesuffix("/Resource")


def _assumed(statement: Any) -> list[str]:
    """The roles of a template that a statement lets assume, where it does nothing else; none where it may do more."""
    if not isinstance(statement, Mapping) or statement.get("Effect") != "Allow":
        return []
    actions, entries = _listed(statement.get("Action")), _listed(statement.get("Resource"))
    if _ASSUME not in actions or not all(isinstance(one, str) and one in _BESIDE for one in actions):
        return []
    found = []
    for entry in entries:
        attribute = entry.get("Fn::GetAtt") if isinstance(entry, Mapping) else None
        if not isinstance(attribute, list) or attribute[1:] != ["Arn"]:
            return []
        found.append(attribute[0])
    return found


def _lets_in_no_role(role: Mapping[str, Any]) -> bool:
    """Whether each statement of a trust policy by which somebody assumes the role demands MFA."""
    statements = statements_of(role.get("Properties", {}).get("AssumeRolePolicyDocument")) or []
    return bool(statements) and all(
        isinstance(one, Mapping) and (one.get("Effect") == "Deny" or _demands_mfa(one)) for one in statements
    )


def _demands_mfa(statement: Mapping[str, Any]) -> bool:
    conditions = statement.get("Condition")
    return isinstance(conditions, Mapping) and any(
        str(key).lower() in _MFA
        for operator, keys in conditions.items()
        if str(operator).lower() in _OPERATORS and isinstance(keys, Mapping)
        for key in keys
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
