"""
People of Identity Center whom roles of an app trust by the name of their permission set, and the sets that the app
makes: a name that is written out is that of the set which the app makes under it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct, IConstruct

from trustproof_cdk._synthesis import stacks
from trustproof_cdk.trusted import Trusted


class Trusting(NamedTuple):
    """A role that trusts who has a set."""

    role: iam.Role
    #: Where they have it.
    accounts: frozenset[str]


#: By app, with all stages of it: the name of a set, and the roles that trust who has it.
_TRUSTED: WeakKeyDictionary[IConstruct, dict[str, list[Trusting]]] = WeakKeyDictionary()
#: Likewise, of each set of a name, who has it in which accounts, as far as the app says.
_ASSIGNED: WeakKeyDictionary[IConstruct, dict[str, list[Collection[tuple[str, str]]]]] = WeakKeyDictionary()


def note_trusted(role: iam.Role, callers: Iterable[Trusted]) -> None:
    """
    Keep whom a role trusts by the name of a permission set.

    Args:
        role: that trusts them.
        callers: whom it trusts, others too.
    """
    root = _root_of(role)
    if root is None:
        return
    for caller in callers:
        for name in caller.permission_set_names:
            trusting = Trusting(role, frozenset(caller.principals))
            _TRUSTED.setdefault(root, {}).setdefault(name, []).append(trusting)


def note_set(scope: Construct, name: str, assigned: Mapping[tuple[str, str], object]) -> None:
    """
    Keep a set that the app makes.

    Args:
        scope: of the set.
        name: of the set.
        assigned: account and person; is added to as the set is assigned.
    """
    root = _root_of(scope)
    if root is not None:
        _ASSIGNED.setdefault(root, {}).setdefault(name, []).append(assigned.keys())


def trusting(scope: Construct, name: str, assigned: Mapping[tuple[str, str], object]) -> list[Trusting]:
    """
    The roles that trust who has a set, by its name.

    Args:
        scope: of the set.
        name: of the set.
        assigned: as `note_set` was given it. Of several sets of one name, which are of different organizations, those
            accounts only are meant.
    """
    root = _root_of(scope)
    if root is None:
        return []
    found = _TRUSTED.get(root, {}).get(name, [])
    if len(_ASSIGNED.get(root, {}).get(name, ())) < 2:
        return list(found)
    where = {account for account, _ in assigned}
    meant = [one._replace(accounts=one.accounts & where) for one in found]
    return [one for one in meant if one.accounts]


def trusted_in_other_letters(scope: Construct, name: str) -> dict[str, list[Trusting]]:
    """The roles that trust who has a set of the same name in other letters, which no set of the app has."""
    root = _root_of(scope)
    if root is None:
        return {}
    return {
        other: found
        for other, found in _TRUSTED.get(root, {}).items()
        if other != name and other.lower() == name.lower() and other not in _ASSIGNED.get(root, {})
    }


def _root_of(scope: Construct) -> IConstruct | None:
    stage: cdk.Stage | None = stacks.stage_of(stacks.carrier_of(scope))
    return None if stage is None else stacks.root_of(stage)
