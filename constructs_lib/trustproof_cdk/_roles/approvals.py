"""
Roles that wait for an approval, and who of the app may give it: a tag, or a value, that no grant has, nobody sets, and
nobody approves oneself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from trustproof_cdk._arguments import arguments, known_texts
from trustproof_cdk._callers import members as membership
from trustproof_cdk._names import misnamed_arns, named_in_app, objects, order, unique
from trustproof_cdk._policies import written_out
from trustproof_cdk._roles import approving_oneself
from trustproof_cdk._synthesis import stacks, walk

#: Stands before the account in an ARN.
_IAM = ":iam::"


class _Approval(NamedTuple):
    #: What waits for it, or lets somebody give it.
    construct: Construct
    #: Users of the app, imported ones, and ARNs.
    users: Sequence[object]
    tag: str
    #: That wait for it, or that may be set; None for any.
    values: Sequence[str] | None


#: By app or stage, what waits for approvals, and what lets somebody give them.
_WAITING: WeakKeyDictionary[cdk.Stage, list[_Approval]] = WeakKeyDictionary()
_GRANTED: WeakKeyDictionary[cdk.Stage, list[_Approval]] = WeakKeyDictionary()


def wait_for(role: Construct, users: Iterable[object], tag: str, value: str) -> None:
    """
    Warn if the app has grants to approve a user of a role, and none to approve it by the value that the role asks for.

    Whoever has other permissions to tag the user can do so too: where the app has no grant for it, nothing is said.

    Args:
        role: that waits for the approval.
        users: of the role.
        tag: the key of the tag.
        value: that it must have.
    """
    _keep(_WAITING, _Approval(role, arguments.once(users), tag, [value]))


def grant(policy: Construct, users: Iterable[str | iam.IUser], tag: str, values: Sequence[str] | None) -> None:
    """
    Take notice of who may be approved, for `wait_for`.

    Args:
        policy: that lets somebody approve.
        users: who may be approved.
        tag: the key of the tag.
        values: that may be set; None for any.
    """
    _keep(_GRANTED, _Approval(policy, arguments.once(users), tag, values))


def _keep(where: WeakKeyDictionary[cdk.Stage, list[_Approval]], one: _Approval) -> None:
    stage = unique.check_beside_names(one.construct, _check)
    if stage is not None:
        where.setdefault(stage, []).append(one)


def _check(stage: cdk.Stage, walked: walk.Walked) -> list[str]:
    granted: dict[str, list[_Approval]] = {}
    for one in _GRANTED.get(stage, ()):
        for user, _ in _called(one):
            granted.setdefault(user, []).append(one)
    _warn_of_no_others(stage, walked, granted)
    found = unique.names_found(stage)
    for one in _WAITING.get(stage, ()):
        _warn_of_approved(one, found)
        made = [_made(user, one, found) for user in one.users]
        users = [user for user in made if isinstance(user, iam.CfnUser)]
        place = stacks.carrier_of(one.construct)
        approving_oneself.warn_of_approving_oneself(place, users, one.tag, _values(one), walked)
        for user, shown in _called(one):
            grants = granted.get(user, [])
            if grants and not any(_may_give(grant, one) for grant in grants):
                _warn(one, shown, grants[0])
    return []


def _warn_of_no_others(stage: cdk.Stage, walked: walk.Walked, granted: Mapping[str, Sequence[_Approval]]) -> None:
    """Of users whom nobody may approve but themselves, who may not: of a group that the app has only them in."""
    holders = membership.Holders(walked, ()) if granted else None
    approvers = (
        {} if holders is None else {stacks.path_of(one.construct): _approvers(one, holders) for one in _GRANTED[stage]}
    )
    for user, grants in granted.items():
        lists = [approvers[stacks.path_of(one.construct)] for one in grants]
        # Where one is not known, somebody else may be in it.
        if any(one is None for one in lists) or {approver for one in lists for approver in one or ()} != {user}:
            continue
        shown = next(path for called, path in _called(grants[0]) if called == user)
        those = " and ".join(one.construct.node.path for one in grants)
        cdk.Annotations.of(grants[0].construct).add_warning_v2(
            f"trustproof:no-other-approver-{shown}",
            f"{shown} is the only approver of {shown} in the app ({those}), and nobody approves oneself: give the "
            "grant to somebody else too, or put somebody else into its group",
        )


def _approvers(grant: _Approval, holders: membership.Holders) -> set[str] | None:
    """Who may approve by a grant, as `_called` has them; None where some are not known, or there is none yet."""
    assert isinstance(grant.construct, iam.ManagedPolicy)
    attached = holders.of(grant.construct)
    if any(members.others or not members.known for _, members in attached.members):
        return None
    people = [*attached.callers, *(one for _, members in attached.members for one in members.known.values())]
    return {_key(one, grant.construct)[0] for one in people if isinstance(one, iam.CfnUser)} or None


def _may_give(grant: _Approval, wanted: _Approval) -> bool:
    # Keys of tags are compared without regard to case where the role asks for the tag.
    if grant.tag.lower() != wanted.tag.lower():
        return False
    given, asked = _values(grant), _values(wanted)
    return grant.values is None or any(map(arguments.is_token, given + asked)) or not set(given).isdisjoint(asked)


def _values(one: _Approval) -> list[str]:
    """As far as the app says what they come to."""
    return [known_texts.text(value, one.construct) for value in one.values or ()]


def _warn(wanted: _Approval, user: str, grant: _Approval) -> None:
    value = next(iter(wanted.values or ()), "")
    theirs = f"the tag {grant.tag}" if grant.values is None else f"{grant.tag}={' or '.join(grant.values)}"
    cdk.Annotations.of(stacks.carrier_of(wanted.construct)).add_warning_v2(
        f"trustproof:approval-{user}",
        f"waits for {wanted.tag}={value} on {user}, and the grants of the app let nobody set that "
        f"({grant.construct.node.path}: {theirs}): nobody gets in, unless somebody may by other permissions",
    )


def _warn_of_approved(wanted: _Approval, found: unique.Named) -> None:
    """Of a user whom the app itself gives the tag, as tags of a stack or of all of it do, whoever meant that."""
    for user in wanted.users:
        made = _made(user, wanted, found)
        rendered = made.tags.render_tags() or [] if isinstance(made, iam.CfnUser) else []
        tags = {str(tag["key"]).lower(): known_texts.text(str(tag["value"]), made) for tag in rendered if made}
        if made is not None and tags.get(wanted.tag.lower()) in _values(wanted):
            cdk.Annotations.of(stacks.carrier_of(wanted.construct)).add_warning_v2(
                f"trustproof:approved-{made.node.path}",
                f"{made.node.path} has the tag {wanted.tag} with the value that is waited for by the app itself: it is "
                "approved from its first deployment on; take the tag out (cdk.Tags.of(…).remove), and have it set by "
                "an approver",
            )


def _made(user: object, wanted: _Approval, found: unique.Named) -> cdk.CfnResource | None:
    return order.created(user) or named_in_app.resource_of(user, found, wanted.construct)


def _called(one: _Approval) -> Iterator[tuple[str, str]]:
    """What the users are called by, whoever refers to them and how, and in messages."""
    return (_key(user, one.construct) for user in one.users)


def _key(user: object, scope: Construct) -> tuple[str, str]:
    made = user if isinstance(user, iam.CfnUser) else order.created(user)
    if isinstance(made, iam.CfnUser):
        arn = written_out.arn_of(made)
    else:
        given = user if isinstance(user, str) else objects.arn_of(user, "user_arn")
        arn = named_in_app.text_of(given, scope) or known_texts.text(given, scope)
    known = arn.partition(_IAM)[2]
    if made is not None and known.startswith("*:"):
        # That of its stack, as an ARN has it in which only a deployment knows the account.
        known = named_in_app.own_account(made) + known[1:]
    is_known = known and "*" not in known and not arguments.is_token(known)
    path = misnamed_arns.shown(arn) if made is None else stacks.path_of(made)
    return (known if is_known else path), path
