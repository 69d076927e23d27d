"""
Names of which there is one: two constructs that would make the same are told apart by their authors.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct, IConstruct

from trustproof_cdk._arguments import arguments, known_texts
from trustproof_cdk._names import order
from trustproof_cdk._synthesis import role_properties, stacks, walk

#: Account, kind and name in lower case, to those who have it.
Named: TypeAlias = "dict[tuple[str, ...], list[Having]]"
#: By app or stage, which is deployed on its own: what is taken, and the scope and id of who has it.
_TAKEN: WeakKeyDictionary[cdk.Stage, dict[tuple[str, ...], tuple[Construct, str]]] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False)
class Having:
    """What has a name, as it was when somebody looked for names: asking the resource again is a call into the CDK."""

    resource: cdk.CfnResource
    #: As it is written.
    name: str
    #: The role of the CDK's own class, or of this library, whose resource it is; None where that was not seen.
    role: iam.Role | None = None

    @cached_property
    def path_and_name(self) -> str | None:
        """Path and name of a user, role or policy; None of anything else, and where a deployment knows the path."""
        if not isinstance(self.resource, (iam.CfnRole, iam.CfnUser, iam.CfnManagedPolicy)):
            return None
        resource = self.resource
        path = role_properties.path_of(resource) if isinstance(resource, iam.CfnRole) else resource.path
        path = known_texts.text(path or "/", resource)
        return None if arguments.is_token(path) else f"{path}{self.name}"


#: By app or stage, who has which name, as it was found when all was there.
_FOUND: WeakKeyDictionary[cdk.Stage, Named] = WeakKeyDictionary()

#: By app or stage, the names in it, as they were when another one was asked about them.
_NAMES: WeakKeyDictionary[cdk.Stage, Named] = WeakKeyDictionary()

#: By app or stage, what is counted.
_COUNTED: WeakKeyDictionary[cdk.Stage, dict[tuple[str, ...], int]] = WeakKeyDictionary()

#: To end the message on a name that is taken.
_UNDER_A_CONDITION = (
    "; or, where conditions leave one of the two, put one on the first (node.default_child.cfn_options.condition) "
    "before the second is made"
)

#: The arguments that give names, by what has them.
_ARGUMENTS = {
    "role": "role_name",
    "group": "group_name",
    "user": "user_name",
    "managed policy": "managed_policy_name",
    "SAML provider": "name",
}
#: Is called by its URL.
_PROVIDER = "OIDC provider"

#: Likewise, what is taken of an account, and the argument that gives it.
_IN_ACCOUNTS: WeakKeyDictionary[cdk.Stage, dict[tuple[str, ...], str]] = WeakKeyDictionary()


def claim_in_account(scope: Construct, construct_id: str, kind: str, argument: str, name: str | None) -> None:
    """
    Take a name that IAM has once in an account, in whichever case it is written.

    Args:
        scope: as of the construct that takes it.
        construct_id: likewise.
        kind: of what it is the name.
        argument: by which it is given.
        name: None where CloudFormation makes one; one that is known only in a deployment passes.

    Raises:
        TypeError: the name is no text.
        ValueError: another construct of the app or stage has it in the same account, under no condition yet; the
            synthesis fails where it is a resource of the CDK's own constructs that has it, and where two of these have
            one name.
    """
    if name is not None and not isinstance(name, str):
        raise TypeError(f"{argument} must be a text, got {arguments.described(name)}")
    stage = stacks.stage_of(scope)
    if stage is None:
        return
    taken = _claimed(scope, stage)
    if name is None or arguments.is_token(name):
        return
    what = (_account(stacks.stack_of(scope)), kind, name.lower())
    if not _is_conditional(_TAKEN.get(stage, {}).get(what)):
        claim(scope, construct_id, what, argument, name, _UNDER_A_CONDITION)
    taken[what] = argument


def _is_conditional(taken: tuple[Construct, str] | None) -> bool:
    """Whether what has a name is under a condition, so that a deployment may have another one of that name."""
    found = None if taken is None else taken[0].node.try_find_child(taken[1])
    resource = None if found is None else order.created(found)
    return resource is not None and resource.cfn_options.condition is not None


def claim_users(scope: Construct, users: Iterable[object]) -> None:
    """
    See that each user of the app or stage has a name that no other one has in the account, in whichever case.

    Args:
        scope: as of the construct that is given them; may be that of several constructs for one user.
        users: those without a name, with one that is known only in a deployment, and whoever is no user of this app,
            pass.
    """
    for user in users:
        resource = order.created(user)
        if not isinstance(resource, iam.CfnUser):
            continue
        name, stack = resource.user_name, stacks.stack_of(resource)
        stage = cdk.Stage.of(resource)
        if stage is not None and name is not None and not arguments.is_token(name):
            _claimed(scope, stage)[_account(stack), "user", name.lower()] = "user_name"


def _claimed(scope: Construct, stage: cdk.Stage) -> dict[tuple[str, ...], str]:
    """What is taken of accounts, and looked for again when everything is there."""
    walk.check_all(scope, _no_other)
    return _IN_ACCOUNTS.setdefault(stage, {})


def _no_other(stage: cdk.Stage, walked: walk.Walked) -> list[str]:
    """Looks for resources, also of the CDK's own constructs, that have one name, when all of them are there."""
    claimed = _IN_ACCOUNTS[stage]
    found = _FOUND[stage] = _found(walked)
    _warn_of_stages(stage, found)
    return [
        _said(what[1], [one.resource for one in having], claimed.get(what, ""))
        for what, having in found.items()
        # Of two under conditions, there may be one only.
        if len(having) > 1 and not any(one.resource.cfn_options.condition for one in having)
    ]


def _said(kind: str, having: Sequence[cdk.CfnResource], argument: str) -> str:
    """What is wrong with resources of one name in an account."""
    those = " and ".join(stacks.path_of(one) for one in having)
    if kind == _PROVIDER:
        return (
            f"{those} have one URL, and IAM takes that of a provider once in an account: make it once, and give its "
            "object or ARN as provider elsewhere"
        )
    return (
        f"{those} have one name, and AWS takes that of a {kind} once in an account: give one of them another "
        f"{argument or _ARGUMENTS[kind]}"
    )


def check_beside_names(scope: Construct, check: walk.Check) -> cdk.Stage | None:
    """
    Have a check look at all stacks of an app or stage when they are walked for names, which takes long.

    Args:
        scope: of something that has taken a name; what is in the template of a StackSet is asked where that is.
        check: is made once.

    Returns:
        The app or stage.
    """
    scope = stacks.carrier_of(scope)
    stage = stacks.stage_of(scope)
    if stage is not None:
        _claimed(scope, stage)
        walk.check_all(scope, check)
    return stage


def names_found(stage: cdk.Stage) -> Named:
    """
    Who has which name in an app or stage, for a check that looks beside names: by account, kind and name in lower case.

    Args:
        stage: whose walk the check is called in.
    """
    return _FOUND.get(stage, {})


def names_in(stage: cdk.Stage) -> Named:
    """The same of an app or stage that may not have been walked."""
    if stage not in _FOUND:
        _FOUND[stage] = _found(walk.walked(stage))
    return _FOUND[stage]


def names_beside(stage: cdk.Stage) -> Iterator[Named]:
    """
    Who has which name in an app or stage, and then in the other ones of the app, which are walked once, and may be
    given other names by an Aspect later.

    Args:
        stage: whose walk the check is called in.
    """
    yield names_found(stage)
    for one in walk.stages_of(stacks.root_of(stage)):
        if one is not stage:
            yield _names_once(one)


def _names_once(stage: cdk.Stage) -> Named:
    if stage not in _NAMES:
        _NAMES[stage] = _found(walk.walked(stage))
    return _NAMES[stage]


def _warn_of_stages(stage: cdk.Stage, found: Named) -> None:
    """
    Warn of names that another stage of the app takes in the same account; the one that comes later says it, or that of
    the two which has something of this library.
    """
    path = stacks.path_of(stage)
    before = [
        (other, _names_once(one))
        for one in walk.stages_of(stacks.root_of(stage))
        if one is not stage and ((other := stacks.path_of(one)) < path or one not in _IN_ACCOUNTS)
    ]
    for what, having in found.items() if before else ():
        account, kind, _ = what
        others = [other for other, names in before if what in names]
        if not others or not account.isdigit() or having[0].resource.cfn_options.condition is not None:
            continue
        cdk.Annotations.of(having[0].resource).add_warning_v2(
            "trustproof:name-in-stages",
            f"{min(others) or 'the app'} makes a {kind} called {having[0].name!r} in account {account} too, where "
            f"AWS takes a name once: {path} cannot be deployed beside it",
        )


def account_of(construct: Construct) -> str | None:
    """The account that a construct is deployed to; None where only a deployment knows it."""
    account = stacks.account_of(stacks.outermost_of(stacks.stack_of(construct)))
    return None if arguments.is_token(account) else account


def account_key(scope: IConstruct) -> str:
    """What stands for the account of a construct in `Named`: itself, or what is taken for one that nobody knows yet."""
    return _account(stacks.outermost_of(stacks.stack_of(scope)))


def named(stage: cdk.Stage, stack: cdk.Stack, kind: str, name: str) -> Sequence[Having]:
    """
    What has a name in the account of a stack.

    Args:
        stage: the app or stage that the stack is in, in whose walk it is asked.
        stack: of which the account need not be known.
        kind: as of `Named`.
        name: in whichever case.
    """
    return names_found(stage).get((_account(stacks.outermost_of(stack)), kind, name.lower()), ())


def _found(walked: walk.Walked) -> Named:
    """Who has which name in an app or stage, all of which was walked."""
    found: Named = {}
    for stack, there in walked:
        for account, kind, one in _named_in(stack, there):
            found.setdefault((account, kind, one.name.lower()), []).append(one)
    return found


def managed_policies_named(scope: IConstruct, name: str) -> list[iam.CfnManagedPolicy]:
    """
    The managed policies of an app or stage that have a name in an account.

    Args:
        scope: in a stack of the account.
        name: in whichever case.
    """
    stage, account = cdk.Stage.of(scope), _account(stacks.outermost_of(stacks.stack_of(scope)))
    return [
        one.resource
        for stack in (() if stage is None else walk.stacks_of(stage))
        for there, _, one in _named_in(stack, walk.there_in(stack))
        if there == account and isinstance(one.resource, iam.CfnManagedPolicy) and one.name.lower() == name.lower()
    ]


def _named_in(stack: cdk.Stack, there: Sequence[IConstruct]) -> Iterator[tuple[str, str, Having]]:
    """
    The roles, groups, users, managed policies and providers of a stack: their account, what each is, and its name or
    URL, where that is known.
    """
    own = _account(stack)
    is_one = not any(isinstance(inner, cdk.Stack) and inner is not stack for inner in there)
    before: IConstruct = stack
    for construct in there:
        kind, name = "", None
        if isinstance(construct, iam.CfnRole):
            kind, name = "role", role_properties.name_of(construct)
        elif isinstance(construct, iam.CfnGroup):
            kind, name = "group", construct.group_name
        elif isinstance(construct, iam.CfnUser):
            kind, name = "user", construct.user_name
        elif isinstance(construct, iam.CfnManagedPolicy):
            kind, name = "managed policy", construct.managed_policy_name
        elif isinstance(construct, iam.CfnSAMLProvider):
            kind, name = "SAML provider", construct.name
        elif isinstance(construct, iam.CfnOIDCProvider):
            url = construct.url
            kind, name = _PROVIDER, None if url is None else url.removeprefix("https://")
        if isinstance(construct, cdk.CfnResource) and name is not None:
            name = known_texts.text(name, construct)
        if isinstance(construct, cdk.CfnResource) and name is not None and not arguments.is_token(name):
            account = own if is_one else _account(stacks.outermost_of(stacks.stack_of(construct)))
            # A construct is followed by what is in it, of which a role makes its resource first.
            role = before if isinstance(before, iam.Role) and isinstance(construct, iam.CfnRole) else None
            yield account, kind, Having(construct, name, role)
        before = construct


def _account(stack: cdk.Stack) -> str:
    """The account of a stack; of stacks whose account only a deployment knows, nobody knows that it is the same."""
    account = stacks.account_of(stack)
    return stacks.path_of(stack) if arguments.is_token(account) else account


def count(scope: Construct, what: tuple[str, ...]) -> int:
    """
    How often something was counted in an app or stage, this time included.

    Args:
        scope: in it.
        what: is counted.
    """
    stage = stacks.stage_of(scope)
    if stage is None:
        return 1
    counted = _COUNTED.setdefault(stage, {})
    counted[what] = counted.get(what, 0) + 1
    return counted[what]


def claim(
    scope: Construct, construct_id: str, what: tuple[str, ...], argument: str, name: str, instead: str = ""
) -> None:
    """
    Take a name.

    Args:
        scope: as of the construct that takes it.
        construct_id: likewise.
        what: the name, after all that it is unique in.
        argument: by which another one can be given.
        name: as it is shown.
        instead: what else can be done, to end the message.

    Raises:
        ValueError: another construct of the app or stage has it.
    """
    stage = stacks.stage_of(scope)
    if stage is None:
        return
    there, their_id = _TAKEN.setdefault(stage, {}).setdefault(what, (scope, construct_id))
    if there is scope and their_id == construct_id:
        return
    other, mine = f"{stacks.path_of(there)}/{their_id}", f"{stacks.path_of(scope)}/{construct_id}"
    if other != mine:
        raise ValueError(
            f"{argument} must be another one than that of {other}, since AWS takes a name once, got {name!r} for "
            f"{mine} too: give {argument}{instead}"
        )
