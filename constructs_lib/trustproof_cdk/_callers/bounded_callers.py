"""
Callers whose permissions boundary is against what they are let in by or granted: whatever else allows it, AWS refuses.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import NamedTuple
from weakref import WeakKeyDictionary

import aws_cdk as cdk
import jsii
from aws_cdk import aws_iam as iam
from constructs import IConstruct, IValidation

from trustproof_cdk._callers import attached_denials as denials
from trustproof_cdk._callers import members as membership
from trustproof_cdk._callers import overridden_callers as overridden
from trustproof_cdk._names import named_in_app, objects, order, unique
from trustproof_cdk._policies import boundaries
from trustproof_cdk._policies.boundary_needs import Bound, Entitlement, Need, Rest
from trustproof_cdk._policies.known_keys import IN_CONSOLE
from trustproof_cdk._synthesis import stacks, walk

#: By app or stage, the policies that grant something, to whom, and what these need of them.
_GRANTS: WeakKeyDictionary[cdk.Stage, list[_Grant]] = WeakKeyDictionary()


class _Named(NamedTuple):
    """
    A role that trusts somebody by ARN.
    """

    role: iam.Role
    callers: Sequence[object]
    need: Need


class _Members(NamedTuple):
    """
    A group that is granted a role by the role's own methods.
    """

    role: iam.Role
    group: iam.CfnGroup
    need: Need


#: By app or stage of the group.
_MEMBERS: WeakKeyDictionary[cdk.Stage, list[_Members]] = WeakKeyDictionary()
#: Whom a role lets in or is granted to, by their paths: nobody is asked twice.
_ASKED: WeakKeyDictionary[iam.Role, set[str]] = WeakKeyDictionary()
#: By app or stage.
_NAMED: WeakKeyDictionary[cdk.Stage, list[_Named]] = WeakKeyDictionary()


class _Grant(NamedTuple):
    policy: iam.ManagedPolicy
    callers: list[boundaries.Bounded]
    needs: Sequence[Need | Rest]


def refuse_callers_that_may_not_ask(role: iam.Role, trusted: Iterable[object], actions: Iterable[str]) -> None:
    """
    Fail the synthesis if somebody is let in whose permissions boundary is against it.

    Boundaries count that they were made with, and those of `iam.PermissionsBoundary.of` and of stacks, stages and apps
    (`cdk.PermissionsBoundary`), where they refer to a policy of the app, or name one that the app or stage has in the
    account of the caller, as it is in the end, or one that AWS manages. What an override writes into the template the
    plugin sees.

    Of a boundary counts which actions it has, on which resources, and what it asks of keys that are known: whether an
    MFA was used, which no session of a role has, what kind of principal of which account calls, and what the trust
    policy itself demands, like a Region. Other conditions are taken to be met.

    Args:
        role: that lets them in.
        trusted: users and roles; of those that are given by ARN, or imported, the ones that the app or stage makes are
            asked as well, and of others nothing is known.
        actions: what they must be able to call.
    """
    listed = list(trusted)
    made = _created(listed)
    need = Need(tuple(sorted(set(actions))), on=(role,), left="it gets into the other roles only")
    if made:
        _ASKED.setdefault(role, set()).update(stacks.path_of(one) for one in made)
        stacks.node_of(role).add_validation(_MayAsk(role, made, need))
        denials.refuse_denied(role, made, [need])
        overridden.refuse_overridden(role, made, [need])
    named = [one for one in listed if named_in_app.may_be_arn(one, role)]
    stage = unique.check_beside_names(role, _check_named) if named else None
    if stage is not None:
        _NAMED.setdefault(stage, []).append(_Named(role, named, need))


def refuse_grantee_that_may_not_ask(role: iam.Role, grantee: object, actions: Iterable[str]) -> None:
    """
    Fail the synthesis if somebody is granted a role by its own methods (`grant_assume_role`) whose permissions boundary
    or other policies are against it, likewise; of members of a group, as of `refuse_grants_against_boundaries`.

    Args:
        role: that is granted.
        grantee: user, role or group; one that is imported passes.
        actions: what it must be able to call.
    """
    made = order.created(grantee)
    asked = _ASKED.setdefault(role, set())
    if not isinstance(made, (iam.CfnGroup, iam.CfnRole, iam.CfnUser)) or stacks.path_of(made) in asked:
        return
    asked.add(stacks.path_of(made))
    need = Need(tuple(actions), on=(role,))
    if isinstance(made, iam.CfnGroup):
        stage = boundaries.check_bounded(made, _said_of_members)
        if stage is not None:
            _MEMBERS.setdefault(stage, []).append(_Members(role, made, need))
    else:
        role.node.add_validation(_MayAsk(role, [made], need, is_granted=True))
    denials.refuse_denied(role, [made], [need])
    overridden.refuse_overridden(role, [made], [need])


def _said_of_members(
    stage: cdk.Stage, walked: boundaries.Walked, given: Sequence[tuple[boundaries.Bounded, str]]
) -> list[str]:
    arns = {one.node.path: arn for one, arn in given}
    if not arns:
        return []
    holders = membership.Holders(walked, ())
    said: list[str] = []
    for role, group, need in _MEMBERS[stage]:
        members = holders.members_of(group)
        bounds = [
            Bound(role, one, boundaries.policies_named(one, arns[path]))
            for path, one in members.known.items()
            if path in arns
        ]
        refused = {one.caller.node.path: text for one in bounds if one.policies and (text := one.refused([need]))}
        said += _said_of_group(role, group.node.path, members, refused)
    return said


def _said_of_group(
    construct: iam.Role | iam.ManagedPolicy, group: str, members: membership.Members, refused: Mapping[str, str]
) -> Iterator[str]:
    """
    What is said of a group of whose members some are refused, who are warned of where others are not.

    Args:
        construct: that is granted, or grants.
        group: in words.
        members: who is in it.
        refused: by their paths, what is against members of the app.
    """
    if refused and len(refused) == len(members.known) and not members.others:
        yield f"{construct.node.path}: no member of {group} gets anything by it: {'; '.join(refused.values())}"
        return
    for path, said in refused.items():
        cdk.Annotations.of(construct).add_warning_v2(
            f"trustproof:member-boundary-{path}", f"of the members of {group}, {said}"
        )


def _check_named(stage: cdk.Stage, walked: walk.Walked) -> list[str]:
    """Of those whom roles trust by their ARNs, and whom the app or stage makes."""
    found = unique.names_found(stage)
    # Very many roles trust the same few.
    texts = {
        named_in_app.text_of(one, named.role): (one, named.role) for named in _NAMED[stage] for one in named.callers
    }
    made = {text: named_in_app.resource_of(one, found, role) for text, (one, role) in texts.items()}
    asked = {text: one for text, one in made.items() if one is not None and _has_own(one)}
    said, entitlements = [], []
    for one in _NAMED[stage]:
        written = [named_in_app.text_of(caller, one.role) for caller in one.callers]
        callers = [caller for text in written if (caller := made[text]) is not None]
        if not callers:
            continue
        bounded = [asked[text] for text in written if text in asked]
        if bounded:
            path = stacks.carrier_of(one.role).node.path
            said += [f"{path}: {text}" for text in _MayAsk(one.role, bounded, one.need).validate()]
        overridden.refuse_overridden(one.role, callers, [one.need])
        entitlements.append(Entitlement(one.role, callers, [one.need]))
    return said + denials.denied(entitlements, walked)


def _has_own(caller: boundaries.Bounded) -> bool:
    """Whether somebody has a boundary, or inline policies."""
    return boundaries.boundary_of(caller) is not None or any(True for _ in boundaries.inline_policies(caller))


def refuse_grants_against_boundaries(
    policy: iam.ManagedPolicy, held: objects.Holders, needs: Sequence[Need | Rest]
) -> None:
    """
    Fail the synthesis if somebody is granted what its permissions boundary is against, likewise.

    Members of a group are asked too, as far as the app has them: the synthesis fails where none of them may, and warns
    of those who may not where others may, since a boundary is there to take from some what a group gives. So are those
    to whom the policy is attached later.

    Args:
        policy: that grants it.
        held: whom it is attached to.
        needs: what they must be able to call, each.
    """
    stage = boundaries.check_bounded(policy, _said_of_grants)
    if stage is not None:
        callers = _created([*(held["users"] or ()), *(held["roles"] or ())])
        _GRANTS.setdefault(stage, []).append(_Grant(policy, callers, needs))
        groups = [made for one in held["groups"] or () if isinstance(made := order.created(one), iam.CfnGroup)]
        denials.refuse_denied(policy, [*callers, *groups], needs)
        overridden.refuse_overridden(policy, [*callers, *groups], needs)


def warn_of_denied_members(policy: iam.ManagedPolicy, group: iam.Group, action: str, lost: str) -> None:
    """
    Warn of members of a group whom another policy of theirs denies what they have to do before they have used MFA.

    Args:
        policy: of the group, which allows it.
        group: that they are in, perhaps later.
        action: what they have to call.
        lost: what becomes of who cannot, in words.
    """
    made = order.created(group)
    if isinstance(made, iam.CfnGroup):
        need = Need((action,), lost, known=IN_CONSOLE)
        denials.refuse_denied(policy, [made], [need], is_only_warned_of=True)


def _created(callers: Iterable[object]) -> list[boundaries.Bounded]:
    made = map(order.created, callers)
    return [resource for resource in made if isinstance(resource, (iam.CfnRole, iam.CfnUser))]


@jsii.implements(IValidation)
class _MayAsk:
    """Reads the permissions boundaries of those whom a role trusts, when everything is in them."""

    def __init__(
        self, role: iam.Role, callers: list[boundaries.Bounded], need: Need, *, is_granted: bool = False
    ) -> None:
        self._role, self._callers, self._need, self._is_granted = role, callers, need, is_granted

    def validate(self) -> list[str]:
        with walk.under_way():
            return self._said()

    def _said(self) -> list[str]:
        own = stacks.stack_of(self._role).account
        asked = [
            # A user whom a trust policy of its own account names needs no other policy: no boundary but one that denies
            # stops it.
            Bound(
                self._role,
                one,
                policies,
                isinstance(one, iam.CfnUser) and cdk.Stack.of(one).account == own and not self._is_granted,
            )
            for one in self._callers
            if (policies := boundaries.policies_of(one))
        ]
        asked += [bound for one in self._callers for bound in _inline(self._role, one)]
        return [said for one in asked if (said := one.refused([self._need]))]


def _inline(construct: iam.Role | iam.ManagedPolicy, caller: boundaries.Bounded) -> Iterator[Bound]:
    """What its inline policies deny somebody, each."""
    for policy in boundaries.inline_policies(caller):
        yield Bound(construct, caller, [policy], is_let_in=True, kind="inline policy")


def _said_of_grants(
    stage: cdk.Stage, walked: boundaries.Walked, given: Sequence[tuple[boundaries.Bounded, str]]
) -> list[str]:
    """What is wrong with the grants of an app or stage; where nobody in it has a boundary, only others are asked."""
    arns = {stacks.path_of(one): arn for one, arn in given}
    holders = membership.Holders(walked, [one for one, _ in given]) if arns else None
    there = {one for _, inside in walked for one in inside}
    return [said for grant in _GRANTS[stage] for said in _said_of(grant, arns, holders, there)]


def _said_of(
    grant: _Grant, arns: Mapping[str, str], holders: membership.Holders | None, there: Set[IConstruct]
) -> Iterator[str]:
    for caller in grant.callers:
        for bound in _inline(grant.policy, caller):
            if said := bound.refused(grant.needs):
                yield f"{grant.policy.node.path}: {said}"
    attached = None if holders is None else holders.of(grant.policy)
    # Whoever was walked, and has a boundary, is in what was found then: to ask again takes long.
    given = grant.callers if attached else [one for one in grant.callers if one not in there]
    callers = {stacks.path_of(one): one for one in (*given, *(attached.callers if attached else ()))}
    for path, caller in callers.items():
        policies = _policies(path, caller, arns, there)
        said = Bound(grant.policy, caller, policies).refused(grant.needs) if policies else ""
        if said:
            yield f"{grant.policy.node.path}: {said}"
        for policy in boundaries.policies_chosen(caller, arns[path]) if path in arns else ():
            if said := Bound(grant.policy, caller, [policy]).refused(grant.needs):
                cdk.Annotations.of(grant.policy).add_warning_v2(
                    f"trustproof:chosen-boundary-{policy.shown}-{path}",
                    f"where the condition of the template chooses it, {said}",
                )
    for group, members in attached.members if attached else ():
        refused = {
            path: said
            for path, member in members.known.items()
            if path not in callers and (policies := _policies(path, member, arns, there))
            if (said := Bound(grant.policy, member, policies).refused(grant.needs))
        }
        yield from _said_of_group(grant.policy, group, members, refused)


def _policies(
    path: str, caller: boundaries.Bounded, arns: Mapping[str, str], there: Set[IConstruct]
) -> list[boundaries.Policy]:
    if path in arns:
        return boundaries.policies_named(caller, arns[path])
    # Whoever is of another stage was not walked.
    return [] if caller in there else boundaries.policies_of(caller)
