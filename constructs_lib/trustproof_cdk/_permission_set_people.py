"""
People of Identity Center whom roles of an app trust by the name of their permission set, and the sets that the app
makes: a name that is written out is that of the set which the app makes under it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from constructs import Construct, IConstruct

from trustproof_cdk import _stacks as stacks
from trustproof_cdk.trusted import Trusted

#: By app, with all stages of it: the name of a set, and the accounts in which a role trusts who has it.
_TRUSTED: WeakKeyDictionary[IConstruct, dict[str, set[str]]] = WeakKeyDictionary()
#: Likewise, of each set of a name, who has it in which accounts, as far as the app says.
_ASSIGNED: WeakKeyDictionary[IConstruct, dict[str, list[Collection[tuple[str, str]]]]] = WeakKeyDictionary()


def note_trusted(role: Construct, callers: Iterable[Trusted]) -> None:
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
            _TRUSTED.setdefault(root, {}).setdefault(name, set()).update(caller.principals)


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


def trusted_in(scope: Construct, name: str, assigned: Mapping[tuple[str, str], object]) -> set[str]:
    """
    The accounts in which roles trust who has a set, by its name.

    Args:
        scope: of the set.
        name: of the set.
        assigned: as `note_set` was given it. Of several sets of one name, which are of different organizations, those
            accounts only are meant.
    """
    root = _root_of(scope)
    if root is None:
        return set()
    found = _TRUSTED.get(root, {}).get(name, set())
    is_only = len(_ASSIGNED.get(root, {}).get(name, ())) < 2
    return set(found) if is_only else found & {account for account, _ in assigned}


def _root_of(scope: Construct) -> IConstruct | None:
    stage: cdk.Stage | None = stacks.stage_of(scope)
    return None if stage is None else stacks.root_of(stage)
