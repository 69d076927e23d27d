"""
Policies of a template that let a role assume roles which demand MFA: no session of a role has it, so
that the policy is in vain, and who works with the role finds out when it is needed.

A grant says so where it is made; a policy that names the role, as a task of a state machine does, is a template's only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from constructs import IConstruct

from trustproof_cdk._policies.calls import statements_of
from trustproof_cdk._roles import handed_roles, handed_values, meant_roles
from trustproof_cdk._roles.meant_roles import ROLE_ARN, MeantRole, Templates
from trustproof_cdk._synthesis.promises import Broken

_ASSUME = "sts:AssumeRole"
#: What may be allowed beside it, and gives nothing by itself.
_BESIDE = frozenset((_ASSUME, "sts:SetSourceIdentity", "sts:TagSession"))
_ROLE = "AWS::IAM::Role"
#: Whoever has a managed policy need not be in its template.
_POLICY = "AWS::IAM::Policy"
#: What the text of a template has in which a role has a policy of its own.
_HAS_POLICY = re.compile(f'"{_POLICY}"|"Policies"')
#: In lower case: a key that no session of a role has as true, and one that none has, with operators that need it.
_PRESENT, _TRUE = ("bool", "aws:multifactorauthpresent"), "true"
_AGE = {(operator, "aws:multifactorauthage") for operator in ("numericlessthan", "numericlessthanequals")}
#: Begins these keys.
_MFA_TEXT = re.compile("aws:MultiFactorAuth", re.IGNORECASE)
#: What is acknowledged of a statement that nobody can use.
_USABLE = "statement-usable"


class _Made(NamedTuple):
    """
    A role of a template, as an ARN names it.
    """

    role: MeantRole
    #: As in an ARN, with a slash at either end.
    path: str | None


class _App:
    """
    What the templates of an app say of roles, each of them read once.
    """

    def __init__(self, app: IConstruct, templates: Sequence[Path]) -> None:
        self._app = app
        there = handed_roles.templates_of(app, templates)
        #: The files, without what an earlier synthesis has left.
        self.files = tuple(dict.fromkeys([*templates, *there.callers]))
        self.texts = there.texts
        self.demands_mfa = any(map(_MFA_TEXT.search, there.texts.values()))
        self._there = there
        self._exports: dict[Path, Templates] = {}
        self._written: dict[Path, Any] = {}

    def written(self, template: Path) -> Any:
        """What a template says."""
        if template not in self._written:
            self._written[template] = json.loads(self.texts[template])
        return self._written[template]

    def path_of(self, role: MeantRole) -> str:
        """The path of the construct that has made a role, where it is known."""
        path, _ = self._ours.get((role.template.resolve(), role.logical_id), ("", ""))
        return path or _path(self.written(role.template).get("Resources", {}), role.logical_id)

    def may_be_meant(self, role: MeantRole) -> bool:
        """Whether a role surely is in the account of the ARN by which it is named; true where it is not by an ARN."""
        return role.account in ("", self._there.environment_of(role.template).rpartition(":")[2])

    @cached_property
    def _ours(self) -> dict[tuple[Path | None, str], tuple[str, str]]:
        # Each role is asked who it is, and an app with an account for each team has thousands.
        return handed_roles.made_in(self._app)

    @cached_property
    def _exporting(self) -> dict[Path, Any]:
        return handed_roles.exporting_of(self.texts)

    @cached_property
    def _by_name(self) -> dict[str, list[_Made]]:
        found: dict[str, list[_Made]] = {}
        for template in self.files:
            for logical_id, one in self.written(template).get("Resources", {}).items():
                properties = one.get("Properties", {}) if one.get("Type") == _ROLE else {}
                name = handed_values.text_in(properties.get("RoleName"), template, self._there)
                if name is not None:
                    path = handed_values.text_in(properties.get("Path", "/"), template, self._there)
                    found.setdefault(name, []).append(_Made(MeantRole(template, logical_id, properties), path))
        return found

    def meant(self, value: Any, template: Path) -> list[MeantRole]:
        """The roles of which a value may mean one."""
        folder = template.parent
        if folder not in self._exports:
            exports = handed_roles.exports_beside(template, self._exporting)
            self._exports[folder] = self._there._replace(exports=exports)
        return meant_roles.meant(value, template, self.written(template), self._exports[folder], self._named)

    def _named(self, arn: str, there: Templates, root: Path | None = None) -> list[MeantRole]:
        known = ROLE_ARN.fullmatch(arn)
        account, path, name = known.groups() if known is not None else ("", "", "")
        return [
            one.role._replace(account=account if root is None else "")
            for one in self._by_name.get(name, ())
            if one.path in (None, path) and self._may_be_in(one.role.template, account, root, there)
        ]

    def _may_be_in(self, template: Path, account: str, root: Path | None, there: Templates) -> bool:
        if root is not None:
            return there.root_of(template) == root
        known = there.environment_of(template).rpartition(":")[2]
        return not known.isdigit() or known == account


def useless_policies(app: IConstruct, templates: Sequence[Path]) -> Iterator[Broken]:
    """
    Where roles are allowed to assume nothing but roles that let no role in, in whichever stack.

    Args:
        app: the construct that was synthesized.
        templates: the files.
    """
    there = _App(app, templates)
    if not there.demands_mfa:
        return
    for template in there.files:
        # Most stacks of many accounts have nothing but roles with policies of AWS.
        if not _HAS_POLICY.search(there.texts[template]):
            continue
        resources = there.written(template).get("Resources", {})
        for logical_id, holders, entries in _granted(resources):
            paths = _closed(entries, template, there)
            if paths:
                path = _path(resources, logical_id)
                held_by = " and ".join(_path(resources, one) for one in holders)
                yield Broken(
                    template,
                    logical_id,
                    path,
                    f"{path} allows {held_by} to assume {' and '.join(paths)}, in vain: "
                    f"{'each of them' if len(paths) > 1 else 'it'} demands MFA, which no session of a role has; "
                    "one that demands none, with mfa=False and Trusted.roles(...), would let the role in",
                    _USABLE,
                )


def _granted(resources: Mapping[str, Any]) -> Iterator[tuple[str, list[str], list[Any]]]:
    """By the resource that has the policy: the roles that hold it, and what a statement lets them assume."""
    for logical_id, resource in resources.items():
        properties = resource.get("Properties", {})
        kind = resource.get("Type")
        if kind == _ROLE:
            inline = properties.get("Policies", [])
            inline = inline if isinstance(inline, list) else []
            documents = [one.get("PolicyDocument") for one in inline if isinstance(one, Mapping)]
            holders = [logical_id]
        elif kind == _POLICY and not properties.get("Users") and not properties.get("Groups"):
            documents = [properties.get("PolicyDocument")]
            holders = [str(one.get("Ref", one)) for one in properties.get("Roles", ()) if isinstance(one, Mapping)]
        else:
            continue
        for statement in (one for document in documents for one in statements_of(document) or ()):
            entries = _assumed(statement)
            if holders and entries:
                yield logical_id, holders, entries


def _closed(entries: Sequence[Any], template: Path, there: _App) -> list[str]:
    """The paths of the roles that values mean, where each value surely means such as let no role in."""
    paths = []
    for entry in entries:
        roles = there.meant(entry, template)
        # Of an ARN, a stack that is deployed to any account may have the role or not.
        if not any(map(there.may_be_meant, roles)) or not all(map(_lets_in_no_role, roles)):
            return []
        paths += [path for path in map(there.path_of, roles) if path not in paths]
    return paths


def _path(resources: Mapping[str, Any], logical_id: str) -> str:
    """That of the construct that has made a resource, where the template says it."""
    path = resources.get(logical_id, {}).get("Metadata", {}).get("aws:cdk:path", logical_id)
    return str(path).removesuffix("/Resource")


def _assumed(statement: Any) -> list[Any]:
    """What a statement lets assume, where it does nothing else; nothing where it may do more."""
    if not isinstance(statement, Mapping) or statement.get("Effect") != "Allow":
        return []
    actions, entries = _listed(statement.get("Action")), _listed(statement.get("Resource"))
    if _ASSUME not in actions or not all(isinstance(one, str) and one in _BESIDE for one in actions):
        return []
    return entries


def _lets_in_no_role(role: MeantRole) -> bool:
    """Whether each statement of a trust policy by which somebody assumes the role demands MFA."""
    statements = statements_of(role.properties.get("AssumeRolePolicyDocument")) or []
    return bool(statements) and all(
        isinstance(one, Mapping) and (one.get("Effect") == "Deny" or _demands_mfa(one)) for one in statements
    )


def _demands_mfa(statement: Mapping[str, Any]) -> bool:
    conditions = statement.get("Condition")
    return isinstance(conditions, Mapping) and any(
        _is_of_mfa((str(operator).lower(), str(key).lower()), _listed(value))
        for operator, keys in conditions.items()
        if isinstance(keys, Mapping)
        for key, value in keys.items()
    )


def _is_of_mfa(test: tuple[str, str], values: Sequence[Any]) -> bool:
    """Whether a condition is met with MFA alone; AWS does not say whether a role has the key as false, or has none."""
    if test == _PRESENT:
        return bool(values) and all(str(one).lower() == _TRUE for one in values)
    # What a deployment may leave out is no demand.
    return test in _AGE and bool(values) and all(isinstance(one, (str, int)) for one in values)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
