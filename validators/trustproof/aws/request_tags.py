"""
The tags that a call passes: the actions whose requests are documented to carry them.

"Present in the request context when there are tags in the request": of which actions that may be so, the reference
lists by action, and it leaves out some that take tags.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requesttag
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-tagkeys
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from functools import cache
from typing import Final

from trustproof.aws.published import actions_with

#: Begins the condition keys of single tags, lower-cased; and the key that lists them all.
REQUEST_TAG: Final = "aws:requesttag/"
TAG_KEYS: Final = "aws:tagkeys"


def is_of_passed_tags(key: str) -> bool:
    """Whether a condition key, lower-cased, is about the tags that a call passes."""
    return key == TAG_KEYS or key.startswith(REQUEST_TAG)


@cache
def listed_with(key: str) -> tuple[str, ...]:
    """
    The actions that the reference lists with a key of `is_of_passed_tags`.

    Args:
        key: lower-cased.

    Returns:
        Lower-cased, sorted.
    """
    return actions_with("aws:TagKeys" if key == TAG_KEYS else "aws:RequestTag/")
