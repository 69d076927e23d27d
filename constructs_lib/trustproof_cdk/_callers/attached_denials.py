"""
Policies of the app that are attached to somebody, and deny what it is let in by or granted: a Deny stops it, whatever
allows it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import IConstruct

from trustproof_cdk._arguments import arguments
from trustproof_cdk._callers import members as membership
from trustproof_cdk._names import order, unique
from trustproof_cdk._policies import boundaries, denying_of_aws, written_out
from trustproof_cdk._policies.boundary_needs import Bound, Entitlement, Holder, Need, Rest
from trustproof_cdk._policies.calls import denying_in
from trustproof_cdk._policies.known_keys import WITHOUT_MFA
from trustproof_cdk._synthesis import stacks

_Policy: TypeAlias = "iam.CfnPolicy | iam.CfnManagedPolicy"
#: By the path of who has them, policies that deny something.
_Denying: TypeAlias = "dict[str, list[_Denial]]"
_MFA = tuple(one.key.lower() for one in WITHOUT_MFA)
#: What the CDK adds to a user or role itself is asked about where its own policies are.
_ADDED = "DefaultPolicy"
_MANAGED = "managed policy"
#: By app or stage, who is let in or granted something.
_ASKED: WeakKeyDictionary[cdk.Stage, list[Entitlement]] = WeakKeyDictionary()


class _Denial(NamedTuple):
    """
    A policy that denies something.
    """

    #: Of a user, role or group, one of those in its property.
    made: _Policy | Holder
    policy: boundaries.Policy
    kind: str
    #: Whether each Deny asks whether MFA was used.
    is_about_mfa: bool


class _Found(NamedTuple):
    """
    What an app or stage has of it.
    """

    denying: _Denying
    #: Inline policies of users and roles, which are asked of callers that are named where their boundaries are.
    own: _Denying
    #: Groups, by their paths.
    groups: dict[str, iam.CfnGroup]


def refuse_denied(
    construct: iam.Role | iam.ManagedPolicy,
    callers: Sequence[Holder],
    needs: Sequence[Need | Rest],
    *,
    is_only_warned_of: bool = False,
) -> None:
    """
    Fail the synthesis if a policy of the app or stage surely denies somebody what it needs, and is attached to it, or
    to a group that it is in; of members of a group, the synthesis warns where others get in.

    Whoever is given a policy later is asked too, for what its own inline policies deny as well, and so are members of
    groups: those of callers that are named here are asked where their boundaries are.

    Args:
        construct: what lets it in, or grants something.
        callers: users, roles and groups of the app.
        needs: what they must be able to call.
        is_only_warned_of: warn of whom is named, and of all members of groups, instead.
    """
    there = stacks.stage_of(construct)
    # Policies are attached where their holders are, which may be another stage than that of a role.
    places: dict[cdk.Stage | None, list[Holder]] = {there: []} if isinstance(construct, iam.ManagedPolicy) else {}
    for one in callers:
        places.setdefault(stacks.stage_of(one), []).append(one)
    for place, found in places.items():
        stage = unique.check_beside_names(construct if place is there else found[0], _check)
        if stage is not None:
            _ASKED.setdefault(stage, []).append(Entitlement(construct, found, needs, is_only_warned_of))


def _check(stage: cdk.Stage, walked: boundaries.Walked) -> list[str]:
    return denied(_ASKED[stage], walked)


def denied(entitlements: Sequence[Entitlement], walked: boundaries.Walked) -> list[str]:
    """
    What `refuse_denied` says, when everything is there.

    Args:
        entitlements: who is let in or granted something.
        walked: the app or stage.
    """
    callers = {stacks.path_of(one): one for asked in entitlements for one in asked.callers}
    granting = [asked.construct for asked in entitlements if isinstance(asked.construct, iam.ManagedPolicy)]
    accounts = {stacks.account_of(stacks.stack_of(one)) for one in (*callers.values(), *granting)}
    # Policies are attached within an account, and to ask the roles of a thousand takes long.
    near = [
        (stack, inside)
        for stack, inside in walked
        if arguments.is_token(stacks.account_of(stack)) or stacks.account_of(stack) in accounts
    ]
    there = [one for _, inside in near for one in inside]
    denials = [denial for one in there for denial in _denials_of(one)]
    is_of_callers = any(
        _may_count(one, asked, caller) for one in denials for asked in entitlements for caller in asked.callers
    )
    if not is_of_callers and not (granting and denials):
        return []
    people = {path: one for path, one in callers.items() if not isinstance(one, iam.CfnGroup)}
    if granting or len(people) < len(callers):
        # Anybody may be a member, or be given a policy later.
        kinds = (iam.CfnUser, iam.CfnRole) if granting else (iam.CfnUser,)
        people |= {stacks.path_of(one): one for one in there if isinstance(one, kinds)}
    holders = membership.Holders(near, people.values())
    found = _Found({}, {}, {stacks.path_of(one): one for one in there if isinstance(one, iam.CfnGroup)})
    for denial in denials:
        attached = _attached(denial.made, holders)
        by_path = found.denying if denial.kind == _MANAGED or _is_asked_nowhere_else(denial.made) else found.own
        for one in attached.callers:
            by_path.setdefault(stacks.path_of(one), []).append(denial)
        for group, members in attached.members:
            for path in (group, *members.known):
                found.denying.setdefault(path, []).append(denial)
    return [said for asked in entitlements for said in _said_of(asked, found, holders)]


def _said_of(asked: Entitlement, found: _Found, holders: membership.Holders) -> Iterator[str]:
    groups, place = {}, stacks.carrier_of(asked.construct)
    for caller in asked.callers:
        if said := _denied(asked, caller, found.denying):
            if asked.is_only_warned_of:
                cdk.Annotations.of(place).add_warning_v2(f"trustproof:denied-{caller.node.path}", said)
            else:
                yield f"{stacks.path_of(place)}: {said}"
        elif isinstance(caller, iam.CfnGroup):
            groups[stacks.path_of(caller)] = holders.members_of(caller)
    named = {stacks.path_of(one) for one in asked.callers}
    policy = asked.construct if isinstance(asked.construct, iam.ManagedPolicy) else None
    later = membership.Attached([], []) if policy is None else holders.of(policy)
    for one in later.callers:
        if stacks.path_of(one) not in named and (said := _denied_in_all(asked, one, found)):
            yield f"{place.node.path}: {said}"
    for path, members in later.members:
        group = found.groups.get(path)
        if path in named:
            continue
        if group is not None and (said := _denied(asked, group, found.denying)):
            yield f"{place.node.path}: {said}"
        else:
            groups[path] = members
    for group_path, members in groups.items():
        refused = {path: said for path, one in members.known.items() if (said := _denied_in_all(asked, one, found))}
        if len(refused) == len(members.known) and refused and not members.others and not asked.is_only_warned_of:
            said = "; ".join(refused.values())
            yield f"{place.node.path}: no member of {group_path} gets anything by it: {said}"
            continue
        for path, said in refused.items():
            cdk.Annotations.of(place).add_warning_v2(
                f"trustproof:member-denied-{path}", f"of the members of {group_path}, {said}"
            )


def _denied_in_all(asked: Entitlement, caller: Holder, found: _Found) -> str:
    """The same of somebody whose own inline policies are asked nowhere else."""
    return _denied(asked, caller, found.denying) or _denied(asked, caller, found.own)


def _denied(asked: Entitlement, caller: Holder, denying: _Denying) -> str:
    """What of its policies, and those of its groups, is against somebody; empty where nothing is."""
    own = order.created(asked.construct)
    for denial in denying.get(stacks.path_of(caller), ()):
        if not _may_count(denial, asked, caller):
            continue
        if own is not None and stacks.path_of(denial.made) == stacks.path_of(own):
            continue
        bound = Bound(asked.construct, caller, [denial.policy], is_let_in=True, kind=denial.kind)
        if said := bound.refused(asked.needs):
            return said
    return ""


def _attached(made: _Policy | Holder, holders: membership.Holders) -> membership.Attached:
    if isinstance(made, (iam.CfnUser, iam.CfnRole)):
        return membership.Attached([made], [])
    if isinstance(made, iam.CfnGroup):
        return membership.Attached([], [(made.node.path, holders.members_of(made))])
    return holders.of_resource(made)


def _is_asked_nowhere_else(made: _Policy | Holder) -> bool:
    if isinstance(made, (iam.CfnUser, iam.CfnRole)):
        return False
    around = stacks.node_of(made).scope
    return around is None or stacks.node_of(around).id != _ADDED


def _denials_of(made: IConstruct) -> Iterator[_Denial]:
    """The policies that are a resource, or somebody has, which deny something in each deployment."""
    if isinstance(made, (iam.CfnGroup, iam.CfnRole, iam.CfnUser)):
        # What the CDK adds to a user or role is a resource of its own.
        for one in boundaries.policies_of_property(made):
            shown = f"{one.shown} of {_shown(made)}"
            yield from _denial(made, one._replace(shown=shown), "inline policy", one.document)
        for one in denying_of_aws.denying_of(made):
            yield from _denial(made, one, _MANAGED, one.document)
    elif isinstance(made, (iam.CfnPolicy, iam.CfnManagedPolicy)) and made.cfn_options.condition is None:
        kind = "inline policy" if isinstance(made, iam.CfnPolicy) else _MANAGED
        document = stacks.stack_of(made).resolve(made.policy_document)
        for found in _denial(made, boundaries.Policy(_shown(made), None), kind, document):
            yield found._replace(policy=found.policy._replace(document=written_out.document_of(made)))


def _denial(made: _Policy | Holder, policy: boundaries.Policy, kind: str, document: Any) -> Iterator[_Denial]:
    if denied := denying_in(document):
        yield _Denial(made, policy, kind, all(map(_asks_for_mfa, denied)))


def _shown(made: _Policy | Holder) -> str:
    around = stacks.node_of(made).scope
    return stacks.path_of(made) if around is None or isinstance(around, cdk.Stack) else stacks.path_of(around)


def _asks_for_mfa(statement: Mapping[str, Any]) -> bool:
    conditions = statement.get("Condition")
    return isinstance(conditions, Mapping) and any(
        str(key).lower() in _MFA for keys in conditions.values() if isinstance(keys, Mapping) for key in keys
    )


def _may_count(denial: _Denial, asked: Entitlement, caller: Holder) -> bool:
    """Whether a policy may stop somebody: to hold it against each role takes long, and who may use MFA gets past it."""
    is_without_mfa = isinstance(caller, iam.CfnRole) or any(isinstance(one, Need) and one.known for one in asked.needs)
    return is_without_mfa or not denial.is_about_mfa
