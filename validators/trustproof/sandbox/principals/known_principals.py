"""
Who exists in the accounts of a sandbox, and what policies say of them once they are deleted.
"""

from __future__ import annotations

from trustproof.sandbox.moto.iam import IAMBackend, Role, User, bucket_policies, iam_backends, set_bucket_policy
from trustproof.sandbox.principals.principals import with_principal_replaced


def exists(principal: str, *, asking: str) -> bool:
    """
    Whether a user or role exists, by ARN or unique id.

    Who exists in another account that holds nobody at all cannot be known here: that account is somebody else's.

    Args:
        principal: an ARN or a unique id.
        asking: the account whose policy names it.
    """
    if not principal.startswith("arn:"):
        return any(
            principal == one.id
            for account in list(iam_backends.values())
            for iam in account.values()
            for one in _principals(iam)
        )
    partition, account_id = principal.split(":")[1], principal.split(":")[4]
    if account_id not in iam_backends and account_id != asking:
        return True
    iam = iam_backends[account_id][partition]
    if account_id != asking and not iam.roles and not iam.users:
        return True
    return any(principal == one.arn for one in _principals(iam))


def _principals(iam: IAMBackend) -> list[Role | User]:
    return [*iam.roles.values(), *iam.users.values()]


def forget(arn: str, identifier: str) -> None:
    """Everywhere, let policies that name what was deleted name it by its unique id."""
    for account in list(iam_backends.values()):
        for iam in account.values():
            for role in iam.roles.values():
                role.assume_role_policy_document = with_principal_replaced(
                    role.assume_role_policy_document, arn, identifier
                )
    for bucket, text in list(bucket_policies()):
        replaced = with_principal_replaced(text, arn, identifier)
        if replaced != text:
            set_bucket_policy(bucket, replaced)


def follow(iam: IAMBackend, user: User, old: str) -> None:
    """
    Let what belongs to a user with a new name or path stay with it: keys, tags, and the policies that name it.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_users_rename.html

    Args:
        iam: of the account.
        user: as it is now.
        old: the ARN that it had.
    """
    for key in user.access_keys:
        key.user_name = user.name
    if old == user.arn:
        return
    tags = iam.tagger.list_tags_for_resource(old)["Tags"]
    iam.tagger.delete_all_tags_for_resource(old)
    iam.tagger.tag_resource(user.arn, tags)
    forget(old, user.arn)
