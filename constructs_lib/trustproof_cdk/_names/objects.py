"""
Arguments that are objects of the CDK: what is none is named here, before the CDK is asked to take it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, NoReturn, TypedDict, TypeVar
from weakref import WeakKeyDictionary, WeakSet

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct, IConstruct

from trustproof_cdk._arguments import arguments, known_later, references
from trustproof_cdk._names import order, quotas, unique
from trustproof_cdk._synthesis import stacks

_V = TypeVar("_V")


class Holders(TypedDict):
    """
    Arguments of a managed policy.
    """

    groups: list[iam.IGroup] | None
    users: list[iam.IUser] | None
    roles: list[iam.IRole] | None


_ARN_COLONS = 5
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_MOST_OF_A_GROUP = 10
#: Unless the account asked for more, up to 20.
_MOST_OF_A_USER = 10
#: Whom to how many managed policies the constructs here attach, and roles to how many they may have.
_ATTACHED: WeakKeyDictionary[IConstruct, int] = WeakKeyDictionary()
_MOST_OF_A_ROLE: WeakKeyDictionary[IConstruct, int] = WeakKeyDictionary()
#: What has an attribute of this name is taken for such an object: its name in words, and how to get one.
_KINDS = {
    "managed_policy_arn": (
        "managed policy",
        "managed policies",
        "iam.ManagedPolicy.from_aws_managed_policy_name('ReadOnlyAccess') or iam.ManagedPolicy.from_managed_policy_arn",
    ),
    "group_arn": ("group", "groups", "iam.Group.from_group_name(stack, 'Operators', 'operators')"),
    "user_arn": ("user", "users", "iam.User.from_user_name(stack, 'Alice', 'alice')"),
    "role_arn": ("role", "roles", "iam.Role.from_role_name(stack, 'Deployer', 'Deployer')"),
    "topic_arn": ("topic", "topics", "sns.Topic(stack, 'Alarms') or sns.Topic.from_topic_arn"),
}

#: By attribute, the ARNs that were asked for, which stay what they are.
_ARNS: dict[str, WeakKeyDictionary[Any, str]] = {}
#: What has been seen to have an attribute: objects of the CDK keep what they are.
_KNOWN: dict[str, WeakSet[object]] = {attribute: WeakSet() for attribute in _KINDS}


def one(value: _V, argument: str, attribute: str) -> _V:
    """
    An object of the CDK.

    Args:
        value: what the caller gave.
        argument: the name of the argument, as the caller wrote it.
        attribute: what every object of the kind has, like ``managed_policy_arn``.
    """
    kind, _, example = _KINDS[attribute]
    if not _is(value, attribute):
        raise TypeError(f"{argument} must be a {kind} like {example}, got {arguments.described(value)}")
    return value


def several(values: Iterable[_V] | None, argument: str, attribute: str) -> list[_V] | None:
    """A list of objects of the CDK that may be left out."""
    if values is None:
        return None
    _, kind, example = _KINDS[attribute]
    accepted = f"{argument} must be a list of {kind} like {example}"
    if isinstance(values, (str, Mapping)) or not isinstance(values, Iterable):
        raise TypeError(f"{accepted}, got {arguments.described(values)}")
    listed = list(values)
    for value in listed:
        if not _is(value, attribute):
            raise TypeError(f"{accepted}, got {arguments.described(value)} in it")
    return listed


def holders(
    scope: Construct,
    *,
    groups: Iterable[iam.IGroup] | None = None,
    users: Iterable[iam.IUser] | None = None,
    roles: Iterable[iam.IRole] | None = None,
) -> Holders:
    """
    Whom a managed policy is attached to, as its arguments.

    Args:
        scope: in the stack of the policy.
        groups: as the argument of that name.
        users: likewise.
        roles: likewise.

    Raises:
        ValueError: one of another account than the stack's, or a role that only AWS changes.
    """
    roles = several(roles, "roles", "role_arn")
    found = of_stack(scope, several(groups, "groups", "group_arn"), "groups", "group_arn")
    for group in found or ():
        _refuse_misnamed(group)
        attached_to(group, 1)
    for role in roles or ():
        _refuse_protected(role)
        attached_to_role(role, 1)
    people = of_stack(scope, several(users, "users", "user_arn"), "users", "user_arn")
    for user in people or ():
        _attached_to_user(user)
    return {
        "groups": found,
        "users": people,
        "roles": of_stack(scope, roles, "roles", "role_arn"),
    }


def attach_after(policy: Construct, held: Holders) -> None:
    """See `_order.attach_after`: of everybody whom a managed policy is attached to."""
    order.attach_after(policy, [*(held["groups"] or ()), *(held["users"] or ()), *(held["roles"] or ())])


def _refuse_misnamed(group: iam.IGroup) -> None:
    """Refuse a group whose path the CDK takes for a part of its name: IAM has no group of that name."""
    name = group.group_name
    if "/" in name and not arguments.is_token(name):
        own = name.rpartition("/")[2]
        raise ValueError(
            f"groups cannot have {group.node.path}, which the CDK calls {name!r}, path and all, where IAM knows it as "
            f"{own!r}: import it by its name, like iam.Group.from_group_name(stack, 'Imported', {own!r})"
        )


def _refuse_protected(role: iam.IRole) -> None:
    """
    Refuse the roles of AWS services, Identity Center's too: IAM attaches a policy to them for nobody else.

    https://docs.aws.amazon.com/singlesignon/latest/userguide/using-service-linked-roles.html
    """
    arn = str(role.role_arn)
    if ":role/aws-reserved/" in arn:
        raise ValueError(
            f"roles cannot have {arn}, which only IAM Identity Center changes: give the permissions to its permission "
            "set (PermissionSet with inline_policy or customer_managed_policies)"
        )
    if ":role/aws-service-role/" in arn:
        raise ValueError(f"roles cannot have {arn}, which is linked to a service, and which only that changes")


def attached_to(group: iam.IGroup, count: int) -> None:
    """
    Count the managed policies that constructs here attach to a group.

    Raises:
        ValueError: more than IAM attaches, a quota that cannot be raised for groups.
    """
    total = _ATTACHED.get(group, 0) + count
    if total > _MOST_OF_A_GROUP:
        raise ValueError(
            f"groups cannot have {group.node.path} once more: it has {_MOST_OF_A_GROUP} managed policies, and IAM "
            "attaches no more to a group; put statements or roles together in one policy, or divide the group"
        )
    _ATTACHED[group] = total


def _attached_to_user(user: iam.IUser) -> None:
    """Count likewise of a user, of whom nobody can say how many AWS grants, and so warn of more than usual."""
    total = _ATTACHED[user] = _ATTACHED.get(user, 0) + 1
    if total == _MOST_OF_A_USER + 1:
        cdk.Annotations.of(user).add_warning_v2(
            "trustproof:policies-of-user",
            f"{user.node.path} has more than {_MOST_OF_A_USER} managed policies, and IAM attaches no more to a user "
            "unless AWS raised the quota of the account: put statements or roles together in one policy, or give them "
            "to a group",
        )


def attached_count(holder: IConstruct) -> int:
    """How many managed policies constructs here attach to a group or role."""
    return _ATTACHED.get(holder, 0)


def attached_to_role(role: iam.IRole, count: int, most: int | None = None) -> None:
    """
    Count the managed policies that constructs here attach to a role.

    Args:
        role: of a role that is none of the constructs here, nobody knows how many AWS grants.
        count: so many more.
        most: at most so many together, where that has not been said of the role.

    Raises:
        ValueError: more than IAM attaches.
    """
    total = _ATTACHED.get(role, 0) + count
    allowed = _MOST_OF_A_ROLE.setdefault(role, most or quotas.MAX_MANAGED_POLICIES)
    if total > allowed:
        more = ", or say max_managed_policies (up to 25) where AWS raised the quota" if allowed < total <= 25 else ""
        raise ValueError(
            f"roles cannot have {role.node.path} once more: it has {allowed} managed policies, and IAM attaches no "
            f"more to a role; put statements or roles together in one policy{more}"
        )
    _ATTACHED[role] = total


def of_stack(scope: Construct, given: list[_V] | None, argument: str, attribute: str) -> list[_V] | None:
    """
    Users, groups or roles of the account of the stack.

    CloudFormation takes names there, not ARNs: one of another account would become the one of that name in the account
    of the stack, which is somebody else.

    Args:
        scope: in the stack.
        given: as objects of the CDK, or none at all.
        argument: the name of the argument, as the caller wrote it.
        attribute: where such an object has its ARN.

    Raises:
        ValueError: one is of another account.
    """
    own = stacks.account_of(stacks.stack_of(scope))
    for one in given or ():
        theirs = account_of(one, attribute)
        if theirs is None or theirs == own or arguments.is_token(own):
            continue
        kind = _KINDS[attribute][0]
        raise ValueError(
            f"{argument} must be of account {own}, that of the stack, since CloudFormation takes their names only, and "
            f"a {kind} of that name here is somebody else; got a {kind} of account {theirs}"
        )
    for one in given or ():
        order.refuse_out_of_reach(scope, one, argument)
    if attribute == "user_arn":
        unique.claim_users(scope, given or ())
    return given


def refuse_foreign_provider(scope: Construct, provider: object, attribute: str, argument: str) -> None:
    """
    Refuse an identity provider of another account than the stack's: STS looks for it in the account of the role.

    Args:
        scope: in the stack of the role.
        provider: by its ARN, or an object of the CDK.
        attribute: where such an object has its ARN.
        argument: the name of the argument, as the caller wrote it.

    Raises:
        ValueError: it is of another account, or of another stage, to which no reference leads.
    """
    own = stacks.account_of(stacks.stack_of(scope))
    # Kept until the account is asked for, which is that of the same resource.
    made = references.referred_to(provider if isinstance(provider, str) else arn_of(provider, attribute))
    theirs = account_of(provider, attribute)
    if made is not None and theirs in (None, own) and _is_of_another_stage(made, scope):
        raise ValueError(
            f"{argument} must be of the same stage, since no reference leads to {made.node.path}, which is of another "
            "one: give it by its ARN as a text (or an object that is imported by that), and deploy its stage first"
        )
    if theirs == own or arguments.is_token(own):
        return

    def refuse(shown: object) -> NoReturn:
        raise ValueError(
            f"{argument} must be of account {own}, that of the stack, since AWS STS looks for the provider in the "
            f"account of the role; got {shown!r}"
        )

    def refuse_later(arn: str) -> None:
        parts = arn.split(":")
        if len(parts) > _ARN_COLONS and parts[4].isdigit() and parts[4] != own:
            refuse(arn)

    if theirs is None:
        arn = provider if isinstance(provider, str) else arn_of(provider, attribute)
        known_later.note_place(arn, argument, refuse_later)
        return
    is_arn = isinstance(provider, str) and not cdk.Token.is_unresolved(provider)
    refuse(provider if is_arn else f"a provider of account {theirs}")


def _is_of_another_stage(made: IConstruct, scope: Construct) -> bool:
    """Most are in the stack of the scope, which is asked of the CDK once."""
    theirs, ours = stacks.stack_of(made), stacks.stack_of(scope)
    return theirs is not ours and cdk.Stage.of(theirs) is not cdk.Stage.of(ours)


def arn_of(entity: object, attribute: str) -> str:
    """The ARN of an object of the CDK: one goes to many roles, and asking the CDK takes longer than the rest."""
    known = _ARNS.setdefault(attribute, WeakKeyDictionary())
    try:
        found = known.get(entity)
        if found is None:
            found = known[entity] = str(getattr(entity, attribute))
    except TypeError:
        # What has no hash, or takes no weak reference, is asked each time.
        return str(getattr(entity, attribute))
    return found


def account_of(entity: object, attribute: str) -> str | None:
    """
    The account of an object of the CDK, where it is known.

    Args:
        entity: imported, which says it in its ARN, or of a stack, which says it there; or an ARN.
        attribute: where such an object has its ARN.
    """
    arn = entity if isinstance(entity, str) else arn_of(entity, attribute)
    if arguments.is_looked_up(arn):
        return None
    # An ARN that is a token as a whole has no such parts; where one part is a token, the others are plain.
    parts = arn.split(":")
    if len(parts) > _ARN_COLONS:
        return None if arguments.is_token(parts[4]) else parts[4]
    # An object that is imported by a reference is in a stack, and not of its account.
    if arn not in _ACCOUNTS_OF_REFERENCES:
        made = references.referred_to(arn)
        account = stacks.account_of(stacks.stack_of(made)) if references.is_in_its_account(made) else None
        _ACCOUNTS_OF_REFERENCES[arn] = None if arguments.is_token(account) else account
    return _ACCOUNTS_OF_REFERENCES[arn]


#: By ARN, which the CDK gives a number of its own: to ask it takes long, and one goes to many roles.
_ACCOUNTS_OF_REFERENCES: dict[str, str | None] = {}


def made_by_app(entity: object) -> object:
    """The user or role of the app whose ARN is given by a reference to it; what is given otherwise, as it is."""
    target = references.referred_to(entity) if isinstance(entity, str) else None
    if not isinstance(target, (iam.CfnRole, iam.CfnUser)):
        return entity
    owner = target.node.scope
    return owner if isinstance(owner, (iam.Role, iam.User)) else entity


def document(value: iam.PolicyDocument, argument: str) -> iam.PolicyDocument:
    """A policy document."""
    if not isinstance(value, iam.PolicyDocument):
        raise TypeError(
            f"{argument} must be an iam.PolicyDocument (of plain values: iam.PolicyDocument.from_json), got "
            f"{arguments.described(value)}"
        )
    return value


def _is(value: object, attribute: str) -> bool:
    # Of the class first, since to ask the object itself is a call into the CDK. What the CDK made has no class here,
    # and is asked once: a few managed policies are attached to every role of an app.
    if hasattr(type(value), attribute):
        return True
    known = _KNOWN[attribute]
    with suppress(TypeError):
        if value not in known and hasattr(value, attribute):
            known.add(value)
        return value in known
    # What has no hash, or takes no weak reference, is asked each time.
    return hasattr(value, attribute)
