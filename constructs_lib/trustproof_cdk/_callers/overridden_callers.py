"""
Permissions boundaries and inline policies that only a template has, since an override put them there, and that are
against what somebody is let in by or granted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import IConstruct

from trustproof_cdk._callers import members as membership
from trustproof_cdk._policies import boundaries
from trustproof_cdk._policies.boundary_needs import Bound, Entitlement, Holder, Need, Rest
from trustproof_cdk._policies.calls import denying_in
from trustproof_cdk._synthesis import raw_resources, stacks
from trustproof_cdk._synthesis.promises import look_at_template

_TYPES = ("AWS::IAM::Group", "AWS::IAM::Role", "AWS::IAM::User")
_BOUNDARY, _POLICIES = "PermissionsBoundary", "Policies"
#: By app or stage, who is let in or granted something.
_ASKED: WeakKeyDictionary[cdk.Stage, list[Entitlement]] = WeakKeyDictionary()


class _Override(NamedTuple):
    """
    What the template has of a holder beyond what the app says.
    """

    holder: Holder
    #: What its boundary may be; empty where that is the one of the app, or is not known.
    boundary: Sequence[boundaries.Policy]
    #: Inline policies that deny something.
    denying: Sequence[boundaries.Policy]


def refuse_overridden(
    construct: iam.Role | iam.ManagedPolicy, callers: Sequence[Holder], needs: Sequence[Need | Rest]
) -> None:
    """
    Have the plugin see what overrides have against somebody in the end.

    Args:
        construct: what lets it in, or grants something.
        callers: users, roles and groups of the app.
        needs: what they must be able to call.
    """
    around = stacks.carrier_of(construct)
    stage = stacks.stage_of(around)
    if stage is None:
        return
    _ASKED.setdefault(stage, []).append(Entitlement(construct, callers, needs))
    # Somebody of the stack of a policy may be given it later.
    for stack in {stacks.stack_of(one) for one in (around, *callers)}:
        look_at_template(stack, _refused)


def _refused(stack: cdk.Stack, resources: Mapping[str, Any]) -> Iterator[tuple[cdk.CfnResource, str]]:
    given = {name: one.get("Properties", {}) for name, one in resources.items() if one.get("Type") in _TYPES}
    given = {name: one for name, one in given.items() if _BOUNDARY in one or any(_denying(one.get(_POLICIES)))}
    stage = stacks.stage_of(stack)
    # To ask the CDK who these are takes long, and hardly anybody has either.
    if not given or stage is None:
        return
    there = raw_resources.all_in(stack)
    found = [one for one in there if isinstance(one, (iam.CfnRole, iam.CfnUser, iam.CfnGroup))]
    named = stack.resolve([one.logical_id for one in found])
    changed = [
        override
        for one, name in zip(found, named, strict=True)
        if name in given and (override := _override(one, given[name], there)) is not None
    ]
    if not changed:
        return
    holders = membership.Holders(
        [(stack, there)], [one.holder for one in changed if not isinstance(one.holder, iam.CfnGroup)]
    )
    against = _by_caller(changed, holders)
    for asked in _ASKED.get(stage, ()):
        yield from _said_of(asked, against, holders)


def _by_caller(changed: Iterable[_Override], holders: membership.Holders) -> dict[str, list[_Override]]:
    """By the path of who has them, overrides; those of a group are those of its members too."""
    found: dict[str, list[_Override]] = {}
    for one in changed:
        paths = [one.holder.node.path]
        if isinstance(one.holder, iam.CfnGroup):
            paths += [*holders.members_of(one.holder).known]
        for path in paths:
            found.setdefault(path, []).append(one)
    return found


def _said_of(
    asked: Entitlement, against: Mapping[str, Sequence[_Override]], holders: membership.Holders
) -> Iterator[tuple[cdk.CfnResource, str]]:
    groups = [one for one in asked.callers if isinstance(one, iam.CfnGroup)]
    callers = {one.node.path: one for one in asked.callers}
    members = [(one.node.path, holders.members_of(one)) for one in groups]
    if isinstance(asked.construct, iam.ManagedPolicy):
        attached = holders.of(asked.construct)
        callers |= {one.node.path: one for one in attached.callers}
        members = attached.members or members
    for path, caller in callers.items():
        for override, said in _against(asked, caller, against.get(path, ())):
            yield override.holder, said
    for group, inside in members:
        refused = {
            path: found
            for path, one in inside.known.items()
            if path not in callers and (found := list(_against(asked, one, against.get(path, ()))))
        }
        # A boundary is there to take from some what a group gives.
        if refused and len(refused) == len(inside.known) and not inside.others and group not in against:
            override = next(iter(refused.values()))[0][0]
            said = "; ".join(found[0][1] for found in refused.values())
            yield override.holder, f"no member of {group} gets anything by {asked.construct.node.path}: {said}"


def _against(asked: Entitlement, caller: Holder, overrides: Iterable[_Override]) -> Iterator[tuple[_Override, str]]:
    """What overrides have against somebody, in words."""
    for one in overrides:
        if one.boundary and (said := _bound(asked, caller, one.boundary).refused(asked.needs)):
            yield one, _worded(asked, said)
        for policy in one.denying:
            bound = Bound(asked.construct, caller, [policy], is_let_in=True, kind="inline policy")
            if said := bound.refused(asked.needs):
                yield one, _worded(asked, said)


def _bound(asked: Entitlement, caller: Holder, boundary: Sequence[boundaries.Policy]) -> Bound:
    # A user whom a trust policy of its own account names needs no other policy: no boundary but one that denies stops
    # it.
    is_let_in = (
        isinstance(asked.construct, iam.Role)
        and isinstance(caller, iam.CfnUser)
        and stacks.account_of(stacks.stack_of(caller)) == stacks.account_of(stacks.stack_of(asked.construct))
    )
    return Bound(asked.construct, caller, boundary, is_let_in)


def _worded(asked: Entitlement, said: str) -> str:
    return f"an override is against what {stacks.carrier_of(asked.construct).node.path} is for: {said}"


def _override(holder: Holder, written: Mapping[str, Any], there: Sequence[IConstruct]) -> _Override | None:
    """What a template has of a holder that the app does not say; None where that denies nothing."""
    stack = stacks.stack_of(holder)
    boundary: Sequence[boundaries.Policy] = []
    if not isinstance(holder, iam.CfnGroup) and (value := written.get(_BOUNDARY)) is not None:
        own = boundaries.found_of(holder)
        if own is None or stack.resolve(own) != value:
            boundary = boundaries.policies_in_template(holder, value, there)
    denying = list(_denying(written.get(_POLICIES)))
    if denying:
        before = [one.document for one in boundaries.inline_policies(holder)]
        denying = [one for one in denying if one.document not in before]
    return _Override(holder, boundary, denying) if boundary or denying else None


def _denying(given: Any) -> Iterator[boundaries.Policy]:
    return (one for one in boundaries.policies_written(given) if denying_in(one.document))
