"""
Who has which permission set in which account.

What a template does not declare may be there all the same, so no verdict rests on it: only what is listed does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from trustproof.inputs.cloudformation.evaluation.functions import arns
from trustproof.inputs.cloudformation.evaluation.functions.branches import branches
from trustproof.inputs.cloudformation.resources.collection.collector import Collector
from trustproof.inputs.cloudformation.values.catalogue import ACCOUNT_ASSIGNMENT
from trustproof.inputs.grammar.values import Unreadable
from trustproof.model.policy import Guard, Path
from trustproof.model.principals import AccountAssignment, Holder, OpenAssignment
from trustproof.model.text import Symbol, Symbolic, Text

_KIND = "permission set"
#: What the functions of a template give for a permission set: both name it.
_NAMED_BY = ("PermissionSetArn", "")
_PRINCIPALS = {"GROUP": "group", "USER": "user"}


#: What stands between the name of another stack and that of its resource.
_STACK = "/"


class _Value(NamedTuple):
    """A property at one outcome of the conditions that decide it."""

    text: Text
    guards: tuple[Guard, ...]


def with_account_assignments(collector: Collector, holders: Sequence[Holder]) -> Iterator[Holder]:
    """
    The holders, the permission sets with those who are assigned to them.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sso-assignment.html
    """
    found: dict[Text, list[AccountAssignment]] = {}
    for logical_id, resource in collector.environment.resources.items():
        if resource.get("Type") == ACCOUNT_ASSIGNMENT:
            for permission_set, assignment in _read(collector, logical_id):
                found.setdefault(permission_set, []).append(assignment)
    for holder in holders:
        if not found or holder.kind != _KIND:
            yield holder
            continue
        names = {arns.value(collector.resolver, holder.logical_id, attribute) for attribute in _NAMED_BY}
        # Two names of one set give the assignments of one name after those of the other, in the order of the template.
        listed = [one for name, assigned in found.items() if name in names for one in assigned]
        yield holder._replace(assigned=tuple(dict.fromkeys(listed)))


def assignments_elsewhere(collector: Collector) -> Iterator[tuple[str, AccountAssignment]]:
    """
    The assignments of permission sets of other stacks, each with the stack and the logical id of its set.
    """
    for logical_id, resource in collector.environment.resources.items():
        if resource.get("Type") == ACCOUNT_ASSIGNMENT:
            for permission_set, assignment in _read(collector, logical_id):
                if found := _of_other_stack(permission_set):
                    yield found, assignment


def open_assignments(collector: Collector, holders: Sequence[Holder]) -> Iterator[OpenAssignment]:
    """The assignments of permission sets that no template of the run is known to declare."""
    resources = collector.environment.resources
    assigned = [one for one, resource in resources.items() if resource.get("Type") == ACCOUNT_ASSIGNMENT]
    sets = [one for one in holders if one.kind == _KIND and one.path] if assigned else []
    names = {arns.value(collector.resolver, one.logical_id, attribute) for one in sets for attribute in _NAMED_BY}
    for logical_id in assigned:
        for permission_set, assignment in _read(collector, logical_id):
            if permission_set not in names and not _of_other_stack(permission_set):
                yield OpenAssignment(permission_set, assignment, collector.environment.path(logical_id))


def _of_other_stack(permission_set: Text) -> str:
    """The stack and the logical id of a permission set that another stack declares; empty for any other."""
    named = permission_set.parts[0] if isinstance(permission_set, Symbolic) else ""
    is_of_stack = isinstance(named, Symbol) and named.kind == "attribute" and _STACK in named.name
    return named.name.removesuffix(f".{_NAMED_BY[0]}") if isinstance(named, Symbol) and is_of_stack else ""


def _read(collector: Collector, logical_id: str) -> Iterator[tuple[Text, AccountAssignment]]:
    """The permission set, and who has it where; nothing of an assignment that is not there, or cannot be read."""
    guards = collector.guards(logical_id)
    if guards is None:
        return
    path = (*collector.environment.path(logical_id), "Properties")
    properties = collector.environment.properties(logical_id)
    for permission_set in _values(collector, properties, "PermissionSetArn", path, guards):
        for account in _values(collector, properties, "TargetId", path, permission_set.guards):
            for principal in _values(collector, properties, "PrincipalId", path, account.guards):
                for kind in _values(collector, properties, "PrincipalType", path, principal.guards):
                    called = _PRINCIPALS.get(str(kind.text), "principal")
                    assigned = AccountAssignment(account.text, called, principal.text, kind.guards)
                    yield permission_set.text, assigned


def _values(
    collector: Collector, properties: dict[str, object], key: str, path: Path, guards: tuple[Guard, ...]
) -> Iterator[_Value]:
    scope = collector.resolver
    for value, _, inner in branches(scope, properties.get(key), (*path, key), guards):
        try:
            text = scope.text(value)
        except Unreadable:
            continue
        if isinstance(text, (str, Symbolic)):
            yield _Value(text, inner)
