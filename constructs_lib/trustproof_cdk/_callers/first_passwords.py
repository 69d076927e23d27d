"""
Members of a group who have to change their password at the first sign-in, where the group lets nobody do so before MFA.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_enable-user-change.html
"""

from __future__ import annotations

from collections.abc import Mapping
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from trustproof_cdk._callers import members as membership
from trustproof_cdk._names import order, unique
from trustproof_cdk._synthesis import stacks, walk

#: By app or stage.
_GROUPS: WeakKeyDictionary[cdk.Stage, list[iam.Group]] = WeakKeyDictionary()


def warn_of_first_passwords(group: iam.Group) -> None:
    """
    Warn of members of the app whose first password must be changed.

    Args:
        group: that denies changing it before MFA.
    """
    stage = unique.check_beside_names(group, _check)
    if stage is not None:
        _GROUPS.setdefault(stage, []).append(group)


def _check(stage: cdk.Stage, walked: walk.Walked) -> list[str]:
    holders = membership.Holders(walked, ())
    for group in _GROUPS[stage]:
        made = order.created(group)
        known = holders.members_of(made).known if isinstance(made, iam.CfnGroup) else {}
        for path, user in known.items():
            if _must_change(user):
                cdk.Annotations.of(group).add_warning_v2(
                    f"trustproof:first-password-{path}",
                    f"{path} must change its password at the first sign-in, before it can have used MFA, and this "
                    "group denies that (password_change=False): it cannot sign in; leave password_change out, or do "
                    "not ask for another password",
                )
    return []


def _must_change(user: iam.CfnUser) -> bool:
    profile = stacks.stack_of(user).resolve(user.login_profile)
    return isinstance(profile, Mapping) and True in (
        profile.get("passwordResetRequired"),
        profile.get("PasswordResetRequired"),
    )
