"""
Names of MFA devices: a member enrols ``alice-phone``, but ``alice-admin`` may be another member, with one device name.

IAM takes the same letters for names of users and of devices, and the console asks for no path of a device: there is no
form of a name that is a device's and no user's.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateVirtualMFADevice.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeAlias
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from constructs import Construct

from trustproof_cdk._arguments import arguments
from trustproof_cdk._synthesis import stacks

#: Denies to members, by their names, the devices that bear their name and what follows it.
Deny: TypeAlias = "Callable[[list[str], list[str]], None]"
#: Of a member whose name begins more others than that, none but the device of the own name is left: a policy has room
#: for few.
_MOST_OTHERS = 10
_ALL = "-*"
_USER_NAME = re.compile(r"[\w+=,.@-]{1,64}")


class _Group(NamedTuple):
    """The members, in lower case each with the name as given; and what is denied to each already."""

    members: dict[str, str]
    denied: dict[str, set[str]]
    deny: Deny


class _Account(NamedTuple):
    """The groups of an account, and what follows the beginning of a name, by the beginning in lower case."""

    groups: list[_Group]
    endings: dict[str, dict[str, None]]


_ACCOUNTS: WeakKeyDictionary[cdk.Stage, dict[str, _Account]] = WeakKeyDictionary()


class DeviceNames:
    """
    The device names of the members of a group, kept apart from those of members of all groups of the app or stage.

    Args:
        scope: in the stack of the group.
        deny: adds to the policy of the group.
    """

    def __init__(self, scope: Construct, deny: Deny) -> None:
        stage, stack = stacks.stage_of(scope), stacks.stack_of(scope)
        account = stacks.account_of(stack)
        # Of stacks whose account only a deployment knows, nobody knows that it is the same.
        known = stacks.path_of(stack) if arguments.is_token(account) else account
        accounts = {} if stage is None else _ACCOUNTS.setdefault(stage, {})
        self._account = accounts.setdefault(known, _Account([], {}))
        self._group = _Group({}, {}, deny)
        self._account.groups.append(self._group)

    def add(self, names: Iterable[str]) -> None:
        """
        Take in members.

        Args:
            names: what is no name of a user, since CloudFormation makes one, passes, and so does who is a member.
        """
        touched: set[str] = set()
        for name in filter(_USER_NAME.fullmatch, names):
            if name.lower() in self._group.members:
                continue
            self._group.members[name.lower()] = name
            touched.add(name.lower())
            for beginning, ending in _parts(name):
                self._account.endings.setdefault(beginning.lower(), {})[ending] = None
                touched.add(beginning.lower())
        for group in self._account.groups:
            _deny(group, sorted(touched & group.members.keys()), self._account.endings)


def _parts(name: str) -> Iterator[tuple[str, str]]:
    """A name in two, before each of its hyphens."""
    return ((name[: found.start()], name[found.start() :]) for found in re.finditer("-", name))


def _deny(group: _Group, members: Iterable[str], endings: dict[str, dict[str, None]]) -> None:
    """Deny what is not denied yet; members to whom it is the same, together."""
    together: dict[tuple[str, ...], list[str]] = {}
    for member in members:
        found, denied = endings.get(member, {}), group.denied.setdefault(member, set())
        missing = set(found if len(found) <= _MOST_OTHERS else [_ALL]) - denied
        if missing and _ALL not in denied:
            denied |= missing
            together.setdefault(tuple(sorted(missing)), []).append(group.members[member])
    for further, names in together.items():
        group.deny(list(further), names)
