"""
Roles of the app that a grant or a chain has by their ARN or name, and what calls of them pass: tags of the session and
a source identity, which take a permission on both sides.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_permissions-required
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol, runtime_checkable
from weakref import WeakKeyDictionary, WeakSet

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct, IConstruct

from trustproof_cdk._arguments import known_texts
from trustproof_cdk._callers import grants_by_arn, useless_grants
from trustproof_cdk._callers import members as membership
from trustproof_cdk._names import misnamed_arns, named_in_app, objects, order, unique
from trustproof_cdk._synthesis import stacks, walk
from trustproof_cdk._trust.trust import SET_SOURCE_IDENTITY, TAG_SESSION, Trusting

_ARGUMENTS = {SET_SOURCE_IDENTITY: "source_identity", TAG_SESSION: "session_tags"}


@runtime_checkable
class Demanding(Trusting, Protocol):
    """
    A role of a construct here.
    """

    @property
    def demanded_actions(self) -> frozenset[str]: ...

    @property
    def sets_source_identity(self) -> bool: ...

    @property
    def passes_tags_on(self) -> bool: ...


class Made(NamedTuple):
    """
    A role of the app.
    """

    #: A role that is none of the CDK's constructs says nothing of itself.
    role: object
    #: The path of what makes it.
    path: str


class _Grant(NamedTuple):
    scope: Construct
    holders: objects.Holders
    #: ARNs, or roles that are imported.
    targets: Sequence[object]
    names: Sequence[str]
    actions: frozenset[str]


class _Chain(NamedTuple):
    role: Construct
    entry: str
    actions: frozenset[str]
    #: Whether the author has said what becomes of tags.
    is_said: bool


#: The roles whose calls have to pass something: few, where very many are granted. By app.
_DEMANDING: WeakKeyDictionary[IConstruct, WeakSet[iam.Role]] = WeakKeyDictionary()
#: By app or stage.
_GRANTS: WeakKeyDictionary[cdk.Stage, list[_Grant]] = WeakKeyDictionary()
_CHAINS: WeakKeyDictionary[cdk.Stage, list[_Chain]] = WeakKeyDictionary()


def note_demanding(role: iam.Role) -> None:
    """Count a role among those that demand something which takes another permission than to assume it."""
    stage = stacks.stage_of(role)
    if stage is not None:
        _DEMANDING.setdefault(stacks.root_of(stage), WeakSet()).add(role)


def warn_of_what_lacks(
    scope: Construct, holders: objects.Holders, targets: Iterable[object], names: Iterable[str], actions: Iterable[str]
) -> None:
    """
    Warn of a grant of a role by its ARN or name where the app makes that role, and it demands of a call what the grant
    does not allow to pass; and of one by names where none of the roles of the app lets the holder in.

    Args:
        scope: what grants.
        holders: who is granted the roles.
        targets: roles and ARNs; roles that the app makes pass, since the constructor asks them.
        names: of roles in any account, each after its path, where it has one.
        actions: that the grant allows.
    """
    written, called = [one for one in targets if named_in_app.may_be_arn(one, scope)], list(names)
    stage = unique.check_beside_names(scope, _check_grants) if written or called else None
    if stage is not None:
        _GRANTS.setdefault(stage, []).append(_Grant(scope, holders, written, called, frozenset(actions)))


def hold_to_entry(role: Construct, entry: object, actions: Iterable[str], *, is_said: bool) -> None:
    """
    Fail the synthesis if sessions of an entry role that is given by its ARN, and that the app makes, have what the role
    behind it lets nobody pass.

    Args:
        role: that is behind it.
        entry: its ARN; anything else passes, since the constructor asks it.
        actions: that the role lets its callers have.
        is_said: whether the author has said that tags do not go on.
    """
    stage = unique.check_beside_names(role, _check_chains) if isinstance(entry, str) else None
    if stage is not None and isinstance(entry, str):
        _CHAINS.setdefault(stage, []).append(_Chain(role, entry, frozenset(actions), is_said))


def _check_grants(stage: cdk.Stage, walked: walk.Walked) -> list[str]:
    demanding = _demanding(stage)
    asked = [(one, [*_demanding_of(stage, one, demanding)]) for one in _GRANTS[stage]]
    # One that is granted twice, with tags and without, may pass them.
    granted: dict[tuple[str, str], frozenset[str]] = {}
    for one, roles in asked:
        for role in roles:
            for path in _holders_of(one):
                key = (role.path, path)
                granted[key] = granted.get(key, frozenset()) | one.actions
    for one, roles in asked:
        for role in roles:
            _warn_of_lacking(one, role, granted)
    for given in _GRANTS[stage]:
        one = given._replace(names=[known_texts.text(name, given.scope) for name in given.names])
        _warn_of_nobody(stage, one)
        _warn_of_members(stage, one, walked)
    return []


def _demanding(stage: cdk.Stage) -> dict[tuple[str, str], Made]:
    """The roles of all of the app that demand something, by account, and path and name; of two of one name, none."""
    found: dict[tuple[str, str], list[Made]] = {}
    for role in _DEMANDING.get(stacks.root_of(stage), ()):
        resource = order.created(role)
        name = resource.role_name if isinstance(resource, iam.CfnRole) else None
        if isinstance(resource, iam.CfnRole) and name is not None:
            name = known_texts.text(name, resource)
            called = unique.Having(resource, name).path_and_name or ""
            key = (unique.account_key(role), called)
            found.setdefault(key, []).append(Made(role, role.node.path))
    return {key: made[0] for key, made in found.items() if len(made) == 1}


def _demanding_of(stage: cdk.Stage, one: _Grant, demanding: Mapping[tuple[str, str], Made]) -> Iterator[Made]:
    """Of the roles that are granted, those that demand something, also where StackSets make them."""
    for target in one.targets:
        written = named_in_app.WRITTEN.fullmatch(str(named_in_app.text_of(target, one.scope)))
        if written is not None:
            called = f"{written[3]}{written[4]}"
            made = demanding.get((named_in_app.account_of(written), called))
            yield from _elsewhere(stage, called) if made is None else [made]
    for written_name in one.names:
        name = known_texts.text(written_name, one.scope)
        yield from sorted((made for (_, called), made in demanding.items() if called == f"/{name}"), key=_by_path)
        yield from _elsewhere(stage, f"/{name}")


def _warn_of_lacking(one: _Grant, made: Made, granted: dict[tuple[str, str], frozenset[str]]) -> None:
    demanded = made.role.demanded_actions if isinstance(made.role, Demanding) else frozenset()
    ways = [granted[made.path, path] for path in _holders_of(one)] or [one.actions]
    lacking = sorted(action for action in demanded if not all(action in way for way in ways))
    if not lacking or (isinstance(made.role, Trusting) and useless_grants.needs_no_grant(made.role, one.scope)):
        return
    arguments = " and ".join(f"{_ARGUMENTS[action]}=True" for action in lacking)
    cdk.Annotations.of(one.scope).add_warning_v2(
        f"trustproof:demanded-{made.path}",
        f"{made.path} demands what takes {' and '.join(lacking)}, which this policy does not allow: AWS STS refuses "
        f"every call; say {arguments}, unless another policy of the callers allows it",
    )


def _warn_of_nobody(stage: cdk.Stage, one: _Grant) -> None:
    """Only where the app has a role of each name, and all of them say whom they trust."""
    if one.targets:
        return
    own = stacks.account_of(stacks.stack_of(one.scope))
    names = " and ".join(repr(name) for name in one.names)
    for kind, holder in useless_grants.each_of(one.holders) if one.names else ():
        if why := _why_nowhere(stage, one.names, kind, holder, own):
            cdk.Annotations.of(one.scope).add_warning_v2(
                f"trustproof:let-in-by-none-{holder.node.path}",
                f"{holder.node.path} gets into none of the roles of the app that are called {names}: {why}; take it "
                "out of this grant, or have them trust it",
            )


def _warn_of_members(stage: cdk.Stage, one: _Grant, walked: walk.Walked) -> None:
    """Likewise, of groups whose members they do not name."""
    groups = one.holders["groups"] or ()
    if one.targets or not one.names or not groups:
        return
    own = stacks.account_of(stacks.stack_of(one.scope))
    trusting: list[Trusting] = []
    for name in one.names:
        is_made = False
        for made in _called(stage, name):
            is_made = True
            # Most roles trust an account, and who is in a group of it need not be asked.
            if not isinstance(made.role, Trusting) or useless_grants.may_let_in([made.role], "", own):
                return
            trusting.append(made.role)
        if not is_made:
            return
    in_groups = membership.Holders(walked, ())
    for group in groups:
        grants_by_arn.warn_of_members(one.scope, group, trusting, "role_names", in_groups)


def _why_nowhere(stage: cdk.Stage, names: Sequence[str], kind: str, holder: object, own: str) -> str:
    """Why none of the roles of some names lets somebody in; it ends with the first one that does, of a thousand."""
    trusting: list[Trusting] = []
    for name in names:
        is_made = False
        for made in _called(stage, name):
            is_made = True
            if not isinstance(made.role, Trusting) or not useless_grants.why_nowhere([made.role], kind, holder, own):
                return ""
            trusting.append(made.role)
        if not is_made:
            return ""
    return useless_grants.why_nowhere(trusting, kind, holder, own)


def _check_chains(stage: cdk.Stage, _walked: walk.Walked) -> list[str]:
    known = [(one, known_texts.text(one.entry, one.role)) for one in _CHAINS[stage]]
    entries = {entry: made_by_arn(stage, entry, one.role) for one, entry in known}
    return [said for one, entry in known for made in entries[entry] if (said := _left(one, made))]


def _left(one: _Chain, made: Made) -> str:
    """What is wrong with a chain, in words."""
    entry = made.role
    if not isinstance(entry, Demanding):
        return ""
    if entry.sets_source_identity and SET_SOURCE_IDENTITY not in one.actions:
        return (
            f"{one.role.node.path}: sessions of the entry role, {made.path}, have a source identity, and this role "
            "refuses them: say carries_source_identity=True"
        )
    if entry.passes_tags_on and not one.is_said:
        return (
            f"{one.role.node.path}: sessions of the entry role, {made.path}, have transitive tags: say "
            "carries_session_tags; with True they go on, and callers may pass tags of their own; with False this role "
            "refuses sessions that have them"
        )
    return ""


def made_by_arn(stage: cdk.Stage, arn: str, scope: Construct) -> list[Made]:
    """The role that an ARN is of: of the app or stage, else of another stage, else one that a StackSet makes."""
    for found in unique.names_beside(stage):
        if (made := named_in_app.resource_of(arn, found, scope)) is not None:
            return [_made_by(made)]
    written = named_in_app.WRITTEN.fullmatch(arn)
    return [] if written is None else _elsewhere(stage, f"{written[3]}{written[4]}")


def _called(stage: cdk.Stage, name: str) -> Iterator[Made]:
    """The roles of a name, after its path, in any account."""
    last = name.rpartition("/")[2].lower()
    for found in unique.names_beside(stage):
        for (_, kind, lower), ones in found.items():
            if (kind, lower) == ("role", last):
                yield from (_made_by(one.resource) for one in ones if one.path_and_name == f"/{name}")
    for other in misnamed_arns.roles_elsewhere(stage, f"/{name}"):
        yield from (Made(role, stacks.path_of(other.maker)) for role in other.deployed_in(None))


def _made_by(resource: cdk.CfnResource) -> Made:
    around = stacks.node_of(resource).scope
    if isinstance(around, iam.Role):
        return Made(around, stacks.path_of(around))
    return Made(resource, stacks.path_of(resource))


def _elsewhere(stage: cdk.Stage, called: str) -> list[Made]:
    return [Made(one.role, stacks.path_of(one.maker)) for one in misnamed_arns.roles_elsewhere(stage, called)]


def _by_path(made: Made) -> str:
    return made.path


def _holders_of(one: _Grant) -> list[str]:
    return [stacks.path_of(holder) for _, holder in useless_grants.each_of(one.holders)]
