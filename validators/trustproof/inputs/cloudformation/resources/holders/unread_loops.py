"""
Loops that are not written out: whom the policies and groups are for that they make, which may deny something, and
whether roles may be assumed through what they make.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.values import catalogue
from trustproof.inputs.cloudformation.values.intrinsics import FOREACH, TRANSFORM, referred_name

_TRUST_POLICY = "AssumeRolePolicyDocument"
_ASSUMES = "sts:assumerole"
#: Who is no user, and gives a session to none.
_NO_USERS = frozenset(("Service", "Federated"))


def whom_loops_may_deny(loop: object) -> dict[str, frozenset[str] | None]:
    """
    Of which kinds somebody may be denied something by what a loop makes, with the logical ids of those where all of
    them are written out; None where it may be anybody.

    Args:
        loop: its identifier, collection and body.
    """
    found: dict[str, frozenset[str] | None] = {}
    for resource in _made_by(loop):
        type_, properties = str(resource.get("Type")), resource.get("Properties")
        if not isinstance(properties, Mapping) or not _may_deny(type_, properties):
            continue
        keys = {"Users": "user"} if type_ == catalogue.MEMBERSHIP else catalogue.ATTACHED.get(type_, {})
        for key, kind in keys.items():
            if key in properties:
                named = _named(properties[key])
                before = found.get(kind, frozenset())
                found[kind] = None if named is None or before is None else before | named
    return found


def further_roles(environment: Environment) -> str:
    """
    Why a template may have more roles than are read that people come through, or policies by which a role assumes
    another one, as a clause; empty where it has none.
    """
    for loop, why in environment.unread_loops.values():
        if any(_may_lead_on(one) for one in _made_by(loop)):
            return f"{why}, and what it makes may be on the way to this role"
    return next((f"{why}, and may make roles on the way to this one" for why in environment.unknown_resources), "")


def _may_lead_on(resource: Mapping[str, object]) -> bool:
    """Whether what a loop makes may be a role that users enter, or let a role assume another one."""
    type_, properties = resource.get("Type"), resource.get("Properties", {})
    if not isinstance(type_, str) or not isinstance(properties, Mapping) or TRANSFORM in {*resource, *properties}:
        return True
    trust = properties.get(_TRUST_POLICY)
    if type_ == catalogue.ROLE or trust is not None:
        return any(_may_admit_users(one) for one in _statements(trust))
    is_for_roles = "role" in catalogue.ATTACHED.get(type_, {}).values()
    return is_for_roles and any(_may_assume(one) for one in _statements(properties.get("PolicyDocument")))


def _statements(document: object) -> list[object]:
    """The statements of a policy as they are written; nothing that is one where they are not."""
    found = document.get("Statement") if isinstance(document, Mapping) else None
    return found if isinstance(found, list) else [found]


def _may_admit_users(statement: object) -> bool:
    if not isinstance(statement, Mapping) or statement.get("Effect") == "Deny":
        return not isinstance(statement, Mapping)
    principal = statement.get("Principal")
    return not isinstance(principal, Mapping) or not {*principal} <= _NO_USERS


def _may_assume(statement: object) -> bool:
    if not isinstance(statement, Mapping) or statement.get("Effect") == "Deny":
        return not isinstance(statement, Mapping)
    actions = statement.get("Action")
    listed = actions if isinstance(actions, list) else [actions]
    return not all(isinstance(one, str) and _is_other_action(one.lower()) for one in listed)


def _is_other_action(action: str) -> bool:
    return "${" not in action and "&{" not in action and not fnmatchcase(_ASSUMES, action.replace("[", "[[]"))


def _made_by(loop: object) -> Iterator[Mapping[str, object]]:
    """The resources that a loop makes, and those inside of it."""
    body = loop[2] if isinstance(loop, list) and len(loop) == 3 else None
    if not isinstance(body, Mapping):
        # Whatever a macro makes of it.
        yield {}
        return
    for key, one in body.items():
        if str(key).startswith(FOREACH):
            yield from _made_by(one)
        else:
            yield one if isinstance(one, Mapping) else {}


def _may_deny(type_: str, properties: Mapping[str, object]) -> bool:
    """Whether a policy may deny something, or a group has policies that may."""
    listed = _statements(properties.get("PolicyDocument"))
    allows = all(isinstance(one, Mapping) and one.get("Effect") == "Allow" for one in listed)
    return type_ in (catalogue.MEMBERSHIP, catalogue.ATTACHMENT) or not allows


def _named(value: object) -> frozenset[str] | None:
    """The logical ids of resources, where nothing else is named."""
    names = [referred_name(one) for one in (value if isinstance(value, list) else [value])]
    return frozenset(str(name) for name in names) if all(names) else None
