"""
What the password policy of an account lets its users do, and which passwords it lets them have.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.cast import HOME, OTHER, Cast, allow, policy, refusal, root, trust

FIRST, SECOND = "Corr3ct-horse", "Batt3ry-staple"
ONLY_S3 = policy(allow("s3:*"))


@pytest.fixture
def open_account(cast: Cast) -> Iterator[Any]:
    """An account whose users may change their passwords."""
    iam = cast.iam()
    iam.update_account_password_policy(AllowUsersToChangePassword=True, MinimumPasswordLength=12)
    yield iam
    iam.delete_account_password_policy()


def with_password(cast: Cast, *statements: Any, **more: Any) -> Any:
    """The client of a user who has a password."""
    user = cast.user(*statements, **more)
    cast.iam(user["Account"]).create_login_profile(UserName=user["Name"], Password=FIRST)
    return cast.aws.client("iam", user)


def change(iam: Any) -> Any:
    return iam.change_password(OldPassword=FIRST, NewPassword=SECOND)


def test_users_need_no_policy(cast: Cast, open_account: Any) -> None:
    """They change their own password and read the rules, and do nothing else; in other accounts they need a policy."""
    plain = with_password(cast)
    assert change(plain)
    assert plain.get_account_password_policy()["PasswordPolicy"]["MinimumPasswordLength"] == 12
    assert refusal(plain.list_users)[0] == "AccessDenied"
    assert refusal(lambda: change(with_password(cast, account=OTHER)))[0] == "AccessDenied"


def test_a_deny_counts(cast: Cast, open_account: Any) -> None:
    """A policy that forbids it forbids it, and so does the account again that takes it back."""
    assert refusal(lambda: change(with_password(cast, {**allow("iam:*"), "Effect": "Deny"})))[0] == "AccessDenied"
    open_account.update_account_password_policy(AllowUsersToChangePassword=False)
    assert refusal(lambda: change(with_password(cast)))[0] == "AccessDenied"


def test_a_boundary(cast: Cast, open_account: Any) -> None:
    """Whether it limits what the account allows is not known; one that allows it, or denies it, settles it."""
    deny = policy(allow("*"), {**allow("iam:*"), "Effect": "Deny"})
    cases = (("none", ONLY_S3, "NotImplemented"), ("all", policy(allow("*")), ""), ("deny", deny, "AccessDenied"))
    for name, text, code in cases:
        arn = open_account.create_policy(PolicyName=f"passwords-{name}", PolicyDocument=text)["Policy"]["Arn"]
        user = with_password(cast, PermissionsBoundary=arn)
        if code:
            assert refusal(lambda user=user: change(user))[0] == code
        else:
            assert change(user)


def test_roles_have_none(cast: Cast, open_account: Any) -> None:
    """The account lets users, and no role."""
    role = cast.role(trust(root(HOME)))
    user = cast.user(allow("sts:AssumeRole", role))
    session = cast.aws.client("iam", cast.assume(user, role)["Credentials"])
    assert refusal(session.get_account_password_policy)[0] == "AccessDenied"


def test_the_first_password(cast: Cast, open_account: Any) -> None:
    """It is one that the account takes."""
    user = cast.user()
    wrong = refusal(lambda: open_account.create_login_profile(UserName=user["Name"], Password="Sh0rt-one"))
    assert wrong[0] == "PasswordPolicyViolation"
    assert open_account.create_login_profile(UserName=user["Name"], Password=FIRST)


def test_who_is_meant(cast: Cast) -> None:
    """A role that names no user is told so; a user with an SSH key is not deleted."""
    assert refusal(cast.iam().list_mfa_devices)[0] == "ValidationError"
    user = cast.user()
    assert cast.aws.client("iam", cast.user(allow("iam:*"))).list_mfa_devices()["MFADevices"] == []
    cast.iam().delete_access_key(UserName=user["Name"], AccessKeyId=user["AccessKeyId"])
    cast.iam().upload_ssh_public_key(UserName=user["Name"], SSHPublicKeyBody="ssh-rsa AAAA")
    assert refusal(lambda: cast.iam().delete_user(UserName=user["Name"]))[0] == "DeleteConflict"
