"""
Tags of what IAM holds: which keys and values AWS keeps to itself, how many there may be, and that the case of a key
does not tell tags of one user or role apart. Policies let callers in by them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules
"""

from __future__ import annotations

from collections.abc import Iterable

from trustproof.aws.tags import is_reserved
from trustproof.sandbox.iam.iam_credentials import CredentialsBackend
from trustproof.sandbox.iam.iam_rules import check_own_policy
from trustproof.sandbox.moto.iam import IamError

#: Tags of one entity.
QUOTA = 50

_Tags = list[dict[str, str]]


class TagsBackend(CredentialsBackend):
    """
    The tags of users, roles, policies, instance profiles and OpenID Connect providers of an account.
    """

    def _tag_verification(self, tags: _Tags) -> dict[str, dict[str, str]]:
        check_not_reserved(tags)
        found: dict[str, dict[str, str]] = super()._tag_verification(tags)
        return found

    def tag_role(self, role_name: str, tags: _Tags) -> None:
        role = self.get_role(role_name)
        self._tag_verification(tags)
        role.tags = _without_regard_to_case(role.tags, tags)

    def untag_role(self, role_name: str, tag_keys: list[str]) -> None:
        super().untag_role(role_name, tag_keys)
        role = self.get_role(role_name)
        role.tags = _without(role.tags, tag_keys)

    def tag_user(self, name: str, tags: _Tags) -> None:
        user = self.get_user(name)
        self._tag_verification(tags)
        self._set_user_tags(user.arn, _without_regard_to_case(self._user_tags(user.arn), tags))

    def untag_user(self, name: str, tag_keys: list[str]) -> None:
        user = self.get_user(name)
        self._set_user_tags(user.arn, _without(self._user_tags(user.arn), tag_keys))

    def tag_policy(self, policy_arn: str, tags: _Tags) -> None:
        check_own_policy(policy_arn)
        held = self.get_policy(policy_arn).tags
        check_number({*held, *(tag["Key"].lower() for tag in tags)})
        super().tag_policy(policy_arn, tags)

    def tag_open_id_connect_provider(self, arn: str, tags: _Tags) -> None:
        held = self.get_open_id_connect_provider(arn).tags
        check_number({*held, *(tag["Key"].lower() for tag in tags)})
        super().tag_open_id_connect_provider(arn, tags)

    def tag_instance_profile(self, instance_profile_name: str, tags: _Tags) -> None:
        self._tag_verification(tags)
        held = self.get_instance_profile(instance_profile_name).tags
        check_number({tag["Key"] for tag in (*held, *tags)})
        super().tag_instance_profile(instance_profile_name, tags)

    def _user_tags(self, arn: str) -> _Tags:
        found: _Tags = self.tagger.list_tags_for_resource(arn)["Tags"]
        return found

    def _set_user_tags(self, arn: str, tags: _Tags) -> None:
        self.tagger.delete_all_tags_for_resource(arn)
        self.tagger.tag_resource(arn, tags)


def check_not_reserved(tags: Iterable[dict[str, str]]) -> None:
    """
    Refuse tags that only AWS sets.

    Raises:
        IamError: `InvalidInput`; the words are assumed.
    """
    for tag in tags:
        for text in (tag["Key"], tag.get("Value") or ""):
            if is_reserved(text):
                raise IamError("InvalidInput", f"aws: prefixed tag keys and values are not allowed: {text}")


def _without_regard_to_case(held: _Tags, new: _Tags) -> _Tags:
    """
    Tags of a user or role with others added: `department` takes the place of `Department`.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#case-sensitivity
    """
    found = [*_without(held, [tag["Key"] for tag in new]), *new]
    check_number({tag["Key"] for tag in found})
    return found


def _without(held: _Tags, keys: Iterable[str]) -> _Tags:
    gone = {key.lower() for key in keys}
    return [tag for tag in held if tag["Key"].lower() not in gone]


def check_number(keys: set[str]) -> None:
    """
    Refuse more tags than one entity may have.

    Raises:
        IamError: `LimitExceeded`.
    """
    if len(keys) > QUOTA:
        raise IamError("LimitExceeded", f"The number of tags has reached the maximum limit: {QUOTA}")
