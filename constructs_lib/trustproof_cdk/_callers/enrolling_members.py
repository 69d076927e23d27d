"""
Members of a group that enforces MFA, also those who come into it from their own side (`iam.User` with ``groups``): who
may enrol no device, and whose devices are kept apart.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from trustproof_cdk._arguments import known_texts
from trustproof_cdk._callers import members as membership
from trustproof_cdk._names import order, unique
from trustproof_cdk._policies import boundaries
from trustproof_cdk._policies.boundary_needs import any_allows
from trustproof_cdk._policies.calls import Call
from trustproof_cdk._policies.known_keys import IN_CONSOLE
from trustproof_cdk._synthesis import stacks, walk


class _Group(NamedTuple):
    group: iam.Group
    #: Those who were added, who may be of another stage.
    added: list[iam.CfnUser]
    call: Call
    lost: str
    take_in: Callable[[list[str]], None]


#: By app or stage.
_GROUPS: WeakKeyDictionary[cdk.Stage, list[_Group]] = WeakKeyDictionary()


def look_at_members(
    group: iam.Group, added: list[iam.CfnUser], action: str, lost: str, take_in: Callable[[list[str]], None]
) -> None:
    """
    Have the synthesis warn of members whose permissions boundary is against what they have to do before they have used
    MFA, and take in those whom the group was not given.

    Args:
        group: that enforces MFA.
        added: users of the app whom it was given, also later.
        action: what they have to call.
        lost: what becomes of who cannot, in words, and what to do.
        take_in: is called with the names of all members, before the policy of the group is written.
    """
    stage = unique.check_beside_names(group, _check)
    if stage is not None:
        _GROUPS.setdefault(stage, []).append(_Group(group, added, Call(action, known=IN_CONSOLE), lost, take_in))


def _check(stage: cdk.Stage, walked: walk.Walked) -> list[str]:
    holders = membership.Holders(walked, ())
    for one in _GROUPS[stage]:
        made = order.created(one.group)
        found = holders.members_of(made) if isinstance(made, iam.CfnGroup) else membership.Members({}, [])
        users = {stacks.path_of(user): user for user in (*one.added, *found.known.values())}
        one.take_in([*_names(users.values()), *filter(None, found.others)])
        for path, user in users.items():
            policies = boundaries.policies_of(user)
            if policies and not any_allows(policies, one.call):
                cdk.Annotations.of(one.group).add_warning_v2(
                    f"trustproof:member-boundary-{path}",
                    f"{path} has the permissions boundary {policies[0].shown}, which does not allow "
                    f"{one.call.action} without MFA: {one.lost}",
                )
    return []


def _names(users: Iterable[iam.CfnUser]) -> list[str]:
    named = [(user.user_name, user) for user in users]
    return [known_texts.text(name, user) for name, user in named if name is not None]
