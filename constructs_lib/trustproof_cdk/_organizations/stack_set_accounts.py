"""
The accounts that StackSets deploy to: two that make a role of one name in the same account are not both deployed.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-concepts-stackset-account-level-targets.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from constructs import Construct, IConstruct

from trustproof_cdk._arguments import arguments
from trustproof_cdk._names import unique
from trustproof_cdk._synthesis import stacks, walk


class StackSetAccounts(NamedTuple):
    """
    Where the stacks of a StackSet are.
    """

    #: Ids of units, or of a root.
    units: Sequence[str]
    #: Whether `accounts` are the only ones of the units; else all others are.
    is_only: bool
    accounts: frozenset[str]

    def has(self, account: str) -> bool:
        """Whether an account of the units is one of them."""
        return (account in self.accounts) == self.is_only


class _Making(NamedTuple):
    """A StackSet that makes something of a name."""

    scope: Construct
    construct_id: str
    stage: cdk.Stage
    #: Of what, in words.
    kind: str
    #: In lower case.
    name: str
    reached: StackSetAccounts


_ROOT, _ROLE = "r-", "role"
#: By type, what IAM takes once in an account, and the property with its name.
_NAMED = {
    "AWS::IAM::Group": ("group", "GroupName"),
    "AWS::IAM::ManagedPolicy": ("managed policy", "ManagedPolicyName"),
    "AWS::IAM::OIDCProvider": ("OIDC provider", "Url"),
    "AWS::IAM::Role": (_ROLE, "RoleName"),
    "AWS::IAM::SAMLProvider": ("SAML provider", "Name"),
    "AWS::IAM::User": ("user", "UserName"),
}
#: By app, with all stages of it.
_MAKING: WeakKeyDictionary[IConstruct, list[_Making]] = WeakKeyDictionary()


def names_in(template: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What of the template of a StackSet has a name that IAM takes once, in each account: its kind and the name."""
    for one in template.get("Resources", {}).values():
        kind, attribute = _NAMED.get(one.get("Type"), ("", ""))
        name = one.get("Properties", {}).get(attribute) if kind and "Condition" not in one else None
        if isinstance(name, str):
            yield kind, name.removeprefix("https://")


def claim(scope: Construct, construct_id: str, kind: str, name: str, reached: StackSetAccounts) -> str:
    """
    Take a name in all accounts of a StackSet.

    Args:
        scope: as of the StackSet.
        construct_id: likewise.
        kind: of what it is the name.
        name: in whichever case.
        reached: where it is made.

    Returns:
        What to warn of where another stage takes the name, since stages need not be deployed beside each other; else
        nothing.

    Raises:
        ValueError: another StackSet of the app or stage makes one of that name in some of the accounts, under no
            condition yet.
    """
    stage = stacks.stage_of(scope)
    if stage is None:
        return ""
    mine = _Making(scope, construct_id, stage, kind, name.lower(), reached)
    making = _MAKING.setdefault(stacks.root_of(stage), [])
    warning = ""
    for other in making:
        is_other = (other.kind, other.name) != (kind, mine.name) or _is_same(other, mine)
        shared = "" if is_other else _shared(other.reached, reached)
        if not shared or _is_conditional(other):
            continue
        said = (
            f"{other.scope.node.path}/{other.construct_id} makes a {kind} called {name!r} in accounts of {shared} too, "
            "where IAM takes a name once"
        )
        if other.stage is not stage:
            warning = f"{said}: {stacks.path_of(stage) or 'the app'} cannot be deployed beside it"
            continue
        raise ValueError(
            f"role must have another {'role_name' if kind == _ROLE else f'{kind} in its template'}, or be for other "
            f"accounts: {said}; a StackSet reaches all accounts from one Region, so an app with stacks in several "
            "needs it in one of them"
        )
    making.append(mine)
    if any(unit.startswith(_ROOT) for unit in reached.units):
        unique.check_beside_names(scope, _check)
    return warning


def _check(stage: cdk.Stage, _walked: walk.Walked) -> list[str]:
    """Below a root is each account of the organization; in which unit one is, the app does not say."""
    found = unique.names_found(stage)
    for making in _MAKING.get(stacks.root_of(stage), ()):
        made = making.scope.node.try_find_child(making.construct_id)
        if making.stage is not stage or made is None or _is_conditional(making):
            continue
        own = stacks.account_of(stacks.stack_of(making.scope))
        for (account, kind, name), ones in found.items():
            if (
                (kind, name) == (making.kind, making.name)
                and account != own
                and _surely_reaches(making.reached, account)
            ):
                _warn(made, kind, account, [one.resource for one in ones if one.resource.cfn_options.condition is None])
    return []


def _surely_reaches(reached: StackSetAccounts, account: str) -> bool:
    is_known = account.isdigit() and not any(map(arguments.is_token, reached.accounts))
    return is_known and any(one.startswith(_ROOT) for one in reached.units) and reached.has(account)


def _warn(stack_set: IConstruct, kind: str, account: str, roles: Sequence[IConstruct]) -> None:
    whose, argument = ("this role", "role_name") if kind == _ROLE else (f"the {kind} of this template", "name")
    for role in roles:
        cdk.Annotations.of(stack_set).add_warning_v2(
            f"trustproof:name-in-{account}",
            f"{role.node.path} has the name of {whose} in account {account}, where IAM takes a name once: unless "
            "that is the management account or of another organization, one of the two is not deployed; give another "
            f"{argument}, or leave the account out (exclude_accounts)",
        )


def _is_same(other: _Making, mine: _Making) -> bool:
    """Whether it is the same construct, whose making was tried again."""
    return other.scope is mine.scope and other.construct_id == mine.construct_id


def _is_conditional(one: _Making) -> bool:
    found = one.scope.node.try_find_child(one.construct_id)
    return isinstance(found, cdk.CfnResource) and found.cfn_options.condition is not None


def _shared(one: StackSetAccounts, other: StackSetAccounts) -> str:
    """A unit of which two StackSets have accounts in common, as far as that is known; else nothing."""
    if not _have_account_in_common(one, other):
        return ""
    for unit in other.units:
        for theirs in one.units:
            if unit == theirs or _is_below(unit, theirs):
                return unit
            if _is_below(theirs, unit):
                return theirs
    return ""


def _is_below(unit: str, root: str) -> bool:
    """Whether a unit is of a root, whose id its own has; which unit is in which one nobody knows here."""
    return not arguments.is_token(unit) and root.startswith(_ROOT) and unit.startswith(f"ou-{root[2:]}-")


def _have_account_in_common(one: StackSetAccounts, other: StackSetAccounts) -> bool:
    if one.is_only and other.is_only:
        return bool(one.accounts & other.accounts)
    if not one.is_only and not other.is_only:
        return True
    only, without = (one, other) if one.is_only else (other, one)
    is_known = not any(map(arguments.is_token, (*only.accounts, *without.accounts)))
    return is_known and not only.accounts <= without.accounts
