"""
Users of the app whom a role lets in by their tags, and who have not the tags that it demands.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principaltag
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any, NamedTuple, Protocol, runtime_checkable
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from trustproof_cdk._arguments import arguments, known_texts
from trustproof_cdk._callers import members as membership
from trustproof_cdk._callers.useless_grants import names_user
from trustproof_cdk._names import named_in_app, order, unique
from trustproof_cdk._policies.known_keys import KnownKey, never_met
from trustproof_cdk._synthesis import stacks, walk
from trustproof_cdk._trust.known_trust import statements_of
from trustproof_cdk._trust.trust import ASSUME_ROLE, Trusting, TrustStatement

_TAG = "aws:principaltag/"
#: A variable that stands for a tag of the role that is asked for.
_OWN_TAG = re.compile(r"\$\{aws:resourcetag/([^}]+)\}", re.IGNORECASE)
#: What a value has that is no text as it stands: of a pattern, or of what only a deployment knows.
_NO_TEXT = re.compile(r"[*?$]")


@runtime_checkable
class _Approved(Protocol):
    @property
    def tags_given_later(self) -> frozenset[str]: ...


class _LetIn(NamedTuple):
    #: What lets them in, or grants the role.
    construct: Construct
    users: Sequence[object]
    role: iam.Role


#: By app or stage, who is let in by what.
_LET_IN: WeakKeyDictionary[cdk.Stage, list[_LetIn]] = WeakKeyDictionary()


def warn_of_untagged(construct: Construct, users: Iterable[object], roles: Iterable[object]) -> None:
    """
    Warn of users of the app without the tags that a role demands of them, as they have them when everything is there.

    They may be given tags elsewhere. Sessions of roles have tags that nobody knows before.

    Args:
        construct: what lets them in, or grants the roles.
        users: whoever is no user of the app passes; those of the app or stage may be given by ARN. Of groups, the
            members are asked, where the app has all of them, and only where none has the tags: a group that has
            the roles of several teams is meant so.
        roles: of those that say whom they trust, the ones that demand a tag are asked.
    """
    made = [
        user
        for user in users
        if isinstance(order.created(user), (iam.CfnUser, iam.CfnGroup)) or named_in_app.may_be_arn(user, construct)
    ]
    asked = [role for role in roles if made and isinstance(role, iam.Role) and any(map(_demands_tags, _entering(role)))]
    stage = unique.check_beside_names(construct, _check) if asked else None
    if stage is not None:
        _LET_IN.setdefault(stage, []).extend(_LetIn(construct, made, role) for role in asked)


def _check(stage: cdk.Stage, walked: walk.Walked) -> list[str]:
    found = unique.names_found(stage)
    holders = None
    for one in _LET_IN[stage]:
        for user in one.users:
            resource = order.created(user) or named_in_app.resource_of(user, found, one.construct)
            if isinstance(resource, iam.CfnUser) and (said := _why_not(one, user, resource)):
                _warn(
                    one,
                    resource,
                    f"{resource.node.path} gets into {stacks.carrier_of(one.role).node.path} by a tag only, and in "
                    f"{said}",
                )
            elif isinstance(resource, iam.CfnGroup):
                holders = holders or membership.Holders(walked, ())
                _warn_of_members(one, resource, holders.members_of(resource))
    return []


def _warn_of_members(one: _LetIn, group: iam.CfnGroup, members: membership.Members) -> None:
    around = [(member, member.node.scope) for member in members.known.values()]
    said = [_why_not(one, user, member) for member, user in around if isinstance(user, iam.User)]
    if said and all(said) and len(said) == len(members.known) and not members.others:
        first = next(iter(members.known))
        _warn(
            one,
            group,
            f"no member of {group.node.path} gets into {one.role.node.path}, which lets in by a tag only: {first} "
            f"in {said[0]}",
        )


def _warn(one: _LetIn, who: cdk.CfnResource, said: str) -> None:
    cdk.Annotations.of(stacks.carrier_of(one.construct)).add_warning_v2(
        f"trustproof:untagged-{stacks.path_of(who)}-{stacks.carrier_of(one.role).node.path}",
        f"{said}: give it the tag (cdk.Tags.of), unless it has it by other means",
    )


def _why_not(one: _LetIn, user: object, resource: iam.CfnUser) -> str:
    """Why the tags of a user are none that the role lets in, in words; empty where they may be."""
    own = stacks.account_of(stacks.stack_of(resource))
    written = named_in_app.text_of(user, one.construct)
    naming = [
        statement
        for statement in _entering(one.role)
        if (names_user(statement, user, own) if written is None else written in _texts_in(statement, one.role))
    ]
    tags = _tags_of(resource)
    later = one.role.tags_given_later if isinstance(one.role, _Approved) else frozenset()
    own_tags = _tags_of(order.created(one.role))
    lacking = [next(_lacking(statement, tags, later, own_tags), None) for statement in naming]
    return f"the app {lacking[0]}" if lacking and all(lacking) else ""


def _texts_in(statement: TrustStatement, role: iam.Role) -> list[str | None]:
    """The users and roles whom a statement trusts, as texts."""
    return [named_in_app.text_of(value, role) for value in statement.principals.get("AWS", ())]


def _tags_of(resource: cdk.CfnResource | None) -> dict[str, str]:
    """The tags of a user or role when all is there, by their keys in lower case."""
    if not isinstance(resource, (iam.CfnUser, iam.CfnRole)):
        return {}
    return {
        str(tag["key"]).lower(): known_texts.text(str(tag["value"]), resource)
        for tag in resource.tags.render_tags() or ()
    }


def _with_own_tags(conditions: Mapping[str, Mapping[str, Any]], own: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The conditions of a role with its own tags in the place of the variables that stand for them as a whole."""

    def written(value: object) -> object:
        found = _OWN_TAG.fullmatch(value) if isinstance(value, str) else None
        tag = None if found is None else own.get(found[1].lower())
        return value if tag is None or _NO_TEXT.search(tag) else tag

    return {
        operator: {key: [*map(written, one)] if isinstance(one, list) else written(one) for key, one in keys.items()}
        for operator, keys in conditions.items()
    }


def _lacking(
    statement: TrustStatement, tags: Mapping[str, str], later: Set[str], own: Mapping[str, str]
) -> Iterator[str]:
    """The tags that a statement of a role, which has tags of its own, demands and a user does not have, in words."""
    conditions = _with_own_tags(statement.conditions, own)
    for key in _tag_keys(statement):
        tag = key[len(_TAG) :]
        has = tags.get(tag.lower())
        # What only a deployment knows may be anything.
        is_open = tag.lower() in later or (has is not None and arguments.is_token(has))
        known = KnownKey(key, (None if has is None else (has,),))
        if not is_open and never_met(conditions, [known]):
            yield f"has no tag {tag!r}" if has is None else f"has the tag {tag}={has}"


def _entering(role: object) -> Sequence[TrustStatement]:
    statements = statements_of(role) if isinstance(role, Trusting) else ()
    return [one for one in statements if ASSUME_ROLE in one.actions]


def _demands_tags(statement: TrustStatement) -> bool:
    return any(True for _ in _tag_keys(statement))


def _tag_keys(statement: TrustStatement) -> Iterator[str]:
    return (key for keys in statement.conditions.values() for key in keys if str(key).lower().startswith(_TAG))
